import logging
from ast import literal_eval

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from .crm_roadmap_measure import Measured

NO_BREAK = "\u00a0"
_logger = logging.getLogger(__name__)


class CrmRoadmapDefinitionMixin(models.AbstractModel):
    """A figure that an implementer defines: what is measured, and its target.

    Measured by a ready-made measure, or by records of a model that are counted, shared, summed or aged as chosen on
    the form. Nobody types SQL. Whoever uses the mixin has a name.
    """

    _name = "crm.roadmap.definition.mixin"
    _description = "Definition of a Figure"

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
    )
    measure_code = fields.Selection(selection="_selection_measure", string="Measure")
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
    domain = fields.Char(string="Which Records", default="[]")
    part_domain = fields.Char(
        string="Which of Them Count", default="[]", help="Of a share: the records that are as wanted."
    )
    field_id = fields.Many2one(
        comodel_name="ir.model.fields",
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
    direction = fields.Selection(selection=[("least", "At least"), ("most", "At most")], required=True, default="least")
    target = fields.Float(aggregator=None)
    target_text = fields.Char(string="Goal", compute="_compute_target_text", help="The target, in words.")
    unit = fields.Char(compute="_compute_unit", help="Percent, days, or nothing where records are counted.")

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

    @api.depends("direction", "target", "kind", "measure_code")
    @api.depends_context("lang")
    def _compute_target_text(self):
        for criterion in self:
            criterion.target_text = criterion._get_target_text()

    @api.depends("measure_code", "kind")
    @api.depends_context("lang")
    def _compute_formula(self):
        for criterion in self:
            measure = criterion._get_measure()
            criterion.formula = measure._get_formula() if measure is not None else False

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
    # Measuring
    # ------------------------------------------------------------------
    def _measure_safely(self, company, teams=None):
        """Return what one criterion finds; one that cannot be measured any more does not keep the others from it."""
        try:
            with self.env.cr.savepoint():
                return self._measure(company, teams)
        except (ValueError, KeyError, TypeError, SyntaxError, psycopg2.DataError, psycopg2.ProgrammingError) as error:
            _logger.info("Criterion %s cannot be measured", self.id, exc_info=True)
            return Measured(
                None, reason=self.env._("not measurable: its definition does not fit any more (%(error)s)", error=error)
            )

    def _measure(self, company, teams=None):
        """Return what one criterion finds for a company, or for some teams of it."""
        if self.kind == "measure":
            measure = self._get_measure()
            missing = self._get_missing(measure)
            if missing:
                return Measured(None, reason=self.env._("not measurable: needs %(what)s", what=missing))
            return measure.with_company(company)._measure(company, teams)
        if self.model_id.model not in self.env:
            return Measured(None, reason=self.env._("not measurable: needs %(what)s", what=self.model_id.name))
        return getattr(self, f"_measure_{self.kind}")(*self._get_records(company, teams))

    def _get_missing(self, measure):
        """Return what a ready-made measure needs before it can be counted; nothing when it can."""
        if measure is not None:
            return measure._get_missing()
        awaited = self.env["crm.roadmap.measure"]._get_awaited().get(self.measure_code)
        return awaited[1] if awaited else self.env._("the app that brings this measure")

    def _get_records(self, company, teams=None):
        """Return the model and the domain of the records of a company."""
        # `sudo`: all records of the company count, whoever looks; who defines a criterion was checked when it was saved
        records = self.env[self.model_id.model].sudo().with_company(company)
        domain = self._read_domain(self.domain)
        if "company_id" in records._fields and records._fields["company_id"]._description_searchable:
            domain &= Domain("company_id", "in", [company.id, False])
        if teams is not None:
            domain &= Domain(self.team_field_id.name, "in", teams.ids)
        return records, domain

    def _measure_count(self, records, domain):
        return Measured(records.search_count(domain))

    def _measure_share(self, records, domain):
        whole = records.search_count(domain)
        if not whole:
            return Measured(None, reason=self.env._("nothing to count yet"))
        part = records.search_count(domain & self._read_domain(self.part_domain))
        return Measured(100.0 * part / whole, part=part, whole=whole)

    def _measure_sum(self, records, domain):
        ((total,),) = records._read_group(domain, [], [f"{self.field_id.name}:sum"])
        return Measured(total or 0)

    def _measure_age(self, records, domain):
        ((last,),) = records._read_group(domain, [], [f"{self.field_id.name}:max"])
        if not last:
            return Measured(None, reason=self.env._("nothing to count yet"))
        return Measured((fields.Date.context_today(self) - fields.Date.to_date(last)).days)

    def _get_failing_action(self, company, teams=None):
        """Return the action that opens what fails, as the reader may see it; False where there is nothing to list."""
        if self.kind == "measure":
            measure = self._get_measure()
            return not self._get_missing(measure) and measure._get_failing_action(company, teams)
        if self.model_id.model not in self.env:
            return False
        _records, domain = self._get_records(company, teams)
        if self.kind == "share":
            domain &= ~self._read_domain(self.part_domain)
        return self.env["crm.roadmap.measure"]._open(self.name, self.model_id.model, domain)

    def _get_target_text(self):
        """Return the target as a phrase: "at least 90 %"."""
        target = self._format_value(self.target)
        if self.direction == "least":
            return self.env._("at least %(target)s", target=target)
        return self.env._("at most %(target)s", target=target)

    def _format_value(self, value):
        digits = 0 if float(value).is_integer() or abs(value) >= 1000 else 1
        return f"{formatLang(self.env, value, digits=digits)}{NO_BREAK}{self.unit}".strip()
