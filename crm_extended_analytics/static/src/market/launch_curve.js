import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";

import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getCustomColor } from "@web/core/colors/colors";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * What is expected of a new product beside what it sells: bars by period, lines from the launch on.
 */
export class LaunchCurve extends Component {
    static template = "crm_extended_analytics.LaunchCurve";
    static props = { ...standardFieldProps };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            (data, canvas) => {
                if (canvas && data) {
                    const chart = new Chart(canvas, this.getConfig(data));
                    return () => chart.destroy();
                }
            },
            () => [this.data, this.canvas.el]
        );
    }

    get data() {
        return this.props.record.data[this.props.name];
    }

    getConfig(data) {
        const scheme = cookie.get("color_scheme");
        const expected = getCustomColor(scheme, "#9fc9cb", "#2f6f73");
        const actual = getCustomColor(scheme, "#d44c59", "#e37681");
        const grid = getCustomColor(scheme, "#d8dadd", "#3C3E4B");
        const text = getCustomColor(scheme, "#111827", "#E4E4E4");
        const dataset = (name, type, color, axis) => ({
            type,
            label: data.labels[name],
            data: data.rows.map((row) => row[name]),
            borderColor: color,
            backgroundColor: color,
            pointRadius: 0,
            pointHitRadius: 8,
            yAxisID: axis,
        });
        const known = data.rows.some((row) => row.actual_new !== null);
        const datasets = [
            dataset("expected_total", "line", expected, "total"),
            dataset("expected_new", "bar", expected, "period"),
        ];
        if (known) {
            datasets.unshift(dataset("actual_total", "line", actual, "total"));
            datasets.push(dataset("actual_new", "bar", actual, "period"));
        }
        const axis = (title, position) => ({
            position,
            beginAtZero: true,
            title: { display: true, text: title, color: text },
            grid: { color: grid, drawOnChartArea: position === "left" },
            ticks: { color: text },
        });
        return {
            data: { labels: data.rows.map((row) => row.label), datasets },
            options: {
                maintainAspectRatio: false,
                animation: false,
                interaction: { mode: "index", intersect: false },
                plugins: { legend: { labels: { color: text, usePointStyle: true } } },
                scales: {
                    x: { grid: { display: false }, ticks: { color: text } },
                    period: axis(data.labels.expected_new, "left"),
                    total: axis(data.labels.expected_total, "right"),
                },
            },
        };
    }
}

registry.category("fields").add("crm_launch_curve", { component: LaunchCurve, supportedTypes: ["json"] });
