import { registry } from "@web/core/registry";

// From a tier of the pyramid to a segment, and from there to an action with a hold-out that is under way.
registry.category("web_tour.tours").add("crm_extended_decision_start", {
    steps: () => [
        {
            content: "the tier of the small customers",
            trigger: ".o_pyramid_drawing .o_pyramid_layer .o_pyramid_name:contains('Test Small')",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row td[name=tier_id]:contains('Test Small')",
        },
        {
            content: "becomes a segment",
            trigger: "button[name=action_create_segment]",
            run: "click",
        },
        {
            content: "about which something is decided",
            trigger: ".o_form_view button[name=action_decide]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=finding] textarea",
            run: "edit They buy little and nobody calls them.",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=name] :is(input, textarea)",
            run: "edit Call the small ones",
        },
        {
            content: "half of them are held out",
            trigger: ".o_field_widget[name=share_pct] input",
            run: "edit 50",
        },
        {
            trigger: ".o_field_widget[name=expected_pct] input",
            run: "edit 20",
        },
        {
            content: "what a hold-out of this size shows is said before it is drawn",
            trigger: ".o_field_widget[name=size_note]:contains('3 of them held out')",
        },
        {
            trigger: ".o_field_widget[name=basis] input[data-value=holdout]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=size_note]:contains('may be chance')",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_decide]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_start]",
            run: "click",
        },
        {
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Under way')",
        },
    ],
});

// What it brought, and the verdict of its owner.
registry.category("web_tour.tours").add("crm_extended_decision_verdict", {
    steps: () => [
        {
            content: "the page says what comes next",
            trigger: ".o_decisions_open tr:contains('Call the small ones'):contains('Give the verdict')",
        },
        {
            content: "and what it brought",
            trigger: ".o_decisions_results tr:contains('Call the small ones') .o_decisions_effect",
        },
        {
            trigger: ".o_decisions_open a:contains('Call the small ones')",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=result]:contains('more than chance')",
        },
        {
            trigger: ".o_statusbar_buttons button.oe_highlight[name=action_keep], .o_statusbar_buttons button.btn-primary[name=action_keep]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Done')",
        },
    ],
});
