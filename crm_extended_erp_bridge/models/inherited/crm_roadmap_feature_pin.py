from odoo import api, models


class CrmRoadmapFeaturePin(models.Model):
    """Switching the chain on for a company makes the conversions that are missing there."""

    _inherit = "crm.roadmap.feature.pin"

    @api.model_create_multi
    def create(self, vals_list):
        pins = super().create(vals_list)
        self.env["crm.conversion"]._backfill(pins.company_id)
        return pins

    def write(self, vals):
        result = super().write(vals)
        self.env["crm.conversion"]._backfill(self.company_id)
        return result

    def unlink(self):
        companies = self.company_id
        result = super().unlink()
        self.env["crm.conversion"]._backfill(companies)
        return result
