from odoo import models


class CrmTeam(models.Model):
    """Sales team that may convert its deals by rules of its own; an empty rule is the company's."""

    _name = "crm.team"
    _inherit = ["crm.team", "crm.conversion.policy.mixin"]

    def _get_leads_under_policy(self):
        return self.env["crm.lead"].search([("team_id", "in", self.ids), ("won_status", "=", "pending")])
