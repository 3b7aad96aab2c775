from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_roadmap_definition_mixin import NO_BREAK

# months of a curve of a benefit that are measured again when it has none
SINCE_MONTHS = 12


class CrmRoadmapBenefit(models.Model):
    """What the company wants to gain from the road: a figure before, its target, and what it is now.

    The figure before is measured as of a day where the measure can look back, else typed with its source.
    """

    _name = "crm.roadmap.benefit"
    _inherit = ["mail.thread", "crm.roadmap.definition.mixin"]
    _description = "Benefit of the Roadmap"
    _order = "stage_id, sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, default=lambda self: self.env.company, index=True, ondelete="cascade"
    )
    stage_id = fields.Many2one(
        comodel_name="crm.roadmap.stage", ondelete="set null", help="The stage that is to bring the benefit."
    )
    kind = fields.Selection(default="measure")
    measure_code = fields.Selection(help="Measures that can look back also tell what the figure was before.")
    baseline = fields.Float(
        aggregator=None, string="Before", tracking=True, help="The figure before the road, in the unit of the target."
    )
    baseline_date = fields.Date(string="As Of", tracking=True)
    baseline_source = fields.Char(string="Source", tracking=True, help="Where a figure that was typed is from.")
    value = fields.Float(string="Now", aggregator=None, readonly=True, help="What was measured last.")
    has_value = fields.Boolean(readonly=True)
    measured_on = fields.Date(readonly=True)
    reason = fields.Char(readonly=True, help="Why it could not be measured.")
    way_pct = fields.Float(
        aggregator=None,
        string="Way to the Target (%)",
        compute="_compute_way_pct",
        help="(now - before) / (target - before) x 100; below 0 it moved away from the target.",
    )
    baseline_text = fields.Char(string="Figure Before", compute="_compute_texts", help="Empty until it is known.")
    value_text = fields.Char(string="Figure Now", compute="_compute_texts", help="Or why it is not known.")
    way_text = fields.Char(string="Way to the Target", compute="_compute_texts")
    is_better = fields.Boolean(compute="_compute_way_pct", help="Whether it moved towards the target.")
    owner_id = fields.Many2one(comodel_name="res.users", domain="[('share', '=', False)]")
    point_ids = fields.One2many(
        comodel_name="crm.roadmap.benefit.point", inverse_name="benefit_id", string="History", readonly=True
    )

    @api.depends("baseline", "baseline_date", "value", "has_value", "target")
    def _compute_way_pct(self):
        for benefit in self:
            whole = benefit.target - benefit.baseline
            way = benefit.value - benefit.baseline
            is_known = benefit.has_value and benefit.baseline_date and whole
            benefit.way_pct = 100.0 * way / whole if is_known else 0
            benefit.is_better = bool(is_known) and way * whole > 0

    def _compute_target_text(self):
        result = super()._compute_target_text()
        self.filtered(lambda benefit: not benefit.target).target_text = False
        return result

    @api.depends("baseline", "baseline_date", "value", "has_value", "reason", "target", "kind", "measure_code")
    @api.depends_context("lang")
    def _compute_texts(self):
        """Nought is a figure too, so what is not known has no figure."""
        for benefit in self:
            is_known = benefit.baseline_date and benefit.has_value and benefit.target
            benefit.baseline_text = benefit._format_value(benefit.baseline) if benefit.baseline_date else False
            benefit.value_text = benefit._format_value(benefit.value) if benefit.has_value else benefit.reason
            benefit.way_text = f"{benefit.way_pct:.0f}{NO_BREAK}%" if is_known else False

    # ------------------------------------------------------------------
    # Measuring
    # ------------------------------------------------------------------
    def _measure_now(self):
        """Measure what each benefit is today, and keep it as the point of this month."""
        today = fields.Date.context_today(self)
        for benefit in self:
            found = benefit._measure_safely(benefit.company_id)
            benefit.write(
                {
                    "value": found.value or 0,
                    "has_value": found.value is not None,
                    "reason": found.reason,
                    "measured_on": today,
                }
            )
            if found.value is not None:
                benefit._keep_point(today, found.value)

    def _keep_point(self, day, value):
        """Keep one point a month, the last one that was measured in it."""
        self.ensure_one()
        # `sudo`: points are written by the measuring only
        points = self.env["crm.roadmap.benefit.point"].sudo()
        month = day.replace(day=1)
        point = points.search([("benefit_id", "=", self.id), ("month", "=", month)])
        if point:
            point.value = value
        else:
            points.create({"benefit_id": self.id, "month": month, "value": value})

    def _measure_as_of(self, day):
        """Return what the figure was on a day, where its measure can look back; else None."""
        measure = self._get_measure()
        if measure is None or measure._get_missing() or not measure._looks_back:
            return None
        return measure.with_company(self.company_id)._measure_as_of(self.company_id, day).value

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_measure(self):
        """Measure now."""
        self.check_access("write")
        self._measure_now()
        return True

    def action_take_baseline(self):
        """Take the figure of a year ago as the one before, with the months since; else today's."""
        self.ensure_one()
        self.check_access("write")
        today = fields.Date.context_today(self)
        day = self.baseline_date or today - relativedelta(months=SINCE_MONTHS)
        value = self._measure_as_of(day)
        if value is None:
            day, value = today, self._measure_safely(self.company_id).value
        if value is None:
            raise UserError(
                self.env._(
                    "%(name)s cannot be measured. Type the figure before, its day and its source.", name=self.name
                )
            )
        self.write({"baseline": value, "baseline_date": day, "baseline_source": self.env._("measured")})
        while day < today:
            past = self._measure_as_of(day)
            if past is not None:
                self._keep_point(day, past)
            day += relativedelta(months=1)
        self._measure_now()
        return True

    def action_open_history(self):
        """Show the months as a curve."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("History of %(name)s", name=self.name),
            "res_model": "crm.roadmap.benefit.point",
            "views": [[False, "graph"], [False, "list"]],
            "domain": [("benefit_id", "=", self.id)],
        }


class CrmRoadmapBenefitPoint(models.Model):
    """The figure of a benefit in a month. Written by the measuring only."""

    _name = "crm.roadmap.benefit.point"
    _description = "Month of a Benefit"
    _order = "month"
    _log_access = False

    benefit_id = fields.Many2one(
        comodel_name="crm.roadmap.benefit", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="benefit_id.company_id", store=True, index=True)
    month = fields.Date(required=True, readonly=True)
    value = fields.Float(readonly=True, aggregator="avg", help="The figure at the last measuring of the month.")

    _month_uniq = models.Constraint("UNIQUE (benefit_id, month)", "A month has one figure.")
