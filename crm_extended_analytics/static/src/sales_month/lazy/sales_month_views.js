import { SalesMonthControlPanel } from "@crm_extended_analytics/sales_month/sales_month_control_panel";

import { registry } from "@web/core/registry";
import { graphView } from "@web/views/graph/graph_view";
import { pivotView } from "@web/views/pivot/pivot_view";

const views = registry.category("views");
views.add("sales_month_graph", { ...graphView, ControlPanel: SalesMonthControlPanel });
views.add("sales_month_pivot", { ...pivotView, ControlPanel: SalesMonthControlPanel });
