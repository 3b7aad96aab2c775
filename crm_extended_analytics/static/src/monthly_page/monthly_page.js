import { Component, onWillStart, useState } from "@odoo/owl";
import { returnedAction } from "@crm_extended/core/returned_action";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { formatInteger } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { MonthlyMovers } from "./monthly_movers";
import { MonthlyPageSelect } from "./monthly_page_select";

/**
 * A page of a company and one of its counted months, which the server makes; what is chosen on it survives going to a
 * list and back. Who extends it names the model of the page, what of the choice the server is asked for, and what is
 * counted again.
 */
export class MonthlyPage extends Component {
    static components = { Layout, MonthlyMovers, MonthlyPageSelect };
    static props = { ...standardActionServiceProps };
    static model = "";

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.ui = useService("ui");
        this.display = { controlPanel: {} };
        this.params = this.props.action.params || {};
        this.state = useState({ page: null, choice: this.props.state?.choice || this.firstChoice });
        useSetupAction({ getLocalState: () => ({ choice: { ...this.state.choice } }) });
        onWillStart(() => this.load());
    }

    // ---- What the pages differ in ----

    get firstChoice() {
        return {};
    }

    /** Arguments of `get_page` of the model. */
    get pageArguments() {
        return [];
    }

    /** What `rebuild` of the model counts again. */
    get countedId() {
        return false;
    }

    /** Another month is shown, or another thing altogether: what no longer fits is not chosen any more. */
    forgetMonths() {
        this.state.choice.period = false;
    }

    // ---- Page ----

    get page() {
        return this.state.page;
    }

    get hasMonths() {
        return this.page.months.length > 0;
    }

    get monthOptions() {
        return this.toOptions(this.page.months);
    }

    toOptions(months) {
        return months.map(({ period, label }) => ({ value: period, label }));
    }

    async load() {
        this.state.page = await this.orm.call(this.constructor.model, "get_page", this.pageArguments);
    }

    // ---- Actions ----

    async rebuild() {
        this.ui.block();
        try {
            await this.orm.call(this.constructor.model, "rebuild", [this.countedId]);
            this.forgetMonths();
            await this.load();
        } finally {
            this.ui.unblock();
        }
    }

    async loadWarehouse() {
        return this.action.doAction(returnedAction(await this.orm.call("crm.warehouse.load", "action_load", [])));
    }

    print() {
        window.print();
    }

    openList(name, model, domain, listViewId = false) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: model,
            views: [
                [listViewId, "list"],
                [false, "pivot"],
                [false, "graph"],
            ],
            domain,
        });
    }

    // ---- Texts ----

    integer(value) {
        return formatInteger(value);
    }
}
