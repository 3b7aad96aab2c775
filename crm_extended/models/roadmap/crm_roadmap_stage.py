from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmRoadmapStage(models.Model):
    """A stage of adoption: what it is for, how one knows that it is reached, and which features it switches on.

    The stages are one road for all companies of the database; every company has its own place on it
    (``crm.roadmap.step``). The criteria of a stage say that it is reached, so they are what the gate of the next
    stage asks: a stage cannot be judged by figures that only its own features produce.
    """

    _name = "crm.roadmap.stage"
    _inherit = ["crm.roadmap.cached.mixin"]
    _description = "Stage of the Roadmap"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        default=lambda self: self._get_last_sequence() + 10,
        required=True,
        help="The road goes from the lowest number to the highest.",
    )
    active = fields.Boolean(default=True)
    level = fields.Char(translate=True, help="How far the company works together in this stage: department, region.")
    purpose = fields.Text(translate=True, help="What the company does in this stage, and why.")
    criterion_ids = fields.One2many(comodel_name="crm.roadmap.criterion", inverse_name="stage_id", string="Criteria")
    feature_ids = fields.One2many(comodel_name="crm.roadmap.feature", inverse_name="stage_id", string="Features")
    criterion_count = fields.Integer(
        string="Number of Criteria", compute="_compute_counts", help="Criteria that are not archived."
    )
    feature_count = fields.Integer(
        string="Number of Features", compute="_compute_counts", help="Features that the stage switches on."
    )

    @api.depends("criterion_ids", "feature_ids")
    def _compute_counts(self):
        for stage in self:
            stage.criterion_count = len(stage.criterion_ids)
            stage.feature_count = len(stage.feature_ids)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        features = self.feature_ids[:1]
        if features:
            raise UserError(
                self.env._(
                    "%(stage)s switches on %(feature)s. Move its features to another stage first, or archive it.",
                    stage=features.stage_id.name,
                    feature=features.name,
                )
            )
        # `sudo`: companies that the user does not work in count too
        entered = self.env["crm.roadmap.step"].sudo().search([("stage_id", "in", self.ids)], limit=1)
        if entered:
            raise UserError(
                self.env._(
                    "%(company)s entered %(stage)s on %(date)s. Archive the stage instead.",
                    company=entered.company_id.name,
                    stage=entered.stage_id.name,
                    date=entered.entered_on,
                )
            )

    @api.model
    def _get_last_sequence(self):
        """Return the number of the end of the road: a new stage comes behind it."""
        return self.search([], order="sequence DESC", limit=1).sequence or 0

    def _get_place(self):
        """Return what the stages are ordered by; an archived one has its place still, companies may be there."""
        self.ensure_one()
        return self.sequence, self.id

    def _get_before(self):
        """Return the stages of the road before this one, the first one first."""
        return self.search([("active", "=", True)]).filtered(lambda stage: stage._get_place() < self._get_place())

    def _get_next(self):
        """Return the stage that follows, or an empty record at the end of the road."""
        return self.search([("active", "=", True)]).filtered(lambda stage: stage._get_place() > self._get_place())[:1]
