import { registry } from "@web/core/registry";
import { formatFloat, formatInteger } from "@web/views/fields/formatters";
import { formatCurrency } from "@web/core/currency";

import { PopulationScreen } from "./population_screen";

// the fill of a cell of 100 %; the text stays readable on it
const DEEPEST = 0.75;

/**
 * Shares as a coloured matrix: the triangle of the cohorts, or who moved from which group to which.
 */
export class PopulationMatrix extends PopulationScreen {
    static body = "crm_extended_analytics.PopulationMatrix";

    formatCount(value) {
        return formatInteger(value);
    }

    format(cell) {
        if (this.state.measure === "count") {
            return formatInteger(cell.count);
        }
        return this.state.measure === "amount" ? formatFloat(cell.amount, { humanReadable: true }) : this.formatShare(cell.share);
    }

    tooltip(cell) {
        const amount = formatCurrency(cell.amount, this.data.currency_id);
        return `${this.formatShare(cell.share)}, ${formatInteger(cell.count)}, ${amount}`;
    }

    shade(share) {
        return `--o-population-share: ${((share / 100) * DEEPEST).toFixed(3)}`;
    }

    openCell(cell) {
        return this.open("action_open_customers", [cell.ids]);
    }
}

registry.category("actions").add("crm_population_matrix", PopulationMatrix);
