import random

from ...scoring import (
    accuracy,
    attribution,
    basket,
    budget,
    calibration,
    forecast_simple,
    growth,
    romi,
    uplift,
    velocity,
    wallet,
)
from .common_scoring import BaseCase, tagged

PATHS = [("AB", 1), ("A", 0), ("B", 1), ("AC", 0), ("CB", 1), ("ACB", 1)]


@tagged("post_install", "-at_install")
class TestScoringGrowth(BaseCase):
    OLD = {"a": (100, 1000), "b": (50, 1000)}
    NEW = {"a": (80, 960), "b": (90, 1890)}

    def test_price_volume_mix(self):
        """2,000 -> 2,850: 250 + 266.67 + 333.33."""
        found = growth.price_volume_mix(self.OLD, self.NEW)
        self.assertEqual([round(part, 2) for part in found], [250, 266.67, 333.33])
        self.assertAlmostEqual(sum(found), 850)

    def test_no_price_without_quantity(self):
        for old, new in [({"a": (0, 5)}, {"a": (1, 5)}), ({"a": (1, 5)}, {"a": (0, 5)}), ({"a": (1, 5)}, {})]:
            with self.assertRaises(ValueError):
                growth.price_volume_mix(old, new)

    def test_bridge_closes(self):
        """The parts add up to the change, with new and lost ones and returns."""
        old = {("x", "a"): (100, 1000), ("x", "b"): (50, 1000), ("x", "c"): (5, 70), ("y", "a"): (3, 30)}
        new = {("x", "a"): (80, 960), ("x", "b"): (90, 1890), ("x", "d"): (1, 9), ("z", "a"): (2, 25)}
        old["x", "r"], new["x", "r"] = (4, 40), (-1, -10)
        found = growth.revenue_bridge(old, new)
        self.assertEqual((found.new_customers, found.lost_customers), (25, -30))
        self.assertEqual((found.new_products, found.lost_products), (9, -70))
        self.assertAlmostEqual(found.price, 250)
        self.assertAlmostEqual(found.volume, 266.67 - 50, 2)
        self.assertAlmostEqual(sum(found[:-1]), found.new)

    def test_nothing_before(self):
        found = growth.revenue_bridge({}, {("x", "a"): (1, 10)})
        self.assertEqual((found.new_customers, found.price, found.new), (10, 0, 10))
        self.assertIsNone(growth.growth_rate(0, 10))
        self.assertIsNone(growth.growth_rate(None, 10))

    def test_wallet(self):
        for suppliers, shares in [
            (1, [1.0]),
            (2, [0.6667, 0.3333]),
            (3, [0.5, 0.3333, 0.1667]),
            (4, [0.4, 0.3, 0.2, 0.1]),
        ]:
            found = [wallet.wallet_allocation(rank, suppliers) for rank in range(1, suppliers + 1)]
            self.assertEqual([round(share, 4) for share in found], shares)
            self.assertAlmostEqual(sum(found), 1)
        self.assertIsNone(wallet.share_of_wallet(10, None))
        with self.assertRaises(ValueError):
            wallet.share_of_wallet(200, 100)

    def test_pipeline(self):
        found = velocity.sales_velocity(opportunities=50, average_value=10_000, win_rate=0.25, cycle_days=30)
        self.assertAlmostEqual(found, 4166.67, 2)
        self.assertEqual(velocity.prorated_pipeline([(3800, 0.9), (22_500, 0.2)]), 7920)
        self.assertIsNone(velocity.prorated_pipeline([]))


@tagged("post_install", "-at_install")
class TestScoringForecast(BaseCase):
    def test_smoothing(self):
        found = forecast_simple.exponential_smoothing([94764, 103900, 167777, 291264, 318568, 239092])
        self.assertEqual([round(value) for value in found], [94764, 97505, 118586, 170390, 214843, 222118])
        self.assertIsNone(forecast_simple.exponential_smoothing([]))

    def test_croston(self):
        found = forecast_simple.croston([0, 0, 5, 0, 4, 0, 0, 0, 6, 0])
        self.assertEqual([round(value, 4) for value in found], [5.01, 3.01, 1.6645, 1.5812])
        self.assertIsNone(forecast_simple.croston([0, 0]))
        with self.assertRaises(ValueError):
            forecast_simple.croston([-1])

    def test_bass(self):
        market = {"innovation": 0.03, "imitation": 0.38}
        for time, share in [(0, 0), (1, 0.0358), (5, 0.3312), (10, 0.8128)]:
            self.assertAlmostEqual(forecast_simple.bass_adopted(time, **market), share, 4)
        peak = forecast_simple.bass_peak(**market)
        self.assertAlmostEqual(peak, 6.193, 3)
        self.assertAlmostEqual(forecast_simple.bass_adopted(peak, **market), 0.4605, 4)

    def test_seasonal(self):
        self.assertEqual(forecast_simple.seasonal_naive([9, 1, 2, 3], season=3, periods=5), [1, 2, 3, 1, 2])
        self.assertEqual(forecast_simple.seasonal_naive([9, 4], season=1, periods=2), [4, 4])
        self.assertIsNone(forecast_simple.seasonal_naive([1, 2], season=3, periods=1))

    def test_accuracy(self):
        found = accuracy.accuracy([100, 120, 80, 110, 90], [90, 125, 90, 100, 95], history=[95, 105, 100, 110, 98, 104])
        self.assertEqual(found.mean_absolute_error, 8)
        self.assertAlmostEqual(found.mape, 0.08263, 5)
        self.assertAlmostEqual(found.wape, 0.08)
        self.assertAlmostEqual(found.smape, 0.08260, 5)
        self.assertAlmostEqual(found.root_mean_squared_error, 8.367, 3)
        self.assertEqual((found.bias, found.tracking_signal, found.zero_actuals), (0, 0, 0))
        self.assertAlmostEqual(found.mase, 0.9302, 4)

    def test_empty_periods(self):
        """MAPE is not defined at 0: it is left out and the periods are counted; + is too high."""
        found = accuracy.accuracy([0, 100], [10, 100])
        self.assertEqual((found.mape, found.zero_actuals, found.wape, found.bias), (None, 1, 0.1, 0.1))
        self.assertIsNone(found.mase)
        self.assertIsNone(accuracy.accuracy([], []))
        with self.assertRaises(ValueError):
            accuracy.accuracy([1], [1, 2])

    def test_value_added(self):
        self.assertAlmostEqual(accuracy.forecast_value_added(8.6, 8.0), 0.6)
        self.assertIsNone(accuracy.forecast_value_added(None, 8.0))

    def test_lead_score_by_hand(self):
        """0.4 x 0.5 x 0.75 = 0.15 beside 0.6 x 1/6 x 1/3 = 0.0333: 81.82 %."""
        self.assertAlmostEqual(calibration.naive_bayes(40, 60, [(20, 10), (30, 20)]), 0.8182, 4)
        self.assertIsNone(calibration.naive_bayes(0, 60, []))

    def test_calibration(self):
        self.assertAlmostEqual(calibration.brier_error([1, 0.5], [1, 0]), 0.125)
        self.assertIsNone(calibration.brier_error([], []))
        table = calibration.calibration_table([number / 100 for number in range(100)], [0] * 50 + [1] * 50)
        self.assertEqual([group.count for group in table], [10] * 10)
        self.assertEqual([group.observed for group in table], [0] * 5 + [1] * 5)
        self.assertEqual(calibration.calibration_table([], []), [])


@tagged("post_install", "-at_install")
class TestScoringBasket(BaseCase):
    def test_hand_case(self):
        found = basket.measures(0.05, 0.10, 0.02)
        self.assertEqual([round(value, 6) for value in found], [0.02, 0.4, 4.0, 0.015, 1.5])

    def test_tea_and_coffee(self):
        """A confidence of 75 % that is less than chance."""
        found = basket.measures(0.20, 0.90, 0.15)
        self.assertAlmostEqual(found.confidence, 0.75)
        self.assertAlmostEqual(found.lift, 0.8333, 4)
        self.assertLess(found.leverage, 0)

    def test_always_together(self):
        self.assertEqual(basket.measures(0.2, 0.2, 0.2).conviction, float("inf"))
        self.assertIsNone(basket.measures(0, 0.2, 0))
        with self.assertRaises(ValueError):
            basket.measures(0.1, 0.2, 0.15)

    def test_rules_do_not_depend_on_the_order(self):
        """By hand: a in 3 of 5, b in 3, both in 2: lift 0.4 / 0.36."""
        baskets = [["a", "b"], ["b", "a", "a"], ["a"], ["b", "c"], ["c"]]
        rules = basket.pair_rules(baskets)
        self.assertEqual(rules, basket.pair_rules([order[::-1] for order in baskets[::-1]]))
        self.assertEqual([(rule.antecedent, rule.together) for rule in rules], [("a", 2), ("b", 2)])
        self.assertAlmostEqual(rules[0].lift, 0.4 / 0.36)

    def test_opening_order_makes_no_pairs(self):
        self.assertEqual(basket.pair_rules([range(50)] * 3, largest_basket=49), [])
        self.assertEqual(basket.pair_rules([]), [])


@tagged("post_install", "-at_install")
class TestScoringAttribution(BaseCase):
    def test_time_decay(self):
        shares = attribution.time_decay([0, 5, 12, 30, 38])
        self.assertEqual([round(12_000 * share) for share in shares], [175, 287, 575, 3417, 7545])
        self.assertAlmostEqual(sum(shares), 1)

    def test_rules(self):
        """The published data by first, last, linear and U."""
        for shares, credits in [
            (attribution.first_touch, {"A": 2, "B": 1, "C": 1}),
            (attribution.last_touch, {"A": 0, "B": 4, "C": 0}),
            (attribution.linear, {"A": 0.833, "B": 2.333, "C": 0.833}),
            (attribution.u_shaped, {"A": 0.9, "B": 2.4, "C": 0.7}),
        ]:
            found = attribution.credits(PATHS, shares=shares)
            self.assertEqual({channel: round(credit, 3) for channel, credit in found.items()}, credits)

    def test_shapes(self):
        self.assertEqual(attribution.u_shaped(1), [1])
        self.assertEqual(attribution.u_shaped(2), [0.5, 0.5])
        for count in range(1, 7):
            self.assertAlmostEqual(sum(attribution.u_shaped(count)), 1)
            for lead in range(count):
                for deal in range(lead, count):
                    self.assertAlmostEqual(sum(attribution.w_shaped(count, lead, deal)), 1)

    def test_markov(self):
        self.assertAlmostEqual(attribution.conversion_rate(PATHS), 0.6667, 4)
        effects = attribution.removal_effects(PATHS)
        self.assertEqual(
            {channel: round(effect, 4) for channel, effect in effects.items()}, {"A": 0.5833, "B": 1, "C": 0.5}
        )
        credits = attribution.markov_credits(PATHS)
        self.assertEqual(
            {channel: round(credit, 2) for channel, credit in credits.items()}, {"A": 1.12, "B": 1.92, "C": 0.96}
        )

    def test_channels_that_repeat(self):
        """A loop A > A > B does not end in the chain by itself, and the equations still hold."""
        self.assertAlmostEqual(attribution.conversion_rate([("AAB", 1), ("A", 0)]), 0.5)

    def test_credits_sum_to_the_conversions(self):
        """In every model, for paths drawn at random, some without a touch, in any order."""
        rng = random.Random(11)
        for _run in range(25):
            paths = [
                ("".join(rng.choices("ABCDE", k=rng.randint(0, 6))), int(rng.random() < 0.4)) for _path in range(60)
            ]
            conversions = sum(converted for _path, converted in paths)
            models = [attribution.first_touch, attribution.last_touch, attribution.linear, attribution.u_shaped]
            found = [attribution.credits(paths, shares=model) for model in models]
            markov = attribution.markov_credits(paths)
            for credits in [*found, markov]:
                self.assertAlmostEqual(sum(credits.values()), conversions, 9)
            shuffled = attribution.markov_credits(rng.sample(paths, len(paths)))
            for channel, credit in markov.items():
                self.assertAlmostEqual(credit, shuffled[channel], 9)

    def test_nothing_converted(self):
        self.assertEqual(attribution.markov_credits([("A", 0)]), {})
        self.assertIsNone(attribution.removal_effects([]))
        self.assertIsNone(attribution.conversion_rate([]))
        with self.assertRaises(ValueError):
            attribution.conversion_rate([("A", 12_000)])


@tagged("post_install", "-at_install")
class TestScoringUplift(BaseCase):
    def test_two_proportions(self):
        """8 % of 1,000 beside 5 % of 1,000: z = 0.03 / sqrt(0.065 x 0.935 x 0.002) = 2.721."""
        found = uplift.uplift(treated=1000, treated_converted=80, holdout=1000, holdout_converted=50)
        self.assertAlmostEqual(found.p_value, 0.0065, 4)
        self.assertAlmostEqual(found.incremental, 30)
        self.assertTrue(found.low < 0.03 < found.high and found.low > 0)
        self.assertTrue(found.is_significant)

    def test_interval_of_newcombe(self):
        """His published example (a) by method 10: 56/70 and 48/80 give 0.0524 to 0.3339."""
        found = uplift.uplift(treated=70, treated_converted=56, holdout=80, holdout_converted=48)
        self.assertAlmostEqual(found.low, 0.0524, 4)
        self.assertAlmostEqual(found.high, 0.3339, 4)

    def test_small_groups_prove_nothing(self):
        found = uplift.uplift(treated=10, treated_converted=4, holdout=5, holdout_converted=0)
        self.assertEqual((found.is_testable, found.is_significant), (False, False))
        self.assertIsNone(uplift.uplift(treated=10, treated_converted=4, holdout=0, holdout_converted=0))
        nobody = uplift.uplift(treated=10, treated_converted=0, holdout=5, holdout_converted=0)
        self.assertIsNone(nobody.p_value)

    def test_minimum_holdout(self):
        """The textbook number of 5 % beside 8 % at 80 % power, and fewer when more are treated."""
        self.assertEqual(uplift.minimum_holdout(base_rate=0.05, least_uplift=0.03), 1059)
        self.assertEqual(uplift.minimum_holdout(base_rate=0.05, least_uplift=0.03, treated_per_holdout=9), 624)
        self.assertIsNone(uplift.minimum_holdout(base_rate=0.05, least_uplift=0))
        self.assertIsNone(uplift.minimum_holdout(base_rate=0.95, least_uplift=0.1))
        for significance in (0, 1):
            with self.assertRaises(ValueError):
                uplift.minimum_holdout(base_rate=0.05, least_uplift=0.03, significance=significance)

    def test_amounts(self):
        found = uplift.difference_of_means(
            treated=400, treated_mean=52, treated_deviation=40, holdout=100, holdout_mean=45, holdout_deviation=30
        )
        # Welch: 13^2 / (4^2 / 399 + 9^2 / 99) = 196.9 degrees of freedom, t = 1.9721; 1.9721 x sqrt(4 + 9) = 7.110
        self.assertEqual([round(value, 2) for value in found[:3]], [7, -0.11, 14.11])
        self.assertAlmostEqual(found.p_value, 0.0536, 4)

    def test_romi(self):
        margin = romi.incremental_conversions(rate_treated=0.08, rate_holdout=0.05, treated=1000) * 50
        self.assertAlmostEqual(romi.romi(margin, 1000), 0.5)
        self.assertEqual(romi.romi(0, 1000), -1)
        self.assertIsNone(romi.romi(500, 0))
        self.assertIsNone(romi.romi(None, 1000))
        self.assertEqual(romi.discount_dependence(300, 1200), 0.25)


@tagged("post_install", "-at_install")
class TestScoringBudget(BaseCase):
    def test_response(self):
        """Margins of 50 + 20 x root of the spend; and two months off that line."""
        found = budget.response([0, 100, 400, 900], [50, 250, 450, 650])
        self.assertEqual((found.base, found.slope, found.is_clear), (50, 20, True))
        # roots 0, 10, 20, 30: sum of (root - 15) x margin by their spread of 500
        found = budget.response([0, 100, 400, 900], [80, 250, 450, 580])
        self.assertAlmostEqual(found.slope, (-15 * 80 - 5 * 250 + 5 * 450 + 15 * 580) / 500)
        self.assertTrue(found.is_clear)

    def test_more_spend_without_more_margin(self):
        found = budget.response([0, 100, 400], [300, 200, 100])
        self.assertAlmostEqual(found.slope, -10)
        self.assertEqual(budget.split({"A": found.slope}, 100), ({"A": 0}, 100))

    def test_chance_is_no_response(self):
        self.assertFalse(budget.response([0, 100, 400, 900], [300, 100, 350, 200]).is_clear)

    def test_too_few_months(self):
        """Two months, or the same spend in all."""
        self.assertIsNone(budget.response([0, 100], [0, 100]))
        self.assertIsNone(budget.response([100, 100, 100], [1, 2, 3]))
        self.assertIsNone(budget.response([0, 100], [0, 100], least=1))
        with self.assertRaises(ValueError):
            budget.response([-1, 0, 1], [1, 2, 3])

    def test_equal_marginal_returns(self):
        """250 among slopes 40 and 20: 200 and 50, where one more brings 1.41 in both."""
        parts, left = budget.split({"A": 40, "B": 20}, 250)
        self.assertEqual((parts, left), ({"A": 200, "B": 50}, 0))
        for slope, part in ((40, 200), (20, 50)):
            self.assertAlmostEqual(budget.marginal_return(slope, part), 2**0.5)

    def test_stops_where_one_more_brings_less_than_itself(self):
        parts, left = budget.split({"A": 40, "B": 20}, 1000)
        self.assertEqual((parts, left), ({"A": 400, "B": 100}, 500))
        self.assertEqual([budget.marginal_return(slope, part) for slope, part in ((40, 400), (20, 100))], [1, 1])
        self.assertEqual(budget.split({}, 10), ({}, 10))

    def test_no_other_split_brings_more(self):
        rng = random.Random(3)
        slopes = {key: rng.uniform(1, 50) for key in range(5)}
        parts, left = budget.split(slopes, 300)
        best = sum(slope * parts[key] ** 0.5 for key, slope in slopes.items())
        self.assertAlmostEqual(sum(parts.values()) + left, 300)
        for _one in range(200):
            weights = [rng.random() for _key in slopes]
            other = [300 * weight / sum(weights) for weight in weights]
            self.assertLessEqual(sum(slopes[key] * other[key] ** 0.5 for key in slopes), best + 1e-9)
