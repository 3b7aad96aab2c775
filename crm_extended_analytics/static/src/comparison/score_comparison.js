import { Component, onWillStart, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { RecordSelector } from "@web/core/record_selectors/record_selector";
import { useService } from "@web/core/utils/hooks";
import { formatFloat, roundDecimals } from "@web/core/utils/numbers";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

// radius of the radar, in units of its drawing
const RADIUS = 90;
const SIDES = ["left", "right"];
// decimals of a score
const DECIMALS = 1;

function isKnown(value) {
    return typeof value === "number";
}

/**
 * Two rows of scores side by side: the radar with both shapes, the seven scores with their difference, and the
 * sentences that say what the difference is made of. Customers and months are chosen here.
 */
export class ScoreComparison extends Component {
    static template = "crm_extended_analytics.ScoreComparison";
    static components = { Layout, RecordSelector };
    // the name of the page where its address is opened, without the action
    static displayName = _t("Compare Scores");
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ data: null, months: { left: [], right: [] }, ids: {}, open: {} });
        onWillStart(() => {
            const { left_id: left, right_id: right } = this.props.action.params || {};
            return left && right ? this.load(left, right) : null;
        });
    }

    async load(left, right) {
        const data = await this.orm.call("crm.score.comparison", "get_comparison", [left, right]);
        this.state.ids = { left, right };
        // a reload of the page comes back to what was chosen
        this.props.updateActionState?.({ left_id: left, right_id: right });
        for (const side of SIDES) {
            this.state.months[side] = await this.getMonths(data[side].partner_id);
        }
        this.state.data = data;
    }

    getMonths(partnerId) {
        return this.orm.call("crm.score.comparison", "get_months", [partnerId]);
    }

    get sides() {
        return SIDES.map((key) => ({ key, ...this.state.data[key] }));
    }

    async onCustomer(side, partnerId) {
        const months = partnerId ? await this.getMonths(partnerId) : [];
        if (!months.length) {
            return;
        }
        // the month of the other side, where this customer has it
        const other = this.state.data[side === "left" ? "right" : "left"];
        const same = months.find((month) => month.label === other.month) || months[0];
        await this.load(...this.replace(side, same.id));
    }

    onMonth(side, ev) {
        return this.load(...this.replace(side, Number(ev.target.value)));
    }

    replace(side, id) {
        return SIDES.map((key) => (key === side ? id : this.state.ids[key]));
    }

    onSwap() {
        return this.load(this.state.ids.right, this.state.ids.left);
    }

    openCustomer(side) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: this.state.data[side].partner_id,
            views: [[false, "form"]],
        });
    }

    toggle(code) {
        this.state.open[code] = !this.state.open[code];
    }

    get rows() {
        const { total, scores } = this.state.data;
        return [{ ...total, p: "total" }, ...scores];
    }

    format(value) {
        return isKnown(value) ? formatFloat(value, { digits: [16, DECIMALS] }) : "–";
    }

    /** Returns the difference of the numbers as they are shown, so that a row adds up; false where one is unknown. */
    difference({ left, right }) {
        const [shownLeft, shownRight] = [left, right].map((value) => isKnown(value) && roundDecimals(value, DECIMALS));
        return isKnown(shownLeft) && isKnown(shownRight) && roundDecimals(shownRight - shownLeft, DECIMALS);
    }

    formatChange(points) {
        return isKnown(points) ? `${points > 0 ? "+" : ""}${formatFloat(points, { digits: [16, DECIMALS] })}` : "";
    }

    isKnownChange(row) {
        return isKnown(row.change);
    }

    changeClass(value) {
        if (!value) {
            return "text-muted";
        }
        return value > 0 ? "text-success" : "text-danger";
    }

    get rings() {
        return [25, 50, 75, 100].map((share) => (RADIUS * share) / 100);
    }

    point(index, share) {
        const angle = (2 * Math.PI * index) / this.state.data.scores.length - Math.PI / 2;
        return [Math.cos(angle) * RADIUS * share, Math.sin(angle) * RADIUS * share];
    }

    get spokes() {
        return this.state.data.scores.map((score, index) => {
            const [x, y] = this.point(index, 1);
            const [labelX, labelY] = this.point(index, 1.15);
            const anchor = Math.abs(labelX) < 10 ? "middle" : labelX > 0 ? "start" : "end";
            return { x, y, labelX, labelY, anchor, label: score.label };
        });
    }

    polygon(side) {
        return this.state.data.scores
            .map((score, index) => this.point(index, (isKnown(score[side]) ? score[side] : 0) / 100).join(","))
            .join(" ");
    }
}

registry.category("actions").add("crm_extended_analytics.score_comparison", ScoreComparison);
