from contextlib import contextmanager

from odoo import api, models


class CrmRoadmapCachedMixin(models.AbstractModel):
    """Records that decide what a company has: the answers are cached, and forgotten in every process on a change."""

    _name = "crm.roadmap.cached.mixin"
    _description = "Cached Registry of Features"

    @api.model_create_multi
    def create(self, vals_list):
        with self._forgetting_answers(self._get_switched_companies(vals_list)):
            return super().create(vals_list)

    def write(self, vals):
        with self._forgetting_answers(self._get_switched_companies([vals])):
            return super().write(vals)

    def unlink(self):
        with self._forgetting_answers(self._get_switched_companies()):
            return super().unlink()

    def _get_switched_companies(self, vals_list=()):
        """Return the companies that may have other features when these records change, or new ones come.

        :param vals_list: values that are about to be written
        """
        # `sudo`: those that the user does not work in too
        steps = self.env["crm.roadmap.step"].sudo().search([("left_on", "=", False)])
        return steps.company_id

    def _get_own_companies(self, vals_list):
        """Return the companies of records that each decide for one of them."""
        company_ids = [vals["company_id"] for vals in vals_list if vals.get("company_id")]
        return self.company_id | self.env["res.company"].browse(company_ids)

    @contextmanager
    def _forgetting_answers(self, companies):
        """Forget the answers after a change, and say which companies have a feature now that they had not before."""
        features = self.env["crm.roadmap.feature"]
        before = {company: features._get_company_states(company.id) for company in companies}
        try:
            yield
        finally:
            self.env.registry.clear_cache()
        # what is answered from here on is not true when the transaction is rolled back, by a job for one
        self.env.cr.postrollback.add(self.env.registry.clear_cache)
        switched = {}
        for company, states in before.items():
            for key, is_on in features._get_company_states(company.id).items():
                if is_on and not states.get(key):
                    switched[key] = switched.get(key, companies.browse()) | company
        if not switched:
            return
        try:
            features._after_switch(switched)
        except Exception:
            # whoever catches it rolls back what was switched on
            self.env.registry.clear_cache()
            raise
