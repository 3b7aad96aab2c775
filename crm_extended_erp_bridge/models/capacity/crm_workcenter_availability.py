from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.tools import SQL

from ...planner import capacity


class CrmWorkcenterAvailability(models.Model):
    """What the calendar of a work centre leaves in one week, as the last planning run of an area saw it.

    One set of rows per area, so that areas planned at the same time do not wait for each other.
    """

    _name = "crm.workcenter.availability"
    _description = "Work Centre Hours of a Week"
    _order = "week_start, workcenter_id"
    _log_access = False
    _rec_name = "workcenter_id"

    mrp_area_id = fields.Many2one(
        comodel_name="mrp.area", string="MRP Area", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True, ondelete="cascade")
    workcenter_id = fields.Many2one(
        comodel_name="mrp.workcenter",
        string="Work Centre",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    week_start = fields.Date(string="Week", required=True, readonly=True, help="Monday of the week.")
    hours = fields.Float(
        string="Available Hours",
        readonly=True,
        help="Working hours of the work centre's calendar in this week, without its leaves and public "
        "holidays; in the current week only from today on. Efficiency and pieces made in parallel are in "
        "the hours of the orders, as in Odoo's expected duration.",
    )

    @api.model
    def _rebuild(self, area, workcenters, first, last):
        """Store the hours of the weeks from ``first`` to ``last`` and return them by day.

        :param workcenters: all for which a row is wanted
        :return: ``{work centre id: {date: hours}}``
        """
        self.env.cr.execute(SQL("DELETE FROM crm_workcenter_availability WHERE mrp_area_id = %s", area.id))
        by_day = self._get_hours_by_day(workcenters, first, last)
        weeks = [capacity.monday(first)]
        while weeks[-1] + timedelta(days=7) <= last:
            weeks.append(weeks[-1] + timedelta(days=7))
        rows = []
        for workcenter in workcenters:
            by_week = dict.fromkeys(weeks, 0.0)
            for day, hours in by_day[workcenter.id].items():
                by_week[capacity.monday(day)] += hours
            rows += [(workcenter.id, week, hours) for week, hours in by_week.items()]
        self._insert(area, rows)
        return by_day

    @api.model
    def _insert(self, area, rows):
        if rows:
            ids, weeks, hours = (list(column) for column in zip(*rows, strict=True))
            self.env.cr.execute(
                SQL(
                    """INSERT INTO crm_workcenter_availability
                              (mrp_area_id, company_id, workcenter_id, week_start, hours)
                       SELECT %(area)s, %(company)s, row.* FROM unnest(%(ids)s, %(weeks)s, %(hours)s) AS row""",
                    area=area.id,
                    company=area.company_id.id,
                    ids=ids,
                    weeks=weeks,
                    hours=hours,
                )
            )
        self.invalidate_model()

    @api.model
    def _get_hours_by_day(self, workcenters, first, last):
        """One look at each calendar, for all its work centres and all weeks together.

        A work centre without a calendar has no hours: Odoo could not schedule it either.
        """
        by_day = {workcenter.id: defaultdict(float) for workcenter in workcenters}
        for calendar, members in workcenters.grouped("resource_calendar_id").items():
            if not calendar:
                continue
            # Odoo schedules work orders in the time zone of the calendar, not of the resource
            tz = pytz.timezone(calendar.tz)
            start = tz.localize(datetime.combine(first, time.min))
            stop = tz.localize(datetime.combine(last + timedelta(days=1), time.min))
            intervals = calendar._work_intervals_batch(start, stop, resources=members.resource_id, tz=tz)
            for workcenter in members:
                for begin, end, _attendances in intervals[workcenter.resource_id.id]:
                    by_day[workcenter.id][begin.date()] += (end - begin).total_seconds() / 3600
        return by_day
