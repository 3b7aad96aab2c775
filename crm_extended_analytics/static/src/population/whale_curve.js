import { onWillStart, useEffect, useRef } from "@odoo/owl";

import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getCustomColor, hexToRGBA } from "@web/core/colors/colors";
import { registry } from "@web/core/registry";

import { PopulationScreen } from "./population_screen";

const PEAK_COLOR = "#d44c59";

/**
 * The whale curve: cumulated profit from the best customer to the worst, with its peak.
 */
export class WhaleCurve extends PopulationScreen {
    static body = "crm_extended_analytics.WhaleCurve";

    setup() {
        super.setup();
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            (data, canvas) => {
                if (canvas) {
                    const chart = new Chart(canvas, this.getConfig(data));
                    return () => chart.destroy();
                }
            },
            () => [this.data, this.canvas.el]
        );
    }

    getConfig(data) {
        const scheme = cookie.get("color_scheme");
        const line = getCustomColor(scheme, "#017e84", "#4db6ba");
        const grid = getCustomColor(scheme, "#d8dadd", "#3C3E4B");
        const text = getCustomColor(scheme, "#111827", "#E4E4E4");
        const axis = (title) => ({
            title: { display: true, text: title, color: text },
            grid: { color: grid },
            ticks: { color: text },
        });
        return {
            type: "line",
            data: { datasets: this.getDatasets(data, line) },
            options: {
                maintainAspectRatio: false,
                parsing: false,
                animation: false,
                interaction: { mode: "nearest", intersect: false },
                plugins: { legend: { display: false }, tooltip: { callbacks: { title: () => "" } } },
                scales: {
                    x: { type: "linear", min: 0, max: 100, ...axis(data.axis_label) },
                    y: axis(data.label),
                },
            },
        };
    }

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
