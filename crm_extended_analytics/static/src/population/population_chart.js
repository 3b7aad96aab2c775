import { onWillStart, useEffect, useRef } from "@odoo/owl";

import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getCustomColor } from "@web/core/colors/colors";

import { PopulationScreen } from "./population_screen";

/**
 * A screen of an analysis that is a curve: a body with a canvas, and datasets of points.
 */
export class PopulationChart extends PopulationScreen {
    static hasLegend = false;

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

    getColors() {
        const scheme = cookie.get("color_scheme");
        return {
            line: getCustomColor(scheme, "#017e84", "#4db6ba"),
            grid: getCustomColor(scheme, "#d8dadd", "#3C3E4B"),
            text: getCustomColor(scheme, "#111827", "#E4E4E4"),
        };
    }

    getConfig(data) {
        const { line, grid, text } = this.getColors();
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
                plugins: {
                    legend: { display: this.constructor.hasLegend, labels: { color: text, usePointStyle: true, pointStyle: "line" } },
                    tooltip: { callbacks: { title: () => "" } },
                },
                scales: {
                    x: { type: "linear", ...axis(data.axis_label), ...this.getRange(data, text) },
                    y: { ...axis(data.label), ...this.getHeight(data) },
                },
            },
        };
    }

    /** Return the ends of the axis on which the points lie. */
    getRange() {
        return { min: 0, max: 100 };
    }

    /** Return the ends of the upright axis; without any, those of the points. */
    getHeight() {
        return {};
    }

    getDatasets() {
        return [];
    }
}
