from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..planner import capacity


class CrmWorkcenterLoadMove(models.TransientModel):
    """Move one order to a later week, as far as its slack allows, after seeing what it does to both weeks."""

    _name = "crm.workcenter.load.move"
    _description = "Move an Order to Another Week"

    line_id = fields.Many2one(
        comodel_name="crm.workcenter.load.line", string="Load", required=True, readonly=True, ondelete="cascade"
    )
    order_label = fields.Char(related="line_id.order_label")
    workcenter_id = fields.Many2one(related="line_id.workcenter_id")
    week_start = fields.Date(related="line_id.week_start", string="From Week of")
    slack_days = fields.Integer(related="line_id.slack_days")
    date_last = fields.Date(
        string="Starts at the Latest",
        compute="_compute_date_last",
        help="Start of the order + its slack: started later, it makes a demand late.",
    )
    date_to = fields.Date(
        string="To Week of",
        compute="_compute_date_to",
        store=True,
        readonly=False,
        help="Any day of the week; the order starts on its Monday.",
    )
    problem = fields.Char(compute="_compute_problem")
    hours_available_from = fields.Float(string="Available Hours There", compute="_compute_hours")
    hours_before_from = fields.Float(string="Load Now", compute="_compute_hours")
    hours_after_from = fields.Float(string="Load After Moving", compute="_compute_hours")
    hours_available_to = fields.Float(string="Available Hours in the New Week", compute="_compute_hours")
    hours_before_to = fields.Float(string="Load of the New Week Now", compute="_compute_hours")
    hours_after_to = fields.Float(string="Load of the New Week After Moving", compute="_compute_hours")

    @api.depends("line_id")
    def _compute_date_last(self):
        for move in self:
            move.date_last = move._get_start() + timedelta(days=move.line_id.slack_days)

    @api.depends("line_id")
    def _compute_date_to(self):
        for move in self:
            move.date_to = move.week_start + timedelta(days=7) if move.week_start else False

    @api.depends("line_id", "date_to")
    def _compute_problem(self):
        for move in self:
            move.problem = move._get_problem()

    @api.depends("line_id", "date_to")
    def _compute_hours(self):
        for move in self:
            gone, come = move._get_hours_by_week()
            for side, week in (("from", move.week_start), ("to", move.date_to and capacity.monday(move.date_to))):
                load = move._get_load(week)
                move[f"hours_available_{side}"] = load.hours_available
                move[f"hours_before_{side}"] = load.hours_total
                move[f"hours_after_{side}"] = load.hours_total - gone.get(week, 0.0) + come.get(week, 0.0)

    def action_move(self):
        """Change the dates of the order and show its load in the new week."""
        self.ensure_one()
        if self.problem:
            raise UserError(self.problem)
        line, area = self.line_id, self.line_id.mrp_area_id
        days = self._get_days()
        productions, planned_orders = line.production_id, line.planned_order_id
        # sudo: a proposal belongs to the planning; whoever may release it may give it another date
        for planned in planned_orders.sudo():
            planned.write(
                {
                    "order_release_date": planned.order_release_date + timedelta(days=days),
                    "due_date": planned.due_date + timedelta(days=days),
                    # The next run plans around what a planner has decided
                    "fixed": True,
                }
            )
        for production in productions:
            # Odoo takes the work orders off their slots; they are planned again at the new date
            was_planned = production.is_planned
            production.date_start += timedelta(days=days)
            if was_planned:
                production.button_plan()
        self._follow_pegging(productions, planned_orders, days)
        # sudo: the rows of the plan belong to nobody, and the dates were written with the user's own rights
        line.sudo()._rebuild_orders(area, productions, planned_orders)
        return {"type": "ir.actions.act_window_close"}

    def _follow_pegging(self, productions, planned_orders, days):
        """The pegging keeps its quantities; its supply comes so much later, until the next run."""
        self.env["crm.pegging"].flush_model()
        self.env.cr.execute(
            SQL(
                """UPDATE crm_pegging
                      SET supply_date = supply_date + %(days)s, feasible_date = feasible_date + %(days)s
                    WHERE production_id = ANY(%(productions)s) OR planned_order_id = ANY(%(planned)s)""",
                days=days,
                productions=productions.ids,
                planned=planned_orders.ids,
            )
        )
        self.env["crm.pegging"].invalidate_model(["supply_date", "feasible_date"])

    # ------------------------------------------------------------
    # Numbers
    # ------------------------------------------------------------

    def _get_loads(self):
        """The order's operations as they are now, and not earlier than today."""
        line, area = self.line_id, self.line_id.mrp_area_id
        # sudo: what is shown are hours, of an order that the user has already in front of him
        loads = line.sudo()._get_loads(area, productions=line.production_id, planned_orders=line.planned_order_id)
        today = area._datetime_to_date_tz()
        return [load._replace(start=max(load.start, today), end=max(load.end, today)) for load in loads]

    def _get_start(self):
        return min((load.start for load in self._get_loads()), default=self.week_start)

    def _get_days(self):
        """Days from the order's start to the Monday of the new week."""
        return (capacity.monday(self.date_to) - self._get_start()).days

    def _get_hours_by_week(self):
        """Return what the order takes from the work centre now and after moving: two ``{week: hours}``."""
        if not self.date_to or not self.line_id:
            return {}, {}
        line = self.line_id.sudo()
        days = self._get_days()
        sides = []
        for shift in (0, days):
            loads = [line._shift(load, shift) for load in self._get_loads()]
            rows = line._spread_in_plan(line.mrp_area_id, loads)
            hours = {}
            for workcenter_id, _load, week, *_documents, amount, _planned, _slack, _can_move in rows:
                if workcenter_id == line.workcenter_id.id:
                    hours[week] = hours.get(week, 0.0) + amount
            sides.append(hours)
        return sides

    def _get_load(self, week):
        loads = self.env["crm.workcenter.load"]
        return loads.search([("workcenter_id", "=", self.workcenter_id.id), ("week_start", "=", week)], limit=1)

    def _get_problem(self):
        """Return why the order cannot move there, or False."""
        if not self.date_to:
            return self.env._("Choose the week to which the order shall move.")
        days, names = self._get_days(), {"order": self.order_label}
        if days <= 0:
            return self.env._("Choose a week after the one in which %(order)s starts.", **names)
        if not self.line_id.production_id.filtered(lambda order: order.state in ("draft", "confirmed")) and not (
            self.line_id.planned_order_id
        ):
            return self.env._("%(order)s has been started: finish it, or split off what is left.", **names)
        if not self._get_load(capacity.monday(self.date_to)):
            return self.env._("The plan does not look as far as that week: choose an earlier one.")
        if days > self.slack_days:
            return self.env._(
                "%(order)s would make a demand it serves late: it can start on %(date)s at the latest.",
                date=format_date(self.env, self.date_last),
                **names,
            )
        return False
