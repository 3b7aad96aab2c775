import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * The documents of a deal, step by step. The server sends plain values (texts in the reader's language, and
 * whether he may open the document); nothing is worked out here.
 */
export class ConversionTimeline extends Component {
    static template = "crm_extended_erp_bridge.ConversionTimeline";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get steps() {
        return this.props.record.data[this.props.name] || [];
    }

    /** How a step stands: its worst document decides. */
    status(step) {
        const live = step.documents.filter((doc) => !doc.is_cancelled);
        if (!live.length) {
            return "none";
        }
        if (live.some((doc) => doc.late)) {
            return "late";
        }
        return live.some((doc) => doc.is_open) ? "open" : "done";
    }

    statusLabel(step) {
        return {
            none: _t("None"),
            late: _t("Late"),
            open: _t("Under way"),
            done: _t("Done"),
        }[this.status(step)];
    }

    open(doc) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: doc.model,
            res_id: doc.id,
            views: [[false, "form"]],
        });
    }
}

export const conversionTimeline = {
    component: ConversionTimeline,
    displayName: _t("Timeline of a Conversion"),
    supportedTypes: ["json"],
};

registry.category("fields").add("conversion_timeline", conversionTimeline);
