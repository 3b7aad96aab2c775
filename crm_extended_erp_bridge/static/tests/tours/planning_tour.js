import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const logIn = (login) => [
    {
        content: "log in",
        trigger: "input#login",
        run: `edit ${login}`,
    },
    {
        trigger: "input#password",
        run: `edit ${login}`,
    },
    {
        trigger: "form.oe_login_form button[type=submit]",
        run: "click",
        expectUnloadPage: true,
    },
];

// From the quotation with its promise to the confirmed proposals, and along the pegging down and up again.
registry.category("web_tour.tours").add("crm_extended_planning", {
    steps: () => [
        ...logIn("bridge_planning"),
        stepUtils.showAppsMenuItem(),
        {
            trigger: ".o_app[data-menu-xmlid='crm.crm_menu_root']",
            run: "click",
        },
        {
            content: "open the opportunity",
            trigger: ".o_kanban_record:contains('Lamps for the terrace')",
            run: "click",
        },
        {
            content: "its quotation",
            trigger: "button[name=action_view_sale_quotation]",
            run: "click",
        },
        {
            content: "says when the lamps can be there",
            trigger: ".o_field_widget[name=order_line] .o_data_row td[name=promise_date]:contains('/')",
        },
        {
            trigger: ".o_breadcrumb .breadcrumb-item:contains('Lamps for the terrace') a",
            run: "click",
        },
        {
            content: "win it",
            trigger: ".o_form_view button[name=action_set_won_rainbowman]",
            run: "click",
        },
        {
            trigger: ".o_form_view .ribbon:contains('Won')",
        },
        stepUtils.showAppsMenuItem(),
        {
            trigger: ".o_app[data-menu-xmlid='mrp.menu_mrp_root']",
            run: "click",
        },
        {
            trigger: "button[data-menu-xmlid='mrp.mrp_planning_menu_root']",
            run: "click",
        },
        {
            trigger: ".dropdown-item[data-menu-xmlid='crm_extended_erp_bridge.crm_planner_menu']",
            run: "click",
        },
        {
            content: "the guide knows what comes next",
            trigger: ".o_planner_step[data-step=run] button[name=run]",
            run: "click",
        },
        {
            content: "lamps and modules to make, chips and boxes to buy",
            trigger: ".o_planner_card[data-section=proposals] .o_planner_count:contains('4')",
        },
        {
            trigger: ".o_planner_card[data-section=proposals] button[name=confirm_all]",
            run: "click",
        },
        {
            trigger: ".modal .btn-primary:contains('Confirm All')",
            run: "click",
        },
        {
            content: "nothing is left to propose",
            trigger: ".o_planner_card[data-section=proposals] .o_planner_count:contains('0')",
        },
        {
            content: "the demand leads to its pegging",
            trigger: ".o_planner_card[data-section=demand] .o_planner_all",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row button[name=action_open_tree]",
            run: "click",
        },
        {
            content: "down: the lamps are made",
            trigger: ".o_pegging_supply .o_pegging_node[data-type=production]:contains('Lamp')",
        },
        {
            content: "from chips that are bought, three levels below",
            trigger: ".o_pegging_supply .o_pegging_node[aria-level='3'][data-type=purchase]:contains('Chip')",
        },
        {
            content: "take the purchase of the chips into the middle",
            trigger: ".o_pegging_supply .o_pegging_node[aria-level='3'][data-type=purchase]:contains('Chip') .o_pegging_focus",
            run: "click",
        },
        {
            content: "up: it serves the order",
            trigger: ".o_pegging_demand .o_pegging_node[data-type=order] .o_pegging_open",
            run: "click",
        },
        {
            content: "which opens",
            trigger: ".o_form_view .o_statusbar_status .o_arrow_button_current:contains('Sales Order')",
        },
    ],
});

// The tree with the keyboard alone.
registry.category("web_tour.tours").add("crm_extended_pegging_keys", {
    steps: () => [
        {
            trigger: ".o_pegging_supply [role=treeitem][tabindex='0'][aria-expanded=true]",
            async run({ anchor, press }) {
                anchor.focus();
                await press("ArrowLeft");
            },
        },
        {
            content: "folded",
            trigger: ".o_pegging_supply [role=treeitem][tabindex='0'][aria-expanded=false]",
            async run({ anchor, press }) {
                anchor.focus();
                await press("ArrowRight");
            },
        },
        {
            content: "and unfolded",
            trigger: ".o_pegging_supply [role=treeitem][tabindex='0'][aria-expanded=true]",
        },
    ],
});
