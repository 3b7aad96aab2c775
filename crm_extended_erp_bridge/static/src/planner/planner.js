import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { returnedAction } from "@crm_extended/core/returned_action";
import { browser } from "@web/core/browser/browser";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { DemandChart } from "./demand_chart";
import { PlannerCard } from "./planner_card";
import { planFormat } from "./planner_format";
import { PlannerGuide } from "./planner_guide";

const MODEL = "crm.planner.page";
// While a run is under way the header asks again after so many milliseconds.
const POLL_MS = 2000;

/**
 * The planner's page: the last run, the first steps where something is still to be set up, and what the plan says.
 * The server counts and sums; the page formats, and every number leads to its records.
 */
export class Planner extends Component {
    static template = "crm_extended_erp_bridge.Planner";
    static components = { DemandChart, Dropdown, DropdownItem, Layout, PlannerCard, PlannerGuide };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.format = planFormat;
        this.display = { controlPanel: {} };
        this.state = useState({
            page: null,
            areaId: this.props.state?.areaId || false,
            selected: {},
            isBusy: false,
        });
        useSetupAction({ getLocalState: () => ({ areaId: this.state.areaId }) });
        onWillStart(() => this.load());
        onWillUnmount(() => browser.clearTimeout(this.timer));
    }

    // ---- Data ----

    get page() {
        return this.state.page;
    }

    get sections() {
        return this.page.sections;
    }

    get run() {
        return this.page.run;
    }

    get isPlanned() {
        return Boolean(this.sections.proposals);
    }

    get isBusy() {
        return this.state.isBusy || Boolean(this.run.is_unfinished);
    }

    async load() {
        this.state.page = await this.orm.call(MODEL, "get_page", [this.state.areaId]);
        this.state.selected = {};
        this.follow();
    }

    /** While a run is under way: its progress, and the whole page once it has ended. */
    follow() {
        browser.clearTimeout(this.timer);
        if (this.run.is_unfinished) {
            this.timer = browser.setTimeout(() => this.poll(), POLL_MS);
        }
    }

    async poll() {
        const run = await this.orm.silent.call(MODEL, "get_run", [this.state.areaId]);
        if (run.is_unfinished) {
            this.page.run = run;
            this.follow();
        } else {
            await this.load();
        }
    }

    chooseArea(areaId) {
        this.state.areaId = areaId;
        return this.load();
    }

    get areaName() {
        const area = this.page.areas.find(({ id }) => id === this.page.area_id);
        return area ? area.name : _t("All Areas");
    }

    // ---- Texts ----

    money(value) {
        return planFormat.money(value, this.page.currency_id);
    }

    get runClass() {
        return (
            {
                done: "text-bg-success",
                failed: "text-bg-danger",
                cancelled: "text-bg-warning",
            }[this.run.state] || "text-bg-info"
        );
    }

    get runText() {
        const { user, trigger, date_ended, date_started } = this.run;
        const date = planFormat.datetime(date_ended || date_started);
        if (trigger === "scheduled") {
            return _t("%(date)s, by the scheduler", { date });
        }
        return user ? _t("%(date)s, by %(user)s", { date, user }) : date;
    }

    get progressText() {
        const area = this.run.areas.find(({ state }) => state === "running");
        const percent = planFormat.percent(this.run.progress);
        return area ? _t("%(percent)s: %(step)s", { percent, step: area.step_label }) : percent;
    }

    get errors() {
        return this.run ? this.run.areas.filter(({ error }) => error) : [];
    }

    get demandSummary() {
        const { order_value, forecast_value } = this.sections.demand;
        if (!forecast_value) {
            return _t("order lines to deliver: %s at sales prices", this.money(order_value));
        }
        return _t("order lines to deliver: %(orders)s at sales prices, and a forecast of %(forecast)s", {
            orders: this.money(order_value),
            forecast: this.money(forecast_value),
        });
    }

    get proposalCount() {
        const { manufacture, buy } = this.sections.proposals;
        return manufacture.count + buy.count;
    }

    get proposalSummary() {
        const { manufacture, buy } = this.sections.proposals;
        return _t("%(make)s to make (%(makeValue)s), %(buy)s to buy (%(buyValue)s)", {
            make: planFormat.integer(manufacture.count),
            makeValue: this.money(manufacture.value),
            buy: planFormat.integer(buy.count),
            buyValue: this.money(buy.value),
        });
    }

    get issueSummary() {
        const { blocking_count, warning_count } = this.sections.issues;
        return _t("Blocking: %(blocking)s. Warnings: %(warnings)s.", {
            blocking: planFormat.integer(blocking_count),
            warnings: planFormat.integer(warning_count),
        });
    }

    get issueCount() {
        return this.sections.issues.blocking_count + this.sections.issues.warning_count;
    }

    get urgentText() {
        return _t("%s urgent: to be started today or earlier", planFormat.integer(this.sections.proposals.urgent_count));
    }

    /** What failed; of a traceback its last line. */
    errorText(area) {
        return _t("%(area)s could not be planned, the plan before still stands. %(error)s", {
            area: area.name,
            error: area.error.trim().split("\n").at(-1),
        });
    }

    riskText(row) {
        const names = { product: row.product_id[1], promised: planFormat.date(row.date_promised) };
        if (!row.date_expected) {
            return _t("%(product)s: promised %(promised)s, no date in sight", names);
        }
        return _t("%(product)s: promised %(promised)s, expected %(expected)s", {
            ...names,
            expected: planFormat.date(row.date_expected),
        });
    }

    weekText(row) {
        return _t("week of %s", planFormat.date(row.week_start));
    }

    loadText(row) {
        return _t("%(total)s of %(available)s, %(over)s too many", {
            total: planFormat.hours(row.hours_total),
            available: planFormat.hours(row.hours_available),
            over: planFormat.hours(row.hours_over),
        });
    }

    openText(row) {
        return _t("Open %s", row.record_name);
    }

    shortageText(row) {
        const demand = this.shortageDemand(row);
        return row.partner_id ? _t("for %(demand)s, %(customer)s", { demand, customer: row.partner_id[1] }) : _t("for %s", demand);
    }

    /** For whom a shortage is: an order line, a production or a planned order; else the kind of demand. */
    shortageDemand(row) {
        const [, name] = row.sale_line_id || row.demand_production_id || row.demand_planned_order_id || [];
        if (name) {
            return name;
        }
        return { forecast: _t("Forecast"), stock_rule: _t("Safety stock") }[row.demand_type] || _t("Other transfer");
    }

    // ---- Run ----

    async launch() {
        this.state.isBusy = true;
        try {
            this.page.run = await this.orm.call(MODEL, "action_run", [this.state.areaId]);
            await (this.run.is_unfinished ? this.follow() : this.load());
        } finally {
            this.state.isBusy = false;
        }
    }

    async cancel() {
        await this.orm.call("crm.planning.run", "action_cancel", [[this.run.id]]);
        await this.load();
    }

    async onStep(key) {
        if (key === "run") {
            return this.launch();
        }
        if (key === "products") {
            return this.action.doAction(returnedAction(await this.orm.call(MODEL, "action_choose_products")));
        }
        await this.orm.call(MODEL, "action_create_area");
        return this.load();
    }

    // ---- Proposals ----

    get selectedIds() {
        return this.sections.proposals.rows.map(({ id }) => id).filter((id) => this.state.selected[id]);
    }

    toggle(id) {
        this.state.selected[id] = !this.state.selected[id];
    }

    confirmSelected() {
        return this.release("action_release_selected", [this.selectedIds]);
    }

    /** Orders cannot be unmade with a click, so the planner reads first what he confirms. */
    confirmAll() {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Confirm all proposals"),
            body: _t(
                "This makes and confirms the manufacturing orders and purchase orders of all open proposals: %s. " +
                    "What cannot be ordered is left and named.",
                this.proposalSummary
            ),
            confirmLabel: _t("Confirm All"),
            confirm: () => this.release("action_release_all", [this.page.area_id]),
            cancelLabel: _t("Cancel"),
            cancel: () => {},
        });
    }

    async release(method, args) {
        this.state.isBusy = true;
        try {
            const result = await this.orm.call("mrp.planned.order", method, args);
            // the server answers with its message; the page is read anew here, so that nothing else is reloaded
            await this.action.doAction({ ...result, params: { ...result.params, next: undefined } });
            await this.load();
        } finally {
            this.state.isBusy = false;
        }
    }

    // ---- Ways out ----

    async openSection(section, options = {}) {
        const action = await this.orm.call(MODEL, "action_open", [section], {
            area_id: this.page.area_id,
            ...options,
        });
        return this.action.doAction(returnedAction(action));
    }

    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openRun() {
        return this.openRecord("crm.planning.run", this.run.id);
    }

    async openTree(model, id) {
        return this.action.doAction("crm_extended_erp_bridge.crm_pegging_tree_action", {
            additionalContext: { res_model: model, res_id: id },
        });
    }

    openShortage(row) {
        const links = [
            ["sale.order.line", row.sale_line_id],
            ["mrp.production", row.demand_production_id],
            ["mrp.planned.order", row.demand_planned_order_id],
        ];
        const [model, link] = links.find(([, target]) => target) || ["product.product", row.product_id];
        return model === "product.product" ? this.openRecord(model, link[0]) : this.openTree(model, link[0]);
    }
}

registry.category("actions").add("crm_extended_erp_bridge.planner", Planner);
