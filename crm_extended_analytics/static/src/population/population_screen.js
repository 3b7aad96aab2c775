import { Component, onWillStart, useState } from "@odoo/owl";

import { returnedAction } from "@crm_extended/core/returned_action";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatFloat } from "@web/core/utils/numbers";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/**
 * A screen of an analysis of all customers: a month, perhaps an option, and what the model makes of them.
 *
 * The client action names the model in its params; the model answers `get_screen(period, option)`.
 */
export class PopulationScreen extends Component {
    static template = "crm_extended_analytics.PopulationScreen";
    static components = { Layout };
    static props = { ...standardActionServiceProps };
    /** The measure that is shown first, where there are several. */
    static measure = "share";

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ data: { periods: [] }, measure: this.constructor.measure });
        onWillStart(() => this.load());
    }

    get params() {
        return this.props.action.params;
    }

    get data() {
        return this.state.data;
    }

    /** Return the template of the analysis itself. */
    get body() {
        return this.constructor.body;
    }

    get display() {
        return { controlPanel: {} };
    }

    async load(period = false, option = false) {
        this.state.data = await this.orm.call(this.params.model, "get_screen", [period, option]);
    }

    onPeriod(ev) {
        return this.load(ev.target.value, this.data.option || false);
    }

    onOption(option) {
        return this.load(this.data.period, option);
    }

    /** Choose a value of one of several filters; the others stay. */
    onFilter(name, value) {
        return this.load(this.data.period, { ...this.data.option, [name]: value });
    }

    /** Open the stored rows of the screen as list, pivot and graph. */
    openRows() {
        return this.action.doAction(this.params.rows_action);
    }

    /** Do what a method of the model returns. */
    async open(method, args) {
        return this.action.doAction(returnedAction(await this.orm.call(this.params.model, method, args)));
    }

    formatShare(value) {
        return `${formatFloat(value, { digits: [16, value && Math.abs(value) < 10 ? 1 : 0] })} %`;
    }
}
