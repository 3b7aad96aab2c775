from collections import defaultdict
from datetime import UTC, datetime, time, timedelta

from pytz import timezone

from odoo import models

from ...planner.promise import Operation, WorkCenter, allocate, subtract

OPEN_WORK = ("blocked", "ready", "progress")
LOAD_FEATURE = "workcenter_load"


class CrmPromiseCapacityMixin(models.AbstractModel):
    """Operations in minutes and work centres in free hours, for the schedule of a promise."""

    _name = "crm.promise.capacity.mixin"
    _description = "Hours for a Delivery Promise"

    # ------------------------------------------------------------
    # Operations
    # ------------------------------------------------------------

    def _get_operations(self, product, bom):
        operations = []
        before = ()
        for operation in bom.operation_ids:
            if operation._skip_operation_line(product):
                continue
            after = tuple(operation.blocked_by_operation_ids.ids) if bom.allow_operation_dependencies else before
            operations.append(self._get_operation(operation, product, bom, after))
            before = (operation.id,)
        return tuple(operations)

    def _get_operation(self, operation, product, bom, after):
        """The times of Odoo's work orders: set-up, clean-up, and cycles at the efficiency of the work centre."""
        workcenter = operation.workcenter_id
        batch = bom.product_uom_id._compute_quantity(bom.product_qty, product.uom_id, round=False) or 1.0
        capacity, setup, cleanup = workcenter._get_capacity(product, product.uom_id, batch)
        cycle = operation.time_cycle if operation.time_mode == "auto" else operation.time_cycle_manual
        return Operation(
            id=operation.id,
            workcenter=workcenter.id,
            # without efficiency the work centre has a problem and its minutes are not asked for
            minutes_cycle=cycle * 100.0 / (workcenter.time_efficiency or 100.0),
            minutes_fixed=setup + cleanup,
            capacity=capacity,
            after=after,
        )

    # ------------------------------------------------------------
    # Work centres
    # ------------------------------------------------------------

    def _read_workcenters(self, workcenters, now, days):
        """Return {id: WorkCenter} with the hours of the next `days`, read once per calendar."""
        result = {}
        usable = workcenters.browse()
        for workcenter in workcenters:
            problem = self._get_workcenter_problem(workcenter)
            if problem:
                result[workcenter.id] = WorkCenter(problem=problem)
            else:
                usable |= workcenter
        hours = self._read_open_hours(usable, now, days)
        booked = self._read_booked_hours(usable, hours, now)
        for workcenter in usable:
            result[workcenter.id] = WorkCenter(open=hours[workcenter.id], booked=booked[workcenter.id])
        return result

    def _get_workcenter_problem(self, workcenter):
        if not workcenter.resource_calendar_id:
            return "no_calendar"
        return "" if workcenter.time_efficiency > 0 else "zero_efficiency"

    def _read_open_hours(self, workcenters, now, days):
        start = now.replace(tzinfo=UTC)
        hours = {}
        for calendar, group in workcenters.grouped("resource_calendar_id").items():
            zone = timezone(calendar.tz or "UTC")
            intervals = calendar._work_intervals_batch(
                start, start + timedelta(days=days), resources=group.resource_id, tz=zone
            )
            for workcenter in group:
                hours[workcenter.id] = [
                    (begin.astimezone(UTC).replace(tzinfo=None), end.astimezone(UTC).replace(tzinfo=None))
                    for begin, end, _attendance in intervals[workcenter.resource_id.id]
                ]
        return hours

    def _read_booked_hours(self, workcenters, hours, now):
        """The hours that other orders take: of the plan where there is one, else of the real work orders.

        The plan knows hours per week; they are taken from the first open hours of that week, and what does not fit
        runs over into the next.
        """
        booked = {workcenter.id: [] for workcenter in workcenters}
        if not workcenters:
            return booked
        loads = self._read_planned_load(workcenters) or self._read_work_orders(workcenters, booked, now)
        for number, weeks in loads.items():
            free = subtract(hours[number], booked[number])
            for week, minutes in sorted(weeks.items()):
                taken = allocate(free, max(datetime.combine(week, time.min), now), minutes)
                # more than all hours that are left: everything is booked
                taken = free if taken is None else taken
                booked[number] += taken
                free = subtract(free, taken)
        return booked

    def _read_planned_load(self, workcenters):
        if not self.env.company._has_feature(LOAD_FEATURE):
            return {}
        loads = defaultdict(dict)
        for workcenter, week, hours in self.env["crm.workcenter.load.line"]._read_group(
            [("workcenter_id", "in", workcenters.ids)], ["workcenter_id", "week_start:day"], ["hours:sum"]
        ):
            loads[workcenter.id][week] = hours * 60.0
        return loads

    def _read_work_orders(self, workcenters, booked, now):
        """Put work orders with fixed times into `booked` and return the minutes per week of the others."""
        loads = defaultdict(lambda: defaultdict(float))
        domain = [("workcenter_id", "in", workcenters.ids), ("state", "in", OPEN_WORK)]
        names = ["workcenter_id", "date_start", "date_finished", "duration_expected", "production_date"]
        for order in self.env["mrp.workorder"].search_fetch(domain, names):
            number = order.workcenter_id.id
            if order.date_start and order.date_finished and order.date_finished > order.date_start:
                booked[number].append((order.date_start, order.date_finished))
            else:
                day = max(order.production_date or now, now).date()
                loads[number][day - timedelta(days=day.weekday())] += order.duration_expected
        return loads
