import { Component } from "@odoo/owl";

/** One thing that is chosen above a page; on paper it is read as a word. */
export class MonthlyPageSelect extends Component {
    static template = "crm_extended_analytics.MonthlyPageSelect";
    static props = {
        label: { type: String },
        name: { type: String },
        options: { type: Array, element: { type: Object, shape: { value: [String, Number], label: String } } },
        selected: { type: [String, Number, Boolean] },
        onChoose: { type: Function },
    };
}
