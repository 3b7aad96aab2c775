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

// A name of 40 letters beside the moves since another month.
registry.category("web_tour.tours").add("crm_extended_pyramid_long_name", {
    steps: () => [
        {
            content: "a long name is cut before the numbers beside it, and told whole in the tooltip",
            trigger: ".o_pyramid_drawing .o_pyramid_layer .o_pyramid_delta",
            run() {
                const layer = this.anchor.closest(".o_pyramid_layer");
                const name = layer.querySelector(".o_pyramid_name");
                const { title, room } = {
                    title: layer.querySelector("title").textContent,
                    room: this.anchor.getBoundingClientRect().left - name.getBoundingClientRect().right,
                };
                if (!name.textContent.endsWith("…") || room < 0) {
                    throw new Error(`"${name.textContent}" reaches ${-room} pixels into the numbers beside it`);
                }
                if (!title.includes("Customers who have bought a lot for years")) {
                    throw new Error(`The tooltip "${title}" does not tell the name`);
                }
            },
        },
    ],
});
