import { registry } from "@web/core/registry";

/** Checks the numbers of a row of scores, as they are read: the first, the second, the difference. */
function row(content, p, ...numbers) {
    return {
        content,
        trigger: `.o_score_comparison tr[data-p=${p}]`,
        run() {
            const shown = [...this.anchor.cells].slice(1).map((cell) => cell.textContent.trim());
            if (shown.join(" | ") !== numbers.join(" | ")) {
                throw new Error(`${p} reads ${shown.join(" | ")} instead of ${numbers.join(" | ")}`);
            }
        },
    };
}

// Two months side by side: the difference is that of the numbers as they are shown.
registry.category("web_tour.tours").add("crm_extended_score_comparison", {
    steps: () => [
        row("10.04 and 10.16 differ by 0.12, and are shown as 10.0 and 10.2", "persistency", "10.0", "10.2", "+0.2"),
        row("20.06 and 20.14 differ by 0.08, and are shown as the same", "profitability", "20.1", "20.1", "0.0"),
        row("30.16 and 30.04, backwards", "performance", "30.2", "30.0", "-0.2"),
        row("what is not known has no difference", "promotion", "–", "50.0", ""),
    ],
});

// A month reads as a month with its year, in lists as elsewhere.
registry.category("web_tour.tours").add("crm_extended_score_months", {
    steps: () => [
        {
            content: "the month of the scores",
            trigger: ".o_list_view .o_data_row td[name=period]:contains(/^Jun 2026$/)",
        },
    ],
});
