from datetime import date

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common_decision import DecisionCase


@tagged("post_install", "-at_install")
class TestDecisionMeasure(DecisionCase):
    def test_published_uplift(self):
        """1000 treated, 80 buy; 1000 held out, 50 buy: 3 points, p 0.0065; margin 60 each, 1000 spent: ROMI 80 %."""
        decision = self._started(self._customers(2000), measure="buyers", planned_cost=1000, expected_pct=40)
        self._buy(self._members(decision, False)[:80], [100] * 80)
        self._buy(self._members(decision, True)[:50], [100] * 50)
        row = self._measure_on(decision, "2026-07-30")
        self.assertEqual((row.stage, row.basis, decision.state), ("final", "holdout", "measuring"))
        self.assertAlmostEqual(row.effect, 3)
        self.assertAlmostEqual(row.base_value, 5)
        self.assertAlmostEqual(row.effect_pct, 60)
        self.assertAlmostEqual(row.p_value, 0.0065, 4)
        self.assertAlmostEqual(row.gain, 30 * 60)
        self.assertAlmostEqual(row.romi_pct, 80)
        self.assertEqual(row.proposal, "keep")
        self.assertIn("more than chance", decision.result)

    def test_amounts_of_small_groups(self):
        """100, 120, 80, 100 beside 60, 80, 40, 60: 40 more; t of 6 degrees 2.447 x 11.547 = 28.25; p 0.0134."""
        decision = self._started(self._customers(8), expected_pct=30)
        self._buy(self._members(decision, False), (100, 120, 80, 100))
        self._buy(self._members(decision, True), (60, 80, 40, 60))
        row = self._measure_on(decision, "2026-07-30")
        self.assertAlmostEqual(row.effect, 40)
        self.assertAlmostEqual(row.effect_low, 11.745, 2)
        self.assertAlmostEqual(row.effect_high, 68.255, 2)
        self.assertAlmostEqual(row.p_value, 0.0134, 4)
        self.assertAlmostEqual(row.effect_pct, 66.7)
        self.assertAlmostEqual(row.gain, 4 * 24)
        self.assertIs(row.romi_pct, False)
        self.assertEqual(row.proposal, "keep")

    def test_period_before(self):
        """40, 60, 80, 60 before and 50, 80, 80, 70 after: 10 more; t of 3 degrees 3.182 x 4.082 = 12.99: chance."""
        partners = self._customers(4)
        self._buy(partners, (40, 60, 80, 60), day="2026-06-10")
        self._buy(partners, (1000, 1000, 1000, 1000), day="2026-05-30")
        decision = self._started(partners, basis="prior")
        self._buy(partners, (50, 80, 80, 70))
        row = self._measure_on(decision, "2026-07-30")
        self.assertEqual((row.basis, row.base_value, row.treated_value), ("prior", 60, 70))
        self.assertAlmostEqual(row.effect, 10)
        self.assertAlmostEqual(row.effect_low, -2.992, 2)
        self.assertAlmostEqual(row.effect_high, 22.992, 2)
        self.assertFalse(row.season_pct)
        self.assertEqual(row.proposal, "change")
        self.assertIn("cannot prove", row.note)

    def test_cost_that_is_known_in_part(self):
        """Before 4 x 100 at a cost of 40: 60 each. After 4 x 150, the cost of 450 known: 75 % say nothing of the rest.

        With one more order of 150 the cost of 600 of 750 is known, 80 %: 360 x 750 / 600 = 450, so 112.5 each.
        """
        partners = self._customers(4)
        self._buy(partners, [100] * 4, day="2026-06-10")
        decision = self._started(partners, basis="prior", planned_cost=100)
        self._buy(partners[:3], [150] * 3)
        self._sale(partners[3], "2026-07-05", amount=150)
        self._forget_zero_costs()
        row = self._measure_on(decision, "2026-07-30")
        self.assertEqual((row.effect, row.gain, row.romi_pct), (50, False, False))
        self.assertIn("What it brought is not measurable", row.note)
        self._sale(partners[0], "2026-07-06", amount=150, cost=60)
        self._forget_zero_costs()
        decision.state = "running"
        row = self._measure_on(decision, "2026-07-30")
        self.assertAlmostEqual(row.gain, 4 * (112.5 - 60))
        self.assertAlmostEqual(row.romi_pct, 110)

    def test_same_season_last_year(self):
        """They bought 15 % more in July than in June of last year as well."""
        partners = self._customers(4)
        for day, amount in (("2025-06-10", 100), ("2025-07-05", 115), ("2026-06-10", 100)):
            self._buy(partners, [amount] * 4, day=day)
        decision = self._started(partners, basis="prior")
        self._buy(partners, (115, 116, 114, 115))
        row = self._measure_on(decision, "2026-07-30")
        self.assertAlmostEqual(row.season_pct, 15)
        self.assertIn("15 %", row.note)

    def test_orders(self):
        """Two orders each beside one: 1 more order."""
        decision = self._started(self._customers(8), measure="orders")
        for day in ("2026-07-05", "2026-07-06"):
            self._buy(self._members(decision, False), [10] * 4, day=day)
        self._buy(self._members(decision, True), [10] * 4)
        row = self._measure_on(decision, "2026-07-30")
        self.assertEqual((row.effect, row.base_value, row.effect_pct), (1, 1, 100))

    def test_on_the_way(self):
        """A row a day, and the last one of a day; sales after the last day do not count."""
        decision = self._started(self._customers(8), planned_cost=10)
        treated, held_out = self._members(decision, False), self._members(decision, True)
        self._buy(treated, [20] * 4, day="2026-07-01")
        self._buy(held_out, [10] * 4, day="2026-07-01")
        self._buy(treated, [500] * 4, day="2026-07-30")
        for day in ("2026-07-02", "2026-07-02", "2026-07-03"):
            self._measure_on(decision, day)
        self.assertEqual(decision.measurement_ids.mapped("stage"), ["interim", "interim"])
        self.assertEqual(decision.state, "running")
        row = self._measure_on(decision, "2026-08-05")
        self.assertEqual((row.treated_value, row.base_value), (20, 10))
        self.assertEqual(decision.last_measurement_id, row)
        self.assertEqual(len(decision.measurement_ids), 3)

    def test_owner_is_asked_once(self):
        decision = self._started(self._customers(8), user_id=self.seller.id)
        for day in ("2026-07-30", "2026-07-31"):
            self._measure_on(decision, day)
        self.assertEqual(len(decision.activity_ids), 1)
        self.assertEqual(decision.activity_ids.user_id, self.seller)
        self.assertEqual(str(decision.date_due), "2026-08-06")
        self.assertFalse(decision.verdict)

    def test_held_out_stay_so_until_the_verdict(self):
        decision = self._started(self._customers(8))
        self._measure_on(decision, "2026-07-30")
        with freeze_time("2026-08-10 12:00:00"):
            self.env.invalidate_all()
            self.assertEqual(decision.member_ids.partner_id.filtered("crm_is_held_out"), self._members(decision, True))

    def test_cron_measures_companies_with_the_feature(self):
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *args, **kwargs: 60)
        mine = self._started(self._customers(8))
        self.env["crm.decision"]._cron_measure()
        self.assertTrue(mine.last_measurement_id)
        other = self._started(self._customers(8))
        self.env["crm.roadmap.feature.pin"].create(
            {
                "feature_id": self.env.ref("crm_extended_analytics.crm_roadmap_feature_decisions").id,
                "company_id": self.company.id,
                "state": "off",
            }
        )
        self.env["crm.decision"]._cron_measure()
        self.assertFalse(other.last_measurement_id)

    def test_what_cannot_be_measured_is_said(self):
        decision = self._decision(self._customers(4))
        with self.assertRaisesRegex(UserError, "cannot be measured"):
            decision.action_measure()

    def test_unknown_cost_is_said_where_the_margin_judges(self):
        """The cost of the 400 bought since is not known; with that of 1,600 more it is known of 80 %."""
        partners = self._customers(4)
        self._buy(partners, [100] * 4, day="2026-06-10")
        decision = self._started(partners, basis="prior", measure="margin")
        for partner in partners:
            self._sale(partner, "2026-07-02", amount=100)
        self._forget_zero_costs()
        with freeze_time("2026-07-03 12:00:00"):
            with self.assertRaisesRegex(UserError, "at least 80 % must be known"):
                decision.action_measure()
            self._buy(partners, [400] * 4, day="2026-07-02")
            decision.action_measure()
        self.assertTrue(decision.last_measurement_id)

    def test_objectors_leave_the_measurement(self):
        decision = self._started(self._customers(8))
        self._members(decision, False)[0].crm_profiling_opt_out = True
        self.assertEqual(self._measure_on(decision, "2026-07-10").treated_count, 3)

    def test_queries_do_not_grow(self):
        counts = []
        for number in (4, 200):
            decision = self._started(self._customers(number))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            decision._measure(date(2026, 7, 30))
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
