import { registry } from "@web/core/registry";
import { formatFloat, formatInteger } from "@web/views/fields/formatters";

import { PopulationScreen } from "../population/population_screen";

// the fill of the largest white space; the text stays readable on it
const DEEPEST = 0.75;

/**
 * White space as a coloured table: territories in rows, product categories in columns.
 */
export class MarketHeat extends PopulationScreen {
    static body = "crm_extended_analytics.MarketHeat";
    static measure = "amount";

    formatCount(value) {
        return formatInteger(value);
    }

    formatAmount(value) {
        return formatFloat(value, { humanReadable: true });
    }

    format(cell) {
        if (this.state.measure === "share") {
            return this.formatShare(cell.share);
        }
        if (!cell.is_known) {
            return "?";
        }
        return this.state.measure === "count" ? formatFloat(cell.count, { digits: [16, 1] }) : this.formatAmount(cell.amount);
    }

    /** The colour is that of the white space, whatever is written in the cell. */
    shade(cell) {
        const share = this.data.largest && cell.is_known ? cell.amount / this.data.largest : 0;
        return `--o-market-share: ${(share * DEEPEST).toFixed(3)}`;
    }

    openCell(cell) {
        return this.open("action_open_customers", [cell.id]);
    }
}

registry.category("actions").add("crm_market_heat", MarketHeat);
