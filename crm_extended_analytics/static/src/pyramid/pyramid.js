import { Component, onWillStart, useState } from "@odoo/owl";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/core/utils/numbers";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { formatInteger } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { PyramidDrawing } from "./pyramid_drawing";

const PAGE = "crm.pyramid.page";

/**
 * The value pyramid of a company and a month: drawn, with who moved since another month. The server counts what the
 * reader may see; the page formats, and every number leads to its customers.
 */
export class Pyramid extends Component {
    static template = "crm_extended_analytics.Pyramid";
    static components = { Layout, PyramidDrawing };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.ui = useService("ui");
        this.display = { controlPanel: {} };
        const params = this.props.action.params || {};
        this.state = useState({
            page: null,
            choice: this.props.state?.choice || { pyramid: params.pyramid_id || false },
            why: {},
        });
        this.kind = params.kind || "customer";
        useSetupAction({ getLocalState: () => ({ choice: { ...this.state.choice } }) });
        onWillStart(() => this.load());
    }

    get page() {
        return this.state.page;
    }

    get hasMonths() {
        return this.page.months.length > 0;
    }

    async load() {
        const { pyramid, period, compare } = this.state.choice;
        this.state.why = {};
        this.state.page = await this.orm.call(PAGE, "get_page", [
            pyramid || false,
            period || false,
            compare || false,
            this.kind,
        ]);
    }

    choose(name, value) {
        const choice = this.state.choice;
        choice[name] = name === "pyramid" ? Number(value) : value;
        if (name === "pyramid") {
            choice.period = choice.compare = false;
        } else if (name === "period") {
            choice.compare = false;
        }
        return this.load();
    }

    get earlierMonths() {
        return this.page.months.filter(({ period }) => period < this.page.period);
    }

    // ---- Actions ----

    async rebuild() {
        this.ui.block();
        try {
            await this.orm.call(PAGE, "rebuild", [this.page.pyramid_id]);
            this.state.choice.period = this.state.choice.compare = false;
            await this.load();
        } finally {
            this.ui.unblock();
        }
    }

    async loadWarehouse() {
        return this.action.doAction(await this.orm.call("crm.warehouse.load", "action_load", []));
    }

    print() {
        window.print();
    }

    openRows(name, domain) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: this.page.rows_model,
            views: [
                [this.page.list_view_id, "list"],
                [false, "pivot"],
                [false, "graph"],
            ],
            domain: [
                ["company_id", "=", this.page.company_id],
                ["pyramid_id", "=", this.page.pyramid_id],
                ["period", "=", this.page.period],
                ...domain,
            ],
        });
    }

    openLayer(layer) {
        return this.openRows(layer.name, [["tier_id", "=", layer.tier_id]]);
    }

    /** Leads to those of a cell of the matrix, or to all who rose or fell; the months are those of the page. */
    async openMoves(cell) {
        const { pyramid_id, period, compare } = this.page;
        return this.action.doAction(await this.orm.call(PAGE, "get_rows_action", [pyramid_id, period, compare, cell]));
    }

    openCell(row, column) {
        return this.openMoves({ before: row.tier_id || false, now: column || false });
    }

    openMovers(movement) {
        return this.openMoves({ movement });
    }

    openAll() {
        return this.openRows(this.page.kind_label, []);
    }

    openAtRisk() {
        return this.action.doAction("crm_extended_analytics.crm_value_at_risk_action");
    }

    /** Shows beneath a customer why his scores changed between the two months. */
    async showWhy(partnerId) {
        const { period, compare } = this.page;
        const sentences = await this.orm.call(PAGE, "get_why", [partnerId, period, compare]);
        this.state.why[partnerId] = sentences.length
            ? sentences
            : [_t("His scores did not change, or he was not scored in both months.")];
    }

    openPartner(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: id,
            views: [[false, "form"]],
        });
    }

    // ---- Texts ----

    tierName(tierId, isColumn = false) {
        const layer = this.page.layers.find(({ tier_id }) => tier_id === tierId);
        return layer ? layer.name : isColumn ? _t("Gone") : _t("New");
    }

    get activeLayers() {
        return this.page.layers.filter(({ role }) => role === "active");
    }

    get activeCount() {
        return formatInteger(this.activeLayers.reduce((sum, { count }) => sum + count, 0));
    }

    get activeValue() {
        const value = this.activeLayers.reduce((sum, layer) => sum + layer.value, 0);
        return formatCurrency(value, this.page.currency_id, { digits: [16, 0] });
    }

    get bestFifth() {
        const { top } = this.page.concentration;
        return top === null ? "–" : `${formatFloat(top, { digits: [16, 0] })} %`;
    }

    get gini() {
        const { gini } = this.page.concentration;
        return gini === null ? "–" : formatFloat(gini, { digits: [16, 2] });
    }

    monthLabel(period) {
        const month = this.page.months.find((found) => found.period === period);
        return month ? month.label : "";
    }

    get hasSatisfaction() {
        return !this.page.satisfaction;
    }

    cellText(cell) {
        return cell.count ? `${formatFloat(cell.share, { digits: [16, 0] })} %` : "";
    }

    cellStyle(cell) {
        return cell.count ? `--o-pyramid-share: ${(0.08 + (cell.share / 100) * 0.6).toFixed(2)}` : "";
    }

    number(value, digits, unit = "") {
        return value === null ? _t("not measured") : formatFloat(value, { digits: [16, digits] }) + unit;
    }

    money(value) {
        return value === null ? "–" : formatCurrency(value, this.page.currency_id, { digits: [16, 0] });
    }

    integer(value) {
        return formatInteger(value);
    }
}

registry.category("actions").add("crm_extended_analytics.pyramid", Pyramid);
