import math

from ...scoring import bg_nbd, clv, gamma_gamma, grades, interval, profit
from .common_scoring import BaseCase, load_cdnow, tagged

SPEND = gamma_gamma.Parameters(6.25, 3.74, 15.44)
BUYS = bg_nbd.Parameters(0.243, 4.414, 0.793, 2.426)
#: Gupta and Lehmann: retention -> multiple at 8, 10, 12, 14, 16 and 20 %.
MULTIPLES = {
    0.60: (1.25, 1.20, 1.15, 1.11, 1.07, 1.00),
    0.70: (1.84, 1.75, 1.67, 1.59, 1.52, 1.40),
    0.80: (2.86, 2.67, 2.50, 2.35, 2.22, 2.00),
    0.90: (5.00, 4.50, 4.09, 3.75, 3.46, 3.00),
    0.95: (7.31, 6.33, 5.59, 5.00, 4.52, 3.80),
}


@tagged("post_install", "-at_install")
class TestScoringGammaGamma(BaseCase):
    def test_published_customers(self):
        for x, mean, value in [(2, 22.35, 24.66), (1, 11.77, 18.92), (7, 73.74, 71.47)]:
            self.assertAlmostEqual(gamma_gamma.expected_value(SPEND, x, mean), value, 2)
        self.assertAlmostEqual(gamma_gamma.population_mean(SPEND), 35.22, 2)

    def test_fit_of_cdnow(self):
        """The published parameters on the 946 repeat buyers."""
        x, _t_x, _age, value = load_cdnow()
        fitted = gamma_gamma.fit(x, value)
        self.assertEqual((fitted.customers, fitted.problems), (946, ()))
        for found, published, delta in zip(fitted.parameters, (6.25, 3.74, 15.44), (5e-3, 6e-3, 1e-2), strict=True):
            self.assertAlmostEqual(found, published, delta=delta)
        self.assertAlmostEqual(fitted.log_likelihood, -4055.92, 2)
        repeat = [(count, mean) for count, mean in zip(x, value, strict=True) if count]
        self.assertLess(gamma_gamma.correlation(*zip(*repeat, strict=True)), gamma_gamma.CORRELATION_WARNING)

    def test_the_unit_of_money_does_not_matter(self):
        """A million times the money gives the same p and q, and a million times the v: no amount is too large."""
        x, _t_x, _age, value = load_cdnow()
        small, large = gamma_gamma.fit(x, value), gamma_gamma.fit(x, [amount * 1e6 for amount in value])
        for found, expected in zip(large.parameters, small.parameters, strict=True):
            self.assertAlmostEqual(found / expected, 1e6 if expected == small.parameters.v else 1, places=3)
        self.assertAlmostEqual(large.log_likelihood, small.log_likelihood - small.customers * math.log(1e6), 2)

    def test_unknown_customer_gets_the_mean_of_all(self):
        self.assertAlmostEqual(gamma_gamma.expected_value(SPEND, 0, 0), gamma_gamma.population_mean(SPEND))

    def test_no_mean(self):
        """With q <= 1 the mean is infinite: refused, not a number."""
        heavy = gamma_gamma.Parameters(6, 0.9, 15)
        self.assertIsNone(gamma_gamma.population_mean(heavy))
        with self.assertRaises(ValueError):
            gamma_gamma.expected_value(heavy, 1, 10)

    def test_returns_only(self):
        """Customers who earned us nothing have no say; without others there is no fit."""
        self.assertIsNone(gamma_gamma.fit([1, 2], [-5.0, 0.0]))
        with self.assertRaises(ValueError):
            gamma_gamma.expected_value(SPEND, 2, -5)


@tagged("post_install", "-at_install")
class TestScoringClv(BaseCase):
    def test_published_multiples(self):
        for retention, row in MULTIPLES.items():
            for interest, multiple in zip((0.08, 0.10, 0.12, 0.14, 0.16, 0.20), row, strict=True):
                with self.subTest(retention=retention, interest=interest):
                    # to half of the last digit printed; 1.1538 is printed 1.15
                    self.assertAlmostEqual(clv.margin_multiple(retention, interest), multiple, delta=0.0051)

    def test_present_value(self):
        self.assertAlmostEqual(clv.present_value(100, 0.8, 0.1), 266.67, 2)
        self.assertAlmostEqual(clv.present_value(100, 0.8, 0.1, is_margin_at_start=True), 366.67, 2)
        self.assertAlmostEqual(clv.present_value(100, 0.8, 0.1, periods=5), 212.41, 2)
        self.assertAlmostEqual(clv.margin_multiple(0.8, 0.12, growth=0.05), 2.857, 3)
        self.assertAlmostEqual(clv.present_value(100, 0.8, 0.1, acquisition_cost=66.67), 200, 2)

    def test_long_horizon_reaches_the_endless_sum(self):
        for options in (
            {},
            {"growth": 0.05},
            {"is_margin_at_start": True},
            {"growth": -0.1, "is_margin_at_start": True},
        ):
            endless = clv.present_value(100, 0.8, 0.1, **options)
            self.assertAlmostEqual(clv.present_value(100, 0.8, 0.1, periods=500, **options), endless, 6)

    def test_one_period(self):
        """A single margin: after a period 0.8 / 1.1 of it, now the whole."""
        self.assertAlmostEqual(clv.present_value(100, 0.8, 0.1, periods=1), 72.73, 2)
        self.assertEqual(clv.present_value(100, 0.8, 0.1, periods=1, is_margin_at_start=True), 100)
        # 100 + 0.8 x 100 x 1.05 / 1.1
        found = clv.present_value(100, 0.8, 0.1, growth=0.05, periods=2, is_margin_at_start=True)
        self.assertAlmostEqual(found, 176.36, 2)
        for options in ({"periods": 0}, {"periods": 3, "growth": -1}, {"growth": -1}):
            with self.assertRaises(ValueError):
                clv.present_value(100, 0.8, 0.1, **options)

    def test_growth_guard(self):
        """r (1 + g) = 1.045 above 1 + i = 1.04: no end, refused; a horizon has a sum."""
        with self.assertRaises(ValueError):
            clv.present_value(100, 0.95, 0.04, growth=0.10)
        self.assertGreater(clv.present_value(100, 0.95, 0.04, growth=0.10, periods=10), 900)

    def test_retention_beyond_100_per_cent_is_refused(self):
        with self.assertRaises(ValueError):
            clv.present_value(100, 80, 0.1)

    def test_no_margin_no_value(self):
        self.assertIsNone(clv.present_value(None, 0.8, 0.1))
        self.assertIsNone(clv.historic_margin([]))
        self.assertIsNone(clv.value_at_risk(100, None))

    def test_twelve_months_of_cdnow(self):
        """The customer x = 2, t_x = 30.43, T = 38.86 at 1 % a month."""
        value = gamma_gamma.expected_value(SPEND, 2, 22.35)
        plain = clv.discounted_purchases(BUYS, 2, 30.43, 38.86, monthly_interest=0)
        self.assertAlmostEqual(plain, 1.5447, 4)
        self.assertAlmostEqual(value * plain, 38.10, 2)
        self.assertAlmostEqual(value * clv.discounted_purchases(BUYS, 2, 30.43, 38.86), 35.88, 2)

    def test_undiscounted_is_the_expectation(self):
        """The months add up to the whole year."""
        x, t_x, age = [0, 1, 9], [0, 3, 30], [5, 40, 31]
        months = clv.discounted_purchases(BUYS, x, t_x, age, monthly_interest=0)
        year = bg_nbd.expected_purchases(BUYS, x, t_x, age, 12 * clv.WEEKS_PER_MONTH)
        for found, expected in zip(months, year, strict=True):
            self.assertAlmostEqual(found, expected, 10)

    def test_method_by_data(self):
        """From 50 customers to a contract: what is used and what was missing."""
        enough = {"customers": 2357, "repeat_buyers": 946, "history_intervals": 8.0}
        rate = {"at_start": 300, "periods": 3}
        for changed, method, reason in [
            ({}, "bg_nbd_gamma_gamma", "enough_data"),
            ({"repeat_buyers": 2357}, "bg_nbd_gamma_gamma", "enough_data"),
            ({"customers": 200, "repeat_buyers": 50, "history_intervals": 2.0}, "bg_nbd_gamma_gamma", "enough_data"),
            ({"customers": 50, "repeat_buyers": 30, **rate}, "present_value", "few_customers"),
            ({"repeat_buyers": 49, **rate}, "present_value", "few_repeat_buyers"),
            ({"history_intervals": None, **rate}, "present_value", "short_history"),
            ({"is_contractual": True, **rate}, "present_value", "contractual"),
            ({"customers": 3, "repeat_buyers": 1}, "historic_margin", "few_at_start"),
            ({"customers": 60, "repeat_buyers": 1, "at_start": 60, "periods": 1}, "historic_margin", "few_periods"),
        ]:
            with self.subTest(reason=reason):
                choice = clv.choose_method(**{**enough, **changed})
                self.assertEqual((choice.method, choice.reason), (method, reason))

    def test_baseline_and_grades(self):
        self.assertEqual(clv.baseline(100, 12, 0.9), 1080)
        self.assertEqual([grades.letter(found, 100) for found in (105, 104, 100, 99)], ["A", "B", "B", "C"])
        self.assertEqual([grades.letter(found, 0) for found in (0, 1)], ["B", "A"])
        self.assertIsNone(grades.grade([], [], []))

    def test_bias_limits_the_grade(self):
        """The same order of customers and a fifth found more, so A by rank: off by 14 % it is B, by a third C."""
        actual = [100.0 - number for number in range(100)]
        baseline = actual[::-1]
        for factor, letter in ((1.0, "A"), (0.9, "A"), (1.1, "A"), (0.86, "B"), (1.25, "B"), (0.66, "C"), (1.3, "C")):
            graded = grades.grade(actual, [factor * value for value in actual], baseline)
            self.assertEqual(graded.letter, letter, factor)
            self.assertAlmostEqual(graded.bias, factor - 1)
            self.assertAlmostEqual(graded.calibration_error, abs(factor - 1))

    def test_calibration_shows_what_the_bias_hides(self):
        """Too much for the one half and too little for the other: no bias, and 45 % beside it."""
        came, said = [10.0] * 5 + [30.0] * 5, [19.0] * 5 + [21.0] * 5
        self.assertEqual(grades.bias(came, said), 0)
        groups = grades.calibration_groups(came, said, groups=2)
        self.assertEqual(groups, [(19, 10, 5), (21, 30, 5)])
        self.assertAlmostEqual(grades.calibration_error(groups), 0.45)

    def test_interval_holds_what_it_promises(self):
        """Poisson purchases: made from one half, the 80 % interval holds 80 % of the other half, and a little more."""
        import numpy as np

        random = np.random.default_rng(19)
        said = random.gamma(2.0, 10.0, 4000)
        came = random.poisson(said).astype(float)
        bands = interval.error_bands(came[::2], said[::2])
        self.assertEqual(len(bands), interval.GROUPS)
        self.assertIsNone(bands[-1].upto)
        self.assertAlmostEqual(interval.share_within(came[1::2], said[1::2], bands), 0.8, delta=0.04)
        widths = [band.high - band.low for band in bands]
        self.assertGreater(widths[0], widths[-1])

    def test_interval_corrects_the_bias(self):
        """Half of what was said came to all: both ratios are a half."""
        bands = interval.error_bands([5.0] * 60, [10.0] * 60)
        self.assertEqual(bands, [interval.Band(None, 0.5, 0.5)])

    def test_no_interval_of_few(self):
        self.assertIsNone(interval.error_bands([1.0] * 49, [1.0] * 49))
        with self.assertRaises(ValueError):
            interval.error_bands([1.0], [1.0], coverage=1.0)

    def test_elasticity(self):
        """1 % of retention is worth about 5 % of value at 90 % and 12 %; checked against the difference."""
        more = clv.margin_multiple(0.9 * 1.0001, 0.12) / clv.margin_multiple(0.9, 0.12) - 1
        self.assertAlmostEqual(clv.retention_elasticity(0.9, 0.12), more / 0.0001, 2)
        self.assertAlmostEqual(clv.retention_elasticity(0.9, 0.12), 5, delta=0.1)


@tagged("post_install", "-at_install")
class TestScoringProfit(BaseCase):
    def test_ladder(self):
        """1000-80-20 = 900; -540 = 360; -90-45-30 = 195; -95 = 100."""
        direct = {"delivery": 90, "commission": 45, "service": 30}
        steps = profit.ladder(gross=1000, discounts=80, returns=20, cost_of_goods=540, direct_costs=direct, overhead=95)
        self.assertEqual((steps.net_sales, steps.cm1, steps.cm2, steps.net_profit), (900, 360, 195, 100))

    def test_unknown_cost_is_no_margin(self):
        """Below an unknown cost nothing is known, even where the next cost is."""
        steps = profit.ladder(gross=1000, direct_costs={"delivery": 90}, overhead=10)
        self.assertEqual((steps.net_sales, steps.cm1, steps.cm2, steps.net_profit), (1000, None, None, None))
        with self.assertRaises(ValueError):
            profit.ladder(gross=1, cost_of_goods=0, direct_costs={"bribes": 1})

    def test_whale_curve(self):
        profits = [400, 300, 200, 100, 50, 20, 0, -20, -50, -200]
        shares = [0.5, 0.875, 1.125, 1.25, 1.3125, 1.3375, 1.3375, 1.3125, 1.25, 1.0]
        for rows in (profits, profits[::-1]):
            curve = profit.whale_curve(rows)
            self.assertEqual([round(float(share), 4) for share in curve.shares], shares)
            self.assertEqual((round(curve.peak, 4), curve.peak_customers), (1.3375, 6))

    def test_whale_curve_ends_at_one(self):
        import numpy as np

        rng = np.random.default_rng(7)
        for _run in range(20):
            curve = profit.whale_curve(rng.normal(5, 20, 1001))
            if curve:
                self.assertEqual(curve.shares[-1], 1)
                self.assertGreaterEqual(curve.peak, 1)

    def test_no_curve_of_a_loss(self):
        self.assertIsNone(profit.whale_curve([]))
        self.assertIsNone(profit.whale_curve([10, -20]))

    def test_gini(self):
        values = [50, 20, 10, 6, 4, 3, 3, 2, 1, 1]
        self.assertAlmostEqual(profit.gini(values), 0.624, 3)
        self.assertEqual(profit.gini(values), profit.gini(values[::-1]))
        self.assertAlmostEqual(profit.gini([7, 7, 7]), 0, 12)
        self.assertIsNone(profit.gini([0, 0]))
        with self.assertRaises(ValueError):
            profit.gini([1, -1])

    def test_partner(self):
        self.assertEqual(profit.partner_contribution(margin=100, commissions=30, funds=10, support=5), 55)
