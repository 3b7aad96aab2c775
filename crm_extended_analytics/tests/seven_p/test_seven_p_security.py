from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common_seven_p import SevenPCase

SCORES = ("crm.customer.measure", "crm.customer.score", "crm.customer.score.month")
SETTINGS = ("crm.scoring.method", "crm.scoring.method.weight", "crm.scoring.period")
RUNS = ("crm.scoring.run", "crm.scoring.run.range", "crm.scoring.model.card")


@tagged("post_install", "-at_install")
class TestSevenPSecurity(SevenPCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            name: new_test_user(
                cls.env, f"spx_{name}", groups, company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)]
            )
            for name, groups in (
                ("plain", "base.group_user"),
                ("analyst", "crm_extended.crm_extended_group_analyst"),
                ("implementer", "crm_extended.crm_extended_group_implementer"),
            )
        }
        cls.own = cls._customers(1, user_id=cls.seller.id)
        cls.foreign = cls._customers(1, user_id=cls.colleague.id)
        for partner in cls.own + cls.foreign:
            cls._sale(partner, "2026-05-01", cost=50)
        cls.scoring_run = cls._run()

    def _as(self, user, model):
        user = self.users.get(user) or getattr(self, user)
        return self.env[model].with_user(user).with_context(allowed_company_ids=self.company.ids)

    def test_plain_user_is_refused(self):
        for model in SCORES + SETTINGS + RUNS:
            with self.subTest(model), self.assertRaises(AccessError):
                self._as("plain", model).search([])

    def test_scores_follow_the_owner_of_the_customer(self):
        for model in SCORES:
            with self.subTest(model):
                self.assertEqual(self._as("seller", model).search([]).partner_id, self.own)
                self.assertEqual(self._as("analyst", model).search([]).partner_id, self.own + self.foreign)

    def test_nobody_writes_scores(self):
        for model in SCORES:
            for operation in ("write", "create", "unlink"):
                self.assertFalse(self._as("implementer", model).has_access(operation), f"{operation} {model}")

    def test_analyst_reads_and_implementer_writes_settings(self):
        for model in SETTINGS:
            self.assertTrue(self._as("analyst", model).has_access("read"))
            self.assertFalse(self._as("analyst", model).has_access("write"))
            self.assertTrue(self._as("implementer", model).has_access("write"))

    def test_salesman_may_not_run(self):
        with self.assertRaises(AccessError):
            self._as("seller", "crm.scoring.run").action_run()
        self.assertTrue(self._as("analyst", "crm.scoring.run").action_run()["res_id"])

    def test_other_company_is_not_seen(self):
        other = self._make_company("Other Ltd")
        stranger = new_test_user(
            self.env,
            "spx_other",
            "crm_extended.crm_extended_group_implementer",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for model in (*SCORES, *RUNS):
            records = self.env[model].with_user(stranger).with_context(allowed_company_ids=other.ids).search([])
            self.assertFalse(
                records.filtered(lambda record: "company_id" in record and record.company_id == self.company)
            )

    def test_explanation_is_read_by_the_seller(self):
        score = self._as("seller", "crm.customer.score").search([("p", "=", "performance")])
        self.assertIn("Net sales 100", score.explanation_text)
