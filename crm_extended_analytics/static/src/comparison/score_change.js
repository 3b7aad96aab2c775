import { Component, useState } from "@odoo/owl";

import { useService } from "@web/core/utils/hooks";

// the sentences of all P come in one call, whichever of them is opened first
const pending = new WeakMap();

/**
 * What made a score of a customer change since the month before; asked for when it is opened.
 */
export class ScoreChange extends Component {
    static template = "crm_extended_analytics.ScoreChange";
    static props = {
        data: Object,
        partnerId: Number,
        code: String,
    };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ change: null, isLoading: false, isLoaded: false });
    }

    async onToggle(ev) {
        if (!ev.target.open || this.state.isLoaded) {
            return;
        }
        this.state.isLoading = true;
        const key = this.props.data;
        if (!pending.has(key)) {
            pending.set(key, this.orm.call("crm.score.comparison", "get_change", [this.props.partnerId]));
        }
        const result = await pending.get(key);
        const rows = result ? [{ ...result.total, p: "total" }, ...result.scores] : [];
        Object.assign(this.state, {
            change: rows.find((row) => row.p === this.props.code) || null,
            isLoading: false,
            isLoaded: true,
        });
    }
}
