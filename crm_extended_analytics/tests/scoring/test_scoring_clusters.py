import random

from ...scoring import clusters
from ...scoring.libraries import load
from .common_scoring import BaseCase, tagged

NAN = float("nan")


@tagged("post_install", "-at_install")
class TestScoringClusters(BaseCase):
    def test_scale_draws_extremes_in(self):
        """1 to 41 and a giant: the limits are the 2.5 and 97.5 percentiles of 1..40 and 10,000, by interpolation."""
        rows = [[float(number)] for number in range(1, 41)] + [[10_000.0]]
        found = clusters.scale(rows)
        self.assertAlmostEqual(found.low[0], 2.0)
        self.assertAlmostEqual(found.high[0], 40.0)
        # 1 becomes 2, and 10,000 becomes 40: (820 + 1 + 40) / 41
        self.assertAlmostEqual(found.mean[0], 21.0)

    def test_unknown_is_average(self):
        rows = [[1.0, 5.0], [3.0, NAN], [NAN, 9.0]]
        points = clusters.standardise(rows, clusters.scale(rows))
        self.assertEqual(points[1][1], 0.0)
        self.assertEqual(points[2][0], 0.0)

    def test_measure_without_spread_tells_nobody_apart(self):
        rows = [[7.0], [7.0], [NAN]]
        self.assertEqual(clusters.standardise(rows, clusters.scale(rows)).ravel().tolist(), [0.0, 0.0, 0.0])
        unknown = [[NAN], [NAN]]
        self.assertEqual(clusters.standardise(unknown, clusters.scale(unknown)).ravel().tolist(), [0.0, 0.0])

    def test_silhouette_is_by_its_definition(self):
        """Points 0, 1 | 10, 11: a and b of the first point are 1 and 10.5, of the second 1 and 9.5."""
        np = load("numpy")
        points = np.array([[0.0], [1.0], [10.0], [11.0]], dtype=np.float32)
        wanted = (2 * (1 - 1 / 10.5) + 2 * (1 - 1 / 9.5)) / 4
        self.assertAlmostEqual(clusters._try(points, 2, 1), wanted, places=5)

    def test_number_of_kinds_is_found(self):
        chance = random.Random(5)
        middles = ((0, 0), (10, 0), (0, 10), (10, 10))
        rows = [[x + chance.gauss(0, 0.5), y + chance.gauss(0, 0.5)] for x, y in middles for _ in range(50)]
        found = clusters.fit(rows, counts=range(2, 8))
        self.assertEqual(len(found.centres), 4)
        for start in range(0, 200, 50):
            self.assertEqual(len(set(found.labels[start : start + 50].tolist())), 1)

    def test_centres_are_means_of_what_was_drawn_in(self):
        rows = [[1.0]] * 30 + [[5.0]] * 10
        found = clusters.fit(rows, counts=[2])
        self.assertEqual([round(float(centre[0]), 4) for centre in found.centres], [1.0, 5.0])

    def test_clusters_that_moved_far_are_others(self):
        of = clusters.Scale([0.0], [9.0], [0.0], [2.0])
        self.assertEqual(clusters.match([[1.0]], [[2.4]], of), {0: 0})
        self.assertEqual(clusters.match([[1.0]], [[2.6]], of), {})
        self.assertEqual(clusters.match([], [[1.0]], of), {})

    def test_match_is_the_best_of_all(self):
        """Pairs by the smallest sum: the nearest one for 1.0 is left to 0.9, which has no other."""
        of = clusters.Scale([0.0], [9.0], [0.0], [1.0])
        self.assertEqual(clusters.match([[1.1], [1.5]], [[1.2], [0.9]], of), {0: 1, 1: 0})

    def test_wrong_numbers_are_refused(self):
        for counts in ([], [1], [4]):
            with self.assertRaises(ValueError):
                clusters.fit([[1.0], [2.0], [3.0]], counts=counts)
