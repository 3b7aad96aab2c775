from odoo import api, models


class CrmRoadmapCachedMixin(models.AbstractModel):
    """Records that decide what a company has: the answers are cached, and forgotten in every process on a change."""

    _name = "crm.roadmap.cached.mixin"
    _description = "Cached Registry of Features"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
