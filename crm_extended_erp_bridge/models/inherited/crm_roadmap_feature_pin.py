from odoo import api, models

from ..conversion.crm_conversion import FEATURE


class CrmRoadmapFeaturePin(models.Model):
    """Switching the chain on for a company makes the conversions that are missing there."""

    _inherit = "crm.roadmap.feature.pin"

    @api.model_create_multi
    def create(self, vals_list):
        pins = super().create(vals_list)
        self.env["crm.conversion"]._backfill(pins._get_chain_companies())
        return pins

    def write(self, vals):
        result = super().write(vals)
        self.env["crm.conversion"]._backfill(self._get_chain_companies())
        return result

    def unlink(self):
        companies = self._get_chain_companies()
        result = super().unlink()
        self.env["crm.conversion"]._backfill(companies)
        return result

    def _get_chain_companies(self):
        """The companies for which these pins decide about the chain."""
        return self.filtered(lambda pin: pin.feature_id.key == FEATURE).company_id
