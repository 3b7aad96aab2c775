import random
from collections import Counter

from ...scoring import abc_xyz, people, pyramid, score_scale
from .common_scoring import BaseCase, tagged

VALUES = [50, 20, 10, 6, 4, 3, 3, 2, 1, 1]
REGULAR, SOME, WILD = [100, 102, 98, 101, 99, 100], [100, 120, 80, 110, 90, 100], [0, 300, 0, 20, 150, 0]


def drawn(seed, count):
    """Return amounts with many ties, some of them losses, and ids in no order."""
    rng = random.Random(seed)
    return [rng.choice([-5, 0, 1, 1, 2, 3, 5, 8, 40]) for _one in range(count)], rng.sample(range(10_000), count)


@tagged("post_install", "-at_install")
class TestScoringAbc(BaseCase):
    def test_boundary_rules(self):
        """Including the item A3 B3 C4, before it A3 B4 C3."""
        self.assertEqual("".join(abc_xyz.abc_classes(VALUES)), "AAABBBCCCC")
        self.assertEqual("".join(abc_xyz.abc_classes(VALUES, is_item_included=False)), "AAABBBBCCC")

    def test_boundary_is_not_missed_by_rounding(self):
        """Ten times 0.1 is 0.9999999999999999 in a computer; eight of them are 80 %."""
        self.assertEqual("".join(abc_xyz.abc_classes([0.1] * 10)), "AAAAAAAABC")
        self.assertEqual("".join(abc_xyz.abc_classes([0.1] * 10, is_item_included=False)), "AAAAAAAABB")

    def test_negative_values_stand_apart(self):
        """And do not shift the shares of the others."""
        self.assertEqual("".join(abc_xyz.abc_classes([*VALUES, -500, 0])), "AAABBBCCCC--")
        self.assertEqual("".join(abc_xyz.abc_classes([-1, 0])), "--")
        self.assertEqual("".join(abc_xyz.abc_classes([])), "")

    def test_classes_partition_the_value(self):
        """Each item has one class, the classes hold all the positive value, and A is no less than B."""
        for seed in range(10):
            values, keys = drawn(seed, 200)
            for is_included in (True, False):
                found = abc_xyz.abc_classes(values, keys=keys, is_item_included=is_included)
                sums = Counter()
                for value, letter in zip(values, found, strict=True):
                    sums[str(letter)] += value
                self.assertLessEqual(set(sums), set("ABC-"))
                positive = sum(value for value in values if value > 0)
                self.assertEqual(sums["A"] + sums["B"] + sums["C"], positive)
                self.assertTrue(sums["A"] <= 0.8 * positive or not is_included)

    def test_ties_are_stable(self):
        """The order of the rows changes nothing: ids decide."""
        values, keys = drawn(1, 200)
        order = random.Random(2).sample(range(200), 200)
        found = dict(zip(keys, abc_xyz.abc_classes(values, keys=keys), strict=True))
        shuffled = [keys[place] for place in order]
        again = abc_xyz.abc_classes([values[place] for place in order], keys=shuffled)
        self.assertEqual(found, dict(zip(shuffled, again, strict=True)))

    def test_thresholds_must_rise(self):
        with self.assertRaises(ValueError):
            abc_xyz.abc_classes([1], thresholds=(0.95, 0.8))

    def test_variation(self):
        """Population and sample deviation of the three series."""
        for series, population, sample in [(REGULAR, 0.0129, 0.0141), (SOME, 0.1291, 0.1414), (WILD, 1.4375, 1.5748)]:
            self.assertAlmostEqual(abc_xyz.variation(series), population, 4)
            self.assertAlmostEqual(abc_xyz.variation(series, is_sample=True), sample, 4)
            for is_sample in (True, False):
                single = abc_xyz.variation(series, is_sample=is_sample)
                self.assertAlmostEqual(abc_xyz.variations([series], is_sample=is_sample)[0], single)

    def test_profiles(self):
        """The middle series is Y by 10/25 and X by 25/50."""
        self.assertEqual([abc_xyz.xyz_class(series) for series in (REGULAR, SOME, WILD)], ["X", "X", "Z"])
        east = {"thresholds": (0.10, 0.25)}
        self.assertEqual([abc_xyz.xyz_class(series, **east) for series in (REGULAR, SOME, WILD)], ["X", "Y", "Z"])
        self.assertEqual(abc_xyz.xyz_class(WILD, most_empty=0.4), "N")
        self.assertEqual(abc_xyz.xyz_class(WILD, most_empty=0.5), "Z")

    def test_new_item_has_no_class(self):
        self.assertIsNone(abc_xyz.xyz_class([5, 6]))
        self.assertIsNone(abc_xyz.variation([-5, 2, 3]))
        found = abc_xyz.variations([[0, 0, 0], [-5, 2, 3]])
        self.assertTrue((found != found).all())


@tagged("post_install", "-at_install")
class TestScoringPyramid(BaseCase):
    def test_curry(self):
        """1,000 customers: 10, 40, 150, 800, also when all are equal."""
        for values in (range(1000), [7] * 1000):
            found = Counter(pyramid.tiers_by_percentile(values).tolist())
            self.assertEqual(found, {0: 10, 1: 40, 2: 150, 3: 800})

    def test_zeithaml(self):
        found = pyramid.tiers_by_percentile(range(10), shares=pyramid.ZEITHAML_SHARES)
        self.assertEqual(found.tolist(), [3, 3, 2, 2, 2, 1, 1, 1, 0, 0])

    def test_small_companies(self):
        """50 customers: one on top, 5 % is 2.5 and goes down to 2; one customer is the top; none is none."""
        found = Counter(pyramid.tiers_by_percentile(range(50)).tolist())
        self.assertEqual(found, {0: 1, 1: 1, 2: 8, 3: 40})
        self.assertEqual(pyramid.tiers_by_percentile([5]).tolist(), [0])
        self.assertEqual(pyramid.tiers_by_percentile([]).tolist(), [])

    def test_by_share(self):
        found = pyramid.tiers_by_share([*VALUES, 0, -5], shares=(0.8, 0.15, 0.05))
        self.assertEqual(found.tolist(), [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2])
        self.assertEqual(pyramid.tiers_by_share([0, -1]).tolist(), [3, 3])

    def test_by_amount(self):
        self.assertEqual(pyramid.tiers_by_amount([100, 99.99, 50, 0], amounts=[100, 50]).tolist(), [0, 1, 1, 2])
        with self.assertRaises(ValueError):
            pyramid.tiers_by_amount([1], amounts=[50, 100])

    def test_tiers_partition_the_customers(self):
        """Each in one tier, nobody above a better one, whatever the order of the rows."""
        for seed in range(10):
            values, keys = drawn(seed, 173)
            order = random.Random(seed).sample(range(173), 173)
            for function in (pyramid.tiers_by_percentile, pyramid.tiers_by_share):
                tiers = function(values, keys=keys).tolist()
                self.assertEqual(sum(share.count for share in pyramid.tier_shares(tiers, values, count=4)), 173)
                ranked = [
                    tier for _value, tier in sorted(zip(values, tiers, strict=True), key=lambda row: (-row[0], row[1]))
                ]
                self.assertEqual(ranked, sorted(ranked))
                again = function([values[place] for place in order], keys=[keys[place] for place in order])
                self.assertEqual([tiers[place] for place in order], again.tolist())

    def test_measured_shares(self):
        """The shares are those of the data, not of the book."""
        found = pyramid.tier_shares([0, 1, 1, 2], [60, 30, 20, -10], count=4)
        self.assertEqual([tier.share for tier in found], [0.6, 0.5, -0.1, 0.0])
        self.assertIsNone(pyramid.tier_shares([0], [-1], count=1)[0].share)

    def test_migration_rows_sum_to_one(self):
        rng = random.Random(5)
        before = {key: rng.choice("abc") for key in range(80)}
        after = {key: rng.choice("abc") for key in range(40, 120)}
        rows = pyramid.migration_matrix(before, after, tiers="abcd")
        for place in ("a", "b", "c", None):
            self.assertAlmostEqual(sum(rows[place].values()), 1)
        self.assertEqual(rows["d"], {})
        with self.assertRaises(ValueError):
            pyramid.migration_matrix({1: "x"}, {}, tiers="abc")

    def test_shares_must_sum_to_one(self):
        with self.assertRaises(ValueError):
            pyramid.tiers_by_percentile([1], shares=(0.5, 0.4))


@tagged("post_install", "-at_install")
class TestScoringScale(BaseCase):
    def test_quarters(self):
        scale = score_scale.scale_cutoffs([10, 20, 30, 40, 50])
        self.assertEqual(
            [score_scale.scale_score(value, scale) for value in (0, 10, 15, 30, 50, 99)], [0, 0, 12.5, 50, 100, 100]
        )

    def test_monotone(self):
        """A better measure never has the lower score, with ties and both directions."""
        values, _keys = drawn(3, 300)
        for lower in (False, True):
            scale = score_scale.scale_cutoffs(values, lower_is_better=lower)
            scores = [score_scale.scale_score(value, scale) for value in range(-10, 50)]
            self.assertEqual(scores, sorted(scores, reverse=lower))
            self.assertTrue(all(0 <= score <= 100 for score in scores))

    def test_incremental_equals_full(self):
        """One measure by the frozen scale, read back from JSON, as all at once."""
        values, _keys = drawn(4, 300)
        scale = score_scale.scale_cutoffs(values)
        frozen = score_scale.Scale.from_list(scale.as_list())
        full = score_scale.scale_scores(values, scale)
        for value, score in zip(values, full, strict=True):
            self.assertAlmostEqual(score_scale.scale_score(value, frozen), score, 10)

    def test_all_equal(self):
        scale = score_scale.scale_cutoffs([7, 7, 7])
        self.assertEqual(score_scale.scale_score(7, scale), 50)

    def test_not_measurable(self):
        self.assertIsNone(score_scale.scale_cutoffs([]))
        self.assertIsNone(score_scale.scale_score(None, score_scale.scale_cutoffs([1])))
        self.assertIsNone(score_scale.weighted_total({"a": None}, {"a": 1}))

    def test_total_leaves_out_what_cannot_be_measured(self):
        """2/3 of 80 and 1/3 of 50, and it says so."""
        total = score_scale.weighted_total({"a": 80, "b": None, "c": 50}, {"a": 2, "b": 1, "c": 1})
        self.assertAlmostEqual(total.score, 70)
        self.assertAlmostEqual(sum(total.weights.values()), 1)
        self.assertEqual(total.missing, ("b",))
        with self.assertRaises(ValueError):
            score_scale.weighted_total({"a": 101}, {"a": 1})


@tagged("post_install", "-at_install")
class TestScoringPeople(BaseCase):
    def test_hcroi(self):
        """Fitz-enz: 1,000,000 less 400,000 of costs without people, by 400,000 of people."""
        self.assertEqual(people.hcroi(1_000_000, 800_000, 400_000), 1.5)
        self.assertIsNone(people.hcroi(1_000_000, 800_000, 0))
        for people_cost in (-1, 900_000):
            with self.assertRaises(ValueError):
                people.hcroi(1_000_000, 800_000, people_cost)

    def test_rank_correlation(self):
        """By hand 1 - 6 x sum of d^2 / (n (n^2 - 1)), with eight places that differ by one."""
        found = people.rank_correlation(range(8), [1, 0, 3, 2, 5, 4, 7, 6])
        self.assertAlmostEqual(found.value, 1 - 6 * 8 / 504)
        self.assertEqual(people.rank_correlation(range(8), range(8, 0, -1)).value, -1)

    def test_rank_correlation_with_ties(self):
        """Ties share the mean of their places; what is the same for all has no correlation."""
        left, right = [1, 1, 2, 3, 4, 5, 6, 7], [2, 2, 4, 6, 8, 10, 12, 14]
        self.assertAlmostEqual(people.rank_correlation(left, right).value, 1)
        self.assertEqual(people.rank_correlation([5] * 8, right), (None, 8))

    def test_few_teams_are_not_told(self):
        self.assertEqual(people.rank_correlation(range(7), range(7)), (None, 7))
        self.assertEqual(people.rank_correlation([*range(8), None], [*range(7), None, 9]), (None, 7))
        with self.assertRaises(ValueError):
            people.rank_correlation([1], [1, 2])
