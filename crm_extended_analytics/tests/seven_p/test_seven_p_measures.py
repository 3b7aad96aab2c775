from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from .common_seven_p import RFM_SET, TODAY, SevenPCase

ENGINE = "odoo.addons.crm_extended_analytics.models.seven_p.crm_scoring_engine"


@tagged("post_install", "-at_install")
class TestSevenPMeasures(SevenPCase):
    def test_rfm_from_order_lines_to_class(self):
        """The test set of Hughes' quintiles: 555, 545, 453, 434, 342, 323, 221, 232, 111, 114."""
        customers = self._make_rfm_set()
        self._run()
        found = [self._measure(customer).rfm_score for customer in customers]
        self.assertEqual(found, [score for *_values, score in RFM_SET])

    def test_rfm_with_ties_in_the_better_class(self):
        """Four of ten bought once: by the rule "best" all of them get the class that the first of them gets."""
        self.method.rfm_tie_rule = "best"
        customers = self._make_rfm_set()
        self._run()
        self.assertEqual([self._measure(customer).rfm_frequency_class for customer in customers[-2:]], [1, 1])

    def test_ladder_of_profit(self):
        """1000 - 80 - 20 = 900; - 540 = 360; - 90 - 45 - 30 = 195; - 95 = 100."""
        self.method.write(
            {"delivery_pct": 10.0, "commission_pct": 5.0, "touch_cost": 30.0, "overhead_pct": 100 * 95 / 900}
        )
        one, other = self._customers(2)
        self._sale(one, "2026-05-01", amount=920, discount=80, cost=540)
        self._return(one, "2026-05-20", 20)
        self._sale(other, "2026-05-01")
        self.env["crm.fact.touch"].create(
            {
                "res_model": "crm.lead",
                "res_id": -1,
                "kind": "lead",
                "is_conversion": False,
                "date": "2026-04-01",
                "company_id": self.company.id,
                "commercial_partner_id": one.id,
            }
        )
        self._run()
        row = self._measure(one)
        for name, value in (
            ("gross_sales", 1000),
            ("discounts", 80),
            ("returns", 20),
            ("net_sales", 900),
            ("goods_cost", 540),
            ("margin_1", 360),
            ("margin_2", 195),
            ("net_profit", 100),
            ("margin_rate", 40),
        ):
            self.assertAlmostEqual(row[name], value, msg=name)

    def _sell_lines(self, partner, day, *lines):
        """Write the facts of an order with several lines."""
        facts = [self._sale(partner, day, **line) for line in lines]
        for fact in facts:
            fact.order_key = facts[0].order_key

    def test_sums_of_doubles_are_those_of_decimals(self):
        """0.1 + 0.2 - 0.3 is nothing, which doubles miss by 5.6e-17: such an order is no purchase."""
        one, other = self._customers(2)
        self._sell_lines(one, "2026-05-01", {"amount": 0.1}, {"amount": 0.2}, {"amount": -0.3})
        self._sale(other, "2026-05-01")
        self._run()
        row = self._measure(one)
        self.assertEqual((row.order_count, row.net_sales, row.product_count), (0, 0, 0))
        self.assertIs(row.recency_days, False)

    def test_order_of_lines_with_and_without_cost_and_discount(self):
        """Lines of 100 at a cost of 60, and of 50 after a discount of 10 at an unknown cost."""
        one, other = self._customers(2)
        self._sell_lines(one, "2026-05-01", {"amount": 100, "cost": 60}, {"amount": 50, "discount": 10})
        self._sale(other, "2026-05-01")
        self._run()
        row = self._measure(one)
        self.assertEqual((row.order_count, row.gross_sales, row.discounts, row.net_sales), (1, 160, 10, 150))
        self.assertAlmostEqual(row.cost_known_pct, 100 * 100 / 150)
        self.assertAlmostEqual(row.cost_rate, 60)
        self.assertEqual(row.discounted_share, 100)

    def test_cut_offs_are_the_same_in_parts(self):
        """A large population is sorted by few measures at a time."""
        self._make_rfm_set()
        whole = self._run().parameters["scales"]
        with patch(f"{ENGINE}.SORTED_AT_ONCE", 1):
            self.assertEqual(self._run().parameters["scales"], whole)
        self.assertGreater(len(whole), 10)

    def test_margin_is_not_measurable_without_costs(self):
        one, other = self._customers(2)
        for partner in (one, other):
            self._sale(partner, "2026-05-01")
        self._run()
        self.assertFalse(self._measure(one).margin_1)
        self.assertIsNot(self._measure(one).margin_1, 0.0)
        score = self._scores(one)["profitability"]
        self.assertFalse(score.is_measurable)
        self.assertEqual(score.missing, "cost")
        self.assertIn("needs the cost", score.explanation_text)

    def test_growth_splits_into_price_volume_and_mix(self):
        """a 100 at 10 -> 80 at 12, b 50 at 20 -> 90 at 21: price 250, volume 266.67, mix 333.33, together 850."""
        one, other = self._customers(2)
        second = self.env["product.product"].create({"name": "Desk Lamp SPX"})
        self._sale(one, "2025-03-01", amount=1000, quantity=100)
        self._sale(one, "2025-03-01", amount=1000, quantity=50, product=second)
        self._sale(one, "2026-03-01", amount=960, quantity=80)
        self._sale(one, "2026-03-01", amount=1890, quantity=90, product=second)
        self._sale(other, "2026-03-01")
        self._run()
        row = self._measure(one)
        self.assertAlmostEqual(row.growth_price, 250)
        self.assertAlmostEqual(row.growth_volume, 266.67, 2)
        self.assertAlmostEqual(row.growth_mix, 333.33, 2)
        self.assertAlmostEqual(row.sales_change_pct, 42.5)

    def test_rhythm_and_lateness(self):
        """Purchases on days 0, 30 and 60, the last one 45 days ago: every 30 days, 15 days late, 1.5 times."""
        one, other = self._customers(2)
        last = TODAY - timedelta(days=45)
        for days in (60, 30, 0):
            self._sale(one, last - timedelta(days=days))
        self._sale(other, TODAY)
        self._run()
        row = self._measure(one)
        self.assertEqual((row.recency_days, row.purchase_days, row.active_days), (45, 3, 60))
        self.assertEqual((row.rhythm_days, row.days_late, row.lateness_ratio), (30, 15, 1.5))
        text = self._scores(one)["persistency"].explanation_text
        self.assertIn("Buys every 30 days, 15 days late now", text)

    def test_one_time_buyers_are_late_by_the_median_of_all(self):
        one, other = self._customers(2)
        for days in (60, 30):
            self._sale(one, TODAY - timedelta(days=days))
        self._sale(other, TODAY - timedelta(days=90))
        self._run()
        self.assertEqual(self._measure(other).lateness_ratio, 3)
        self.assertFalse(self._measure(other).rhythm_days)

    def test_two_orders_on_a_day_are_one_purchase(self):
        one, other = self._customers(2)
        for _number in range(2):
            self._sale(one, "2026-05-01")
        self._sale(other, "2026-05-01")
        self._run()
        row = self._measure(one)
        self.assertEqual((row.order_count, row.purchase_days), (2, 1))

    def test_clv_of_the_published_customer(self):
        """CDNOW, x 2, t_x 30.43, T 38.86 weeks, mean 22.35: P(alive) 0.7266, value 24.66; 12 months discounted.

        The published 35.88 is sales by months of 30/7 weeks; a year of 365 days at 1 % a month and a margin of
        half give 0.5 x 24.66 x the discounted purchases.
        """
        run, one = self._make_cdnow_customer()
        parameters = {
            **run.parameters,
            "bg_nbd": [0.243, 4.414, 0.793, 2.426],
            "gamma_gamma": [6.25, 3.74, 15.44],
            "clv_method": "bg_nbd_gamma_gamma",
        }
        self.method.flush_recordset()
        self.env["crm.scoring.engine"]._derive(run._get_scope(), parameters)
        self.env.invalidate_all()
        row = self._measure(one)
        self.assertAlmostEqual(row.p_alive, 0.7266, 3)
        self.assertAlmostEqual(row.expected_sales / row.expected_orders, 24.66, 2)
        # E(52.14 weeks), between the 1.226 of 39 weeks and twice that
        self.assertAlmostEqual(row.expected_orders, 1.5586, 2)
        self.assertAlmostEqual(row.clv_model, 0.5 * 36.2, 0)
        self.assertAlmostEqual(row.value_at_risk, row.clv_model * (1 - row.p_alive), 6)

    def _make_cdnow_customer(self):
        """A customer with the days of 30.43 and 38.86 weeks: first purchase 272 days ago, last one on day 213."""
        self.method.interest_rate = 100 * (1.01**12 - 1)
        one, other = self._customers(2)
        first = TODAY - timedelta(days=272)
        self._sale(one, first, amount=30, cost=15)
        self._sale(one, first + timedelta(days=100), amount=22.35, cost=22.35 / 2)
        self._sale(one, first + timedelta(days=213), amount=22.35, cost=22.35 / 2)
        self._sale(other, TODAY, cost=50)
        return self._run(), one

    def test_present_value_by_retention(self):
        """m = 100, r = 0.8, i = 0.1: 266.67."""
        one, other = self._customers(2)
        self._sale(one, "2026-05-01", amount=200, cost=100)
        self._sale(other, "2026-05-01")
        run = self._run()
        parameters = {**run.parameters, "retention": 0.8, "interest": 0.1, "clv_method": "present_value"}
        self.env["crm.scoring.engine"]._derive(run._get_scope(), parameters)
        self.env.invalidate_all()
        self.assertAlmostEqual(self._measure(one).clv, 266.67, 2)

    def test_interval_of_the_present_value(self):
        """m = 100, r = 0.8 of 400 customers, i = 0.1: the standard error is 0.02, r lies between 0.7744 and 0.8256."""
        one, other = self._customers(2)
        self._sale(one, "2026-05-01", amount=200, cost=100)
        self._sale(other, "2026-05-01")
        run = self._run()
        parameters = {**run.parameters, "retention": 0.8, "retention_of": 400, "interest": 0.1}
        self.env["crm.scoring.engine"]._derive(run._get_scope(), parameters | {"clv_method": "present_value"})
        self.env.invalidate_all()
        row = self._measure(one)
        self.assertAlmostEqual(row.clv_low, 100 * 0.774368 / (1.1 - 0.774368), 2)
        self.assertAlmostEqual(row.clv_high, 100 * 0.825632 / (1.1 - 0.825632), 2)
        self.assertEqual(row.clv_method, "present_value")

    def test_interval_of_the_models(self):
        """The ratios of the back-test for as many purchases as are expected of him: 0.5 and 1.6 of the value."""
        run, one = self._make_cdnow_customer()
        parameters = {
            **run.parameters,
            "bg_nbd": [0.243, 4.414, 0.793, 2.426],
            "gamma_gamma": [6.25, 3.74, 15.44],
            "clv_method": "bg_nbd_gamma_gamma",
            "clv_interval": {"bands": [[0.1, 0.0, 9.0], [2.0, 0.5, 1.6], [None, 0.9, 1.1]]},
        }
        self.method.flush_recordset()
        self.env["crm.scoring.engine"]._derive(run._get_scope(), parameters)
        self.env.invalidate_all()
        row = self._measure(one)
        self.assertAlmostEqual(row.clv_low, 0.5 * row.clv_model)
        self.assertAlmostEqual(row.clv_high, 1.6 * row.clv_model)
        self.assertIn("between", self._scores(one)["profitability"].explanation_text)

    def test_interval_beside_the_value_is_none(self):
        """Ratios of 1.1 to 1.6 do not contain the value itself."""
        run, one = self._make_cdnow_customer()
        parameters = {
            **run.parameters,
            "bg_nbd": [0.243, 4.414, 0.793, 2.426],
            "gamma_gamma": [6.25, 3.74, 15.44],
            "clv_method": "bg_nbd_gamma_gamma",
            "clv_interval": {"bands": [[None, 1.1, 1.6]]},
        }
        self.method.flush_recordset()
        self.env["crm.scoring.engine"]._derive(run._get_scope(), parameters)
        self.env.invalidate_all()
        row = self._measure(one)
        self.assertTrue(row.clv)
        self.assertEqual([row.clv_low, row.clv_high], [False, False])

    def test_what_was_earned_has_no_interval(self):
        one, other = self._customers(2)
        for partner in (one, other):
            self._sale(partner, "2026-05-01", cost=50)
        self._run()
        self.assertEqual(self._measure(one).clv_method, "historic_margin")
        self.assertIs(self._measure(one).clv_low, False)

    def test_acquisition_cost(self):
        """The campaign cost 300 up to the day and won two customers: 150 each; a later campaign changes nothing."""
        spring, summer = self.env["utm.campaign"].create([{"name": "Spring SPX"}, {"name": "Summer SPX"}])
        one, other, third = self._customers(3)
        for partner, campaign in ((one, spring), (other, spring), (third, summer)):
            self._sale(partner, "2026-05-01", amount=400, cost=100).campaign_id = campaign
        self._sale(one, "2026-06-01", amount=400, cost=100).campaign_id = summer
        # 10 days, the last five of them after the run: half of the 600
        self.env["crm.campaign.cost"].create(
            {
                "name": "Leaflets",
                "company_id": self.company.id,
                "campaign_id": spring.id,
                "date_from": "2026-06-26",
                "date_to": "2026-07-05",
                "amount": 600.0,
            }
        )
        self._run()
        row = self._measure(one)
        self.assertEqual(row.first_campaign_id, spring)
        self.assertAlmostEqual(row.acquisition_cost, 150)
        self.assertAlmostEqual(row.clv_after_acquisition, row.clv - 150)
        self.assertIs(self._measure(third).acquisition_cost, False)

    def test_card_of_the_lifetime_value_says_why(self):
        one, other = self._customers(2)
        for partner in (one, other):
            self._sale(partner, "2026-05-01", cost=50)
        card = self._run().card_ids.filtered(lambda card: card.model == "clv")
        self.assertFalse(card.grade)
        self.assertIn("Historic margin", card.fit_text)
        self.assertIn("customers of the window before", card.fit_text)
        self.assertIn("no forecast", card.limits_text)

    def test_card_shows_the_bias(self):
        card = self.env["crm.scoring.model.card"].new(
            {
                "model": "bg_nbd",
                "back_test": {
                    "letter": "B",
                    "found": 23,
                    "found_by_baseline": 19,
                    "high_value": 36,
                    "bias": -0.14,
                    "calibration_error": 0.15,
                    "groups": [[1.0, 1.2], [4.0, 5.0]],
                },
            }
        )
        self.assertIn("14.0 % too little", card.back_test_text)
        self.assertIn("1.0 / 1.2; 4.0 / 5.0", card.back_test_text)

    def test_who_bought_nothing_lately_has_sales_of_nothing(self):
        """0 is known, and a low score; it is not the same as not measurable."""
        one, other = self._customers(2)
        self._sale(one, "2024-05-01", cost=50)
        self._sale(other, "2026-05-01", cost=50)
        self._run()
        row = self._measure(one)
        self.assertEqual((row.net_sales, row.margin_1, row.product_count), (0, 0, 0))
        scores = self._scores(one)
        self.assertTrue(scores["profitability"].is_measurable)
        self.assertIn("Bought nothing", scores["product"].explanation_text)

    def test_payments(self):
        """100 paid 10 days late and 300 paid in time: 2.5 days, a quarter late."""
        one, other = self._customers(2)
        for partner in (one, other):
            self._sale(partner, "2026-05-01")
        for number, (amount, late) in enumerate(((100, 10), (300, 0))):
            self.env["crm.fact.payment"].create(
                {
                    "res_model": "account.partial.reconcile",
                    "res_id": -1 - number,
                    "kind": "payment",
                    "date": "2026-06-01",
                    "company_id": self.company.id,
                    "commercial_partner_id": one.id,
                    "amount_company": amount,
                    "days_late": late,
                    "days_to_pay": late,
                }
            )
        self._run()
        self.assertEqual((self._measure(one).delay_days, self._measure(one).late_share), (2.5, 25))
        self.assertFalse(self._measure(other).delay_days)

    def test_from_real_documents(self):
        """A confirmed order becomes a fact, and the fact a score."""
        self._order(quantity=2, price=100.0, date="2026-05-10 10:00:00")
        self._load()
        self._sale(self._customers(1), "2026-05-01")
        self._run()
        row = self._measure(self.hotel)
        self.assertEqual((row.net_sales, row.goods_cost), (200, 120))
        self.assertTrue(self._month(self.hotel))
