import random

from ...scoring import bass
from .common_scoring import BaseCase, tagged

RATES = {"innovation": 0.03, "imitation": 0.38}


@tagged("post_install", "-at_install")
class TestScoringBass(BaseCase):
    def test_expected(self):
        """1,000 x F(1), F(5), F(10) of the published averages; what is new adds up to it."""
        found = bass.expected(potential=1000, periods=10, **RATES)
        self.assertEqual([round(found[period - 1].total, 1) for period in (1, 5, 10)], [35.8, 331.2, 812.8])
        self.assertAlmostEqual(sum(period.new for period in found), found[-1].total)
        self.assertEqual(bass.expected(potential=1000, periods=0, **RATES), [])
        with self.assertRaises(ValueError):
            bass.expected(potential=-1, periods=3, **RATES)

    def test_peak(self):
        """ln(.38 / .03) / .41 = 6.193; 1,000 x .41² / 1.52 = 110.59; 1,000 x .35 / .76 = 460.5."""
        found = bass.peak(potential=1000, **RATES)
        self.assertEqual([round(value, 2) for value in found], [6.19, 110.59, 460.53])
        self.assertEqual(bass.peak(potential=10, innovation=0.3, imitation=0.3), (0.0, 3.0, 0.0))

    def test_a_year_in_months_is_the_same_curve(self):
        monthly = {name: rate / 12 for name, rate in RATES.items()}
        self.assertAlmostEqual(
            bass.expected(potential=1, periods=120, **monthly)[-1].total,
            bass.expected(potential=1, periods=10, **RATES)[-1].total,
        )

    def test_fit_finds_what_made_the_sales(self):
        sales = [period.new for period in bass.expected(potential=500, periods=12, **RATES)]
        found = bass.fit(sales)
        self.assertEqual([round(value, 3) for value in found[:4]], [0.03, 0.38, 500.0, 0.0])

    def test_fit_of_noisy_sales(self):
        """A fifth of noise moves the parameters, and not the curve."""
        noise = random.Random(1)
        sales = [period.new * (1 + noise.gauss(0, 0.2)) for period in bass.expected(potential=500, periods=20, **RATES)]
        found = bass.fit(sales)
        self.assertAlmostEqual(found.potential, 500, delta=50)
        self.assertAlmostEqual(found.imitation, 0.38, delta=0.1)

    def test_why_not(self):
        """Too short, too few, growing without an end, rising, and all at once."""
        rising = [period.new for period in bass.expected(potential=500, periods=6, **RATES)]
        for sales, refused in (
            ([50] * 5, "few_periods"),
            ([1] * 7, "few_sales"),
            ([10] * 12, "no_end"),
            (rising, "no_peak"),
            ([100, 0, 0, 0, 0, 0, 0], "no_curve"),
        ):
            self.assertEqual(bass.fit(sales).refused, refused)
        with self.assertRaises(ValueError):
            bass.fit([5, -1, 3, 4, 5, 6])
