from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools.misc import formatLang


class CrmRoadmapCriterion(models.Model):
    """How one knows that a stage is reached: a question, how it is measured, and the target.

    Measured by a ready-made measure, or by records of a model that are counted, shared, summed or aged as the
    implementer chose on the form. Nobody types SQL.
    """

    _name = "crm.roadmap.criterion"
    _inherit = ["mail.thread", "crm.roadmap.criterion.measuring.mixin"]
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
    kind = fields.Selection(
        selection=[
            ("measure", "Ready-made measure"),
            ("count", "Number of records"),
            ("share", "Share of records"),
            ("sum", "Sum of a field"),
            ("age", "Days since a date"),
        ],
        string="How It Is Measured",
        required=True,
        default="count",
        tracking=True,
    )
    measure_code = fields.Selection(selection="_selection_measure", string="Measure", tracking=True)
    formula = fields.Char(
        string="How It Is Counted", compute="_compute_formula", help="What the ready-made measure counts."
    )
    model_id = fields.Many2one(
        comodel_name="ir.model",
        string="Records",
        ondelete="cascade",
        domain="[('transient', '=', False), ('abstract', '=', False)]",
    )
    model_name = fields.Char(related="model_id.model", string="Model Name")
    domain = fields.Char(string="Which Records", default="[]", tracking=True)
    part_domain = fields.Char(
        string="Which of Them Count", default="[]", tracking=True, help="Of a share: the records that are as wanted."
    )
    field_id = fields.Many2one(
        comodel_name="ir.model.fields",
        string="Field",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('store', '=', True), "
        "('ttype', 'in', kind == 'age' and ('date', 'datetime') or ('integer', 'float', 'monetary'))]",
        help="Of a sum: what is added up. Of an age: the date; the newest one counts.",
    )
    team_field_id = fields.Many2one(
        comodel_name="ir.model.fields",
        string="Sales Team Is In",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('relation', '=', 'crm.team'), ('store', '=', True)]",
        help="With it the criterion is measured for each department and region as well.",
    )
    direction = fields.Selection(
        selection=[("least", "At least"), ("most", "At most")], required=True, default="least", tracking=True
    )
    target = fields.Float(tracking=True)
    tolerance = fields.Float(
        tracking=True, help="How far from the target it may be and still pass, in the unit of the target."
    )
    unit = fields.Char(compute="_compute_unit", help="Percent, days, or nothing where records are counted.")
    weight = fields.Float(
        default=1.0,
        tracking=True,
        help="How much it counts in the progress of its stage: weight of what is reached / weight of all, times 100.",
    )
    is_gate = fields.Boolean(
        string="Closes the Gate",
        default=True,
        tracking=True,
        help="The next stage is not entered while this one fails, unless somebody overrides it with a reason.",
    )
    owner_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
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

    @api.model
    def _selection_measure(self):
        measures = self.env["crm.roadmap.measure"]
        labels = {code: label for code, (label, _needs) in measures._get_awaited().items()}
        labels |= {measure._measure_code: measure._get_label() for measure in measures._get_all()}
        return sorted(labels.items(), key=lambda item: item[1])

    @api.depends("kind", "measure_code")
    def _compute_unit(self):
        percent, days = "%", self.env._("days")
        for criterion in self:
            measure = criterion._get_measure()
            unit = measure._measure_unit if measure is not None else criterion.kind
            criterion.unit = {"share": percent, "age": days, "days": days}.get(unit, "")

    @api.depends("measure_code", "kind")
    @api.depends_context("lang")
    def _compute_formula(self):
        for criterion in self:
            measure = criterion._get_measure()
            criterion.formula = measure._get_formula() if measure is not None else False

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

    @api.onchange("model_id")
    def _onchange_model_id(self):
        self.domain = self.part_domain = "[]"
        self.field_id = self.team_field_id = False

    # ------------------------------------------------------------------
    # What cannot be measured is refused when it is saved, not at night
    # ------------------------------------------------------------------
    @api.constrains("kind", "measure_code", "model_id", "domain", "part_domain", "field_id", "team_field_id")
    def _check_measurable(self):
        for criterion in self:
            problem = criterion._get_definition_problem()
            if problem:
                raise ValidationError(problem)

    def _get_definition_problem(self):
        """Return a sentence about a definition that cannot be measured, or nothing."""
        if self.kind == "measure":
            return "" if self.measure_code else self.env._("Choose the measure of %(name)s.", name=self.name)
        if not self.model_id:
            return self.env._("Choose which records %(name)s counts.", name=self.name)
        if self.kind in ("sum", "age") and not self.field_id:
            return self.env._("Choose the field of %(name)s.", name=self.name)
        # a criterion counts with all rights, so whoever defines it may only ask what he could read himself;
        # constraints run with all rights too
        records = self.env[self.model_id.model].sudo(False)
        records.check_access("read")
        for text in (self.domain, self.part_domain) if self.kind == "share" else (self.domain,):
            try:
                records.search_count(self._read_domain(text), limit=1)
            except (ValueError, TypeError, SyntaxError, NameError, KeyError) as error:
                return self.env._(
                    "The filter of %(name)s cannot be read: %(error)s Choose the conditions again.",
                    name=self.name,
                    error=error,
                )
        return ""

    @api.model
    def _read_domain(self, text):
        """Return the domain that a form keeps as text; days are relative, such as "today -12m"."""
        return Domain(literal_eval(text or "[]"))

    def _get_measure(self):
        """Return the ready-made measure, or None."""
        if self.kind != "measure" or not self.measure_code:
            return None
        return self.env["crm.roadmap.measure"]._get(self.measure_code)

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
            return result.reason or self.env._("not measurable")
        text = self._format_value(result.value)
        if result.whole:
            return self.env._(
                "%(value)s (%(part)s of %(whole)s)", value=text, part=int(result.part), whole=int(result.whole)
            )
        return text

    def _get_target_text(self):
        """Return the target as a phrase: "at least 90 %"."""
        target = self._format_value(self.target)
        if self.direction == "least":
            return self.env._("at least %(target)s", target=target)
        return self.env._("at most %(target)s", target=target)

    def _format_value(self, value):
        digits = 0 if float(value).is_integer() else 1
        return f"{formatLang(self.env, value, digits=digits)} {self.unit}".strip()
