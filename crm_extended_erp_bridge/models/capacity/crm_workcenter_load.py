from odoo import api, fields, models
from odoo.tools import SQL, format_date

from .crm_workcenter_load_line import WEEK_ZERO, WEEKS_PER_WORKCENTER


class CrmWorkcenterLoad(models.Model):
    """What a work centre is asked for in one week against what its calendar leaves, over all areas."""

    _name = "crm.workcenter.load"
    _description = "Work Centre Load"
    _auto = False
    _order = "week_start, workcenter_id"
    _depends = {
        "crm.workcenter.availability": ["workcenter_id", "week_start", "hours"],
        "crm.workcenter.load.line": ["workcenter_id", "week_start", "hours", "is_planned", "can_move"],
        "mrp.workcenter": ["company_id"],
    }

    workcenter_id = fields.Many2one(comodel_name="mrp.workcenter", string="Work Centre", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    week_start = fields.Date(string="Week", readonly=True, help="Monday of the week.")
    hours_available = fields.Float(
        string="Available Hours",
        readonly=True,
        help="Working hours of the work centre's calendar in this week, without leaves and public holidays; in "
        "the current week only from today on.",
    )
    hours_orders = fields.Float(
        string="Ordered Hours", readonly=True, help="Hours that are left on open work and manufacturing orders."
    )
    hours_planned = fields.Float(
        string="Proposed Hours", readonly=True, help="Hours of planned orders that are not released yet."
    )
    hours_total = fields.Float(string="Load (hours)", readonly=True, help="Ordered hours + proposed hours.")
    hours_over = fields.Float(readonly=True, help="Load - available hours, where that is more than zero.")
    hours_movable = fields.Float(
        string="Hours That Can Move",
        readonly=True,
        help="Hours of orders that can leave this week without making late any demand they serve.",
    )
    load_pct = fields.Float(
        string="Load (%)",
        readonly=True,
        aggregator="max",
        help="Load / available hours x 100; over several weeks or work centres, the highest of them. Without "
        "available hours there is no percentage.",
    )
    is_overloaded = fields.Boolean(string="Overloaded", readonly=True)
    has_capacity = fields.Boolean(readonly=True, help="There is at least one available hour in this week.")
    load_label = fields.Char(string="Load", compute="_compute_load_label")
    verdict = fields.Char(compute="_compute_verdict")
    line_ids = fields.One2many(
        comodel_name="crm.workcenter.load.line", inverse_name="load_id", string="Orders", readonly=True
    )

    @property
    def _table_query(self) -> SQL:
        return SQL("%s %s", self._select(), self._from())

    @api.model
    def _select(self) -> SQL:
        return SQL(
            """
            SELECT availability.workcenter_id * %(factor)s
                       + (availability.week_start - %(zero)s::date) / 7 AS id,
                   availability.workcenter_id,
                   workcenter.company_id,
                   availability.week_start,
                   availability.hours AS hours_available,
                   COALESCE(load.orders, 0) AS hours_orders,
                   COALESCE(load.planned, 0) AS hours_planned,
                   COALESCE(load.total, 0) AS hours_total,
                   COALESCE(load.movable, 0) AS hours_movable,
                   GREATEST(COALESCE(load.total, 0) - availability.hours, 0) AS hours_over,
                   COALESCE(load.total, 0) * 100 / NULLIF(availability.hours, 0) AS load_pct,
                   -- Less than a minute over is the sum of roundings
                   COALESCE(load.total, 0) > availability.hours + 1.0 / 60 AS is_overloaded,
                   availability.hours > 0 AS has_capacity
            """,
            factor=WEEKS_PER_WORKCENTER,
            zero=WEEK_ZERO,
        )

    @api.model
    def _from(self) -> SQL:
        """Each area has stored the same calendar hours of a work centre, but its own orders."""
        return SQL(
            """
              FROM (SELECT workcenter_id, week_start, MAX(hours) AS hours
                      FROM crm_workcenter_availability
                  GROUP BY workcenter_id, week_start) availability
              JOIN mrp_workcenter workcenter ON workcenter.id = availability.workcenter_id
         LEFT JOIN (SELECT workcenter_id, week_start,
                           SUM(hours) FILTER (WHERE NOT is_planned) AS orders,
                           SUM(hours) FILTER (WHERE is_planned) AS planned,
                           SUM(hours) FILTER (WHERE can_move) AS movable,
                           SUM(hours) AS total
                      FROM crm_workcenter_load_line
                  GROUP BY workcenter_id, week_start) load
                ON load.workcenter_id = availability.workcenter_id
               AND load.week_start = availability.week_start
            """
        )

    @api.depends("workcenter_id", "week_start")
    def _compute_display_name(self):
        for load in self:
            load.display_name = self.env._(
                "%(workcenter)s, week of %(date)s",
                workcenter=load.workcenter_id.display_name,
                date=format_date(self.env, load.week_start),
            )

    @api.depends("load_pct", "has_capacity", "hours_total")
    def _compute_load_label(self):
        for load in self:
            load.load_label = f"{load.load_pct:.0f} %" if load.has_capacity else self.env._("No capacity")

    @api.depends("hours_over", "hours_movable", "is_overloaded", "has_capacity", "hours_total")
    def _compute_verdict(self):
        for load in self:
            load.verdict = load._get_verdict()

    def _get_verdict(self):
        """What the planner shall know of the week, in one sentence."""
        numbers = {name: f"{self[f'hours_{name}']:.1f}" for name in ("over", "movable", "total", "available")}
        if not self.has_capacity and self.hours_total:
            return self.env._(
                "No capacity: %(total)s hours are planned and the work centre does not work this week. Give it "
                "working hours, or move the orders.",
                **numbers,
            )
        if not self.is_overloaded:
            return self.env._("%(total)s of %(available)s hours are planned.", **numbers)
        if not self.hours_movable:
            return self.env._(
                "%(over)s hours too many, and no order can wait without making a customer order late: add "
                "hours, use another work centre, or promise a later date.",
                **numbers,
            )
        return self.env._("%(over)s hours too many; %(movable)s hours can move to a later week.", **numbers)
