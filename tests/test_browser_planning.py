"""In a browser: a quotation with its promise is won, planned, and followed along the pegging in both directions."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.crm_extended_erp_bridge.models.planning.crm_planning_run import CrmPlanningRun
from odoo.addons.crm_extended_erp_bridge.tests.planning.common_planning import PlanningModeCommon
from odoo.addons.queue_job.tests.common import trap_jobs


@tagged("post_install", "-at_install")
class TestBrowserPlanning(PlanningModeCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products.product_tmpl_id.planning_mode = "make_to_plan"
        cls.company.crm_win_policy = "confirm"
        # the guide and the page of one area: others of this database are not part of the story
        cls.env["mrp.area"].search([("id", "!=", cls.area.id)]).active = False
        planned = cls.env["product.mrp.area"].search([("mrp_area_id", "=", cls.area.id)]).product_id
        cls._create_parameters(cls.products - planned, mrp_nbr_days=7)
        cls.leader = cls._create_user(
            "bridge_planning",
            "sales_team.group_sale_manager,mrp.group_mrp_user,purchase.group_purchase_user,stock.group_stock_user",
        )
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "Lamps for the terrace",
                "type": "opportunity",
                "partner_id": cls.partner.id,
                "user_id": cls.leader.id,
                "team_id": cls.team.id,
            }
        )
        cls.order = cls._create_order(
            [(cls.lamp, 10, 100.0)],
            opportunity_id=cls.lead.id,
            user_id=cls.leader.id,
            commitment_date=fields.Datetime.now() + timedelta(days=21),
        )

    def _launch_and_plan(self, launch):
        """The job of the run, done at once: no queue works for a test."""

        def launch_now(runs, areas=None, trigger="manual"):
            with trap_jobs():
                run = launch(runs, areas, trigger)
            run.area_ids._plan()
            return run

        return launch_now

    def test_from_the_promise_to_the_pegging(self):
        with patch.object(CrmPlanningRun, "_launch", self._launch_and_plan(CrmPlanningRun._launch)):
            self.start_tour("/web/login", "crm_extended_planning")
        self.assertEqual(self.order.state, "sale")
        proposals = self.env["mrp.planned.order"].search([("mrp_area_id", "=", self.area.id)])
        self.assertFalse(proposals.filtered(lambda proposal: not proposal.is_released))
        rows = self.env["crm.pegging"].search([("sale_line_id", "in", self.order.order_line.ids)])
        self.assertEqual(rows.production_id.product_id, self.lamp)
