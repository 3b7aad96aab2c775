from odoo import api, fields, models


class CrmRoadmapFeaturesMixin(models.AbstractModel):
    """A record of Odoo whose views hide what its company leaves out: ``invisible="'key' not in crm_features"``."""

    _name = "crm.roadmap.features.mixin"
    _description = "Features of the Company of a Record"

    crm_features = fields.Json(
        string="Features in Use",
        compute="_compute_crm_features",
        help="Keys of the features that the company of the record has; without a company, the one you work in.",
    )

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_crm_features(self):
        registry = self.env["crm.roadmap.feature"]
        for record in self:
            company = record.company_id or self.env.company
            record.crm_features = [key for key, is_on in registry._get_company_states(company.id).items() if is_on]
