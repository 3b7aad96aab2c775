import { registry } from "@web/core/registry";

const setTarget = (value) => [
    {
        content: "open the criterion",
        trigger: ".o_roadmap_criteria a:contains('Four tags')",
        run: "click",
    },
    {
        content: `its target is ${value}`,
        trigger: ".o_form_view .o_field_widget[name=target] input",
        run: `edit ${value}`,
    },
    {
        trigger: ".o_form_view .o_form_button_save",
        run: "click",
    },
    {
        trigger: ".o_form_view .o_form_saved",
    },
    {
        content: "back to the road",
        trigger: ".o_breadcrumb .breadcrumb-item a:contains('Roadmap')",
        run: "click",
    },
    {
        trigger: ".o_roadmap_measure",
        run: "click",
    },
];

// An implementer edits a criterion, sees the gate close and open, and enters the second stage.
registry.category("web_tour.tours").add("crm_extended_roadmap", {
    steps: () => [
        {
            content: "a first step opens a list, which says in words what to do while it is empty",
            trigger: ".o_roadmap_onboarding .btn:contains('Import')",
            run: "click",
        },
        {
            trigger: ".o_view_nocontent .o_view_nocontent_smiling_face",
        },
        {
            trigger: ".o_breadcrumb .breadcrumb-item a:contains('Roadmap')",
            run: "click",
        },
        {
            content: "measure for the first time",
            trigger: ".o_roadmap_measure",
            run: "click",
        },
        {
            content: "the gate is open",
            trigger: ".o_roadmap_enter.btn-primary",
        },
        ...setTarget(5),
        {
            content: "the gate is closed, and what closes it is named",
            trigger: ".o_roadmap_enter.btn-secondary",
        },
        {
            trigger: ".o_roadmap .o_roadmap_gate li:contains('Four tags')",
        },
        {
            content: "what is missing can be opened",
            trigger: ".o_roadmap_criteria tr:contains('Four tags') button:contains('What Is Missing')",
        },
        ...setTarget(4),
        {
            content: "the gate is open again",
            trigger: ".o_roadmap_enter.btn-primary",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the company is in the second stage",
            trigger: ".o_roadmap_stop:nth-child(2).o_roadmap_here",
        },
    ],
});

// A salesperson finds the menu that the stage switched on.
registry.category("web_tour.tours").add("crm_extended_roadmap_menus", {
    steps: () => [
        {
            trigger: ".o_menu_sections button:contains('Reporting')",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu .dropdown-menu_group:contains('7P')",
        },
    ],
});
