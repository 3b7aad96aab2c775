from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_decision import DecisionCase

MODELS = ("crm.decision", "crm.decision.member", "crm.decision.measurement")


@tagged("post_install", "-at_install")
class TestDecisionSecurity(DecisionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.decision = cls._started(cls._customers(4))
        cls.decision._measure()

    def _as(self, model, user):
        return self.env[model].with_user(user).with_context(allowed_company_ids=user.company_ids.ids)

    def test_plain_and_portal_users_are_refused(self):
        for login, group in (("dec_plain", "base.group_user"), ("dec_portal", "base.group_portal")):
            user = self._user(login, group)
            for model in MODELS:
                with self.assertRaises(AccessError):
                    self._as(model, user).search([])
            with self.assertRaises(AccessError):
                self._as("crm.decision.page", user).get_page()

    def test_salespeople_see_what_they_own_or_follow(self):
        for model in MODELS:
            self.assertFalse(self._as(model, self.seller).search([]), model)
        self.decision.message_subscribe(self.seller.partner_id.ids)
        for model in MODELS:
            self.assertTrue(self._as(model, self.seller).search([]), model)
        mine = self._as("crm.decision", self.seller).browse(self.decision.id)
        mine.action_measure()
        view = self.env.ref("crm_extended_analytics.crm_decision_view_form")
        arch = self._as("crm.decision", self.seller).get_view(view.id)
        self.assertTrue(mine.read(arch["models"]["crm.decision"]))
        page = self._as("crm.decision.page", self.seller).get_page()
        self.assertEqual([row["id"] for row in page["open"]], self.decision.ids)
        self.assertEqual((page["is_partial"], page["can_create"]), (True, False))
        for method in (mine.action_start, mine.action_cancel, mine.action_stop):
            with self.assertRaises(AccessError):
                method()
        with self.assertRaises(AccessError):
            self._as("crm.decision", self.seller).create({"name": "Mine"})

    def test_managers_and_analysts_make_decisions(self):
        pricelist = self.env["product.pricelist"].create({"name": "List D"})
        for login, group in (
            ("dec_manager", "sales_team.group_sale_manager"),
            ("dec_analyst", "crm_extended.crm_extended_group_analyst"),
        ):
            user = self._user(login, group)
            decision = self._decision(self._customers(4), kind="price", pricelist_id=pricelist.id)
            self._as("crm.decision", user).browse(decision.id).action_start()
            self.assertEqual(decision.state, "running")
            for model in MODELS[1:]:
                self.assertFalse(self._as(model, user).has_access("write"), model)

    def test_companies_are_apart(self):
        stranger = self._user("dec_stranger", "sales_team.group_sale_manager", self._make_company("Other DEC"))
        for model in MODELS:
            self.assertFalse(self._as(model, stranger).search([("id", "in", self.env[model].search([]).ids)]), model)
