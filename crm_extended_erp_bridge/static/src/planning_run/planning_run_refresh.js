import { Component, onWillUnmount, useEffect } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const SECONDS = 2;
const UNFINISHED = ["queued", "running"];

/** Reads the run again every two seconds for as long as it has not ended. It shows nothing itself. */
export class PlanningRunRefresh extends Component {
    static template = "crm_extended_erp_bridge.PlanningRunRefresh";
    static props = standardWidgetProps;

    setup() {
        this.timer = null;
        useEffect(
            (isOpen) => {
                this.stop();
                if (isOpen) {
                    this.timer = setInterval(() => this.refresh(), SECONDS * 1000);
                }
            },
            () => [this.isOpen]
        );
        onWillUnmount(() => this.stop());
    }

    get isOpen() {
        return UNFINISHED.includes(this.props.record.data.state);
    }

    async refresh() {
        if (!document.hidden && this.props.record.resId) {
            await this.props.record.load();
        }
    }

    stop() {
        clearInterval(this.timer);
        this.timer = null;
    }
}

registry.category("view_widgets").add("crm_planning_run_refresh", {
    component: PlanningRunRefresh,
    fieldDependencies: [{ name: "state", type: "selection" }],
});
