from collections import defaultdict
from datetime import date, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...planner import capacity

# As far as the plan of a work centre looks; an order beyond it loads nothing yet.
HORIZON_WEEKS = 104
# Weeks after the last order to which work can be moved.
SPARE_WEEKS = 8
# Days that an order which serves nobody may wait: longer than anybody asks for.
UNPEGGED_SLACK_DAYS = 365
# The number of a week is counted from this Monday; with the work centre it makes the id of the week's load.
WEEK_ZERO = date(2000, 1, 3)
WEEKS_PER_WORKCENTER = 10000

COLUMNS = (
    "mrp_area_id",
    "company_id",
    "workcenter_id",
    "load_id",
    "week_start",
    "operation_id",
    "product_id",
    "production_id",
    "workorder_id",
    "planned_order_id",
    "hours",
    "is_planned",
    "slack_days",
    "can_move",
)


class CrmWorkcenterLoadLine(models.Model):
    """The hours that one operation of one order asks of a work centre in one week.

    Made anew by each planning run of an area (``_rebuild``), and for single orders when they are moved.
    """

    _name = "crm.workcenter.load.line"
    _inherit = ["crm.workcenter.load.source.mixin"]
    _description = "Work Centre Load by Order"
    # What gives the most relief first
    _order = "can_move desc, hours desc, id"
    _log_access = False

    mrp_area_id = fields.Many2one(
        comodel_name="mrp.area", string="MRP Area", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True, ondelete="cascade")
    workcenter_id = fields.Many2one(
        comodel_name="mrp.workcenter",
        string="Work Centre",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    load_id = fields.Many2one(
        comodel_name="crm.workcenter.load", string="Week of the Work Centre", readonly=True, index=True
    )
    week_start = fields.Date(string="Week", required=True, readonly=True, help="Monday of the week.")
    product_id = fields.Many2one(comodel_name="product.product", readonly=True, ondelete="cascade")
    operation_id = fields.Many2one(comodel_name="mrp.routing.workcenter", readonly=True, ondelete="cascade")
    production_id = fields.Many2one(
        comodel_name="mrp.production",
        string="Manufacturing Order",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    workorder_id = fields.Many2one(
        comodel_name="mrp.workorder",
        string="Work Order",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    planned_order_id = fields.Many2one(
        comodel_name="mrp.planned.order", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    hours = fields.Float(
        readonly=True,
        help="Work order: (expected - real duration) / 60. Planned order: (setup + cleanup + cycles x time per "
        "cycle / efficiency) / 60, cycles = quantity / quantity made in parallel, rounded up. An order over "
        "several weeks is shared out by the working hours of its days.",
    )
    is_planned = fields.Boolean(string="Proposal", readonly=True, help="From a planned order that is not released yet.")
    slack_days = fields.Integer(
        string="Slack",
        readonly=True,
        aggregator="min",
        help="Days that the order can end later without making late the first demand it serves: date of that "
        "demand - the day on which the order can really end. 365: it serves no demand.",
    )
    can_move = fields.Boolean(
        readonly=True,
        help="Its slack reaches out of this week and it has not been started: all its hours of the week would be free.",
    )
    order_label = fields.Char(string="Order", compute="_compute_order_label")
    customer_orders = fields.Char(
        string="For Customer Orders",
        compute="_compute_customer_orders",
        help="The customer orders it serves, over all levels of the bills of materials, by the pegging.",
    )

    @api.depends("production_id", "planned_order_id", "product_id")
    def _compute_order_label(self):
        for line in self:
            product = line.product_id.display_name
            line.order_label = (
                self.env._("%(order)s: %(product)s", order=line.production_id.name, product=product)
                if line.production_id
                else self.env._("Proposal: %(product)s", product=product)
            )

    @api.depends("production_id", "planned_order_id")
    def _compute_customer_orders(self):
        orders = self._get_customer_orders()
        for line in self:
            names = orders[line.planned_order_id.id, line.production_id.id]
            line.customer_orders = ", ".join(names)

    @api.depends("order_label", "workcenter_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.order_label} ({line.workcenter_id.display_name})"

    def action_move(self):
        """Open the question to which week the order shall move."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Move %(order)s", order=self.order_label),
            "res_model": "crm.workcenter.load.move",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_id": self.id},
        }

    def action_open_pegging(self):
        """Show whom the order serves, up to the customers."""
        self.ensure_one()
        record = self.production_id or self.planned_order_id
        return {
            "type": "ir.actions.client",
            "tag": "crm_extended_erp_bridge.pegging_tree",
            "name": self.order_label,
            "params": {"res_model": record._name, "res_id": record.id},
        }

    # ------------------------------------------------------------
    # Rebuild
    # ------------------------------------------------------------

    @api.model
    def _rebuild(self, area):
        """Make the load of an area anew, from its open orders and the proposals of the run.

        Called in the planning job, after the pegging. Writes by SQL, as a plan has tens of thousands of rows
        that nobody follows one by one.
        """
        area.ensure_one()
        self.env.cr.execute(SQL("DELETE FROM crm_workcenter_load_line WHERE mrp_area_id = %s", area.id))
        today = area._datetime_to_date_tz()
        horizon = capacity.monday(today) + timedelta(weeks=HORIZON_WEEKS, days=-1)
        loads = [load for load in self._get_loads(area) if load.start <= horizon]
        last_order = capacity.monday(max((load.end for load in loads), default=today))
        last = min(horizon, last_order + timedelta(weeks=1 + SPARE_WEEKS, days=-1))
        workcenters = self._get_workcenters(area).filtered("active") if loads else self.env["mrp.workcenter"]
        workcenters |= workcenters.browse({load.workcenter_id for load in loads})
        day_hours = self.env["crm.workcenter.availability"]._rebuild(area, workcenters, today, last)
        self._report_idle(area, {load.workcenter_id for load in loads}, day_hours)
        self._insert(area, self._spread(area, loads, day_hours, today=today, last=last))

    @api.model
    def _rebuild_orders(self, area, productions, planned_orders):
        """Make anew the rows of some orders only, as after they were moved; the rest of the plan stays."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM crm_workcenter_load_line WHERE production_id = ANY(%s) OR planned_order_id = ANY(%s)",
                productions.ids,
                planned_orders.ids,
            )
        )
        loads = self._get_loads(area, productions=productions, planned_orders=planned_orders)
        self._insert(area, self._spread_in_plan(area, loads))

    @api.model
    def _follow_release(self, planned_orders, productions):
        """The hours of released proposals become those of their manufacturing orders.

        Nothing to do in an area whose load was never made: it has no week to put them in.
        """
        for area, released in planned_orders.grouped("mrp_area_id").items():
            if area.company_id._has_feature("workcenter_load") and self._get_last_day(area):
                orders = productions.filtered(lambda order, released=released: order.planned_order_id in released)
                self._rebuild_orders(area, orders, released)

    @api.model
    def _spread_in_plan(self, area, loads):
        """Rows of these loads within the weeks that the last run looked at."""
        today = area._datetime_to_date_tz()
        last = self._get_last_day(area) or today
        workcenters = self._get_workcenters(area).browse({load.workcenter_id for load in loads})
        day_hours = self.env["crm.workcenter.availability"]._get_hours_by_day(workcenters, today, last)
        within = [load for load in loads if load.start <= last]
        return self._spread(area, within, day_hours, today=today, last=last)

    @api.model
    def _get_last_day(self, area):
        groups = self.env["crm.workcenter.availability"]._read_group(
            [("mrp_area_id", "=", area.id)], aggregates=["week_start:max"]
        )
        return groups[0][0] and groups[0][0] + timedelta(days=6)

    @api.model
    def _spread(self, area, loads, day_hours, *, today, last):
        """Return the rows to store, one for each load and week."""
        needs = self._get_needs(area)
        rows = []
        for load in (self._clip(load, today, last) for load in loads):
            needed, feasible = needs.get((load.planned_order_id, load.production_id), (None, None))
            slack = capacity.days_of_slack(load.end, needed=needed, feasible=feasible, unpegged=UNPEGGED_SLACK_DAYS)
            for week, hours in capacity.spread(load.hours, load.start, load.end, day_hours[load.workcenter_id]).items():
                can_move = not load.is_started and slack > 0 and capacity.can_leave_week(load.start, slack, week)
                rows.append(self._prepare_row(load, week, hours, slack, can_move))
        return rows

    @api.model
    def _prepare_row(self, load, week, hours, slack, can_move):
        return (
            load.workcenter_id,
            self._get_load_id(load.workcenter_id, week),
            week,
            load.operation_id,
            load.product_id,
            load.production_id,
            load.workorder_id,
            load.planned_order_id,
            hours,
            load.planned_order_id is not None,
            slack,
            can_move,
        )

    @api.model
    def _get_load_id(self, workcenter_id, week):
        """The id of ``crm.workcenter.load``: the same in every run, so that a link to a week keeps its sense."""
        return workcenter_id * WEEKS_PER_WORKCENTER + (week - WEEK_ZERO).days // 7

    @api.model
    def _insert(self, area, rows):
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            types = ("int", "int", "date", "int", "int", "int", "int", "int", "float8", "bool", "int", "bool")
            arrays = [SQL("%s::%s[]", column, SQL(kind)) for column, kind in zip(columns, types, strict=True)]
            self.env.cr.execute(
                SQL(
                    """INSERT INTO crm_workcenter_load_line (%(columns)s)
                       SELECT %(area)s, %(company)s, row.* FROM unnest(%(arrays)s) AS row""",
                    columns=SQL(", ").join(SQL.identifier(name) for name in COLUMNS),
                    area=area.id,
                    company=area.company_id.id,
                    arrays=SQL(", ").join(arrays),
                )
            )
        self.invalidate_model()
        self.env["crm.workcenter.load"].invalidate_model()

    @api.model
    def _report_idle(self, area, workcenter_ids, day_hours):
        """A work centre that has orders and no hour to work: its load is not a number, but a problem."""
        issues = self.env["crm.planning.issue"]
        for workcenter in self._get_workcenters(area).browse(sorted(workcenter_ids)):
            if not workcenter.resource_calendar_id:
                issues._report(area, "no_calendar", workcenter)
            elif not any(day_hours[workcenter.id].values()):
                issues._report(area, "zero_capacity", workcenter)

    # ------------------------------------------------------------
    # Pegging
    # ------------------------------------------------------------

    @api.model
    def _get_needs(self, area):
        """Return ``{(planned order id, production id): (first day needed, day it is feasible)}``."""
        self.env["crm.pegging"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT planned_order_id, production_id, MIN(demand_date)::date,
                          MAX(GREATEST(supply_date, feasible_date))::date
                     FROM crm_pegging
                    WHERE mrp_area_id = %s AND (planned_order_id IS NOT NULL OR production_id IS NOT NULL)
                      AND demand_date IS NOT NULL
                 GROUP BY planned_order_id, production_id""",
                area.id,
            )
        )
        return {(planned, production): (needed, feasible) for planned, production, needed, feasible in rows}

    def _get_customer_orders(self):
        """Return ``{(planned order id, production id): names of the customer orders}``, for all lines at once."""
        names = defaultdict(list)
        planned, productions = self.planned_order_id.ids, self.production_id.ids
        if not planned and not productions:
            return names
        self.env["crm.pegging"].flush_model()
        # The planner is told for whom an order is made, its number and customer, though he may not open the sale.
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE up AS (
                    SELECT planned_order_id AS planned, production_id AS production, sale_line_id,
                           demand_planned_order_id, demand_production_id
                      FROM crm_pegging
                     WHERE planned_order_id = ANY(%(planned)s) OR production_id = ANY(%(productions)s)
                     UNION
                    SELECT up.planned, up.production, next.sale_line_id,
                           next.demand_planned_order_id, next.demand_production_id
                      FROM up
                CROSS JOIN LATERAL (
                           SELECT * FROM crm_pegging WHERE planned_order_id = up.demand_planned_order_id
                            UNION ALL
                           SELECT * FROM crm_pegging WHERE production_id = up.demand_production_id
                     ) next
                )
                SELECT DISTINCT up.planned, up.production, sale.date_order, sale.name, partner.name
                  FROM up
                  JOIN sale_order_line line ON line.id = up.sale_line_id
                  JOIN sale_order sale ON sale.id = line.order_id
                  JOIN res_partner partner ON partner.id = sale.partner_id
              ORDER BY sale.date_order, sale.name
                """,
                planned=planned,
                productions=productions,
            )
        )
        for planned_id, production_id, _date, order, partner in rows:
            names[planned_id or False, production_id or False].append(f"{order} {partner}")
        return names
