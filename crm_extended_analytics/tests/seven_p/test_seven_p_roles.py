from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common_seven_p import SevenPCase

REFUSED = "refused"
ROLES = {
    "plain": "base.group_user",
    "seller": "sales_team.group_sale_salesman",
    "all_documents": "sales_team.group_sale_salesman_all_leads",
    "leader": "crm_extended.crm_extended_group_team_leader",
    "analyst": "crm_extended.crm_extended_group_analyst",
    "implementer": "crm_extended.crm_extended_group_implementer",
    "accountant": "account.group_account_invoice",
    "auditor": "account.group_account_readonly",
}
# what each role reads of three customers: his own, a colleague's, and one of nobody
SALES = {"plain": REFUSED, "seller": 2, "all_documents": 3, "leader": 3, "analyst": 3, "implementer": 3}
NO_ACCOUNTANT = {"accountant": REFUSED, "auditor": REFUSED}
ALL_ACCOUNTANT = {"accountant": 3, "auditor": 3}
# who scores and sets up scoring reads how it was done
ENGINE = dict.fromkeys(ROLES, REFUSED) | {"analyst": 1, "implementer": 1}
EXPECTED = {
    "crm.fact.sale": SALES | NO_ACCOUNTANT,
    "crm.fact.opportunity": SALES | NO_ACCOUNTANT,
    "crm.fact.return": SALES | NO_ACCOUNTANT,
    "crm.fact.invoice": SALES | ALL_ACCOUNTANT,
    "crm.fact.payment": SALES | ALL_ACCOUNTANT,
    "crm.customer.measure": SALES | NO_ACCOUNTANT,
    "crm.customer.score.month": SALES | NO_ACCOUNTANT,
    "crm.scoring.run": ENGINE,
    "crm.scoring.run.range": ENGINE,
}


@tagged("post_install", "-at_install")
class TestSevenPRoles(SevenPCase):
    """Who reads which facts and scores: each role, each model, and nobody across companies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {name: cls._make_user(name, group, cls.company) for name, group in ROLES.items()}
        owners = (cls.users["seller"], cls.colleague, cls.env["res.users"])
        cls.owned = cls._customers(3)
        for customer, owner in zip(cls.owned, owners, strict=True):
            customer.user_id = owner
            cls._sale(customer, "2026-05-01", cost=50).user_id = owner
            cls._return(customer, "2026-05-02", 5).user_id = owner
            cls._make_document("invoice", customer, owner)
            cls._make_document("payment", customer, owner, kind="payment")
            cls._make_document("opportunity", customer, owner)
        cls.scoring_run = cls._run()

    @classmethod
    def _make_user(cls, name, group, company):
        return new_test_user(
            cls.env, f"spo_{name}", group, company_id=company.id, company_ids=[Command.set(company.ids)]
        )

    @classmethod
    def _make_document(cls, fact, customer, owner, **values):
        cls.fact_number += 1
        cls.env[f"crm.fact.{fact}"].create(
            {
                "res_model": "account.move.line",
                "res_id": -cls.fact_number,
                "date": "2026-05-01",
                "company_id": cls.company.id,
                "partner_id": customer.id,
                "commercial_partner_id": customer.id,
                "user_id": owner.id,
                **values,
            }
        )

    def _count(self, user, model, company):
        records = self.env[model].with_user(user).with_context(allowed_company_ids=company.ids)
        try:
            return len(records.search([("company_id", "=", self.company.id)] if "company_id" in records else []))
        except AccessError:
            return REFUSED

    def test_each_role_reads_what_its_documents_allow(self):
        for model, expected in EXPECTED.items():
            for name in ROLES:
                with self.subTest(f"{name} reads {model}"):
                    self.assertEqual(self._count(self.users[name], model, self.company), expected[name])

    def test_scores_of_all_seven_p_follow_the_customer(self):
        scores = self.env["crm.customer.score"].with_user(self.users["seller"])
        found = scores.with_context(allowed_company_ids=self.company.ids).search([])
        self.assertEqual(found.partner_id, self.owned[0] + self.owned[2])

    def test_nobody_reads_across_companies(self):
        """Whatever his role: who is not in the company reads nothing of it, runs and their jobs included."""
        other = self._make_company("Other Ltd")
        for name, group in ROLES.items():
            user = self._make_user(f"other_{name}", group, other)
            for model in EXPECTED:
                with self.subTest(f"{name} of another company reads {model}"):
                    self.assertIn(self._count(user, model, other), (0, REFUSED))

    def test_change_of_owner_is_followed_at_once(self):
        """Scores follow today's owner of the customer, facts the seller of the document."""
        self.owned[1].user_id = self.users["seller"]
        self.assertEqual(self._count(self.users["seller"], "crm.customer.score.month", self.company), 3)
        self.assertEqual(self._count(self.users["seller"], "crm.fact.sale", self.company), 2)

    def test_nobody_but_the_engine_writes(self):
        for model in EXPECTED:
            if model == "crm.scoring.run":
                continue
            for name, user in self.users.items():
                for operation in ("create", "write", "unlink"):
                    with self.subTest(f"{name} {operation} {model}"):
                        self.assertFalse(self.env[model].with_user(user).has_access(operation))

    def test_only_implementers_cancel_and_try_again(self):
        for name, user in self.users.items():
            allowed = self.env["crm.scoring.run"].with_user(user).has_access("write")
            self.assertEqual(allowed, name == "implementer", name)
