from odoo import fields, models


class UtmCampaign(models.Model):
    _name = "utm.campaign"
    _inherit = ["utm.campaign", "utm.campaign.stop.mixin"]

    crm_cost_ids = fields.One2many(
        comodel_name="crm.campaign.cost",
        inverse_name="campaign_id",
        string="Campaign Costs",
        groups="sales_team.group_sale_manager,crm_extended.crm_extended_group_implementer,"
        "crm_extended.crm_extended_group_analyst",
    )
    crm_holdout_ids = fields.One2many(
        comodel_name="crm.holdout",
        inverse_name="campaign_id",
        string="Hold-Out Tests",
        groups="sales_team.group_sale_manager,crm_extended.crm_extended_group_implementer,"
        "crm_extended.crm_extended_group_analyst",
    )

    def action_open_return(self):
        """Show what came back of what the campaign cost."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_campaign_return_action")
        return {**action, "domain": [("campaign_id", "=", self.id)], "context": {"group_by": ["basis", "model"]}}
