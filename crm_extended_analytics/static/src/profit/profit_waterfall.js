import { Component, onMounted, onWillStart, onWillUnmount, useRef, useState } from "@odoo/owl";

import { loadBundle } from "@web/core/assets";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { RecordSelector } from "@web/core/record_selectors/record_selector";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/core/utils/numbers";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

// colours of the theme by the sign of a step, with those of a theme that has none
const COLORS = { "0": ["--info", "#17a2b8"], "1": ["--success", "#28a745"], "-1": ["--danger", "#dc3545"] };

/**
 * The ladder of margins as a waterfall: each bar begins where the one before ended. Of the company, or of a customer.
 */
export class ProfitWaterfall extends Component {
    static template = "crm_extended_analytics.ProfitWaterfall";
    static components = { Layout, RecordSelector };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.canvas = useRef("canvas");
        this.state = useState({ data: null, partnerId: this.props.action.params?.partner_id || false });
        onWillStart(async () => {
            await loadBundle("web.chartjs_lib");
            await this.fetch();
        });
        onMounted(() => this.draw());
        onWillUnmount(() => this.chart?.destroy());
    }

    async fetch() {
        this.state.data = await this.orm.call("crm.profit.ladder", "get_waterfall", [this.state.partnerId]);
        this.props.updateActionState?.({ partner_id: this.state.partnerId });
    }

    async onCustomer(partnerId) {
        this.state.partnerId = partnerId;
        await this.fetch();
        this.draw();
    }

    format(amount) {
        return formatCurrency(amount, this.state.data.currency_id, { digits: [16, 0] });
    }

    /** Bars as [from, to]; sums stand on the ground. */
    get bars() {
        let level = 0;
        return this.state.data.steps.map(({ sign, amount }) => {
            if (!sign) {
                level = amount;
                return [0, amount];
            }
            const from = level;
            level += sign * amount;
            return [from, level];
        });
    }

    get rows() {
        const net = this.state.data.steps.find((step) => step.code === "net_sales").amount;
        return this.state.data.steps.map((step) => ({
            ...step,
            text: `${step.sign < 0 && Math.round(step.amount) ? "−" : ""}${this.format(step.amount)}`,
            share: net > 0 ? `${formatFloat((100 * step.amount) / net, { digits: [16, 1] })} %` : "",
        }));
    }

    draw() {
        this.chart?.destroy();
        if (!this.canvas.el || !this.state.data) {
            return;
        }
        const { steps } = this.state.data;
        const theme = getComputedStyle(document.documentElement);
        const color = ({ sign }) => theme.getPropertyValue(COLORS[sign][0]) || COLORS[sign][1];
        this.chart = new Chart(this.canvas.el, {
            type: "bar",
            data: {
                labels: steps.map((step) => step.label),
                datasets: [{ data: this.bars, backgroundColor: steps.map(color) }],
            },
            options: {
                maintainAspectRatio: false,
                animation: false,
                plugins: {
                    legend: { display: false },
                    tooltip: { callbacks: { label: (item) => this.format(steps[item.dataIndex].amount) } },
                },
                scales: { y: { ticks: { callback: (value) => this.format(value) } } },
            },
        });
    }

    async openLines() {
        const action = await this.action.loadAction("crm_extended_analytics.crm_profit_ladder_action");
        const domain = this.state.partnerId ? [["partner_id", "child_of", this.state.partnerId]] : [];
        return this.action.doAction({ ...action, domain, context: { group_by: ["product_id"] } });
    }

    get title() {
        return _t("As of %s", this.state.data.as_of);
    }
}

registry.category("actions").add("crm_extended_analytics.profit_waterfall", ProfitWaterfall);
