import json
from math import lgamma, log, log1p

from ...scoring import bg_nbd
from ...scoring.bg_nbd import Parameters
from .common_scoring import BaseCase, load_cdnow, tagged

CDNOW = Parameters(0.243, 4.414, 0.793, 2.426)
#: Unrounded, as in the test suite of CLVTools.
EXACT = Parameters(0.2425945, 4.4136019, 0.7929199, 2.4258881)


@tagged("post_install", "-at_install")
class TestScoringBgNbd(BaseCase):
    def test_published_customers(self):
        """x, t_x of the published customers with T = 38.86: purchases of the next 39 weeks and P(alive)."""
        for x, t_x, purchases, alive in [(2, 30.43, 1.226, 0.7266), (1, 1.71, 0.2032, 0.2121), (0, 0, 0.1951, 1.0)]:
            with self.subTest(x=x):
                self.assertAlmostEqual(bg_nbd.expected_purchases(CDNOW, x, t_x, 38.86, 39), purchases, 3)
                self.assertAlmostEqual(bg_nbd.probability_alive(CDNOW, x, t_x, 38.86), alive, 4)

    def test_one_time_buyer_is_alive_by_construction(self):
        """Exactly 1, however long he is silent: the known weakness."""
        self.assertEqual(bg_nbd.probability_alive(CDNOW, 0, 0, 10_000), 1.0)

    def test_published_new_customer(self):
        """The unconditional expectation of the paper and of BTYD."""
        for weeks, purchases in [(1, 0.053), (3, 0.1506), (32, 1.0437)]:
            self.assertAlmostEqual(bg_nbd.expected_purchases_new(EXACT, weeks), purchases, 3)
        self.assertAlmostEqual(bg_nbd.expected_purchases_new(EXACT, 78), 1.8576, delta=5e-4)
        for weeks, purchases in [(39, 1.1967), (52, 1.4461)]:
            self.assertAlmostEqual(bg_nbd.expected_purchases_new(CDNOW, weeks), purchases, 4)

    def test_published_no_purchase(self):
        self.assertAlmostEqual(bg_nbd.probability_of_purchases(CDNOW, 0, 39), 0.5737864, 6)

    def test_probabilities_of_purchases_sum_to_one(self):
        """And their mean is the unconditional expectation: two formulas that know nothing of each other."""
        chances = [bg_nbd.probability_of_purchases(CDNOW, n, 39) for n in range(150)]
        self.assertAlmostEqual(sum(chances), 1, 6)
        mean = sum(n * chance for n, chance in enumerate(chances))
        self.assertAlmostEqual(mean, bg_nbd.expected_purchases_new(CDNOW, 39), 4)

    def test_fit_of_cdnow(self):
        """The published parameters and log-likelihood."""
        fitted = bg_nbd.fit(*load_cdnow()[:3])
        for found, published in zip(fitted.parameters, (0.2426, 4.4135, 0.7929, 2.4258), strict=True):
            self.assertAlmostEqual(found, published, 3)
        self.assertAlmostEqual(fitted.log_likelihood, -9582.43, 2)
        self.assertEqual((fitted.customers, fitted.converged, fitted.problems), (2357, True, ()))

    def test_cdnow_as_a_whole(self):
        x, t_x, age, _value = load_cdnow()
        self.assertEqual((x.count(0), sum(x)), (1411, 2457))
        self.assertAlmostEqual(bg_nbd.expected_purchases(CDNOW, x, t_x, age, 39).sum(), 1653.9, 1)
        self.assertAlmostEqual(bg_nbd.probability_alive(CDNOW, x, t_x, age).mean(), 0.8134, 4)
        self.assertAlmostEqual(bg_nbd.log_likelihood(CDNOW, x, t_x, age).sum(), -9582.4, 1)

    def test_card_of_cdnow(self):
        """In the sample the model tells the repeat purchases within 2 % and the one-time buyers within 1 %."""
        rows = load_cdnow()[:3]
        card = bg_nbd.card(bg_nbd.fit(*rows), *rows)
        self.assertAlmostEqual(card["expected_repeat_purchases"] / card["actual_repeat_purchases"], 1, delta=0.02)
        self.assertAlmostEqual(card["expected_without_repeat"] / card["actual_without_repeat"], 1, delta=0.01)

    def test_fit_finds_what_was_simulated(self):
        """20,000 customers who live as the model says: the four numbers come back within three standard errors."""
        import numpy as np

        rng = np.random.default_rng(5)
        count, truth = 20_000, Parameters(0.5, 8, 0.8, 2.5)
        age = rng.integers(10, 150, count).astype(float)
        rate, leaving = rng.gamma(truth.r, 1 / truth.alpha, count), rng.beta(truth.a, truth.b, count)
        x, t_x, clock, buying = np.zeros(count), np.zeros(count), np.zeros(count), np.ones(count, dtype=bool)
        while buying.any():
            clock += rng.exponential(1 / rate)
            buying &= clock <= age
            x[buying] += 1
            t_x[buying] = clock[buying]
            buying &= rng.random(count) >= leaving
        fitted = bg_nbd.fit(x, t_x, age)
        self.assertEqual(fitted.problems, ())
        for found, true, error in zip(fitted.parameters, truth, fitted.standard_errors, strict=True):
            self.assertLess(abs(found - true), 3 * error)

    def test_interval(self):
        """Around the parameter, above 0, and about two standard errors to each side."""
        fitted = bg_nbd.fit(*load_cdnow()[:3])
        for value, error, (low, high) in zip(fitted.parameters, fitted.standard_errors, fitted.interval, strict=True):
            self.assertTrue(0 < low < value < high)
            self.assertAlmostEqual((high - low) / error / 3.92, 1, delta=0.08)

    def test_fit_as_plain_values(self):
        """The card can be frozen as JSON."""
        rows = [0, 1, 2, 0, 4, 1], [0, 5, 30, 0, 35, 20], 39
        card = bg_nbd.card(bg_nbd.fit(*rows), *rows)
        self.assertEqual(json.loads(json.dumps(card)), card)
        self.assertEqual(list(card["parameters"]), ["r", "alpha", "a", "b"])

    def test_grouped_customers_fit_as_single_ones(self):
        """Rows with weights, and in another order, are the same data."""
        rows = [(0, 0.0), (1, 5.0), (2, 30.0), (4, 35.0)]
        weights = [60, 12, 9, 7]
        grouped = bg_nbd.fit(*zip(*rows, strict=True), 39, weights=weights)
        single = [row for row, weight in zip(rows, weights, strict=True) for _number in range(weight)]
        alone = bg_nbd.fit(*zip(*reversed(single), strict=True), 39)
        self.assertEqual(grouped, alone)

    def test_gradient(self):
        """The derivatives used by the search are those of the log-likelihood."""
        import numpy as np

        rows = [np.array(column, dtype=float) for column in ([0, 1, 7], [0, 3, 30], [39, 20, 35])]
        likelihood = bg_nbd._Likelihood(*rows)
        point = np.array(CDNOW)
        gradient = likelihood.gradient(point, *likelihood.rows(point)[1:]).sum(axis=1)
        for place in range(4):
            step = np.zeros(4)
            step[place] = 1e-5
            change = likelihood.rows(point + step)[0].sum() - likelihood.rows(point - step)[0].sum()
            self.assertAlmostEqual(gradient[place], change / 2e-5, 5)

    def test_alive_falls_with_silence(self):
        """Between 0 and 1, and never rising while nothing is bought."""
        ages = [30.5, 31, 40, 80, 400, 5000]
        alive = bg_nbd.probability_alive(CDNOW, 3, 30, ages)
        self.assertTrue(((alive >= 0) & (alive <= 1)).all())
        self.assertEqual(sorted(alive, reverse=True), list(alive))

    def test_heavy_buyer_does_not_overflow(self):
        """5,000 purchases: the published product of gamma functions would be infinite."""
        r, alpha, a, b = CDNOW
        # who bought this moment is alive or left by his last purchase: (alpha + T)^-(r+x) x (1 + a / (b + x - 1))
        expected = lgamma(r + 5000) - lgamma(r) + r * log(alpha) - (r + 5000) * log(alpha + 39)
        expected += lgamma(a + b) + lgamma(b + 5000) - lgamma(b) - lgamma(a + b + 5000) + log1p(a / (b + 4999))
        self.assertAlmostEqual(bg_nbd.log_likelihood(CDNOW, 5000, 39, 39)[0], expected, 6)
        self.assertTrue(3000 < bg_nbd.expected_purchases(CDNOW, 5000, 39, 39, 39) < 5000)
        self.assertAlmostEqual(bg_nbd.probability_alive(CDNOW, 5000, 10, 39), 0, 100)

    def test_expectation_as_published(self):
        """Before Euler's transformation the formula says the same, where it does not overflow."""
        from scipy.special import hyp2f1

        r, alpha, a, b = CDNOW
        for x, t_x, age, t in [(0, 0, 10, 39), (2, 30.43, 38.86, 39), (25, 35, 38, 12)]:
            series = hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + age + t))
            tail = 1 - ((alpha + age) / (alpha + age + t)) ** (r + x) * series
            published = (a + b + x - 1) / (a - 1) * tail * bg_nbd.probability_alive(CDNOW, x, t_x, age)
            self.assertAlmostEqual(bg_nbd.expected_purchases(CDNOW, x, t_x, age, t), published, 9)

    def test_singular_parameters(self):
        """a = 1 and a + b = 1 divide by zero in the formula, not in the limit."""
        for parameters, beside in [((0.3, 4, 1, 2), (0.3, 4, 1.001, 2)), ((0.3, 4, 0.4, 0.6), (0.3, 4, 0.4, 0.601))]:
            found = bg_nbd.expected_purchases(Parameters(*parameters), 0, 0, 39, 39)
            close = bg_nbd.expected_purchases(Parameters(*beside), 0, 0, 39, 39)
            self.assertAlmostEqual(found, close, delta=0.005)

    def test_nothing_to_fit(self):
        self.assertIsNone(bg_nbd.fit([], [], []))

    def test_all_one_time_buyers_are_refused_as_a_fit(self):
        """Nobody came back: the drop-out cannot be told, and the fit says so."""
        self.assertIn("at_bound", bg_nbd.fit([0] * 50, [0] * 50, [39] * 50).problems)

    def test_nobody_leaves(self):
        """All buy regularly up to today: the drop-out runs to its bound, and the fit says so."""
        rows = [(count, count * 3.0, 3.0 * count) for count in range(4, 13)] * 20
        self.assertIn("at_bound", bg_nbd.fit(*zip(*rows, strict=True)).problems)

    def test_refused(self):
        for x, t_x, age in [(-1, 0, 39), (1, 40, 39), (1, float("nan"), 39)]:
            with self.assertRaises(ValueError):
                bg_nbd.probability_alive(CDNOW, x, t_x, age)
        with self.assertRaises(ValueError):
            bg_nbd.probability_alive(Parameters(0, 1, 1, 1), 1, 2, 3)
        with self.assertRaises(ValueError):
            bg_nbd.expected_purchases(CDNOW, 1, 2, 3, -1)
        with self.assertRaises(ValueError):
            bg_nbd.fit([1], [2], [3], weights=[-1])
