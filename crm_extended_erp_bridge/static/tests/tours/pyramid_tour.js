import { registry } from "@web/core/registry";

// The pyramid of the company, and from its top to the customers in it.
registry.category("web_tour.tours").add("crm_extended_pyramid", {
    steps: () => [
        {
            content: "the layers of the pyramid are drawn",
            trigger: ".o_pyramid_drawing .o_pyramid_layer .o_pyramid_name:contains('Test Top')",
            run: "click",
        },
        {
            content: "one customer of ten is on top",
            trigger: ".o_list_view .o_data_row td[name=tier_id]:contains('Test Top')",
        },
        {
            content: "who opens",
            trigger: ".o_list_view .o_data_row td[name=partner_id]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=name]",
        },
    ],
});
