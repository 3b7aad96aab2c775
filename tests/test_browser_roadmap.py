"""In a browser: an implementer without technical rights goes a stage, and the menus of a salesperson change."""

from odoo.tests import HttpCase, new_test_user, tagged

MENU = "crm_extended_analytics.crm_seven_p_menu"


@tagged("post_install", "-at_install")
class TestBrowserRoadmap(HttpCase):
    def setUp(self):
        super().setUp()
        steps = self.env["crm.roadmap.step"]
        steps.search([]).unlink()
        self.stages = self.env["crm.roadmap.stage"].search([])
        steps._enter(self.env.company, self.stages[0])
        # One criterion stands for all: how many tags of leads there are
        self.stages.criterion_ids.is_gate = False
        self.env["crm.tag"].create([{"name": f"Road {number}"} for number in range(4)])
        self.criterion = self.env["crm.roadmap.criterion"].create(
            {
                "name": "Four tags",
                "stage_id": self.stages[0].id,
                "sequence": 0,
                "kind": "count",
                "model_id": self.env["ir.model"]._get_id("crm.tag"),
                "domain": "[('name', '=like', 'Road %')]",
                "target": 4,
            }
        )
        self.implementer = new_test_user(
            self.env, "road_implementer", "crm_extended.crm_extended_group_implementer", password="road_implementer"
        )
        self.salesperson = new_test_user(
            self.env, "road_sales", "sales_team.group_sale_salesman", password="road_sales"
        )

    def _shows(self, user):
        return self.env.ref(MENU).id in self.env(user=user)["ir.ui.menu"]._visible_menu_ids()

    def test_the_gate_closes_and_opens_and_a_stage_is_entered(self):
        self.assertFalse(self.implementer.has_group("base.group_system"))
        self.assertFalse(self._shows(self.salesperson))
        action = self.env.ref("crm_extended.crm_roadmap_page_action")
        self.start_tour(f"/odoo/{action.path}", "crm_extended_roadmap", login="road_implementer")
        step = self.env["crm.roadmap.step"]._get_current(self.env.company)
        self.assertEqual((step.stage_id, step.is_override), (self.stages[1], False))
        self.assertEqual(step.entered_by, self.implementer)
        self.assertTrue(self._shows(self.salesperson))
        self.start_tour("/odoo/crm", "crm_extended_roadmap_menus", login="road_sales")
