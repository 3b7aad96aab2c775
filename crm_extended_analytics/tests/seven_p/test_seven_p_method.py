from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common_seven_p import SevenPCase


@tagged("post_install", "-at_install")
class TestSevenPMethod(SevenPCase):
    def test_shipped_method_is_in_use(self):
        method = self.env["crm.scoring.method"]._get_for_company(self.company)
        self.assertEqual(method.state, "active")
        self.assertEqual(set(method.weight_ids.mapped("p")), {p._p_code for p in self.env["crm.scoring.p"]._get_all()})

    def test_method_in_use_does_not_change(self):
        self.method.action_activate()
        with self.assertRaisesRegex(UserError, "Make a new version"):
            self.method.window_months = 6
        with self.assertRaisesRegex(UserError, "Make a new version"):
            self.method.weight_ids[0].unlink()
        with self.assertRaisesRegex(ValidationError, "Make a new version"):
            self.method.weight_ids[0].weight = 99

    def test_new_version_is_a_draft_with_the_same_measures(self):
        self.method.action_activate()
        version = self.env["crm.scoring.method"].browse(self.method.action_new_version()["res_id"])
        self.assertEqual((version.version, version.state), (2, "draft"))
        measures = [sorted(method.weight_ids.mapped("measure")) for method in (version, self.method)]
        self.assertEqual(*measures)

    def test_activating_retires_the_one_before(self):
        self.method.action_activate()
        version = self.env["crm.scoring.method"].browse(self.method.action_new_version()["res_id"])
        version.action_activate()
        self.assertEqual((self.method.state, version.state), ("retired", "active"))
        self.assertEqual(self.env["crm.scoring.method"]._get_for_company(self.company), version)

    def test_weights_decide(self):
        """Only net sales count: the order of the scores is that of the sales."""
        self.method.weight_ids.filtered(lambda w: w.p == "performance" and w.measure != "net_sales").unlink()
        customers = self._make_rfm_set()
        self._run()
        rows = sorted((self._measure(c).net_sales or 0, self._month(c).score_performance or 0) for c in customers)
        self.assertEqual([score for _sales, score in rows], sorted(score for _sales, score in rows))

    def test_total_leaves_out_what_is_not_measurable(self):
        one, other = self._customers(2)
        for partner in (one, other):
            self._sale(partner, "2026-05-01")
        self._run()
        month = self._month(one)
        known = [month[f"score_{p._p_code}"] for p in self.env["crm.scoring.p"]._get_all()]
        known = [score for score in known if score is not False]
        self.assertLess(len(known), 7)
        self.assertAlmostEqual(month.total, sum(known) / len(known))
