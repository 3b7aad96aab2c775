import logging
import traceback

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.queue_job.exception import RetryableJobError

from .crm_planning_progress import STEPS
from .planning_session import PlanningCancelled, PlanningSession

_logger = logging.getLogger(__name__)

STATES = [
    ("waiting", "Waiting"),
    ("running", "Running"),
    ("done", "Done"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
]
# Where each step begins on the bar, in percent of the whole: measured on 2,000 products and 10,000 order lines.
STEP_STARTS = {"reading": 0, "netting": 20, "pegging": 55, "capacity": 80, "promises": 90}


class CrmPlanningRunArea(models.Model):
    """The planning of one MRP area in a run: one job, one transaction.

    A job that is killed leaves the previous plan intact, because nothing of the new one is committed; the queue
    starts it again. A job that is cancelled rolls back for the same reason.
    """

    _name = "crm.planning.run.area"
    _description = "Planning Run of an Area"
    _order = "run_id desc, id"
    _rec_name = "mrp_area_id"

    run_id = fields.Many2one(
        comodel_name="crm.planning.run",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    mrp_area_id = fields.Many2one(
        comodel_name="mrp.area",
        string="MRP Area",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="mrp_area_id.company_id", store=True, index=True)
    outcome = fields.Selection(
        selection=[state for state in STATES if state[0] != "running"],
        required=True,
        readonly=True,
        default="waiting",
        help="What the transaction of the plan left: waiting until the plan is there, failed or cancelled without.",
    )
    state = fields.Selection(selection=STATES, compute="_compute_progress", search="_search_state")
    progress_ids = fields.One2many(comodel_name="crm.planning.progress", inverse_name="run_area_id", readonly=True)
    step = fields.Selection(selection=STEPS, compute="_compute_progress")
    products_done = fields.Integer(compute="_compute_progress", help="Products that the step has dealt with.")
    products_total = fields.Integer(compute="_compute_progress", help="Products that the step has to deal with.")
    progress = fields.Float(
        string="Progress (%)",
        compute="_compute_progress",
        help="0 to 100: where the step begins, plus its share by products done of all products.",
    )
    planned_order_count = fields.Integer(
        string="Proposals",
        readonly=True,
        help="Planned orders of the area after the run.",
    )
    issue_count = fields.Integer(string="Issues", readonly=True, help="Planning issues of the area after the run.")
    error = fields.Text(readonly=True)
    job_uuid = fields.Char(string="Job", readonly=True)
    date_started = fields.Datetime(string="Started", compute="_compute_progress")
    date_ended = fields.Datetime(string="Ended", readonly=True)

    _unique_waiting = models.UniqueIndex(
        "(mrp_area_id) WHERE outcome = 'waiting'",
        "This area is being planned already. Wait until the run has ended, or cancel it.",
    )

    @api.depends("outcome", "progress_ids.step", "progress_ids.products_done", "progress_ids.products_total")
    def _compute_progress(self):
        for area in self:
            row = area.progress_ids[:1]
            area.state = "running" if row and area.outcome == "waiting" else area.outcome
            area.step = row.step
            area.products_done = row.products_done
            area.products_total = row.products_total
            area.date_started = row.date_started
            area.progress = 100.0 if area.outcome == "done" else area._get_percentage(row)

    @api.model
    def _get_percentage(self, row):
        if not row:
            return 0.0
        starts = [*STEP_STARTS.values(), 100]
        position = list(STEP_STARTS).index(row.step)
        share = min(row.products_done / row.products_total, 1.0) if row.products_total else 0.0
        return starts[position] + share * (starts[position + 1] - starts[position])

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = ["|", ("outcome", "in", [state for state in value if state not in ("waiting", "running")])]
        is_waiting, is_running = "waiting" in value, "running" in value
        if is_waiting and is_running:
            return [*domain, ("outcome", "=", "waiting")]
        if is_waiting or is_running:
            return [*domain, "&", ("outcome", "=", "waiting"), ("progress_ids", "!=" if is_running else "=", False)]
        return domain[1:]

    def action_view_issues(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_erp_bridge.crm_planning_issue_action")
        return {**action, "domain": [("mrp_area_id", "=", self.mrp_area_id.id)]}

    # ------------------------------------------------------------
    # The job
    # ------------------------------------------------------------

    def _enqueue(self):
        for area in self:
            job = area.with_delay(
                identity_key=f"crm.planning.run.area,{area.id}",
                description=self.env._("Planning of %(area)s", area=area.mrp_area_id.display_name),
            )._plan(apart=True)
            area.job_uuid = job.uuid

    def _plan(self, *, apart=False):
        """Make the plan of the area in this transaction.

        :param bool apart: report progress and failure through cursors of their own (the job does); without, in this
            transaction
        :return: a sentence for the log of the job
        """
        self.ensure_one()
        # sudo: the plan reads and replaces what the user who launched it may not write by hand
        area = self.sudo().with_company(self.company_id)
        if area.outcome in ("done", "cancelled"):
            return f"{area.mrp_area_id.name}: {area.outcome} before it started"
        session = PlanningSession(area.mrp_area_id, notify=lambda **step: area._report_progress(apart=apart, **step))
        try:
            session.progress("reading", 0, 0)
            area.env["mrp.multi.level"]._plan_area(area.mrp_area_id, session)
            area._finish("done")
            area.env.flush_all()
        except PlanningCancelled as error:
            # What was planned is rolled back by the queue; at the second attempt there is nothing left to do.
            raise RetryableJobError(str(error), seconds=1, ignore_retry=True) from error
        except (RetryableJobError, psycopg2.OperationalError):
            raise
        except Exception as error:
            area._report_failure(error, apart=apart)
            raise
        return f"{area.mrp_area_id.name}: {area.planned_order_count} planned orders, {area.issue_count} issues"

    def _finish(self, outcome):
        now = fields.Datetime.now()
        for area in self:
            values = {"outcome": outcome, "date_ended": now}
            if outcome == "done":
                domain = [("mrp_area_id", "=", area.mrp_area_id.id)]
                values["planned_order_count"] = self.env["mrp.planned.order"].search_count(domain)
                values["issue_count"] = self.env["crm.planning.issue"].search_count(domain)
                values["error"] = False
            area.write(values)

    def _report_progress(self, *, step, done, total, apart):
        """Write how far the plan is.

        :raises PlanningCancelled: when somebody has cancelled this area meanwhile
        """
        if not apart:
            self._write_progress(self.env.cr, step, done, total)
            self.progress_ids.invalidate_recordset()
            self.invalidate_recordset(["progress_ids"])
            return
        with self.env.registry.cursor() as cr:
            self._write_progress(cr, step, done, total)
            cr.execute(SQL("SELECT outcome FROM crm_planning_run_area WHERE id = %s", self.id))
            row = cr.fetchone()
        if row and row[0] == "cancelled":
            raise PlanningCancelled(f"{self.mrp_area_id.name}: cancelled")

    def _write_progress(self, cr, step, done, total):
        cr.execute(
            SQL(
                """
                INSERT INTO crm_planning_progress
                    (run_area_id, step, products_done, products_total, date_started, date_updated)
                VALUES (%(area)s, %(step)s, %(done)s, %(total)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
                ON CONFLICT (run_area_id) DO UPDATE SET
                    step = excluded.step,
                    products_done = excluded.products_done,
                    products_total = excluded.products_total,
                    date_updated = excluded.date_updated
                """,
                area=self.id,
                step=step,
                done=done,
                total=total,
            )
        )

    def _report_failure(self, error, *, apart):
        """Keep the error where the planner sees it; the transaction of the plan is about to be rolled back."""
        _logger.debug("Planning of area %s failed", self.mrp_area_id.id, exc_info=True)
        detail = "".join(traceback.format_exception_only(error)).strip()
        if not apart:
            return
        with self.env.registry.cursor() as cr:
            cr.execute(
                SQL(
                    """
                    UPDATE crm_planning_run_area
                    SET outcome = 'failed', error = %s, date_ended = now() AT TIME ZONE 'UTC'
                    WHERE id = %s AND outcome = 'waiting'
                    """,
                    detail,
                    self.id,
                )
            )
