"""In a browser: a person logs in, wins an opportunity and reaches its order, its production and its chain."""

from odoo.tests import HttpCase, tagged

from odoo.addons.crm_extended_erp_bridge.tests.common import BridgeCommon


@tagged("post_install", "-at_install")
class TestBrowserMainJob(BridgeCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_lamp()
        cls.company.crm_win_policy = "confirm"
        cls.leader = cls._create_user(
            "bridge_leader",
            "sales_team.group_sale_manager,mrp.group_mrp_user,purchase.group_purchase_user,stock.group_stock_user",
        )
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "Lamps for the lobby",
                "type": "opportunity",
                "partner_id": cls.partner.id,
                "user_id": cls.leader.id,
                "team_id": cls.team.id,
            }
        )
        cls.order = cls._create_order([(cls.lamp, 3, 100.0)], opportunity_id=cls.lead.id, user_id=cls.leader.id)

    def test_from_the_login_to_the_production(self):
        self.start_tour("/web/login", "crm_extended_main_job")
        self.assertEqual(self.lead.won_status, "won")
        self.assertEqual(self.order.state, "sale")
        self.assertEqual(len(self.order.conversion_ids.production_ids), 2)
