from odoo import fields, models


class CrmCampaignStopDismiss(models.TransientModel):
    """Why a campaign goes on though a rule proposes to stop it."""

    _name = "crm.campaign.stop.dismiss"
    _description = "Campaign Goes On"

    stop_ids = fields.Many2many(comodel_name="crm.campaign.stop", required=True, readonly=True)
    reason = fields.Text(required=True)
    date_again = fields.Date(
        string="Ask Again From",
        help="From this day on the rules may propose it again; empty: they are silent about this campaign for good.",
    )

    def action_go_on(self):
        """Keep the reason; the rules are silent about the campaign."""
        self.ensure_one()
        self.stop_ids._dismiss(self.reason, self.date_again)
        return {"type": "ir.actions.act_window_close"}
