from ...scoring import decision, student
from .common_scoring import BaseCase, tagged


@tagged("post_install", "-at_install")
class TestScoringDecision(BaseCase):
    def test_table_of_student(self):
        """Printed table of t at 5 %, two-sided, and at 1 %."""
        for freedom, expected in ((1, 12.706), (2, 4.303), (5, 2.571), (10, 2.228), (30, 2.042), (120, 1.980)):
            self.assertAlmostEqual(student.two_sided_quantile(0.05, freedom), expected, 3)
        self.assertAlmostEqual(student.two_sided_quantile(0.01, 10), 3.169, 3)
        self.assertAlmostEqual(student.two_sided_p(0, 5), 1)
        with self.assertRaises(ValueError):
            student.two_sided_p(1, 0)

    def test_sleep_of_student(self):
        """His own ten patients of 1908: 1.58 hours more, deviation 1.23: t = 4.06, p = 0.0028."""
        found = decision.change_of_means(count=10, before=0.75, after=2.33, deviation=1.229995)
        self.assertAlmostEqual(found.difference, 1.58)
        self.assertAlmostEqual(found.p_value, 0.00283, 4)
        self.assertAlmostEqual(found.low, 0.70, 2)
        self.assertAlmostEqual(found.high, 2.46, 2)
        self.assertIsNone(decision.change_of_means(count=1, before=0, after=1, deviation=0))

    def test_size_and_power_agree(self):
        """What a hold-out of the needed size shows is what was asked for."""
        needed = decision.needed_holdout(deviation=100, least_difference=40, treated_per_holdout=4)
        smallest = decision.smallest_difference(deviation=100, treated=4 * needed, holdout=needed)
        self.assertAlmostEqual(smallest, 40, delta=0.5)
        self.assertAlmostEqual(decision.chance_to_see(smallest, smallest), 0.8)
        self.assertIsNone(decision.smallest_uplift(base_rate=0.95, treated=4, holdout=4))
        self.assertIsNone(decision.smallest_difference(deviation=1, treated=0, holdout=4))

    def test_verdicts(self):
        for low, high, romi, expected in (
            (1, 9, 0.0, "keep"),
            (1, 9, -0.1, "change"),
            (-1, 9, 2.0, "change"),
            (-1, 4.9, 2.0, "stop"),
            (-9, -1, None, "stop"),
            (None, None, None, None),
        ):
            self.assertEqual(decision.propose_verdict(low=low, high=high, expected=10, romi=romi), expected)

    def test_gains_add_up_in_squares(self):
        self.assertEqual(decision.sum_gains([(10, 7, 13), (20, 16, 24)]), (30, 25, 35))
        self.assertIsNone(decision.sum_gains([]))
        with self.assertRaises(ValueError):
            decision.sum_gains([(1, 2, 0)])
