import { _t } from "@web/core/l10n/translation";
import { formatDate } from "@web/core/l10n/dates";
import { usePopover } from "@web/core/popover/popover_hook";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

const STATES = {
    in_time: { icon: "fa-check-circle", className: "text-success", label: _t("In time") },
    late: { icon: "fa-exclamation-triangle", className: "text-danger", label: _t("Later than promised") },
    unknown: { icon: "fa-question-circle", className: "text-muted", label: _t("No date possible") },
};

/** What decides the date, beside the date. */
export class PromisePopover extends Component {
    static template = "crm_extended_erp_bridge.PromisePopover";
    static props = { label: String, cause: String, close: { type: Function, optional: true } };
}

/** Earliest delivery of a quotation (line): an icon for "in time, late, unknown", the day, and a click for the cause. */
export class PromiseField extends Component {
    static template = "crm_extended_erp_bridge.PromiseField";
    static props = { ...standardFieldProps };

    setup() {
        this.popover = usePopover(PromisePopover, { position: "top" });
    }

    get state() {
        return STATES[this.props.record.data.promise_state];
    }

    get cause() {
        return this.props.record.data.promise_cause || "";
    }

    get date() {
        const value = this.props.record.data[this.props.name];
        return value ? formatDate(value) : _t("No date");
    }

    showCause(ev) {
        this.popover.open(ev.currentTarget, { label: this.state.label.toString(), cause: this.cause });
    }
}

export const promiseField = {
    component: PromiseField,
    displayName: _t("Delivery Promise"),
    supportedTypes: ["datetime"],
    fieldDependencies: [
        { name: "promise_state", type: "selection" },
        { name: "promise_cause", type: "char" },
    ],
};

registry.category("fields").add("crm_delivery_promise", promiseField);
