from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_roadmap_improvement import VARIABLES


class CrmRoadmapCriterion(models.Model):
    """How one knows that a stage is reached: a question, how it is measured, and the target.

    The gate of the next stage asks for it, and it is measured every night.
    """

    _name = "crm.roadmap.criterion"
    _inherit = ["mail.thread", "crm.roadmap.definition.mixin", "crm.roadmap.criterion.measuring.mixin"]
    _description = "Criterion of the Roadmap"
    _order = "stage_id, sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    question = fields.Text(translate=True, help="What the criterion asks, in a sentence for those who decide.")
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(default=10)
    stage_id = fields.Many2one(
        comodel_name="crm.roadmap.stage",
        required=True,
        index=True,
        ondelete="cascade",
        tracking=True,
        help="The stage that is reached when the criterion holds. The gate of the next stage asks for it.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", index=True, ondelete="cascade", help="Empty: for all companies."
    )
    kind = fields.Selection(tracking=True)
    measure_code = fields.Selection(tracking=True)
    domain = fields.Char(tracking=True)
    part_domain = fields.Char(tracking=True)
    direction = fields.Selection(tracking=True)
    target = fields.Float(tracking=True)
    tolerance = fields.Float(
        aggregator=None,
        tracking=True,
        help="How far from the target it may be and still pass, in the unit of the target.",
    )
    weight = fields.Float(
        default=1.0,
        aggregator=None,
        tracking=True,
        help="How much it counts in the progress of its stage: weight of what is reached / weight of all, times 100.",
    )
    is_gate = fields.Boolean(
        string="Closes the Gate",
        default=True,
        tracking=True,
        help="The next stage is not entered while this one fails, unless somebody overrides it with a reason.",
    )
    variable = fields.Selection(
        selection=VARIABLES, required=True, default="process", help="On which of the three a target depends most."
    )
    owner_id = fields.Many2one(
        comodel_name="res.users",
        domain="[('share', '=', False)]",
        tracking=True,
        help="Who sees to it that the target is reached, and is told when it is lost.",
    )
    evidence = fields.Html(help="What else shows it: documents, links, agreements. Files are attached below.")
    last_value = fields.Float(
        string="Now", compute="_compute_last", help="What was measured last in the company you work in."
    )
    last_text = fields.Char(string="Measured", compute="_compute_last")
    last_state = fields.Selection(
        selection=lambda self: self.env["crm.roadmap.result"]._fields["state"]._description_selection(self.env),
        string="State",
        compute="_compute_last",
    )
    last_date = fields.Date(string="Measured On", compute="_compute_last")
    result_ids = fields.One2many(
        comodel_name="crm.roadmap.result", inverse_name="criterion_id", string="History", readonly=True
    )

    _tolerance_check = models.Constraint("CHECK (tolerance >= 0)", "A tolerance is 0 or more.")
    _weight_check = models.Constraint("CHECK (weight >= 0)", "A weight is 0 or more.")

    @api.depends("result_ids")
    @api.depends_context("company", "lang")
    def _compute_last(self):
        last = self.env["crm.roadmap.result"]._get_last(self, self.env.company)
        for criterion in self:
            result = last.get((criterion._origin.id, self.env.company.id, None))
            criterion.last_value = result.value if result else 0
            criterion.last_state = result.state if result else False
            criterion.last_date = result.date if result else False
            criterion.last_text = criterion._get_text(result) if result else self.env._("not measured yet")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_measure(self):
        """Measure now, for the company one works in."""
        self.check_access("write")
        self._measure_and_store(self.env.company)
        return True

    def action_open_failing(self):
        """Show the records that keep the criterion from its target."""
        self.ensure_one()
        action = self._get_failing_action(self.env.company)
        if not action:
            raise UserError(
                self.env._(
                    "%(name)s is not about records that could be listed. %(text)s", name=self.name, text=self.last_text
                )
            )
        return action

    def action_open_history(self):
        """Show what was measured, as a curve."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("History of %(name)s", name=self.name),
            "res_model": "crm.roadmap.result",
            "views": [[False, "graph"], [False, "list"]],
            "domain": [("criterion_id", "=", self.id), ("company_id", "=", self.env.company.id)],
        }

    def _get_text(self, result):
        """Return what was measured as a phrase: "87.5 % (35 of 40)"."""
        if result.state == "unknown":
            return self._get_reason(result)
        text = self._format_value(result.value)
        if result.whole:
            return self.env._(
                "%(value)s (%(part)s of %(whole)s)", value=text, part=int(result.part), whole=int(result.whole)
            )
        return text

    def _get_reason(self, result):
        """Return why it could not be measured: in the reader's language where the measure still lacks its source."""
        missing = self._get_missing(self._get_measure()) if self.kind == "measure" else ""
        if missing:
            return self.env._("not measurable: needs %(what)s", what=missing)
        return result.reason or self.env._("not measurable")
