import { hexToRGBA } from "@web/core/colors/colors";
import { registry } from "@web/core/registry";

import { PopulationChart } from "./population_chart";

const PEAK_COLOR = "#d44c59";

/**
 * The whale curve: cumulated profit from the best customer to the worst, with its peak.
 */
export class WhaleCurve extends PopulationChart {
    static body = "crm_extended_analytics.WhaleCurve";

    getDatasets(data, line) {
        const curve = {
            label: data.label,
            data: data.points.map(([x, y]) => ({ x, y })),
            borderColor: line,
            backgroundColor: hexToRGBA(line, 0.15),
            fill: "origin",
            pointRadius: 0,
        };
        const peak = {
            label: data.peak_label,
            data: data.peak ? [{ x: data.peak[0], y: data.peak[1] }] : [],
            borderColor: PEAK_COLOR,
            backgroundColor: PEAK_COLOR,
            pointRadius: 6,
        };
        return [peak, curve];
    }

    openLosers() {
        return this.data.loser_count && this.open("action_open_losers", [this.data.period]);
    }
}

registry.category("actions").add("crm_whale_curve", WhaleCurve);
