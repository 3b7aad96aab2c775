import random

from odoo.tests import BaseCase, tagged

from ...scoring.score_change import Counted, score_change, weighted_mean


@tagged("post_install", "-at_install")
class TestScoreChange(BaseCase):
    def test_each_part_by_hand(self):
        """Places 80 and 60 of equal weight are 70; 50 and 60 with 75 of double weight are 65.

        The value of the first moves 80 -> 54 by the old cut-offs (-13), the new ones give it 50 (-2), and what is
        new draws 55 up by half of its 20 (+10).
        """
        before = {"recency": Counted(1, 80.0, True), "orders": Counted(1, 60.0)}
        after = {"recency": Counted(1, 50.0, True), "orders": Counted(1, 60.0), "alive": Counted(2, 75.0)}
        change = score_change(before, after, shifted={"recency": 54.0, "orders": 60.0})
        self.assertEqual(change.values, {"recency": -13.0, "orders": 0.0})
        self.assertEqual((change.cutoffs, change.method, change.appeared, change.vanished), (-2, 0, {"alive": 10}, {}))

    def test_other_weights_and_directions_are_the_method(self):
        """80 and 20 of weight 1 and 1 are 50, of 3 and 1 they are 65; turned, 80 is 20 and the mean 20."""
        before = {"a": Counted(1, 80.0), "b": Counted(1, 20.0)}
        shifted = {"a": 80.0, "b": 20.0}
        heavier = score_change(before, {"a": Counted(3, 80.0), "b": Counted(1, 20.0)}, shifted=shifted)
        self.assertEqual((heavier.method, heavier.cutoffs), (15, 0))
        turned = score_change(before, {"a": Counted(1, 20.0, True), "b": Counted(1, 20.0)}, shifted=shifted)
        self.assertEqual((turned.method, turned.cutoffs), (-30, 0))

    def test_nothing_in_common(self):
        change = score_change({"a": Counted(1, 80.0)}, {"b": Counted(1, 20.0)}, shifted={})
        self.assertEqual((change.appeared, change.vanished, change.total), ({"b": -60}, {"a": 0}, -60))

    def test_unknown_score_has_no_change(self):
        self.assertIsNone(score_change({}, {"a": Counted(1, 80.0)}, shifted={}))

    def test_parts_always_sum_to_the_difference(self):
        """Drawn with a seed: any weights, places, directions, measures that come and go."""
        chance = random.Random(20261124)

        def draw():
            names = chance.sample("abcdef", chance.randint(1, 6))
            return {
                name: Counted(chance.randint(1, 40), chance.uniform(0, 100), chance.random() < 0.5) for name in names
            }

        for _number in range(500):
            before, after = draw(), draw()
            shifted = {name: chance.uniform(0, 100) for name in before if name in after}
            change = score_change(before, after, shifted=shifted)
            self.assertAlmostEqual(change.total, weighted_mean(after) - weighted_mean(before), 9)
