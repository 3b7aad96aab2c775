from odoo import api, models


class CrmRoadmapFeature(models.Model):
    """Switching the chain on for a company makes the conversions that are missing there."""

    _inherit = "crm.roadmap.feature"

    @api.model
    def _after_switch(self, companies):
        result = super()._after_switch(companies)
        self.env["crm.conversion"]._backfill(companies)
        return result
