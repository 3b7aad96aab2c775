import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import SQL

from odoo.addons.queue_job.exception import RetryableJobError

from .crm_warehouse_reconciliation import INVOICE_SALES

# Any number that nothing else in the database uses: one load at a time, whoever started it. Its lanes use those behind
ADVISORY_LOCK = 4_160_727_001
DEFAULT_OVERLAP_MINUTES = 10
OVERLAP_PARAMETER = "crm_extended_analytics.warehouse_overlap_minutes"
# states of a step that is still to be done
OPEN = ("waiting", "running")


class CrmWarehouseLoad(models.Model):
    """One run of the warehouse over all of its sources, and its log.

    Each source is a job and a transaction of its own, and starts the next one: a load that is killed goes on with
    the source at which it stopped, and the facts of that source are as they were before.

    The first load of all has two lanes, which two workers do at the same time (one does them one after the other):
    the sales in one, everything else in the other, and behind these what reconciles the facts. What needs all facts
    comes when both have ended.
    """

    _name = "crm.warehouse.load"
    _description = "Warehouse Load"
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    state = fields.Selection(
        selection=[("queued", "Waiting"), ("running", "Running"), ("done", "Done"), ("failed", "Done with errors")],
        default="queued",
        required=True,
        readonly=True,
    )
    trigger = fields.Selection(
        selection=[("manual", "By a user"), ("scheduled", "Every night")],
        default="manual",
        required=True,
        readonly=True,
    )
    is_full = fields.Boolean(
        string="All Documents",
        readonly=True,
        help="All documents were read, and not only those written since the last load.",
    )
    is_thorough = fields.Boolean(
        string="Checked",
        default=True,
        readonly=True,
        help="The load also looked for deleted documents, compared its totals with those of the documents, and "
        "was reconciled with the reports of Odoo.",
    )
    company_ids = fields.Many2many(comodel_name="res.company", string="Companies", readonly=True)
    date_started = fields.Datetime(string="Started", readonly=True)
    date_ended = fields.Datetime(string="Ended", readonly=True)
    line_ids = fields.One2many(comodel_name="crm.warehouse.load.line", inverse_name="load_id", readonly=True)
    progress = fields.Float(compute="_compute_totals", help="Finished steps / all steps, in percent.")
    rows_inserted = fields.Integer(compute="_compute_totals", help="Sum over the sources.")
    rows_updated = fields.Integer(compute="_compute_totals", help="Sum over the sources.")
    rows_deleted = fields.Integer(compute="_compute_totals", help="Sum over the sources.")
    seconds = fields.Float(compute="_compute_totals", help="Sum of the seconds of all steps.")
    failed_steps = fields.Char(compute="_compute_failed_steps", help="Names of the steps that failed.")
    difference_count = fields.Integer(
        compute="_compute_difference_count",
        help="Months of the last reconciliation in which the facts and the reports of Odoo differ.",
    )

    _unfinished_uniq = models.UniqueIndex(
        "((TRUE)) WHERE state IN ('queued', 'running')",
        "Another load is running: wait until it is done.",
    )

    @api.depends("create_date")
    def _compute_name(self):
        for load in self:
            load.name = self.env._("Load %(number)s", number=load.id or "")

    @api.depends("line_ids.state", "line_ids.rows_inserted", "line_ids.rows_updated", "line_ids.rows_deleted")
    def _compute_totals(self):
        for load in self:
            lines = load.line_ids
            finished = lines.filtered(lambda line: line.state in ("done", "failed"))
            load.progress = 100 * len(finished) / len(lines) if lines else 100
            for name in ("rows_inserted", "rows_updated", "rows_deleted", "seconds"):
                load[name] = sum(lines.mapped(name))

    @api.depends("line_ids.state", "line_ids.name")
    @api.depends_context("lang")
    def _compute_failed_steps(self):
        for load in self:
            failed = load.line_ids.filtered(lambda line: line.state == "failed")
            load.failed_steps = ", ".join(failed.mapped("name"))

    def _compute_difference_count(self):
        self.difference_count = self.env["crm.warehouse.reconciliation"].search_count([("is_different", "=", True)])

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    @api.model
    def action_load(self):
        """Start a load, or show the one that is running."""
        return self._launch_for_user()

    @api.model
    def action_load_full(self):
        """Start a load that reads all documents again."""
        return self._launch_for_user(is_full=True)

    def action_retry(self):
        """Start a load of the same kind as this one, which ended with errors, or show the one that is running.

        It reads all that the failed steps have not read: their watermarks are still those of the load before.
        """
        self.ensure_one()
        self.check_access("read")
        if self.state != "failed":
            raise UserError(
                self.env._("%(load)s did not end with errors: there is nothing to try again.", load=self.name)
            )
        return self._launch_for_user(is_full=self.is_full, is_thorough=self.is_thorough)

    def _launch_for_user(self, **options):
        self.browse().check_access("read")
        # `sudo`: the log is written by the warehouse only; who may read it may ask for a load
        load = self.sudo()._launch(**options)
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": load.id,
            "views": [[False, "form"]],
            "target": "current",
        }

    def action_open_differences(self):
        """Show the months in which facts and reports differ."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended_analytics.crm_warehouse_reconciliation_action"
        )
        return action | {"context": {"search_default_different": True}}

    # ------------------------------------------------------------------
    # Run
    # ------------------------------------------------------------------
    @api.model
    def _cron_load(self):
        """Load every night; a load whose job was lost goes on."""
        if self._get_companies():
            self._launch(trigger="scheduled")

    @api.model
    def _get_companies(self):
        """Return the companies that use the warehouse."""
        companies = self.env["res.company"].search([("active", "=", True)])
        return companies.filtered(lambda company: company._has_feature("sales_warehouse"))

    @api.model
    def _get_unfinished(self):
        return self.search([("state", "in", ("queued", "running"))], limit=1)

    @api.model
    def _launch(self, trigger="manual", is_full=False, is_thorough=True):
        """Queue a load and return it; an unfinished one is taken up again instead of a second."""
        load = self._get_unfinished()
        if not load:
            try:
                with self.env.cr.savepoint():
                    load = self._create_load(trigger=trigger, is_full=is_full, is_thorough=is_thorough)
            except psycopg2.errors.UniqueViolation as problem:
                # somebody launches one at the same moment, which this transaction cannot see: Odoo repeats the request
                raise ConcurrencyError("Another load of the warehouse was launched.") from problem
        load._enqueue()
        return load

    @api.model
    def _create_load(self, **values):
        companies = self._get_companies()
        if not companies:
            raise UserError(
                self.env._(
                    "No company uses the sales warehouse. Switch the feature on for one of them under "
                    "CRM > Configuration > Features."
                )
            )
        load = self.create({**values, "company_ids": [fields.Command.set(companies.ids)]})
        load.line_ids = [
            fields.Command.create({"sequence": sequence, **step}) for sequence, step in enumerate(load._get_steps())
        ]
        load._mark_next()
        return load

    def _get_steps(self):
        """Return the values of the lines of a load, in order."""
        sources = [self.env[name] for name in self.env["crm.warehouse.source"]._get_sources()]
        is_first = all(source._is_first() for source in sources)
        steps = [
            {"kind": "source", "source": source._name, "lane": self._get_lane(source._fact) if is_first else 0}
            for source in sources
        ]
        if self.is_thorough:
            comparisons = self.env["crm.warehouse.reconciliation"]
            steps += [
                {
                    "kind": "reconciliation",
                    "compared": name,
                    "lane": self._get_comparison_lane(name) if is_first else 0,
                }
                for name in comparisons._get_comparisons()
            ]
        return [*steps, {"kind": "links"}]

    @api.model
    def _get_lane(self, fact_model):
        """Return the lane of facts in the first load: the sales take as long as all others together.

        Sources of the same facts, whose indexes are built anew, are in the same lane.
        """
        return 1 if fact_model == "crm.fact.sale" else 2

    @api.model
    def _get_comparison_lane(self, name):
        """Return the lane of a comparison in the first load: that of its facts, but for the orders.

        They take longest to load and to compare. The other lane ends earlier and compares them, once they are there.
        """
        return 1 if name == INVOICE_SALES else 2

    def _enqueue(self):
        """Queue the jobs of what comes next: a step, or one of each lane; each is queued once, whoever asks."""
        line, lanes = self._get_next_line(), self._get_open_lanes()
        if lanes and self.state == "running":
            for lane in lanes:
                self._get_next_line(lane)._enqueue()
        elif lanes or line.state == "waiting":
            self._enqueue_continue()
        else:
            key = f"crm.warehouse.load-{self.id}-{line.id}"
            self.with_delay(identity_key=key, description=f"{self.name}: {line.name or ''}")._run_next()

    def _enqueue_continue(self, lane=0):
        """Queue the look whether the load can go on; every lane queues its own."""
        self.with_delay(identity_key=f"crm.warehouse.load-{self.id}-after-{lane}", description=self.name)._continue()

    def _get_next_line(self, lane=None):
        """Return the next step of a lane, or of all."""
        lines = self.line_ids.filtered(lambda line: line.state in OPEN and lane in (None, line.lane))
        return lines.sorted()[:1]

    def _get_open_lanes(self):
        """Return the lanes that have not ended."""
        return sorted({line.lane for line in self.line_ids if line.lane and line.state in OPEN})

    def _mark_next(self, lane=None):
        """Say which step is running, and from when on the next load has to read what it reads.

        The moment is taken before the transaction of the step begins: whatever is committed by then the step sees,
        and whatever is not is younger than the oldest transaction of the moment.
        """
        line = self._get_next_line(lane)
        line.write({"state": "running", "watermark_to": self._get_watermark()})
        return line

    @api.model
    def _get_watermark(self):
        """Return the start of the oldest open transaction, less a margin.

        Odoo writes the start of the transaction into ``write_date``: a transaction of an hour commits records
        that are an hour old, so "now" would lose them.
        """
        minutes = int(self.env["ir.config_parameter"].sudo().get_param(OVERLAP_PARAMETER, DEFAULT_OVERLAP_MINUTES))
        ((moment,),) = self.env.execute_query(
            SQL(
                """
                SELECT (LEAST(now(), MIN(xact_start)) - make_interval(mins => %s)) AT TIME ZONE 'UTC'
                  FROM pg_stat_activity
                 WHERE datname = current_database() AND xact_start IS NOT NULL AND backend_type = 'client backend'
                """,
                minutes,
            )
        )
        return moment

    def _continue(self):
        """Job: start the lanes, or go on when all of them have ended.

        Every lane queues this at its end, to be done after its transaction: the last one finds all the others ended.
        Only here the load itself is written while there are lanes, so that they do not wait for each other.
        """
        self.ensure_one()
        if not self.try_lock_for_update(allow_referencing=True):
            raise RetryableJobError("Another job of this load is ending.", seconds=1, ignore_retry=True)
        self.invalidate_recordset()
        lanes = self._get_open_lanes()
        if lanes and self.state == "queued":
            self._start_lanes()
            self._enqueue()
        elif not lanes and self.state == "running" and self._get_next_line().state == "waiting":
            self._mark_next()
            self._enqueue()

    def _start_lanes(self):
        """Mark the first step of each lane."""
        self.write({"state": "running", "date_started": fields.Datetime.now()})
        for lane in self._get_open_lanes():
            self._mark_next(lane)

    def _run_next(self):
        """Job: run the next step, then queue the one after it."""
        self.ensure_one()
        self._lock()
        if self._run_step():
            self._enqueue()

    def _run_all(self):
        """Run all steps here and now, in this transaction: for scripts, demo data and tests."""
        self._lock()
        while self._run_step():
            pass

    def _lock(self, lane=0):
        """Let one transaction load at a time, or one in each lane."""
        lock = SQL("SELECT pg_try_advisory_xact_lock(%s)", ADVISORY_LOCK + lane)
        if lane:
            lock = SQL("SELECT pg_try_advisory_xact_lock_shared(%s) AND (%s)", ADVISORY_LOCK, lock)
        ((is_free,),) = self.env.execute_query(lock)
        if not is_free:
            raise RetryableJobError("Another load of the warehouse is running.", seconds=60, ignore_retry=True)

    def _run_step(self):
        """Run one step; return whether there is another one."""
        line = self._get_next_line()
        if self.state == "queued":
            self.write({"state": "running", "date_started": fields.Datetime.now()})
        if line:
            line._run()
        return self._go_on()

    def _go_on(self, lane=None):
        """Go to the next step and return whether there is one; the end of the load starts what waits for it.

        :param lane: look at the steps of this lane only, whose end is not that of the load
        """
        if self._get_next_line(lane):
            self._mark_next(lane)
            return True
        if not lane and self.state == "running":
            failed = any(line.state == "failed" for line in self.line_ids)
            self.write({"state": "failed" if failed else "done", "date_ended": fields.Datetime.now()})
            self.env["crm.scoring.run"]._follow_load(self)
            self.env["crm.sales.month.build"]._enqueue(self.company_ids)
        return False

    def _on_job_failed(self, exc_name=None, exc_message=None, **_details):
        """Called by the queue when the job of a step failed for good: the step failed, and the others go on."""
        for load in self.filtered(lambda load: load.state in ("queued", "running")):
            load.write({"state": "running", "date_started": load.date_started or fields.Datetime.now()})
            load._get_next_line().write({"state": "failed", "error": f"{exc_name}: {exc_message}"})
            if load._go_on():
                load._enqueue()
