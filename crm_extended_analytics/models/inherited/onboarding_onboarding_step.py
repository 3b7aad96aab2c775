from odoo import api, models


class OnboardingOnboardingStep(models.Model):
    _inherit = "onboarding.onboarding.step"

    @api.model
    def action_open_step_crm_history(self):
        """Show where past sales of another system are imported."""
        return self.env["ir.actions.actions"]._for_xml_id("crm_extended_analytics.crm_history_batch_action")
