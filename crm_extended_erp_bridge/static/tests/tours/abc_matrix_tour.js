import { registry } from "@web/core/registry";

// The matrix of ABC and XYZ, and from a cell to the customers in it.
registry.category("web_tour.tours").add("crm_extended_abc_matrix", {
    steps: () => [
        {
            content: "the profile of the test",
            trigger: ".o_abc select[name=profile]",
            run: "selectByLabel Test customer",
        },
        {
            content: "one steady customer brings most",
            trigger: ".o_abc_cell.o_abc_filled[data-class=AX] .o_abc_count:contains('1')",
            run: "click",
        },
        {
            content: "the items of the cell",
            trigger: ".o_list_view .o_data_row td[name=class_name]:contains('AX')",
            run: "click",
        },
        {
            content: "the customer",
            trigger: ".o_form_view .o_field_widget[name=name]",
        },
    ],
});
