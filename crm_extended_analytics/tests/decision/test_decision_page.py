from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_decision import DecisionCase


@tagged("post_install", "-at_install")
class TestDecisionPage(DecisionCase):
    def _page(self):
        return self.env["crm.decision.page"].with_company(self.company).get_page()

    def _finished(self, amounts, other_amounts, **values):
        decision = self._started(self._customers(8), **values)
        self._buy(self._members(decision, False), amounts)
        self._buy(self._members(decision, True), other_amounts)
        self._measure_on(decision, "2026-07-30")
        return decision

    def test_empty(self):
        page = self._page()
        self.assertFalse(page["open"] or page["results"])
        self.assertTrue(page["can_create"])

    def test_open_ones_by_their_day(self):
        late = self._decision(self._customers(4), name="Late", date_deadline="2026-06-01")
        soon = self._decision(self._customers(4), name="Soon")
        running = self._started(self._customers(4), name="Running")
        found = self._page()["open"]
        self.assertEqual([row["id"] for row in found], [late.id, soon.id, running.id])
        self.assertEqual([row["is_overdue"] for row in found], [True, False, False])
        self.assertEqual((found[0]["next"], found[2]["treated"]), ("Decide what is done", 2))
        self.assertIn("Net sales +10 %", found[0]["expected"])

    def test_results_and_the_sum_of_the_year(self):
        """Gains 96 +- 67.81 and 24 +- 0: 120, from 52 to 188; and one against the period before, apart."""
        self._finished((100, 120, 80, 100), (60, 80, 40, 60))
        self._finished((70, 70, 70, 70), (60, 60, 60, 60), planned_cost=12)
        partners = self._customers(4)
        before = self._started(partners, basis="prior")
        self._buy(partners, [10] * 4)
        self._measure_on(before, "2026-07-30")
        page = self._page()
        self.assertEqual(len(page["results"]), 3)
        totals = page["totals"]
        self.assertEqual((totals["year"], totals["holdout"]["decisions"], totals["prior"]["decisions"]), (2026, 2, 1))
        self.assertIn("120.00", totals["holdout"]["gain"])
        self.assertIn("52.19", totals["holdout"]["low"])
        self.assertIn("187.81", totals["holdout"]["high"])
        self.assertIn("12.00", totals["holdout"]["cost"])
        self.assertEqual(sorted(row["romi"] for row in page["results"]), ["", "", "100 %"])

    def test_what_is_not_measurable_is_left_out_of_the_sum(self):
        """36 x 4 = 144 of a cost of 12; what another brought for 1,000 is not known, and neither side is added."""
        self._finished((70, 70, 70, 70), (10, 10, 10, 10), planned_cost=12)
        unknown = self._finished((70, 70, 70, 70), (10, 10, 10, 10), planned_cost=1000)
        unknown.last_measurement_id.write({"gain": False, "gain_low": False, "gain_high": False})
        page = self._page()
        totals = page["totals"]["holdout"]
        self.assertEqual(totals["decisions"], 1)
        self.assertIn("144.00", totals["gain"])
        self.assertIn("12.00", totals["cost"])
        result = next(row for row in page["results"] if row["id"] == unknown.id)
        self.assertEqual((result["gain"], result["romi"]), ("not measurable", ""))

    def test_queries_do_not_grow(self):
        counts = []
        for number in (1, 15):
            for _number in range(number):
                self._started(self._customers(4))._measure()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._page()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)

    def test_decide_of_measures(self):
        """Two of three customers are chosen: the decision is about these two."""
        partners = self._customers(3)
        self._buy(partners, (100, 200, 300), day="2026-06-01")
        self._run()
        rows = self.env["crm.customer.measure"].search([("partner_id", "in", partners[:2].ids)])
        decision = self.env["crm.decision"].browse(rows.action_decide()["res_id"])
        self.assertEqual((decision.population_count, decision.state), (2, "draft"))
        self.assertEqual((str(decision.date_deadline), str(decision.date_end)), ("2026-07-07", "2026-09-05"))
        self.assertIn("2 customers as of", decision.finding)
        self.assertEqual(decision.action_open_finding()["res_model"], "crm.customer.measure")

    def test_decide_of_a_segment(self):
        segment = self._segment(self._customers(3))
        context = segment.action_decide()["context"]
        self.assertEqual(context["default_segment_id"], segment.id)

    def test_decide_of_customers_at_risk(self):
        with self.assertRaisesRegex(UserError, "Select the customers"):
            self.env["crm.value.at.risk"].action_decide()
