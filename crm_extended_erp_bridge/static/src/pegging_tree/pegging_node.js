import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { planFormat } from "../planner/planner_format";

const ICONS = {
    order: "fa-shopping-cart",
    production: "fa-wrench",
    planned: "fa-lightbulb-o",
    purchase: "fa-truck",
    receipt: "fa-download",
    stock: "fa-cubes",
    forecast: "fa-line-chart",
    stock_rule: "fa-shield",
    shortage: "fa-battery-quarter",
};

/** One document of the tree and, when it is open, what is below it. */
export class PeggingNode extends Component {
    static template = "crm_extended_erp_bridge.PeggingNode";
    static components = { PeggingNode };
    static props = {
        node: Object,
        level: { type: Number, optional: true },
        path: { type: String, optional: true },
        expanded: { type: Object, optional: true },
        isRoot: { type: Boolean, optional: true },
        onToggle: { type: Function, optional: true },
        onOpen: Function,
        onTree: Function,
    };
    static defaultProps = { level: 1, path: "", isRoot: false };

    setup() {
        this.format = planFormat;
    }

    /** A supply can serve several branches: its place in the tree, not its record, says whether it is open. */
    get path() {
        return `${this.props.path}/${this.props.node.key}`;
    }

    get children() {
        return this.props.isRoot ? [] : this.props.node.children || [];
    }

    get isExpanded() {
        return Boolean(this.props.expanded?.[this.path]);
    }

    get icon() {
        return ICONS[this.props.node.type] || "fa-exchange";
    }

    get canOpen() {
        return Boolean(this.props.node.res_model && this.props.node.res_id);
    }

    get quantity() {
        return planFormat.quantity(this.props.node.quantity, this.props.node.uom || "");
    }

    get lateText() {
        const { days_late, is_late } = this.props.node;
        return is_late ? planFormat.daysLate(days_late) : "";
    }

    /** What is wrong other than the date. */
    get statusText() {
        return { short: _t("Something is missing"), none: _t("Not in the plan") }[this.props.node.status] || "";
    }

    /** How much of the record in the middle goes to this demand, over all levels. */
    get attributedText() {
        const { attributed } = this.props.node;
        return attributed ? _t("receives %s of it", planFormat.quantity(attributed)) : "";
    }

    /** When it can really be there, where that is later than planned. */
    get feasibleText() {
        const { date, feasible_date } = this.props.node;
        return feasible_date && date && feasible_date > date ? _t("possible %s", planFormat.date(feasible_date)) : "";
    }
}
