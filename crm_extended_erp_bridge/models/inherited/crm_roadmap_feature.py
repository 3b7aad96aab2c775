from odoo import api, models

from ..conversion.crm_conversion import FEATURE


class CrmRoadmapFeature(models.Model):
    """Switching the chain on for a company makes the conversions that are missing there."""

    _inherit = "crm.roadmap.feature"

    @api.model
    def _after_switch(self, switched):
        result = super()._after_switch(switched)
        if FEATURE in switched:
            self.env["crm.conversion"]._backfill(switched[FEATURE])
        return result
