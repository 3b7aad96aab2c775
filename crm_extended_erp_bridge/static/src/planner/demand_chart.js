/* global Chart */

import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getColor, getCustomColor } from "@web/core/colors/colors";
import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { planFormat } from "./planner_format";

/** Orders and forecast of the coming weeks, one on the other. The same numbers stand in a table for screen readers. */
export class DemandChart extends Component {
    static template = "crm_extended_erp_bridge.DemandChart";
    static props = {
        weeks: Array,
        currencyId: [Number, Boolean],
        onOpenWeek: Function,
    };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const chart = new Chart(this.canvas.el, this.config);
                return () => chart.destroy();
            },
            () => [this.props.weeks]
        );
    }

    label(week) {
        return week.week === "late" ? _t("Late") : deserializeDate(week.week).toLocaleString({ day: "numeric", month: "short" });
    }

    weekName(week) {
        return week.week === "late" ? _t("Late") : _t("Week of %s", planFormat.date(week.week));
    }

    money(value) {
        return planFormat.money(value, this.props.currencyId);
    }

    get datasets() {
        const scheme = cookie.get("color_scheme");
        return [
            { key: "orders", label: _t("Orders"), color: getColor(0, scheme, "sm") },
            { key: "forecast", label: _t("Forecast"), color: getColor(3, scheme, "sm") },
        ]
            .filter(({ key }) => this.props.weeks.some((week) => week[key]))
            .map(({ key, label, color }) => ({
                label,
                data: this.props.weeks.map((week) => week[key]),
                backgroundColor: color,
                maxBarThickness: 36,
            }));
    }

    get config() {
        const scheme = cookie.get("color_scheme");
        const text = getCustomColor(scheme, "#111827", "#E4E4E4");
        const grid = getCustomColor(scheme, "#d8dadd", "#3C3E4B");
        const datasets = this.datasets;
        return {
            type: "bar",
            data: { labels: this.props.weeks.map((week) => this.label(week)), datasets },
            options: {
                maintainAspectRatio: false,
                animation: false,
                onClick: (ev, [bar]) => bar && this.props.onOpenWeek(this.props.weeks[bar.index].week),
                onHover: (ev, bars) => {
                    ev.native.target.style.cursor = bars.length ? "pointer" : "default";
                },
                plugins: {
                    legend: { display: datasets.length > 1, position: "bottom", labels: { color: text } },
                    tooltip: {
                        callbacks: {
                            title: ([item]) => this.weekName(this.props.weeks[item.dataIndex]),
                            label: (item) => `${item.dataset.label}: ${this.money(item.raw)}`,
                        },
                    },
                },
                scales: {
                    x: { stacked: true, grid: { display: false }, ticks: { color: text } },
                    y: {
                        stacked: true,
                        beginAtZero: true,
                        grid: { color: grid },
                        ticks: { color: text, maxTicksLimit: 5, callback: (value) => this.money(value) },
                    },
                },
            },
        };
    }
}
