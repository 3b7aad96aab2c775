from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..common import ConversionCase


@tagged("post_install", "-at_install")
class TestWinningUi(ConversionCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_policies(crm_win_policy="confirm")
        # beside the stage of the opportunity, so that the column is on the screen
        cls.stage_won.sequence = 2
        cls.user_sales.password = "crmx_sales"
        cls.lead = cls._create_lead()
        cls.quotations = cls._create_quotation(cls.lead) | cls._create_quotation(cls.lead, price=80)

    def test_drag_to_won_leads_to_the_choice(self):
        action = self.env.ref("crm.crm_lead_action_pipeline")
        # the refusal is logged with its trace
        with mute_logger("odoo.http"):
            self.start_tour(f"/odoo/action-{action.id}", "crm_extended_decision", login="crmx_sales")
        self.assertEqual(sorted(self.quotations.mapped("state")), ["cancel", "sale"])
        self.assertEqual(self.lead.stage_id, self.stage_won)

    def test_won_button_leads_to_the_choice(self):
        self.start_tour(
            f"/odoo/action-crm.crm_lead_action_pipeline/{self.lead.id}", "crm_extended_won_button", login="crmx_sales"
        )
        self.assertEqual(sorted(self.quotations.mapped("state")), ["cancel", "sale"])
        self.assertEqual(self.lead.won_status, "won")
