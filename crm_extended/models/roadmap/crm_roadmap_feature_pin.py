from odoo import api, fields, models


class CrmRoadmapFeaturePin(models.Model):
    """The decision of one company about one feature.

    Who decided and when are Odoo's own ``write_uid`` and ``write_date``. Without a pin the company has what
    is shipped.
    """

    _name = "crm.roadmap.feature.pin"
    _inherit = ["crm.roadmap.cached.mixin"]
    _description = "Feature Decision"
    _order = "feature_id, company_id"

    feature_id = fields.Many2one(
        comodel_name="crm.roadmap.feature",
        required=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
        ondelete="cascade",
    )
    state = fields.Selection(
        selection=[("on", "On"), ("off", "Off")],
        required=True,
        default="on",
    )

    _feature_company_uniq = models.Constraint(
        "UNIQUE (feature_id, company_id)",
        "This company has decided about the feature already. Reload the page and change that decision.",
    )

    def _get_switched_companies(self, vals_list=()):
        return self._get_own_companies(vals_list)

    @api.depends("feature_id", "company_id", "state")
    def _compute_display_name(self):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for pin in self:
            pin.display_name = self.env._(
                "%(feature)s in %(company)s: %(state)s",
                feature=pin.feature_id.name,
                company=pin.company_id.name,
                state=labels.get(pin.state, ""),
            )
