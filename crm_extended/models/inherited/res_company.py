from odoo import api, fields, models


class ResCompany(models.Model):
    """Company with its conversion policies; the shipped ones are Odoo's own behaviour."""

    _name = "res.company"
    _inherit = ["res.company", "crm.conversion.policy.mixin"]

    crm_win_policy = fields.Selection(default="none", required=True)
    crm_win_without_quotation = fields.Selection(default="allow", required=True)
    crm_confirm_policy = fields.Selection(default="none", required=True)
    crm_lost_policy = fields.Selection(default="none", required=True)
    crm_amount_policy = fields.Selection(default="none", required=True)

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        # `sudo`: where others are on the road, a new company begins at its first stage, whoever makes it
        steps = self.env["crm.roadmap.step"].sudo()
        if steps.search_count([], limit=1):
            steps._start(companies)
        return companies

    def _get_leads_under_policy(self):
        # sudo: the setting of the company holds for all its opportunities, whoever sees them
        return (
            self.env["crm.lead"]
            .sudo()
            .search([("company_id", "in", [*self.ids, False]), ("won_status", "=", "pending")])
        )

    def cache_invalidation_fields(self):
        # Odoo forgets the cached companies of a user when the user is written, not when the company is
        return super().cache_invalidation_fields() | {"user_ids"}

    def _has_feature(self, key):
        """Return whether the company has the feature ``key``: its own decision, else the shipped default.

        Cached per company, so it may be asked in loops.

        :raises ValueError: when no installed addon declares the key
        """
        self.ensure_one()
        return self.env["crm.roadmap.feature"]._is_feature_on(key, self)
