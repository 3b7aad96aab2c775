import { Component } from "@odoo/owl";

import { ScoreChange } from "@crm_extended_analytics/comparison/score_change";

import { returnedAction } from "@crm_extended/core/returned_action";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/core/utils/numbers";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

// size of the trend line and of the radar, in their own units
const TREND = { width: 48, height: 14 };
const RADAR = { radius: 90, width: 372, height: 250 };

function isKnown(value) {
    return typeof value === "number";
}

/**
 * The seven scores of a customer with their trend, and the total. The numbers come from `res.partner.seven_p`.
 */
export class SevenPStrip extends Component {
    static template = "crm_extended_analytics.SevenPStrip";
    static props = { ...standardFieldProps };

    get data() {
        return this.props.record.data[this.props.name];
    }

    format(value) {
        return isKnown(value) ? formatFloat(value, { digits: [16, 0] }) : "–";
    }

    formatChange(value) {
        // a change of less than half a point is shown as none
        if (!isKnown(value) || Math.abs(value) < 0.5) {
            return "";
        }
        return `${value > 0 ? "+" : ""}${formatFloat(value, { digits: [16, 0] })}`;
    }

    changeClass(value) {
        if (!isKnown(value) || Math.abs(value) < 0.5) {
            return "text-muted";
        }
        return value > 0 ? "text-success" : "text-danger";
    }

    tone(value) {
        if (!isKnown(value)) {
            return "o_seven_p_unknown";
        }
        return value >= 80 ? "o_seven_p_high" : value < 20 ? "o_seven_p_low" : "o_seven_p_middle";
    }

    tooltip(score) {
        return score.missing || score.sentences.join("\n");
    }

    get dateTooltip() {
        return this.data.is_old
            ? _t("The last scored month, which is long ago: scores are not computed any more.")
            : _t("Day up to which sales and other facts were read.");
    }

    trend(score) {
        const { width, height } = TREND;
        const step = width / Math.max(score.history.length - 1, 1);
        return score.history
            .map((value, index) => `${index * step},${height - (value / 100) * height}`)
            .join(" ");
    }
}

/**
 * The same scores with the sentences behind them, and as a radar.
 */
export class SevenPExplanation extends SevenPStrip {
    static template = "crm_extended_analytics.SevenPExplanation";
    static components = { ScoreChange };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    badge(value) {
        if (!isKnown(value)) {
            return "text-bg-light";
        }
        return value >= 80 ? "text-bg-success" : value < 20 ? "text-bg-danger" : "text-bg-info";
    }

    async openDocuments(model) {
        const ids = [this.props.record.resId];
        const action = await this.orm.call("res.partner", "action_open_seven_p_facts", [ids, model]);
        this.action.doAction(returnedAction(action));
    }

    get viewBox() {
        const { width, height } = RADAR;
        return `${-width / 2} ${-height / 2} ${width} ${height}`;
    }

    get rings() {
        return [25, 50, 75, 100].map((share) => (RADAR.radius * share) / 100);
    }

    point(index, share) {
        const angle = (2 * Math.PI * index) / this.data.scores.length - Math.PI / 2;
        return [Math.cos(angle) * RADAR.radius * share, Math.sin(angle) * RADAR.radius * share];
    }

    get spokes() {
        return this.data.scores.map((score, index) => {
            const [x, y] = this.point(index, 1);
            const [labelX, labelY] = this.point(index, 1.15);
            const anchor = Math.abs(labelX) < 10 ? "middle" : labelX > 0 ? "start" : "end";
            return { x, y, labelX, labelY, anchor, label: score.label };
        });
    }

    get polygon() {
        return this.data.scores
            .map((score, index) => this.point(index, (isKnown(score.score) ? score.score : 0) / 100).join(","))
            .join(" ");
    }
}

registry.category("fields").add("seven_p_strip", { component: SevenPStrip, supportedTypes: ["json"] });
registry.category("fields").add("seven_p_explanation", { component: SevenPExplanation, supportedTypes: ["json"] });
