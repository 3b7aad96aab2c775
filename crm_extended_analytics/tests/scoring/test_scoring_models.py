from itertools import product
from math import comb

from ...scoring import bg_bb, kaplan_meier, pareto_nbd, sbg
from .common_scoring import BaseCase, load_cdnow, tagged

PARETO = pareto_nbd.Parameters(0.553, 10.578, 0.606, 11.669)
DONATIONS = bg_bb.Parameters(1.204, 0.750, 0.657, 2.783)


@tagged("post_install", "-at_install")
class TestScoringParetoNbd(BaseCase):
    def test_published_customers(self):
        for history, t, purchases, alive in [
            ((26, 30.86, 31), 52, 25.4585, 0.9979),
            ((2, 30.43, 38.86), 39, 1.4551, 0.8692),
        ]:
            self.assertAlmostEqual(pareto_nbd.expected_purchases(PARETO, *history, t), purchases, 3)
            self.assertAlmostEqual(pareto_nbd.probability_alive(PARETO, *history), alive, 4)

    def test_published_new_customer(self):
        """With the rounded parameters."""
        for weeks, purchases in [(1, 0.0510), (5, 0.2336), (9, 0.3912)]:
            self.assertAlmostEqual(pareto_nbd.expected_purchases_new(PARETO, weeks), purchases, 4)

    def test_fit_of_cdnow(self):
        """The published parameters and log-likelihood."""
        fitted = pareto_nbd.fit(*load_cdnow()[:3])
        for found, published, delta in zip(
            fitted.parameters, (0.553, 10.578, 0.606, 11.669), (1e-3, 1e-2, 1e-3, 1e-2), strict=True
        ):
            self.assertAlmostEqual(found, published, delta=delta)
        self.assertAlmostEqual(fitted.log_likelihood, -9594.97, 2)

    def test_both_ways_of_the_formula_meet(self):
        """The formula changes where alpha passes beta; the result does not jump."""
        near = [
            pareto_nbd.log_likelihood(pareto_nbd.Parameters(0.5, 10 + step, 0.6, 10), 2, 20, 39)
            for step in (-1e-6, 0, 1e-6)
        ]
        self.assertAlmostEqual(near[0], near[1], 5)
        self.assertAlmostEqual(near[1], near[2], 5)

    def test_likelihood_by_integration(self):
        """The formula is the mixture it comes from: integrated by hand over both rates."""
        import numpy as np
        from scipy import integrate, stats

        r, alpha, s, beta, x, t_x, age = 1.5, 6.0, 1.2, 9.0, 2, 5.0, 8.0

        def history(mu, rate):
            total = mu + rate
            alive = rate**x * np.exp(-total * age)
            left = rate**x * mu / total * (np.exp(-total * t_x) - np.exp(-total * age))
            return (alive + left) * stats.gamma.pdf(rate, r, scale=1 / alpha) * stats.gamma.pdf(mu, s, scale=1 / beta)

        expected, _error = integrate.dblquad(history, 0, 6, 0, 6)
        found = pareto_nbd.log_likelihood(pareto_nbd.Parameters(r, alpha, s, beta), x, t_x, age)
        self.assertAlmostEqual(found, np.log(expected), 5)

    def test_alive_falls_with_silence(self):
        alive = pareto_nbd.probability_alive(PARETO, 3, 30, [30, 31, 40, 80, 400, 5000])
        self.assertEqual(alive[0], 1)
        self.assertTrue(((alive >= 0) & (alive <= 1)).all())
        self.assertEqual(sorted(alive, reverse=True), list(alive))

    def test_heavy_buyer_does_not_overflow(self):
        self.assertAlmostEqual(pareto_nbd.probability_alive(PARETO, 5000, 39, 39), 1, 6)
        self.assertEqual(pareto_nbd.probability_alive(PARETO, 5000, 10, 39), 0)

    def test_refused(self):
        for parameters, history in [((0, 1, 1, 1), (1, 2, 3)), (PARETO, (1, 4, 3)), (PARETO, (-1, 0, 3))]:
            with self.assertRaises(ValueError):
                pareto_nbd.probability_alive(pareto_nbd.Parameters(*parameters), *history)


@tagged("post_install", "-at_install")
class TestScoringBgBb(BaseCase):
    def test_published_donations(self):
        """P(alive) of the paper for (repeats, last of them) in six periods."""
        for history, alive in [((0, 0), 0.11), ((2, 4), 0.59), ((6, 6), 0.93)]:
            self.assertAlmostEqual(bg_bb.probability_alive(DONATIONS, *history, 6), alive, 2)

    def test_all_histories_sum_to_one(self):
        """A history (x, t_x) can come about in as many ways as x - 1 purchases lie before the last."""
        total = bg_bb.likelihood(DONATIONS, 0, 0, 6)
        for x, t_x in product(range(1, 7), repeat=2):
            if x <= t_x:
                total += comb(t_x - 1, x - 1) * bg_bb.likelihood(DONATIONS, x, t_x, 6)
        self.assertAlmostEqual(total, 1, 10)

    def test_refused(self):
        for history in [(1, 0, 6), (0, 1, 6), (3, 2, 6), (1, 7, 6)]:
            with self.assertRaises(ValueError):
                bg_bb.probability_alive(DONATIONS, *history)


@tagged("post_install", "-at_install")
class TestScoringSurvival(BaseCase):
    def test_published_contracts(self):
        """The two segments of Fader and Hardie 2007, of 1,000 customers each."""
        for survivors, alpha, beta, likelihood in [
            ([1000, 869, 743, 653, 593, 551, 517, 491], 0.668, 3.806, -1611.2),
            ([1000, 631, 468, 382, 326, 289, 262, 241], 0.704, 1.182, -1680.3),
        ]:
            fitted = sbg.fit(survivors)
            self.assertAlmostEqual(fitted.parameters.alpha, alpha, 3)
            self.assertAlmostEqual(fitted.parameters.beta, beta, 3)
            self.assertAlmostEqual(fitted.log_likelihood, likelihood, 1)

    def test_published_projection(self):
        """Years 8 to 12 of the high end."""
        fitted = sbg.fit([1000, 869, 743, 653, 593, 551, 517, 491])
        found = [round(100 * sbg.survival(fitted.parameters, year), 1) for year in range(8, 13)]
        self.assertEqual(found, [46.0, 43.6, 41.4, 39.5, 37.8])

    def test_survival_is_the_product_of_the_retentions(self):
        parameters, share = sbg.Parameters(0.7, 1.2), 1.0
        for period in range(1, 20):
            share *= sbg.retention(parameters, period)
            self.assertAlmostEqual(sbg.survival(parameters, period), share, 12)

    def test_nothing_to_fit(self):
        """Nobody left, or one renewal for two parameters: no number."""
        self.assertIsNone(sbg.fit([100, 100, 100]))
        self.assertIsNone(sbg.fit([100, 90]))

    def test_contracts_of_all_ages(self):
        """Two cohorts, one of which is a year younger: counted by renewal, and as likely as both by themselves."""
        old, young = [1000, 869, 743, 653], [500, 440, 380]
        lives = [(1, True, 191), (2, True, 186), (3, True, 90), (3, False, 653), (2, False, 380)]
        renewals = sbg.count_renewals(lives)
        self.assertEqual(renewals, sbg.Renewals((1500, 1309, 743), (191, 186, 90)))
        parameters = sbg.Parameters(0.7, 3.5)
        cohorts = [
            sbg.Renewals(tuple(survivors[:-1]), tuple(a - b for a, b in zip(survivors, survivors[1:], strict=False)))
            for survivors in (old, young)
        ]
        apart = sum(sbg.log_likelihood(parameters, cohort) for cohort in cohorts)
        self.assertAlmostEqual(sbg.log_likelihood(parameters, renewals), apart, 8)

    def test_no_renewals(self):
        self.assertEqual(sbg.count_renewals([(0, False, 12)]), sbg.Renewals((), ()))
        self.assertIsNone(sbg.fit_renewals(sbg.Renewals((), ())))
        with self.assertRaises(ValueError):
            sbg.count_renewals([(-1, False, 1)])
        with self.assertRaises(ValueError):
            sbg.fit_renewals(sbg.Renewals((10, 9), (1, 10)))

    def test_rising_survivors_are_refused(self):
        with self.assertRaises(ValueError):
            sbg.fit([100, 90, 95])

    def test_kaplan_meier(self):
        """Times 1, 2+, 3, 3, 5+, 6 and four more active: 9/10, then 6/8, then 4/5."""
        lives = [(1, True), (2, False), (3, True), (3, True), (5, False), (6, True)] + [(9, False)] * 4
        for rows in (lives, lives[::-1]):
            steps = kaplan_meier.survival_curve(rows)
            self.assertEqual(
                [(step.time, round(step.survival, 3)) for step in steps], [(1, 0.9), (3, 0.675), (6, 0.54)]
            )
        # Greenwood: 0.9 x sqrt(1 / (10 x 9))
        self.assertAlmostEqual(steps[0].standard_error, 0.0949, 4)
        self.assertEqual(kaplan_meier.survival_at(steps, 0.5), 1)
        self.assertIsNone(kaplan_meier.median_life(steps))

    def test_everybody_left(self):
        steps = kaplan_meier.survival_curve([(1, True), (2, True)])
        self.assertEqual(steps[-1].survival, 0)
        self.assertIsNone(kaplan_meier.survival_curve([]))
