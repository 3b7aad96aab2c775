import { registry } from "@web/core/registry";

/** From the board of conversions to the late deal, its manufacturing order and back. */
registry.category("web_tour.tours").add("crm_conversion_tour", {
    url: "/odoo/conversions",
    steps: () => [
        {
            content: "The late deal is first on the board and says so",
            trigger: ".o_kanban_record:contains(Hotel Sofia):contains(days late)",
            run: "click",
        },
        {
            content: "Its form says what it waits for",
            trigger: ".alert-danger:contains(Waits for)",
        },
        {
            content: "The timeline shows the way of the deal; open its production",
            trigger: ".o_conversion_step[data-step=production] a.o_conversion_name",
            run: "click",
        },
        {
            content: "The manufacturing order leads back to the chain",
            trigger: ".o_form_view button[name=action_view_conversions]",
            run: "click",
        },
        {
            content: "Back on the chain",
            trigger: ".o_form_view .o_conversion_timeline",
        },
    ],
});
