import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { GraphModel } from "@web/views/graph/graph_model";
import { graphView } from "@web/views/graph/graph_view";

/**
 * The load of the work centres as bars, with the hours they have as a line over them.
 *
 * Odoo draws the sum of stacked bars as a line; here that line is what the bars must stay below.
 */
export class WorkcenterLoadGraphModel extends GraphModel {
    async _loadDataPoints(metaData) {
        const dataPoints = await super._loadDataPoints(metaData);
        this.availableByLabel = await this._loadAvailable(metaData);
        return dataPoints;
    }

    async _loadAvailable({ domain, groupBy, measure, resModel }) {
        const [first] = groupBy;
        if (!first || !measure.startsWith("hours_") || measure === "hours_available") {
            return null;
        }
        const groups = await this.orm.formattedReadGroup(
            resModel,
            domain,
            [first.spec],
            ["hours_available:sum"],
            { context: { fill_temporal: true, ...this.searchParams.context } }
        );
        return new Map(
            groups.map((group) => [group[first.spec][1], group["hours_available:sum"] || 0])
        );
    }

    _getLineOverlayDataset() {
        const [dataset] = this.data.datasets;
        if (!this.availableByLabel || !dataset) {
            return super._getLineOverlayDataset();
        }
        return {
            label: _t("Available Hours"),
            data: dataset.trueLabels.map((label) => this.availableByLabel.get(label) ?? 0),
            currencyIds: [],
            trueLabels: dataset.trueLabels,
        };
    }
}

registry.category("views").add("workcenter_load_graph", {
    ...graphView,
    Model: WorkcenterLoadGraphModel,
});
