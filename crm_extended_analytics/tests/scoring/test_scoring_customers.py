from datetime import date

from ...scoring import cohort, lateness, peers, profiling, rfm, satisfaction, similarity
from .common_scoring import BaseCase, tagged

DAYS = [5, 12, 20, 33, 48, 70, 95, 150, 240, 400]
ORDERS = [12, 8, 9, 5, 6, 3, 2, 4, 1, 1]
MONEY = [9000, 7000, 1500, 4000, 800, 2500, 600, 1200, 300, 5000]
CELLS = ["555", "545", "453", "434", "342", "323", "221", "232", "111", "114"]


@tagged("post_install", "-at_install")
class TestScoringProfiling(BaseCase):
    def test_delay(self):
        """1,000 by 10 days late and 3,000 by 2 days early: (10,000 - 6,000) / 4,000."""
        self.assertEqual(profiling.weighted_delay_days([(1000, 10), (3000, -2)]), 1.0)
        self.assertIsNone(profiling.weighted_delay_days([]))

    def test_days_of_sales(self):
        self.assertAlmostEqual(profiling.dso_simple(500, 750, 92), 61.33, 2)
        months = [(200, 31), (300, 30), (250, 31)]
        self.assertEqual(profiling.dso_countback(500, months), 61.0)
        # 50 of the 250 remain: a fifth of 31 days
        self.assertAlmostEqual(profiling.dso_countback(550, months), 67.2)
        self.assertEqual(profiling.dso_countback(0, months), 0)

    def test_days_of_sales_without_history(self):
        """No sales, or months that do not cover what is open: unknown, not 0."""
        self.assertIsNone(profiling.dso_simple(500, 0, 92))
        self.assertIsNone(profiling.dso_countback(1000, [(200, 31)]))
        self.assertIsNone(profiling.dso_countback(10, []))

    def test_limit_and_overdue(self):
        self.assertEqual(profiling.limit_use(6000, 6000, 10_000), 1.2)
        self.assertIsNone(profiling.limit_use(6000, 0, 0))
        self.assertEqual(profiling.share_overdue(250, 1000), 0.25)
        self.assertIsNone(profiling.share_overdue(0, 0))
        with self.assertRaises(ValueError):
            profiling.share_overdue(2000, 1000)

    def test_completeness(self):
        self.assertEqual(profiling.completeness({"email": True}, {"email": 3, "phone": 1}), 0.75)
        self.assertIsNone(profiling.completeness({}, {}))

    def test_data_age(self):
        self.assertEqual(profiling.data_age_days(date(2026, 1, 1), today=date(2026, 3, 1)), 59)
        self.assertIsNone(profiling.data_age_days(None, today=date(2026, 3, 1)))

    def test_concentration(self):
        """Shares 0.5, 0.3, 0.2: 0.25 + 0.09 + 0.04."""
        self.assertAlmostEqual(profiling.concentration([50, 30, 20]), 0.38)
        self.assertIsNone(profiling.concentration([]))


@tagged("post_install", "-at_install")
class TestScoringRfm(BaseCase):
    def cells(self, order):
        """Return the RFM cells of the ten customers when their rows come in that order."""
        parts = []
        for values, lower in ((DAYS, True), (ORDERS, False), (MONEY, False)):
            rows = [values[place] for place in order]
            cutoffs = rfm.rfm_cutoffs(rows, keys=list(order), lower_is_better=lower)
            parts.append(rfm.rfm_scores(rows, cutoffs, keys=list(order)))
        found = {place: "".join(str(part[row]) for part in parts) for row, place in enumerate(order)}
        return [found[place] for place in range(10)]

    def test_ten_customers(self):
        """The hand case; the order of the rows changes nothing."""
        self.assertEqual(self.cells(range(10)), CELLS)
        self.assertEqual(self.cells([3, 9, 0, 7, 1, 8, 2, 6, 5, 4]), CELLS)

    def test_incremental_equals_full(self):
        """One customer scored by frozen limits, read back from JSON, under each tie rule."""
        for tie in rfm.TIE_RULES:
            cutoffs = rfm.rfm_cutoffs(ORDERS * 3, tie=tie)
            frozen = rfm.Cutoffs.from_dict(cutoffs.as_dict())
            full = rfm.rfm_scores(ORDERS * 3, cutoffs).tolist()
            single = [rfm.rfm_score(value, frozen, key=key) for key, value in enumerate(ORDERS * 3)]
            self.assertEqual(full, single)

    def test_tie_rules(self):
        """Six of ten bought once: by record they fill classes 3 to 1, else they are together."""
        orders = [9, 8, 7, 6, 1, 1, 1, 1, 1, 1]
        for tie, scores in [
            ("record", [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]),
            ("best", [5, 5, 4, 4, 3, 3, 3, 3, 3, 3]),
            ("worst", [5, 5, 4, 4, 1, 1, 1, 1, 1, 1]),
        ]:
            self.assertEqual(rfm.rfm_scores(orders, rfm.rfm_cutoffs(orders, tie=tie)).tolist(), scores, tie)

    def test_classes_are_those_of_ntile(self):
        """Seven customers in five classes: the best two classes get one more."""
        cutoffs = rfm.rfm_cutoffs([7, 6, 5, 4, 3, 2, 1])
        self.assertEqual(rfm.rfm_scores([7, 6, 5, 4, 3, 2, 1], cutoffs).tolist(), [5, 5, 4, 4, 3, 2, 1])

    def test_few_customers(self):
        """Three, one and none."""
        self.assertEqual(rfm.rfm_scores([3, 2, 1], rfm.rfm_cutoffs([3, 2, 1])).tolist(), [5, 4, 3])
        for tie in rfm.TIE_RULES:
            self.assertEqual(rfm.rfm_score(8, rfm.rfm_cutoffs([8], tie=tie)), 5)
        self.assertIsNone(rfm.rfm_cutoffs([]))
        self.assertIsNone(rfm.rfm_score(None, rfm.rfm_cutoffs([8])))

    def test_another_order_never_lowers_frequency(self):
        """Neither by the frozen limits nor when the limits are found anew."""
        for tie in rfm.TIE_RULES:
            before = rfm.rfm_cutoffs(ORDERS, tie=tie)
            for customer in range(10):
                more = [count + (place == customer) for place, count in enumerate(ORDERS)]
                was = rfm.rfm_score(ORDERS[customer], before, key=customer)
                self.assertGreaterEqual(rfm.rfm_score(more[customer], before, key=customer), was)
                anew = rfm.rfm_score(more[customer], rfm.rfm_cutoffs(more, tie=tie), key=customer)
                self.assertGreaterEqual(anew, was)

    def test_every_cell_has_a_name(self):
        """The grid as one reads it: a row per recency from 5, a column per frequency from 1."""
        grid = {
            5: ["new", "promising", "promising", "champions", "champions"],
            4: ["new", "promising", "promising", "champions", "champions"],
            3: ["cooling", "needs_attention", "needs_attention", "loyal", "loyal"],
            2: ["lost", "hibernating", "hibernating", "at_risk", "at_risk"],
            1: ["lost", "hibernating", "hibernating", "at_risk", "at_risk"],
        }
        for recency, names in grid.items():
            self.assertEqual([rfm.rfm_cell(recency, frequency) for frequency in range(1, 6)], names)
        with self.assertRaises(ValueError):
            rfm.rfm_cell(0, 1)

    def test_retention(self):
        self.assertEqual(rfm.retention_rate(1000, 1060, 160), 0.90)
        self.assertIsNone(rfm.retention_rate(0, 5, 5))
        with self.assertRaises(ValueError):
            rfm.retention_rate(10, 20, 5)

    def test_repeat_rate(self):
        self.assertEqual(rfm.repeat_rate([0, 1, 2, 3]), 2 / 3)
        self.assertIsNone(rfm.repeat_rate([0, 0]))

    def test_unknown_tie_rule_is_refused(self):
        with self.assertRaises(ValueError):
            rfm.rfm_cutoffs([1], tie="coin")


@tagged("post_install", "-at_install")
class TestScoringLateness(BaseCase):
    def test_sentence_of_the_issue(self):
        """Buys every 34 days, 12 days late now."""
        days = [date(2026, 1, 1), date(2026, 2, 4), date(2026, 3, 10), date(2026, 3, 10), date(2026, 4, 13)]
        gaps = lateness.intervals(reversed(days))
        self.assertEqual(gaps, [34, 34, 34])
        self.assertEqual(lateness.cadence(gaps), 34)
        self.assertEqual(lateness.expected_next(days[-1], 34), date(2026, 5, 17))
        self.assertEqual(lateness.days_late(days[-1], 34, today=date(2026, 5, 29)), 12)
        self.assertEqual(lateness.probability_late(gaps, 46), 0.75)

    def test_not_late(self):
        self.assertEqual(lateness.days_late(date(2026, 4, 13), 34, today=date(2026, 4, 20)), 0)

    def test_one_purchase_has_no_rhythm(self):
        self.assertEqual(lateness.intervals([date(2026, 1, 1)]), [])
        self.assertIsNone(lateness.cadence([]))
        self.assertIsNone(lateness.cadence([30]))
        self.assertIsNone(lateness.expected_next(date(2026, 1, 1), None))
        self.assertIsNone(lateness.days_late(date(2026, 1, 1), None, today=date(2026, 2, 1)))
        self.assertIsNone(lateness.probability_late([30], 60))

    def test_probability_rises_with_silence(self):
        chances = [lateness.probability_late([10, 20, 20, 40], days) for days in range(60)]
        self.assertEqual(chances, sorted(chances))
        self.assertEqual((chances[0], chances[20], chances[-1]), (0, 0.4, 0.8))


@tagged("post_install", "-at_install")
class TestScoringCohort(BaseCase):
    PURCHASES = [("a", 1), ("b", 1), ("a", 2), ("a", 2), ("c", 2), ("a", 3), ("b", 3), ("c", 4)]

    def test_triangle(self):
        """a and b start in 1, c in 2; period 4 is not over yet."""
        for rows in (self.PURCHASES, self.PURCHASES[::-1]):
            triangle = cohort.cohort_triangle(rows, last_period=3)
            self.assertEqual([(row.start, row.active) for row in triangle], [(1, (2, 1, 2)), (2, (1, 0, None))])
            self.assertEqual(triangle[1].retention, (1.0, 0.0, None))

    def test_no_purchases(self):
        self.assertEqual(cohort.cohort_triangle([], last_period=3), [])

    def test_switching_rows_sum_to_one(self):
        rows = cohort.switching({1: "a", 2: "a", 3: "a", 4: "b"}, {1: "a", 2: "b"})
        for row in rows.values():
            self.assertAlmostEqual(sum(row.values()), 1)
        self.assertAlmostEqual(rows["a"][None], 1 / 3)


@tagged("post_install", "-at_install")
class TestScoringPeers(BaseCase):
    def test_single_and_many_agree(self):
        values, groups = [10, 20, 20, 30, 5, 7, 7, 7], [1, 1, 1, 1, 2, 2, 2, 2]
        many = peers.percentiles(values, groups, least=3)
        for place, value in enumerate(values):
            others = [values[other] for other in range(8) if other != place and groups[other] == groups[place]]
            self.assertAlmostEqual(many[place], peers.percentile_among(value, others, least=3))

    def test_too_few_peers(self):
        self.assertIsNone(peers.percentile_among(3, [1, 2]))
        self.assertIsNone(peers.category_gaps([], [{"a": 1}]))

    def test_gap(self):
        """Four of six buy bulbs, one cable; returned goods are not bought."""
        rows = [{"lamps": 9, "bulbs": 4}] * 4 + [{"lamps": 9, "cable": 1}, {"bulbs": -2}]
        gaps = peers.category_gaps(["lamps"], rows)
        self.assertEqual([(gap.category, gap.buyers, gap.typical) for gap in gaps], [("bulbs", 4, 4)])

    def test_look_alikes(self):
        """The measure that nobody differs in does not count, nor does one that is not known."""
        model = similarity.describe([[10, 5, 1], [20, 5, 2], [30, 5, 3]], [[30, 5, 3]])
        found = similarity.distances([[30, 99, 3], [30, 5, float("nan")], [10, 5, 1], [float("nan")] * 3], model)
        self.assertEqual(found[:2].tolist(), [0, 0])
        # both measures 20 / 8.165 away
        self.assertAlmostEqual(found[2], 2.4495, 4)
        self.assertTrue(found[3] != found[3])
        self.assertIsNone(similarity.describe([], []))

    def test_satisfaction(self):
        self.assertEqual(satisfaction.net_promoter_score([9] * 60 + [7] * 25 + [0] * 15), 45)
        self.assertEqual(satisfaction.customer_satisfaction([5] * 172 + [3] * 28), 0.86)
        self.assertEqual(satisfaction.response_rate(200, 800), 0.25)
        for function in (satisfaction.net_promoter_score, satisfaction.customer_satisfaction):
            self.assertIsNone(function([]))
        with self.assertRaises(ValueError):
            satisfaction.net_promoter_score([11])
        with self.assertRaises(ValueError):
            satisfaction.customer_satisfaction([0])
