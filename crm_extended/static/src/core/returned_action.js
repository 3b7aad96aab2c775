import { markup } from "@odoo/owl";

/** An action as a method has returned it, its help as HTML again: Odoo does the same for what buttons return. */
export function returnedAction(action) {
    return action && action.help ? { ...action, help: markup(action.help) } : action;
}
