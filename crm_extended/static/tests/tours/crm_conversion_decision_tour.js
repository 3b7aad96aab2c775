import { registry } from "@web/core/registry";

// A salesperson drags an opportunity with two open quotations to Won, is told to choose, and chooses.
registry.category("web_tour.tours").add("crm_extended_decision", {
    steps: () => [
        {
            content: "drag the opportunity to the won stage",
            trigger: ".o_kanban_record:contains('Lamps for the lobby')",
            run: "drag_and_drop (.o_opportunity_kanban .o_kanban_group:has(.o_column_title:contains('Test Won')))",
        },
        {
            content: "nothing is won yet: choose",
            trigger: ".modal:contains('several quotations are open') button:contains('Choose quotations')",
            run: "click",
        },
        {
            content: "the first one is ordered",
            trigger: ".modal .o_data_row:first .o_field_widget[name=is_won] input",
            run: "check",
        },
        {
            content: "the other one is cancelled, so a reason is asked for",
            trigger: ".modal .o_field_widget[name=cancel_reason_id] input:value('Another quotation was chosen')",
        },
        {
            trigger: ".modal button[name=action_win]",
            run: "click",
        },
        {
            content: "the pipeline shows it in the won stage",
            trigger: "body:not(:has(.modal)) .o_kanban_group:has(.o_column_title:contains('Test Won')) " +
                ".o_kanban_record:contains('Lamps for the lobby')",
        },
    ],
});

// The Won button of the form asks at once; afterwards the form shows what became of the quotations.
registry.category("web_tour.tours").add("crm_extended_won_button", {
    steps: () => [
        {
            trigger: "button[name=action_set_won_rainbowman]",
            run: "click",
        },
        {
            trigger: ".modal .o_data_row:eq(1) .o_field_widget[name=is_won] input",
            run: "check",
        },
        {
            trigger: ".modal button[name=action_win]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_form_view .ribbon:contains('Won')",
        },
        {
            trigger: ".o_field_widget[name=order_ids] .o_data_row:contains('Cancelled')",
        },
        {
            trigger: ".o_field_widget[name=order_ids] .o_data_row:contains('Sales Order')",
        },
    ],
});
