import random
import statistics

from ...scoring import correlation, white_space
from .common_scoring import BaseCase, tagged


@tagged("post_install", "-at_install")
class TestScoringCorrelation(BaseCase):
    def test_same_as_the_standard_library(self):
        draw = random.Random(3)
        for _number in range(20):
            x = [draw.choice((1, 2, 3, draw.random())) for _month in range(30)]
            y = [value + draw.random() for value in x]
            self.assertAlmostEqual(correlation.pearson(x, y).value, statistics.correlation(x, y), 10)
            ranked = [
                [
                    sum(other < value for other in values) + sum(other == value for other in values) / 2
                    for value in values
                ]
                for values in (x, y)
            ]
            self.assertAlmostEqual(correlation.spearman(x, y).value, statistics.correlation(*ranked), 10)

    def test_interval_holds_the_truth_so_often(self):
        """Of 1,000 pairs of unrelated series of 30 months about 950 intervals hold 0."""
        draw = random.Random(11)
        held = 0
        for _number in range(1000):
            x, y = ([draw.gauss(0, 1) for _month in range(30)] for _series in range(2))
            found = correlation.pearson(x, y)
            held += found.low <= 0 <= found.high
        self.assertAlmostEqual(held, 950, delta=20)

    def test_refuses(self):
        months = list(range(24))
        self.assertIsNone(correlation.pearson(months[:23], months[:23]))
        self.assertIsNone(correlation.pearson(months, [0.1] * 24))
        self.assertEqual(correlation.pearson(months, months), (1, 1, 1, 24))
        self.assertEqual(correlation.spearman(months, [-(month**3) for month in months]).value, -1)
        for bad in ([float("nan")] * 24, months[1:]):
            with self.assertRaises(ValueError):
                correlation.pearson(months, bad)
        with self.assertRaises(ValueError):
            correlation.lagged({}, {}, -1)

    def test_trends_correlate_and_their_changes_do_not(self):
        """Why changes are compared too: two unrelated series that grow."""
        draw = random.Random(5)
        grow = [{month: 10 * month + draw.gauss(0, 20) for month in range(60)} for _series in range(2)]
        self.assertGreater(correlation.pearson(*correlation.lagged(*grow, 0)).value, 0.95)
        moved = correlation.pearson(*correlation.lagged(*map(correlation.changes, grow), 0))
        self.assertTrue(moved.low < 0 < moved.high)


@tagged("post_install", "-at_install")
class TestScoringWhiteSpace(BaseCase):
    def test_hand_worked(self):
        """6 of 14 peers against 1 of 6: 0.4286 - 0.1667 = 0.2619 x 6 = 1.571 x 100 = 157.14."""
        found = white_space.white_space(customers=6, buyers=1, peers=14, peer_buyers=6, peer_sales=600)
        self.assertAlmostEqual(found.missing_sales, 157.142857, 5)
        self.assertFalse(found.is_clear)

    def test_nothing_is_missing(self):
        for buyers, peer_buyers in ((6, 14), (6, 0), (0, 0)):
            found = white_space.white_space(
                customers=6, buyers=buyers, peers=14, peer_buyers=peer_buyers, peer_sales=peer_buyers * 9
            )
            self.assertEqual((found.missing_buyers, found.missing_sales, found.is_clear), (0, 0, False))

    def test_refuses(self):
        for numbers in ((4, 0, 20, 1), (6, 0, 9, 1)):
            names = ("customers", "buyers", "peers", "peer_buyers")
            self.assertIsNone(white_space.white_space(**dict(zip(names, numbers, strict=True)), peer_sales=1))
        for bad in ({"buyers": 7}, {"peer_buyers": 15}, {"buyers": -1}):
            numbers = {"customers": 6, "buyers": 1, "peers": 14, "peer_buyers": 6, "peer_sales": 1} | bad
            with self.assertRaises(ValueError):
                white_space.white_space(**numbers)
