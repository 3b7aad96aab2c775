import { onWillStart } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ControlPanel } from "@web/search/control_panel/control_panel";
import { listView } from "@web/views/list/list_view";

/** The control panel of the sales by month says how new they are: they follow the facts in a job. */
export class SalesMonthControlPanel extends ControlPanel {
    static template = "crm_extended_analytics.SalesMonthControlPanel";

    setup() {
        super.setup();
        const orm = useService("orm");
        onWillStart(async () => {
            this.status = await orm.call("crm.sales.month", "get_status", []);
        });
    }
}

registry
    .category("views")
    .add("sales_month_list", { ...listView, ControlPanel: SalesMonthControlPanel });
