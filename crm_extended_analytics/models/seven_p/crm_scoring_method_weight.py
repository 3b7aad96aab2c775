from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .crm_scoring_method import P_CODES


class CrmScoringMethodWeight(models.Model):
    """A measure that counts in one P, how much, and which way is better."""

    _name = "crm.scoring.method.weight"
    _description = "Measure in a Scoring Method"
    _order = "method_id, p, weight desc, id"

    method_id = fields.Many2one(comodel_name="crm.scoring.method", required=True, ondelete="cascade", index=True)
    p = fields.Selection(selection=list(P_CODES), required=True)
    measure = fields.Selection(selection="_selection_measure", required=True)
    weight = fields.Float(
        default=1.0,
        required=True,
        help="Score of the P = sum(weight x score of the measure) / sum(weight), over the measures that are known.",
    )
    direction = fields.Selection(
        selection=[("higher", "Higher is better"), ("lower", "Lower is better")], default="higher", required=True
    )

    _measure_uniq = models.UniqueIndex("(method_id, p, measure)", "This measure counts in this P already.")
    _weight_positive = models.Constraint("CHECK (weight > 0)", "A weight is above 0: leave the measure out instead.")

    @api.model
    def _selection_measure(self):
        """Return the measures that are numbers, those of other addons included."""
        return self.env["crm.customer.measure"]._get_scorable()

    @api.constrains("measure", "weight", "direction", "p")
    def _check_draft(self):
        """A method that is in use does not change."""
        used = self.method_id.filtered(lambda method: method.state != "draft")
        if used and not self.env.context.get("install_mode"):
            raise ValidationError(
                self.env._(
                    "%(method)s is not a draft any more, and scores refer to it. Make a new version of it instead.",
                    method=used[0].display_name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self.method_id._check_draft()
