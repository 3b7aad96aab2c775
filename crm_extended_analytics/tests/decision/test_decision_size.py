from odoo.tests import Form, tagged

from .common_decision import DecisionCase


@tagged("post_install", "-at_install")
class TestDecisionSize(DecisionCase):
    def _sized(self, number, buying, **values):
        """Return a decision about customers, some of whom bought in the 29 days before."""
        partners = self._customers(number)
        self._buy(partners[:buying], [100.0] * buying, day="2026-06-15")
        return self._decision(partners, basis=None, measure="buyers", **values)

    def test_least_size_of_proportions(self):
        """5 % buy, 60 % more is 8 %: 1059 each, as in the textbook, or 624 beside nine times as many."""
        decision = self._sized(20, 1, expected_pct=60)
        self.assertAlmostEqual(decision.base_value, 5)
        self.assertEqual(decision.needed_count, 1059)
        decision.share_pct = 10
        self.assertEqual(decision.needed_count, 624)

    def test_too_small_is_said_before_the_draw(self):
        decision = self._sized(40, 20, share_pct=20)
        self.assertEqual((decision.population_count, decision.planned_count), (40, 8))
        self.assertEqual(decision.basis, "prior")
        self.assertRegex(decision.size_note, "With 40 customers, 8 of them held out, only an effect above [0-9]+ %")
        self.assertIn("cannot prove", decision.size_note)

    def test_large_enough(self):
        decision = self._sized(400, 200, expected_pct=50)
        self.assertEqual(decision.basis, "holdout")
        self.assertGreater(decision.power_pct, 99)
        self.assertIn("large enough", decision.size_note)

    def test_amounts(self):
        """Mean 100, deviation 100 (0 and 200): 40 % of 100 needs 2 x (2.802 x 100 / 40)^2 = 99 held out."""
        partners = self._customers(200)
        self._buy(partners[:100], [200.0] * 100, day="2026-06-15")
        decision = self._decision(partners, measure="revenue", expected_pct=40)
        self.assertAlmostEqual(decision.base_value, 100)
        # the sample deviation is 100.25
        self.assertEqual(decision.needed_count, 99)
        self.assertAlmostEqual(decision.smallest_pct, 39.7)

    def test_the_owner_may_choose_otherwise(self):
        decision = self._sized(40, 20)
        decision.basis = "holdout"
        self.assertIn("may be chance", decision.size_note)
        decision.action_start()
        self.assertEqual((decision.basis, decision.held_out_count), ("holdout", 20))

    def test_live_in_the_form(self):
        partners = self._customers(40)
        self._buy(partners[:20], [100.0] * 20, day="2026-06-15")
        with Form(self.env["crm.decision"].with_company(self.company)) as form:
            form.name, form.finding = "Live", "Seen."
            form.date_deadline, form.date_end = "2026-07-02", "2026-07-29"
            form.task_type_id = self.call
            form.segment_id = self._segment(partners)
            form.measure = "buyers"
            self.assertIn("With 40 customers", form.size_note)
            self.assertEqual(form.basis, "prior")

    def test_nothing_bought_before(self):
        decision = self._decision(self._customers(4))
        self.assertIn("None of the 4 customers bought", decision.size_note)
