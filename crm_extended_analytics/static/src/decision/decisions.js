import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const PAGE = "crm.decision.page";
const DECISION = "crm.decision";
// room of the drawing of an effect, in units of its view box
const WIDTH = 300;
const MARGIN = 12;

/**
 * The decisions of a company: which are open and what comes next, what the last ones brought with their intervals, and
 * all of this year. The server counts and writes; the page draws, and every line leads to its decision.
 */
export class Decisions extends Component {
    static template = "crm_extended_analytics.Decisions";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.state = useState({ page: null });
        this.drawing = { width: WIDTH };
        onWillStart(() => this.load());
    }

    get page() {
        return this.state.page;
    }

    async load() {
        this.state.page = await this.orm.call(PAGE, "get_page", []);
    }

    // ---- Actions ----

    open(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: DECISION,
            res_id: id || false,
            views: [[false, "form"]],
        });
    }

    openMeasurements() {
        return this.action.doAction("crm_extended_analytics.crm_decision_measurement_action");
    }

    openAtRisk() {
        return this.action.doAction("crm_extended_analytics.crm_value_at_risk_action");
    }

    // ---- Texts ----

    get overdue() {
        return this.page.open.filter((decision) => decision.is_overdue).length;
    }

    get waiting() {
        return this.page.open.filter(({ state }) => ["measuring", "reopened"].includes(state)).length;
    }

    stateClass({ state }) {
        return { running: "text-bg-info", measuring: "text-bg-warning", reopened: "text-bg-danger" }[state] || "text-bg-secondary";
    }

    verdictClass({ verdict, state }) {
        if (state === "reopened") {
            return "text-bg-danger";
        }
        return { keep: "text-bg-success", change: "text-bg-warning", stop: "text-bg-secondary" }[verdict] || "text-bg-warning";
    }

    title(result) {
        return _t("%(effect)s, expected %(expected)s %%", { effect: result.text, expected: result.expected });
    }

    // ---- Drawing ----

    /** The largest percentage that is drawn, on either side of 0, so that all effects share a scale. */
    get scale() {
        const ends = this.page.results.flatMap(({ low, high, expected }) => [Math.abs(low || 0), Math.abs(high || 0), expected]);
        return Math.min(Math.max(...ends, 1), 300);
    }

    x(value) {
        const part = Math.max(-1, Math.min(1, value / this.scale));
        return Math.round((WIDTH / 2 + part * (WIDTH / 2 - MARGIN)) * 10) / 10;
    }

    bar({ effect, low, high, expected }) {
        const zero = this.x(0);
        const end = this.x(effect);
        return {
            zero,
            x: Math.min(zero, end),
            width: Math.abs(end - zero),
            low: this.x(low),
            high: this.x(high),
            expected: this.x(expected),
        };
    }
}

registry.category("actions").add("crm_extended_analytics.decisions", Decisions);
