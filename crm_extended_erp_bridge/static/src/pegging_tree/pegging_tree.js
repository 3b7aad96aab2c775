import { Component, onPatched, onMounted, onWillStart, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { PeggingNode } from "./pegging_node";

// Levels that are open when a tree is first shown; one of so few nodes is open as a whole.
const OPEN_LEVELS = 2;
const FEW_NODES = 30;

/**
 * The pegging of one record on two sides: on the left what serves it, over all levels; on the right whom it serves.
 *
 * Context of the action: `res_model` and `res_id` (a document, an order line or a planned order); without them the
 * record from which the action was opened.
 */
export class PeggingTree extends Component {
    static template = "crm_extended_erp_bridge.PeggingTree";
    static components = { Layout, PeggingNode };
    static props = { ...standardActionServiceProps };
    static path = "pegging-tree";

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.content = useRef("content");
        this.display = { controlPanel: {} };
        this.target = this.props.state?.target || this.findTarget();
        // in the address: the page can be reloaded and sent to a colleague
        this.props.updateActionState?.({ resId: this.target.id, res_model: this.target.model });
        this.state = useState({ tree: null, expanded: this.props.state?.expanded || null });
        useSetupAction({ getLocalState: () => ({ target: this.target, expanded: { ...this.state.expanded } }) });
        onWillStart(() => this.load());
        onMounted(() => this.keepTabStop());
        onPatched(() => this.keepTabStop());
    }

    findTarget() {
        const { context = {}, params = {} } = this.props.action;
        return {
            model: params.res_model || context.res_model || context.active_model,
            id: params.res_id || context.res_id || this.props.resId || context.active_id,
        };
    }

    // ---- Data ----

    async load() {
        if (!this.target.model || !this.target.id) {
            this.state.tree = { root: null, supply: [], demand: [] };
            return;
        }
        this.state.tree = this.arrange(
            await this.orm.call("crm.pegging", "get_tree", [this.target.model, this.target.id])
        );
        this.env.config.setDisplayName(_t("Pegging of %s", this.state.tree.root.label));
        if (!this.state.expanded) {
            this.state.expanded = {};
            this.unfold(this.count() > FEW_NODES ? OPEN_LEVELS : Infinity);
        }
    }

    /** An order of one line is that line: it stands in the middle, not below itself. */
    arrange({ root, supplies, serves }) {
        const [line] = supplies;
        if (supplies.length === 1 && line.type === "order") {
            return { root: line, supply: line.children, demand: serves };
        }
        return { root, supply: supplies, demand: serves };
    }

    get sides() {
        const { supply, demand } = this.state.tree;
        return [
            {
                key: "supply",
                title: _t("What serves it"),
                nodes: supply,
                empty: _t("Nothing before it: it is bought, lies in stock, or is not in the plan yet."),
            },
            {
                key: "demand",
                title: _t("Whom it serves"),
                nodes: demand,
                empty: _t("Nobody: no order needs it."),
            },
        ].filter((side) => side.key === "supply" || side.nodes.length || !this.isOrder);
    }

    /** An order is the end of the chain: it serves nobody further. */
    get isOrder() {
        return ["sale.order", "sale.order.line"].includes(this.target.model);
    }

    // ---- Fold and unfold ----

    count() {
        const below = (nodes) => nodes.reduce((sum, node) => sum + 1 + below(node.children || []), 0);
        return below([...this.state.tree.supply, ...this.state.tree.demand]);
    }

    /** Open all nodes down to a level; without one, all. */
    unfold(levels = Infinity) {
        const open = (nodes, path, level) => {
            for (const node of nodes || []) {
                const here = `${path}/${node.key}`;
                if (level < levels) {
                    this.state.expanded[here] = true;
                    open(node.children, here, level + 1);
                }
            }
        };
        open(this.state.tree.supply, "supply", 1);
        open(this.state.tree.demand, "demand", 1);
    }

    foldAll() {
        this.state.expanded = {};
    }

    toggle(path) {
        this.state.expanded[path] = !this.state.expanded[path];
    }

    // ---- Ways out ----

    open(node) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: node.res_model,
            res_id: node.res_id,
            views: [[false, "form"]],
        });
    }

    focusTree(node) {
        return this.action.doAction("crm_extended_erp_bridge.crm_pegging_tree_action", {
            additionalContext: { res_model: node.res_model, res_id: node.res_id },
        });
    }

    /** Paper cannot be unfolded. */
    async print() {
        this.unfold();
        await new Promise((resolve) => browser.setTimeout(resolve));
        browser.print();
    }

    // ---- Keyboard: the tree pattern of WAI-ARIA ----

    /** One node of each tree can be reached with Tab, the others with the arrow keys. */
    keepTabStop() {
        for (const tree of this.content.el?.querySelectorAll("[role=tree]") || []) {
            if (!tree.querySelector("[role=treeitem][tabindex='0']")) {
                tree.querySelector("[role=treeitem]")?.setAttribute("tabindex", "0");
            }
        }
    }

    onKeydown(ev) {
        const tree = ev.currentTarget;
        const item = ev.target.closest("[role=treeitem]");
        if (!item) {
            return;
        }
        const items = [...tree.querySelectorAll("[role=treeitem]")];
        const index = items.indexOf(item);
        const isOpen = item.getAttribute("aria-expanded") === "true";
        const isClosed = item.getAttribute("aria-expanded") === "false";
        const moves = {
            ArrowDown: () => items[index + 1],
            ArrowUp: () => items[index - 1],
            Home: () => items[0],
            End: () => items.at(-1),
            ArrowRight: () => (isClosed ? this.toggle(item.dataset.path) : isOpen && items[index + 1]),
            ArrowLeft: () =>
                isOpen ? this.toggle(item.dataset.path) : item.parentElement.closest("[role=treeitem]"),
            Enter: () => item.querySelector(".o_pegging_open")?.click(),
        };
        if (!moves[ev.key] || (ev.key === "Enter" && ev.target !== item)) {
            return;
        }
        ev.preventDefault();
        const next = moves[ev.key]();
        if (next) {
            item.setAttribute("tabindex", "-1");
            next.setAttribute("tabindex", "0");
            next.focus();
        }
    }
}

registry.category("actions").add("crm_extended_erp_bridge.pegging_tree", PeggingTree);
