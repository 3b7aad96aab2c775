from datetime import datetime

from odoo.tests import HttpCase, tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .common_planning import PlanningModeCommon


@tagged("post_install", "-at_install")
class TestPlanningTour(PlanningModeCommon, HttpCase):
    """The pegging tree in a browser, with the keyboard alone."""

    def test_pegging_tree_by_keyboard(self):
        self._create_parameters(self.products, mrp_nbr_days=7)
        self._create_user("bridge_keys", "mrp.group_mrp_user,sales_team.group_sale_manager")
        order = self._create_order([(self.lamp, 10, 100.0)], commitment_date=datetime(2026, 3, 25, 12))
        order.action_confirm()
        with trap_jobs():
            run = self.env["crm.planning.run"]._launch(self.area)
        run.area_ids._plan()
        self.start_tour(
            f"/odoo/pegging-tree/{order.id}?res_model=sale.order", "crm_extended_pegging_keys", login="bridge_keys"
        )
