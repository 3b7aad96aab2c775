"""Every menu of ours opens for everyone who sees it."""

from unittest.mock import patch

from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.crm_extended.tests.roadmap.whole_road import leave_the_road

from devtools.menu_walk import SCREENS, walk

ROLES = {
    "salesperson": "sales_team.group_sale_salesman",
    "leader": "crm_extended.crm_extended_group_team_leader",
    "manager": "sales_team.group_sale_manager",
    "analyst": "crm_extended.crm_extended_group_analyst",
    "implementer": "crm_extended.crm_extended_group_implementer",
    "accountant": "account.group_account_user",
    "planner": "mrp.group_mrp_manager,stock.group_stock_manager,sales_team.group_sale_salesman_all_leads",
}


@tagged("post_install", "-at_install")
class TestMenus(TransactionCase):
    """The views, filters, groups and data of each menu, as the client asks for them."""

    def test_every_menu_opens_for_every_role(self):
        features = self.env["crm.roadmap.feature"].search([])
        self.env["crm.roadmap.feature.pin"].search([]).unlink()
        self.env["crm.roadmap.feature.pin"].create(
            [{"feature_id": feature.id, "company_id": self.env.company.id, "state": "on"} for feature in features]
        )
        for role, groups in ROLES.items():
            with self.subTest(role=role):
                user = new_test_user(self.env, f"menu_{role}", groups)
                count, problems = walk(self.env(user=user))
                self.assertTrue(count, "no menu at all")
                self.assertEqual(problems, [])

    def test_the_walk_says_what_is_broken(self):
        leave_the_road(self.env)
        user = new_test_user(self.env, "menu_reader", ROLES["analyst"])
        with patch.dict(SCREENS, {"crm_whale_curve": (None, "no_such_method")}):
            _count, problems = walk(self.env(user=user))
        self.assertEqual(len(problems), 1)
        self.assertIn("no_such_method", problems[0])

    def test_screens_name_what_exists(self):
        for model, method in SCREENS.values():
            if model:
                self.assertTrue(hasattr(self.env[model], method), f"{model}.{method}")
