import { Component } from "@odoo/owl";

/** Two cards, who fell and who rose since the month before; how a row of one is shown is for the page to say. */
export class MonthlyMovers extends Component {
    static template = "crm_extended_analytics.MonthlyMovers";
    static props = {
        movers: { type: Object, shape: { fell: Array, rose: Array } },
        idName: { type: String },
        fellTitle: { type: String },
        roseTitle: { type: String },
        emptyText: { type: String },
        onOpenAll: { type: Function },
        slots: { type: Object },
    };

    get cards() {
        const { movers, fellTitle, roseTitle } = this.props;
        return [
            { movement: "fell", title: `▼ ${fellTitle}`, rows: movers.fell },
            { movement: "rose", title: `▲ ${roseTitle}`, rows: movers.rose },
        ];
    }
}
