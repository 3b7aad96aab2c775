import { returnedAction } from "@crm_extended/core/returned_action";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/core/utils/numbers";
import { MonthlyPage } from "../monthly_page/monthly_page";

const ITEMS = "crm.abc.item";

/**
 * The matrix of A, B, C and X, Y, Z of a company and a month: how many items, which share of the value, what to do with
 * them, who moved. The server counts what the reader may see; every number leads to its items.
 */
export class AbcMatrix extends MonthlyPage {
    static template = "crm_extended_analytics.AbcMatrix";
    static model = "crm.abc.page";

    get firstChoice() {
        return { profile: this.params.profile_id || false };
    }

    get pageArguments() {
        const { profile, period } = this.state.choice;
        return [profile || false, period || false];
    }

    get countedId() {
        return this.page.profile_id;
    }

    get profileOptions() {
        return this.page.profiles.map(({ id, name }) => ({ value: id, label: name }));
    }

    chooseProfile(profile) {
        this.state.choice.profile = Number(profile);
        return this.load();
    }

    chooseMonth(period) {
        this.state.choice.period = period;
        return this.load();
    }

    // ---- Actions ----

    openItems(name, domain) {
        return this.openList(name, ITEMS, [["result_id", "=", this.page.result_id], ...domain]);
    }

    openCell(cell) {
        if (cell.count) {
            const domain = [["abc_class", "=", cell.abc]];
            if (cell.xyz !== null) {
                domain.push(["xyz_class", "=", cell.xyz || false]);
            }
            return this.openItems(cell.name, domain);
        }
    }

    openRow(row) {
        return this.openItems(row.key, [["abc_class", "=", row.key]]);
    }

    openMovers(movement) {
        return this.openItems(movement === "rose" ? _t("Rose") : _t("Fell"), [["movement", "=", movement]]);
    }

    openAll() {
        return this.openItems(_t("All"), []);
    }

    async openItem(id) {
        return this.action.doAction(returnedAction(await this.orm.call(ITEMS, "action_open_item", [[id]])));
    }

    // ---- Texts ----

    percent(value) {
        if (value === false || value === null) {
            return "–";
        }
        return `${formatFloat(value, { digits: [16, value && Math.abs(value) < 10 ? 1 : 0] })} %`;
    }

    money(value) {
        if (value === false || value === null) {
            return "–";
        }
        return this.page.is_money
            ? formatCurrency(value, this.page.currency_id, { digits: [16, 0] })
            : formatFloat(value, { digits: [16, 0] });
    }

    /** What is outside of the matrix is shown where there is some of it. */
    get outside() {
        return this.page.outside.filter(({ count }) => count);
    }

    moves(cell, movement) {
        return cell.moves[movement] || 0;
    }

    regularMoves(cell) {
        return this.moves(cell, "steadier") + this.moves(cell, "unsteadier");
    }

    movesTitle(cell) {
        return _t("Since %(month)s: %(rose)s rose into it, %(fell)s fell into it, %(other)s came from another regularity, %(new)s are new", {
            month: this.page.previous,
            rose: this.moves(cell, "rose"),
            fell: this.moves(cell, "fell"),
            other: this.regularMoves(cell),
            new: this.moves(cell, "new"),
        });
    }

    cellClass(cell) {
        return `o_abc_cell o_abc_${cell.abc === "-" || cell.abc === "?" ? "beside" : cell.abc}${
            cell.xyz === "N" || cell.xyz === "" ? " o_abc_seldom" : ""
        }${cell.count ? " o_abc_filled" : ""}`;
    }
}

registry.category("actions").add("crm_extended_analytics.abc_matrix", AbcMatrix);
