from odoo.tests import tagged

from ...scoring.cohort import cohort_triangle
from .common_population import PopulationCase


@tagged("post_install", "-at_install")
class TestPopulationCohort(PopulationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls._customers(4)
        cls.purchases = [
            (0, "2026-03-05"),
            (0, "2026-03-20"),
            (0, "2026-05-01"),
            (1, "2026-03-31"),
            (1, "2026-04-01"),
            (1, "2026-06-30"),
            (2, "2026-04-10"),
            (3, "2025-12-31"),
        ]
        for number, day in cls.purchases:
            cls._sale(cls.customers[number], day)

    def _cells(self, length="month"):
        return self._rows("crm.cohort.cell", ("granularity", "=", length))

    def _as_triangle(self, cells):
        """Return (size, active) per cohort, as the formula does."""
        return [
            (rows[0].cohort_size, tuple(rows.mapped("customer_count")))
            for _cohort, rows in sorted(cells.grouped("cohort").items())
        ]

    def test_same_as_the_formula(self):
        self._run()
        months = [(number, int(day[:4]) * 12 + int(day[5:7]) - 1) for number, day in self.purchases]
        expected = [
            (cohort.size, tuple(count for count in cohort.active if count is not None))
            for cohort in cohort_triangle(months, last_period=2026 * 12 + 5)
        ]
        self.assertEqual(self._as_triangle(self._cells()), expected)

    def test_shares_and_revenue_of_a_cohort(self):
        """March: two customers, 300 then; one of them came back in each month after."""
        self._run()
        march = self._cells().filtered(lambda cell: str(cell.cohort) == "2026-03-01").sorted("since")
        self.assertEqual(march.mapped("retention"), [100.0, 50.0, 50.0, 50.0])
        self.assertEqual(march.mapped("revenue"), [300.0, 100.0, 100.0, 100.0])

    def test_quarters_and_years(self):
        """The year 2026 is not over, so only 2025 is a cohort of years."""
        self._run()
        self.assertEqual(self._as_triangle(self._cells("quarter")), [(1, (1, 0, 0)), (2, (2, 2)), (1, (1,))])
        self.assertEqual(self._as_triangle(self._cells("year")), [(1, (1,))])

    def test_month_that_is_not_over_does_not_count(self):
        self.env["crm.scoring.run"].flush_model()
        run = self._run(as_of="2026-05-31")
        self.assertEqual(max(self._cells().mapped("cohort")).month, 4)
        self.assertEqual(self._cells().mapped("period"), [run.period] * len(self._cells()))

    def test_cell_opens_its_customers(self):
        self._run()
        cell = self._cells().filtered(lambda cell: str(cell.cohort) == "2026-03-01" and cell.since == 1)
        action = cell.action_open_customers()
        self.assertEqual(self.env["res.partner"].search(action["domain"]), self.customers[1])

    def test_customer_who_objects_is_not_counted(self):
        self.customers[3].crm_profiling_opt_out = True
        self._run()
        self.assertEqual(min(self._cells().mapped("cohort")).month, 3)

    def test_rebuild_replaces_the_month(self):
        self._run()
        before = len(self._cells())
        self._run()
        self.assertEqual(len(self._cells()), before)

    def test_screen_is_a_triangle(self):
        self._run()
        screen = self.env["crm.cohort.cell"].get_screen()
        self.assertEqual(screen["option"], "month")
        self.assertEqual([len(row["cells"]) for row in screen["rows"]], [7, 4, 3])
        self.assertEqual(len(screen["columns"]), 7)
        self.assertTrue(screen["sentences"][0].startswith("25 %"), screen["sentences"])

    def test_screen_without_analysis(self):
        self.assertEqual(self.env["crm.cohort.cell"].get_screen(), {"periods": [], "empty": False})
