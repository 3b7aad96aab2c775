from odoo import models


class ResPartnerProfitMixin(models.AbstractModel):
    """The way from a customer to his ladder of margins."""

    _name = "res.partner.profit.mixin"
    _description = "Profit Ladder on the Customer"

    def action_open_profit_waterfall(self):
        """Show the ladder of margins of the customer."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id("crm_extended_analytics.crm_profit_waterfall_action")
        return action | {"params": {"partner_id": self.commercial_partner_id.id}}
