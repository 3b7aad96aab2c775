from odoo import api, models


class CrmRoadmapCachedMixin(models.AbstractModel):
    """Records that decide what a company has: the answers are cached, and forgotten in every process on a change."""

    _name = "crm.roadmap.cached.mixin"
    _description = "Cached Registry of Features"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._forget_answers(records._get_switched_companies())
        return records

    def write(self, vals):
        companies = self._get_switched_companies()
        result = super().write(vals)
        self._forget_answers(companies | self._get_switched_companies())
        return result

    def unlink(self):
        companies = self._get_switched_companies()
        result = super().unlink()
        self._forget_answers(companies)
        return result

    def _get_switched_companies(self):
        """Return the companies that have other features when these records change."""
        # `sudo`: those that the user does not work in too
        steps = self.env["crm.roadmap.step"].sudo().search([("left_on", "=", False)])
        return steps.company_id

    def _forget_answers(self, companies):
        self.env.registry.clear_cache()
        if companies:
            self.env["crm.roadmap.feature"]._after_switch(companies)
