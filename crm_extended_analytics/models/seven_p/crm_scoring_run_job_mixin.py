import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError

from odoo.addons.queue_job.exception import RetryableJobError

# steps that look at single customers: one job per range of them
PARALLEL = ("measures", "derive", "scores")
UNFINISHED = ("queued", "running")
# states of a job that will run, or does
LIVE_JOBS = ("wait_dependencies", "pending", "enqueued", "started")


class CrmScoringRunJobMixin(models.AbstractModel):
    """How a run gets through the job queue: launched, kept back by a load, continued, failed and tried again.

    A job that fails for good sets its run to failed and sets the company free for the next one; what was finished
    stays finished, so that trying again goes on with the step that failed.
    """

    _name = "crm.scoring.run.job.mixin"
    _description = "Jobs of a Scoring Run"

    is_lost = fields.Boolean(
        compute="_compute_is_lost",
        help="The run is not finished, and no job of it is in the queue: its worker was killed too often.",
    )
    waits_for = fields.Char(
        compute="_compute_waits_for",
        help="The load of the warehouse that must end first: half-loaded facts are not scored.",
    )

    @api.depends("state")
    def _compute_is_lost(self):
        for run in self:
            run.is_lost = run._check_lost()

    @api.depends("state")
    def _compute_waits_for(self):
        for run in self:
            run.waits_for = run._get_load_before().name

    def _get_load_before(self):
        """Return the load that must end before the run may begin."""
        # `sudo`: a load over more companies than the reader's is hidden from him, and holds him up all the same
        loads = self.env["crm.warehouse.load"].sudo()
        return loads._get_unfinished() if self.state == "queued" else loads

    def _check_lost(self):
        """Return whether the run will not go on by itself."""
        return self.state in UNFINISHED and not self._get_load_before() and not self._has_job()

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_retry(self):
        """Go on where the run stopped; finished ranges and steps are not done again."""
        self.ensure_one()
        self.check_access("write")
        # `sudo`: ranges and scores are written by the engine only
        run = self.sudo()
        run._check_retry()
        if run.state == "done":
            timings = {step: seconds for step, seconds in (run.timings or {}).items() if not step.startswith("reports")}
            run.write({"state": "running", "step": "reports", "timings": timings})
        elif run.state == "failed":
            run.state = "running" if run.step else "queued"
        run.write({"error": False, "date_ended": False})
        run._enqueue()

    def _check_retry(self):
        """Raise when trying again would disturb another run, or replace newer scores by older ones."""
        self.env["crm.scoring.period"]._check_open(self.company_id, self.period)
        if other := self._get_unfinished(self.company_id) - self:
            raise UserError(
                self.env._("%(run)s is being scored now. Wait until it is done, then try again.", run=other.name)
            )
        domain = [
            ("company_id", "=", self.company_id.id),
            ("period", "=", self.period),
            ("state", "=", "done"),
            ("id", ">", self.id),
        ]
        if later := self.search(domain, limit=1):
            raise UserError(
                self.env._(
                    "%(later)s has scored the same month since, so %(run)s would bring back older scores. Use "
                    '"Score All Customers" for new ones.',
                    later=later.name,
                    run=self.name,
                )
            )

    def action_cancel(self):
        """Give the run up; the scores of the last run stay where it has not written yet."""
        self.check_access("write")
        for run in self.filtered(lambda run: run.state in UNFINISHED):
            run._note_changes_again()
            run.write({"state": "cancelled", "date_ended": fields.Datetime.now()})

    # ------------------------------------------------------------------
    # Launch
    # ------------------------------------------------------------------
    @api.model
    def _cron_score(self):
        """Score when the nightly load did not do it: it starts the scoring at its end.

        A load that is not finished goes on, should its job have been lost; half-loaded facts are not scored.
        """
        load = self.env["crm.warehouse.load"]._get_unfinished()
        if load:
            load._enqueue()
        else:
            self._launch_scheduled()

    @api.model
    def _follow_load(self, load):
        """Queue what waits for the end of a load: a job of its own, whose faults are none of the load."""
        if load.trigger == "scheduled" or self.search_count([("state", "=", "queued")], limit=1):
            self.with_delay(
                identity_key=f"crm.scoring.run-after-load-{load.id}",
                description=self.env._("Scoring after %(load)s", load=load.name),
            )._start_after_load(is_nightly=load.trigger == "scheduled")

    @api.model
    def _start_after_load(self, is_nightly):
        """Job: start the runs that were kept back by a load, and those of the night."""
        for run in self.search([("state", "=", "queued")]):
            run._enqueue_if_lost()
        if is_nightly:
            self._launch_scheduled()

    @api.model
    def _launch_scheduled(self):
        """Score all customers on Mondays and on the first days of a month, the changed ones otherwise.

        Once a day and company; one whose month is closed is left out.
        """
        today = fields.Date.context_today(self)
        for company in self.env["res.company"].search([("active", "=", True)]):
            if self._is_due(company, today):
                is_full = today.weekday() == 0 or not self._get_full_run(company, today)
                self._launch(company, kind="full" if is_full else "incremental", trigger="scheduled")

    @api.model
    def _is_due(self, company, today):
        """Return whether the company is to be scored tonight."""
        if not company._has_feature("seven_p") or not self.env["crm.scoring.method"]._find_for_company(company):
            return False
        if self.env["crm.scoring.period"]._is_locked(company, today.replace(day=1)):
            return False
        if self._get_unfinished(company):
            return True
        domain = [("company_id", "=", company.id), ("trigger", "=", "scheduled"), ("as_of", "=", today)]
        return not self.search_count(domain, limit=1)

    @api.model
    def _get_unfinished(self, company):
        return self.search([("company_id", "=", company.id), ("state", "in", UNFINISHED)], limit=1)

    @api.model
    def _launch(self, company, as_of=None, kind="full", trigger="manual"):
        """Queue a run and return it; an unfinished one of the company is taken up again instead of a second.

        :param as_of: any day of a past month means its last day
        """
        run = self._get_unfinished(company)
        if not run:
            try:
                with self.env.cr.savepoint():
                    run = self._create_run(company, as_of=as_of, kind=kind, trigger=trigger)
            except psycopg2.errors.UniqueViolation as problem:
                # somebody launches one at the same moment, which this transaction cannot see: Odoo repeats the request
                raise ConcurrencyError("Another scoring of this company was launched.") from problem
        run._enqueue_if_lost()
        return run

    # ------------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------------
    def _get_job_key(self, *parts):
        """Return the key by which a job is queued once; those of a run begin alike."""
        return "-".join(["crm.scoring.run", str(self.id), *map(str, parts)])

    def _has_job(self):
        """Return whether a job of the run waits or runs."""
        # `sudo`: jobs are read by administrators only
        jobs = self.env["queue.job"].sudo()
        domain = [("identity_key", "=like", self._get_job_key("%")), ("state", "in", LIVE_JOBS)]
        return bool(jobs.search_count(domain, limit=1))

    def _enqueue_if_lost(self):
        """Queue the run unless it is in the queue, or waits for a load, whose end queues it."""
        self.ensure_one()
        if self._check_lost():
            self._enqueue()

    def _enqueue(self):
        """Queue what comes next."""
        self.ensure_one()
        key = self._get_job_key("continue", self.step or "start")
        self.with_delay(identity_key=key, description=self.name)._continue()

    def _continue(self, after_range=False):
        """Job: go on to the next step when the one before is done, and queue its parts.

        :param after_range: a range has ended. Every range queues this after its own transaction: the last one finds
            all the others done, and the others have jobs of their own
        """
        self.ensure_one()
        if not self.try_lock_for_update(allow_referencing=True):
            raise RetryableJobError("Another job of this run is ending.", seconds=1, ignore_retry=True)
        self.invalidate_recordset()
        if self.state not in UNFINISHED or self._get_load_before():
            return
        if self.step in PARALLEL and any(part.state != "done" for part in self.range_ids):
            if not after_range:
                self._enqueue_ranges()
            return
        if self.step and self.step not in PARALLEL and self.step not in (self.timings or {}):
            self._run_single(keep_errors=True)
        if self._next_step():
            self._enqueue_ranges() if self.step in PARALLEL else self._enqueue()

    def _enqueue_ranges(self):
        parts = self.range_ids.filtered(lambda part: part.state != "done")
        for part in parts:
            key = self._get_job_key("range", part.id, self.step)
            part.with_delay(identity_key=key, description=f"{self.name}: {self.step}")._run_job(self.step)
        if not parts:
            self._enqueue()

    # ------------------------------------------------------------------
    # Failure
    # ------------------------------------------------------------------
    def _on_job_failed(self, exc_name=None, exc_message=None, **_details):
        """Called by the queue when a job of the run failed for good; its transaction is rolled back."""
        for run in self.filtered(lambda run: run.state in UNFINISHED):
            run._fail(f"{exc_name}: {exc_message}")

    def _fail(self, problem):
        """Keep the problem with what to do about it, and set the company free for the next run."""
        self.ensure_one()
        if self.step == "reports":
            # the scores are there, and nothing behind this step depends on it
            self.error = self._get_report_error({self._get_step_label(): problem})
            self._finish()
            return
        self._note_changes_again()
        error = self.env._(
            'The step "%(step)s" stopped with an error: %(problem)s\n'
            'What was finished before is kept. Press "Try Again" when the cause is removed: the run goes on with this '
            "step. Otherwise the next run scores all that this one did not.",
            step=self._get_step_label(),
            problem=problem,
        )
        self.write({"state": "failed", "error": error, "date_ended": fields.Datetime.now()})

    def _get_step_label(self):
        labels = dict(self._fields["step"]._description_selection(self.env))
        return labels.get(self.step) or self.env._("Start")

    def _get_report_error(self, problems):
        """Return the sentence about analyses that could not be made: ``{name: problem}``."""
        return self.env._(
            "The scores are complete. These analyses could not be made and are as they were before:\n%(problems)s\n"
            'Press "Try Again" when the cause is removed: only the analyses are made again.',
            problems="\n".join(f"- {name}: {problem}" for name, problem in problems.items()),
        )
