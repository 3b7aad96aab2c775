import { returnedAction } from "@crm_extended/core/returned_action";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/core/utils/numbers";
import { MonthlyPage } from "../monthly_page/monthly_page";
import { PyramidDrawing } from "./pyramid_drawing";

const PAGE = "crm.pyramid.page";

/**
 * The value pyramid of a company and a month: drawn, with who moved since another month. The server counts what the
 * reader may see; the page formats, and every number leads to its customers.
 */
export class Pyramid extends MonthlyPage {
    static template = "crm_extended_analytics.Pyramid";
    static components = { ...MonthlyPage.components, PyramidDrawing };
    static model = PAGE;

    get firstChoice() {
        return { pyramid: this.params.pyramid_id || false };
    }

    get pageArguments() {
        const { pyramid, period, compare } = this.state.choice;
        return [pyramid || false, period || false, compare || false, this.params.kind || "customer"];
    }

    get countedId() {
        return this.page.pyramid_id;
    }

    forgetMonths() {
        super.forgetMonths();
        this.state.choice.compare = false;
    }

    async load() {
        this.state.why = {};
        await super.load();
    }

    get pyramidOptions() {
        return this.page.pyramids.map(({ id, name }) => ({ value: id, label: name }));
    }

    get earlierOptions() {
        return this.toOptions(this.page.months.filter(({ period }) => period < this.page.period));
    }

    choosePyramid(pyramid) {
        this.state.choice.pyramid = Number(pyramid);
        this.forgetMonths();
        return this.load();
    }

    chooseMonth(period) {
        Object.assign(this.state.choice, { period, compare: false });
        return this.load();
    }

    chooseCompare(compare) {
        this.state.choice.compare = compare;
        return this.load();
    }

    // ---- Actions ----

    openRows(name, domain) {
        const { rows_model, list_view_id, company_id, pyramid_id, period } = this.page;
        const shown = [
            ["company_id", "=", company_id],
            ["pyramid_id", "=", pyramid_id],
            ["period", "=", period],
        ];
        return this.openList(name, rows_model, [...shown, ...domain], list_view_id);
    }

    openLayer(layer) {
        return this.openRows(layer.name, [["tier_id", "=", layer.tier_id]]);
    }

    /** Leads to those of a cell of the matrix, or to all who rose or fell; the months are those of the page. */
    async openMoves(cell) {
        const { pyramid_id, period, compare } = this.page;
        const action = await this.orm.call(PAGE, "get_rows_action", [pyramid_id, period, compare, cell]);
        return this.action.doAction(returnedAction(action));
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
        return this.integer(this.activeLayers.reduce((sum, { count }) => sum + count, 0));
    }

    get activeLabel() {
        return _t("active %(customers)s", { customers: this.page.words.many });
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
}

registry.category("actions").add("crm_extended_analytics.pyramid", Pyramid);
