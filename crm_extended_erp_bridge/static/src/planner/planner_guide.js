import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

/** The way to the first plan: what is done, what comes next, and the button that does it. */
export class PlannerGuide extends Component {
    static template = "crm_extended_erp_bridge.PlannerGuide";
    static props = {
        steps: Array,
        isBusy: Boolean,
        onStep: Function,
    };

    get steps() {
        const next = this.props.steps.find((step) => !step.is_done);
        return this.props.steps.map((step, index) => ({
            ...step,
            ...this.texts[step.key],
            number: index + 1,
            isNext: step === next,
        }));
    }

    get texts() {
        return {
            area: {
                title: _t("Say where you plan"),
                text: _t("An MRP area is a warehouse, or a part of one, whose stock and orders are planned together."),
                button: _t("Plan My Warehouse"),
                refused: _t("A manufacturing administrator has to create the first MRP area."),
            },
            products: {
                title: _t("Choose what is made to plan"),
                text: _t(
                    "Select products and choose Make to Plan: orders are then delivered from stock, and the plan " +
                        "proposes what to make and buy for all of them together. Their components follow."
                ),
                button: _t("Choose Products"),
                refused: _t("Somebody who may edit products has to set their planning mode."),
            },
            run: {
                title: _t("Make the first plan"),
                text: _t(
                    "The run works out what is missing for your orders and when it has to be made or bought. It only " +
                        "proposes: nothing is ordered until you confirm it here."
                ),
                button: _t("Run Planning"),
                refused: "",
            },
        };
    }
}
