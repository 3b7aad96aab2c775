from datetime import date

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common_pyramid import PyramidCase


@tagged("post_install", "-at_install")
class TestValueAtRisk(PyramidCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.late, cls.loyal, cls.foreign = cls.buyers[:3]
        cls.late.write({"user_id": cls.seller.id, "email": "late@example.com"})
        cls.foreign.user_id = cls.colleague
        values = {"company_id": cls.company.id, "period": "2026-06-01", "as_of": "2026-06-30"}
        cls.env["crm.customer.measure"].create(
            [
                values
                | {
                    "partner_id": partner.id,
                    "clv": clv,
                    "p_alive": alive,
                    "p_alive_repeat": alive,
                    "value_at_risk": clv * (1 - alive),
                    "recency_days": 90,
                    "rhythm_days": 30,
                    "days_late": 60,
                    "rfm_frequency_class": 4,
                    "last_date": date(2026, 4, 1),
                }
                for partner, clv, alive in (
                    (cls.late, 1000, 0.2),
                    (cls.loyal, 3000, 0.9),
                    (cls.foreign, 500, 0.5),
                    (cls.buyers[3], 700, 1.0),
                )
            ]
        )
        cls.env.flush_all()

    def _risks(self, user=None):
        risks = self.env["crm.value.at.risk"].with_context(allowed_company_ids=self.company.ids)
        return risks.with_user(user or self.env.user).search([("company_id", "=", self.company.id)])

    def test_order_and_numbers(self):
        """1,000 x 0.8, then 3,000 x 0.1, then 500 x 0.5; nothing is at risk of who is certain to stay."""
        risks = self._risks()
        self.assertEqual(risks.partner_id, self.late + self.loyal + self.foreign)
        self.assertEqual([round(risk.value_at_risk) for risk in risks], [800, 300, 250])
        self.assertAlmostEqual(risks[0].loss_pct, 80)
        self.assertIn("Buys every 30", risks[0].reason)
        self.assertIn("60", risks[0].reason)

    def test_empty_list_says_why(self):
        """A refused model is the reason why nobody is listed; a fitted one adds nothing."""
        risks = self.env["crm.value.at.risk"].with_user(self.seller).with_company(self.company)
        self.assertEqual(risks.get_empty_list_help("<p>Help</p>"), "<p>Help</p>")
        run = self.env["crm.scoring.run"]._create_run(self.company, as_of=date(2026, 6, 30))
        card = self.env["crm.scoring.model.card"].create(
            {
                "run_id": run.id,
                "model": "bg_nbd",
                "is_refused": True,
                "refusal": {"code": "no_library", "library": "<scipy>"},
            }
        )
        message = risks.get_empty_list_help("<p>Help</p>")
        self.assertIn("<p>Help</p>", message)
        self.assertIn("the Python library &lt;scipy&gt;", message)
        card.is_refused = False
        self.assertEqual(risks.get_empty_list_help("<p>Help</p>"), "<p>Help</p>")

    def test_activities_are_planned_once(self):
        risks = self._risks()
        for planned in (2, 0):
            message = risks[:2].action_plan_activities()["params"]["message"]
            self.assertIn(f"{planned} activities", message)
        activity = self.env["mail.activity"].search([("res_model", "=", "res.partner"), ("res_id", "=", self.late.id)])
        self.assertEqual((len(activity), activity.user_id), (1, self.seller))
        self.assertIn("800", activity.summary)
        self.assertEqual([risk.has_activity for risk in self._risks()], [True, True, False])

    def test_audience(self):
        action = self._risks().action_make_audience()
        if "mailing.list" in self.env:
            audience = self.env["mailing.list"].browse(action["res_id"])
            self.assertEqual(audience.contact_ids.mapped("email"), ["late@example.com"])
        else:
            self.assertEqual(action["domain"], [("id", "in", (self.late + self.loyal + self.foreign).ids)])

    def test_salesman_sees_his_customers_and_those_of_nobody(self):
        self.assertEqual(self._risks(self.seller).partner_id, self.late + self.loyal)
        self._risks(self.seller)[:1].action_plan_activities()

    def test_plain_user_is_refused(self):
        plain = new_test_user(
            self.env, "varx_plain", company_id=self.company.id, company_ids=[Command.set(self.company.ids)]
        )
        with self.assertRaises(AccessError):
            self._risks(plain)

    def test_queries_do_not_grow(self):
        counts = []
        for limit in (2, 1, 3):
            self.env.invalidate_all()
            risks = self._risks()[:limit]
            start = self.cr.sql_log_count
            risks.mapped("reason")
            counts.append(self.cr.sql_log_count - start)
        self.assertEqual(*counts[1:])
