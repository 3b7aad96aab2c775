import { Component } from "@odoo/owl";

/** One section of the planner's page: what it counts, the first rows, and the way to all of them. */
export class PlannerCard extends Component {
    static template = "crm_extended_erp_bridge.PlannerCard";
    static props = {
        name: String,
        title: String,
        icon: String,
        count: String,
        /** What the number counts, and its value. */
        summary: { type: String, optional: true },
        tone: { type: String, optional: true },
        /** Shown instead of rows when there are none. */
        emptyText: { type: String, optional: true },
        isEmpty: { type: Boolean, optional: true },
        className: { type: String, optional: true },
        onOpen: { type: Function, optional: true },
        slots: { type: Object, optional: true },
    };
    static defaultProps = { tone: "secondary", isEmpty: false, className: "" };
}
