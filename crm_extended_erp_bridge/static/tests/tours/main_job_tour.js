import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

// The main job: log in, win an opportunity, and follow the deal to its order and its production.
registry.category("web_tour.tours").add("crm_extended_main_job", {
    steps: () => [
        {
            content: "log in",
            trigger: "input#login",
            run: "edit bridge_leader",
        },
        {
            trigger: "input#password",
            run: "edit bridge_leader",
        },
        {
            trigger: "form.oe_login_form button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        stepUtils.showAppsMenuItem(),
        {
            trigger: ".o_app[data-menu-xmlid='crm.crm_menu_root']",
            run: "click",
        },
        {
            content: "open the opportunity",
            trigger: ".o_kanban_record:contains('Lamps for the lobby')",
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
        {
            content: "its quotation became an order whose chain is under way",
            trigger: ".o_field_widget[name=order_ids] .o_data_row:contains('Sales Order'):contains('Making & Buying')",
        },
        {
            content: "follow it to its conversion",
            trigger: "button[name=action_view_conversions]",
            run: "click",
        },
        {
            content: "which says where the deal is",
            trigger: ".o_form_view:has(button[name=action_open_order]) .o_statusbar_status " +
                ".o_arrow_button_current:contains('Making & Buying')",
        },
        {
            content: "and leads to the manufacturing orders of both levels",
            trigger: "button.oe_stat_button:contains('Production'):contains('2')",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('LED module')",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Lamp') .o_data_cell[name=name]",
            run: "click",
        },
        {
            content: "a manufacturing order leads back to the deal it is made for",
            trigger: ".o_form_view button[name=action_view_conversions]",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_open_order]",
            run: "click",
        },
        {
            content: "the order",
            trigger: ".o_form_view .o_statusbar_status .o_arrow_button_current:contains('Sales Order')",
        },
    ],
});
