from datetime import date
from unittest.mock import patch

import psycopg2
from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...scoring import bass
from ...scoring.libraries import MissingLibrary
from .common_market import MarketCase

# customers of the earlier product by quarter of a year: those of m = 100, p = 0.1, q = 0.6, rounded
EARLIER = (13, 17, 19, 18, 13, 9, 5, 3, 1)


@tagged("post_install", "-at_install")
class TestLaunchPlan(MarketCase):
    """The day is 2026-06-30; the warehouse begins in 2023."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.new, cls.earlier) = cls._products("New", "Earlier")
        cls.buyers = cls._customers(100)
        cls._sale(cls.buyers[0], "2023-01-02", product=cls.street)
        cls._sale(cls.buyers[0], "2026-06-30", product=cls.street)

    def _plan(self, **values):
        return self.env["crm.launch.plan"].create(
            {
                "name": "Path Light",
                "company_id": self.company.id,
                "categ_id": self.indoor.id,
                "potential": 1000,
                "date_start": "2026-01-01",
                "period_unit": "year",
                **values,
            }
        )

    @classmethod
    def _sell_earlier(cls, counts=EARLIER, start=date(2024, 4, 1), months=3, quantity=1.0):
        """Write first orders of the earlier product, so many in each period."""
        number = 0
        for period, count in enumerate(counts):
            for _each in range(count):
                day = start + relativedelta(months=months * period, days=number % 20 if period else 0)
                cls._sale(cls.buyers[number % 100], day, product=cls.earlier, quantity=quantity)
                number += 1

    def _analogy(self, **values):
        values = {"period_unit": "quarter", "source": "analogy"} | values
        return self._plan(analogy_tmpl_id=self.earlier.product_tmpl_id.id, **values)

    # ------------------------------------------------------------------
    # Curve
    # ------------------------------------------------------------------
    def test_published_averages(self):
        """F(1) = .0358, F(4) = .2332, F(5) = .3312, F(10) = .8128 of 1,000; t* = 6.193, F(t*) = .4605."""
        plan = self._plan()
        self.assertEqual(len(plan.period_ids), 15)
        totals = [round(plan.period_ids[number - 1].expected_total, 1) for number in (1, 5, 10)]
        self.assertEqual(totals, [35.8, 331.2, 812.8])
        self.assertAlmostEqual(plan.period_ids[4].expected_new, 331.2 - 233.2, delta=0.1)
        self.assertEqual(plan.peak_time, 6.19)
        self.assertAlmostEqual(plan.peak_total, 460.5, 1)
        self.assertAlmostEqual(plan.peak_new, 110.6, 1)
        self.assertEqual(plan.period_ids.filtered("is_peak").mapped("number"), [7])
        self.assertEqual(plan.peak_date, date(2032, 3, 10))
        self.assertEqual(plan.period_ids[0].date_to, date(2026, 12, 31))

    def test_rates_of_a_year_are_divided(self):
        """The same curve in months: after 60 of them as after five years."""
        plan = self._plan(period_unit="month")
        self.assertAlmostEqual(plan.innovation, 0.0025)
        self.assertAlmostEqual(plan.period_ids[59].expected_total, 331.2, 1)
        plan.write({"period_unit": "quarter"})
        self.assertAlmostEqual(plan.imitation, 0.095)
        self.assertEqual(len(plan.period_ids), 40)
        self.assertAlmostEqual(plan.period_ids[19].expected_total, 331.2, 1)

    def test_by_hand(self):
        plan = self._plan(source="manual", innovation=0.2, imitation=0.1, potential=100, period_count=2)
        self.assertEqual((plan.innovation, plan.imitation, plan.peak_time), (0.2, 0.1, 0))
        self.assertIn("Most buy at the launch", plan.verdict)
        plan.potential = 200
        self.assertEqual(plan.innovation, 0.2)
        self.assertAlmostEqual(plan.peak_new, 40)
        self.assertEqual(plan.period_ids.mapped("is_peak"), [True, False])

    def test_by_hand_without_rates(self):
        plan = self._plan(source="manual", innovation=False, imitation=False)
        self.assertFalse(plan.period_ids or plan.curve)
        self.assertIn("no curve without p and q", plan.verdict)

    def test_form(self):
        """The chart is there before the plan is saved, and the periods after it."""
        form = Form(self.env["crm.launch.plan"].with_company(self.company))
        form.name = "Path Light"
        form.period_unit = "year"
        self.assertEqual((form.innovation, form.period_count), (0.03, 15))
        form.potential = 1000
        self.assertEqual(form.curve["rows"][0]["expected_total"], 35.76)
        form.potential = 0
        self.assertFalse(form.curve)
        form.potential = 500
        self.assertAlmostEqual(form.save().period_ids[0].expected_new, 17.9, 1)

    def test_limits_are_said(self):
        verdict = self._plan(counts="units").verdict
        for part in ("averages over many products", "buys again", "is an assumption"):
            self.assertIn(part, verdict)

    # ------------------------------------------------------------------
    # Earlier product
    # ------------------------------------------------------------------
    def test_earlier_product(self):
        self._sell_earlier()
        plan = self._analogy()
        self.assertFalse(plan.fit_refused)
        self.assertEqual((plan.fit_periods, plan.fit_sales), (9, 98))
        self.assertAlmostEqual(plan.innovation, 0.1, delta=0.03)
        self.assertAlmostEqual(plan.imitation, 0.6, delta=0.1)
        self.assertAlmostEqual(plan.fit_potential, 100, delta=3)
        self.assertIn("98 in its first 9 whole periods", plan.verdict)

    def test_earlier_product_in_units(self):
        """Ten units an order, of which ten are credited."""
        self._sell_earlier(quantity=10)
        self._return(self.buyers[0], "2024-05-01", 10).write({"product_id": self.earlier.id, "quantity": 10})
        plan = self._analogy(counts="units")
        self.assertEqual((plan.fit_sales, plan.fit_refused), (970, False))

    def test_why_sales_do_not_suffice(self):
        """Each reason by its sentence; nothing is drawn then."""
        for reason, sentence, sales in (
            ("no_sales", "no sales in the warehouse", {"counts": ()}),
            ("few_periods", "for 2 whole periods", {"counts": [20, 20], "start": date(2025, 12, 1)}),
            ("few_sales", "29, and fewer than 30", {"counts": [4, 5, 6, 5, 4, 3, 1, 1]}),
            ("no_peak", "not past their peak", {"counts": [1, 2, 4, 7, 12, 19, 26], "start": date(2024, 10, 1)}),
            ("older", "when the warehouse begins", {"start": date(2023, 2, 1)}),
        ):
            with self.subTest(reason):
                self.env["crm.fact.sale"].search([("product_id", "=", self.earlier.id)]).unlink()
                self._sell_earlier(**sales)
                plan = self._analogy()
                self.assertEqual(plan.fit_refused, reason)
                self.assertIn(sentence, plan.verdict)
                self.assertFalse(plan.period_ids or plan.innovation or plan.peak_date)

    def test_without_a_library(self):
        self._sell_earlier()
        with patch.object(bass, "load", side_effect=MissingLibrary("no scipy")):
            plan = self._analogy()
        self.assertEqual(plan.fit_refused, "no_library")
        self.assertIn("numpy and scipy", plan.verdict)
        plan.action_refresh()
        self.assertFalse(plan.fit_refused)
        self.assertTrue(plan.period_ids)

    def test_no_product_chosen(self):
        plan = self._plan(source="analogy")
        self.assertIn("Choose the earlier product", plan.verdict)

    # ------------------------------------------------------------------
    # Sales
    # ------------------------------------------------------------------
    def test_sales_beside_the_plan(self):
        """Two customers in January, one of them again in February, and one in March: 3 of 400 x F(6 months) = 6.55."""
        plan = self._plan(product_tmpl_id=self.new.product_tmpl_id.id, period_unit="month", potential=400)
        self.assertEqual((plan.period_ids[0].actual_new, plan.sold, plan.reached_pct), (False, False, False))
        for customer, day in ((0, "2026-01-01"), (1, "2026-01-31"), (0, "2026-02-01"), (2, "2026-03-31")):
            self._sale(self.buyers[customer], day, product=self.new, quantity=5)
        plan.action_refresh()
        self.assertEqual(plan.period_ids[:4].mapped("actual_new"), [2, 0, 1, 0])
        self.assertEqual(plan.period_ids[:4].mapped("actual_total"), [2, 2, 3, 3])
        self.assertEqual(plan.period_ids[6].actual_total, False)
        self.assertEqual(plan.sold, 3)
        self.assertAlmostEqual(plan.period_ids[5].expected_total, 6.55, 2)
        self.assertEqual(plan.reached_pct, 46)
        self.assertIn("Up to 06/30/2026 there were 3", plan.verdict)
        plan.counts = "units"
        self.assertEqual(plan.period_ids[:3].mapped("actual_new"), [10, 5, 5])

    def test_period_that_is_not_over(self):
        self._sale(self.buyers[0], "2026-05-01", product=self.new)
        plan = self._plan(product_tmpl_id=self.new.product_tmpl_id.id, period_unit="quarter", date_start="2026-02-15")
        self.assertEqual(plan.period_ids[:3].mapped("is_begun"), [False, True, False])
        self.assertEqual(plan.period_ids[:3].mapped("actual_new"), [1, 0, False])
        self.assertEqual(plan.sold, 1)

    def test_sales_before_the_launch(self):
        for day in ("2025-12-31", "2026-01-01"):
            self._sale(self.buyers[int(day[3])], day, product=self.new)
        plan = self._plan(product_tmpl_id=self.new.product_tmpl_id.id)
        self.assertEqual((plan.sold_before, plan.period_ids[0].actual_new), (1, 1))
        self.assertIn("1 came before the launch", plan.verdict)

    def test_load_of_the_night_compares(self):
        plan = self._plan(product_tmpl_id=self.new.product_tmpl_id.id)
        self._sale(self.buyers[0], "2026-03-01", product=self.new)
        periods = self.env["crm.launch.period"]
        with patch.object(type(self.company), "_has_feature", return_value=False):
            periods._refresh_night(self.company)
        self.assertFalse(plan.period_ids[0].actual_new)
        load = self.env["crm.warehouse.load"].create({"company_ids": self.company.ids, "is_thorough": True})
        line = self.env["crm.warehouse.load.line"].create({"load_id": load.id, "kind": "links"})
        line._run()
        self.assertEqual((line.state, line.error), ("done", False))
        self.assertEqual(plan.period_ids[0].actual_new, 1)

    def test_other_company_has_its_own_sales(self):
        self._sale(self.buyers[0], "2026-03-01", product=self.new)
        self.env.flush_all()
        other = self._make_company("Other Ltd")
        plan = self._plan(product_tmpl_id=self.new.product_tmpl_id.id, company_id=other.id)
        self.assertEqual((plan.as_of, plan.period_ids[0].actual_new), (False, False))

    # ------------------------------------------------------------------
    # Rights and size
    # ------------------------------------------------------------------
    def test_who_may(self):
        plan = self._plan()
        reader = self._user("reader", "sales_team.group_sale_salesman_all_leads")
        self.assertTrue(plan.with_user(reader).verdict)
        self.assertFalse(plan.with_user(reader).has_access("write"))
        for group in ("sales_team.group_sale_manager", "crm_extended.crm_extended_group_analyst"):
            user = self._user(group.split("_")[-1], group)
            plan.with_user(user).potential = 500
            self.assertFalse(self._as(user, "crm.launch.period").has_access("write"))
        self.assertAlmostEqual(plan.period_ids[0].expected_total, 17.9, 1)
        for user in (self._user("plain", "base.group_user"), self.seller):
            for model in ("crm.launch.plan", "crm.launch.period"):
                with self.subTest(model, user=user.login), self.assertRaises(AccessError):
                    self._as(user, model).search([])

    def test_other_company_is_not_seen(self):
        plan = self._plan()
        other = self._make_company("Other Ltd")
        stranger = self._user("stranger", "sales_team.group_sale_manager", other)
        self.assertNotIn(plan, self._as(stranger, "crm.launch.plan", other).search([]))
        self.assertFalse(self._as(stranger, "crm.launch.period", other).search([("plan_id", "=", plan.id)]))

    def test_bad_numbers_are_refused(self):
        for values in (
            {"potential": 0},
            {"period_count": 0},
            {"period_count": 241},
            {"source": "manual", "innovation": 0, "imitation": 0.1},
            {"source": "manual", "innovation": 0.1, "imitation": -0.1},
        ):
            with self.subTest(values), self.assertRaises(psycopg2.IntegrityError), mute_logger("odoo.sql_db"):
                with self.env.cr.savepoint():
                    self._plan(**values)

    def test_open_periods(self):
        plan = self._plan()
        action = plan.action_open_periods()
        self.assertEqual(action["domain"], [("plan_id", "=", plan.id)])
        self.assertIn("'fill_temporal': False", action["context"])

    def test_queries_do_not_grow(self):
        counts = []
        for number in (1, 20):
            plans = self.env["crm.launch.plan"].concat(*(self._plan() for _each in range(number)))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["crm.launch.period"]._refresh_sales(plans)
            plans.mapped("reached_pct")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
