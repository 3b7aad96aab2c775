import logging
import time

import psycopg2
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..database_settings import use_memory
from .crm_scoring_run_job_mixin import PARALLEL
from .scoring_scope import ScoringScope

_logger = logging.getLogger(__name__)

# customers (by their ids) of one job: short enough to be lost without harm, long enough to be worth a job
RANGE_SIZE = 25_000
RANGE_PARAMETER = "crm_extended_analytics.scoring_range_size"
# name of the seconds of an analysis, beside those of the steps
REPORT_TIMING = "reports: %s"
# an analysis that takes less is not named among the seconds of a run
SHOWN_SECONDS = 0.1
STEPS = {
    "full": ["measures", "fit", "derive", "cutoffs", "scores", "reports"],
    "incremental": ["measures", "derive", "scores"],
}


class CrmScoringRun(models.Model):
    """One scoring of the customers of a company as of a day, and its parameters.

    The steps that look at single customers are jobs by range of customers, side by side; those that look at the
    population are one job. A job that is killed is done again: it writes the rows of its range in one
    transaction. A full run freezes its parameters; an incremental run scores the changed customers by those.
    """

    _name = "crm.scoring.run"
    _inherit = ["crm.scoring.run.job.mixin", "crm.refusal.mixin"]
    _description = "Scoring Run"
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True)
    period = fields.Date(string="Month", required=True, readonly=True)
    as_of = fields.Date(required=True, readonly=True, help="Facts up to this day count.")
    method_id = fields.Many2one(
        comodel_name="crm.scoring.method", required=True, readonly=True, ondelete="restrict", index=True
    )
    kind = fields.Selection(
        selection=[("full", "All customers"), ("incremental", "Changed customers")], required=True, readonly=True
    )
    full_run_id = fields.Many2one(
        comodel_name="crm.scoring.run",
        string="Parameters Of",
        readonly=True,
        index=True,
        help="The full run whose cut-offs and models an incremental run uses.",
    )
    trigger = fields.Selection(
        selection=[("manual", "By a user"), ("scheduled", "Every night")], default="manual", readonly=True
    )
    state = fields.Selection(
        selection=[
            ("queued", "Waiting"),
            ("running", "Running"),
            ("done", "Done"),
            ("refused", "Refused"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        default="queued",
        required=True,
        readonly=True,
    )
    step = fields.Selection(
        selection=[
            ("measures", "Measures"),
            ("fit", "Models"),
            ("derive", "Derived measures"),
            ("cutoffs", "Cut-offs"),
            ("scores", "Scores"),
            ("reports", "Analyses of all customers"),
        ],
        readonly=True,
    )
    range_ids = fields.One2many(comodel_name="crm.scoring.run.range", inverse_name="run_id", readonly=True)
    card_ids = fields.One2many(comodel_name="crm.scoring.model.card", inverse_name="run_id", readonly=True)
    parameters = fields.Json(readonly=True, help="Cut-offs and models, as they were frozen.")
    timings = fields.Json(readonly=True, help="Seconds of work per step, summed over the jobs.")
    timings_text = fields.Char(string="Seconds", compute="_compute_timings_text")
    customer_count = fields.Integer(string="Customers", readonly=True, help="Customers that were measured.")
    progress = fields.Float(compute="_compute_progress", help="Finished parts / all parts of the run, in percent.")
    clv_method = fields.Selection(
        selection=[
            ("bg_nbd_gamma_gamma", "Purchases and value, both modelled"),
            ("present_value", "Present value of the margin"),
            ("historic_margin", "Historic margin"),
            ("by_kind", "Companies and persons differ"),
        ],
        string="Lifetime Value By",
        readonly=True,
        help="The best method that the data of the company carry.",
    )
    reason = fields.Text(help="Why nobody was scored.")
    error = fields.Text(readonly=True, help="What went wrong, and what to do about it.")
    changed_ids = fields.Json(
        readonly=True,
        help="Ids of the customers whose changes the run took over; they are noted again when it does not finish.",
    )
    date_started = fields.Datetime(string="Started", readonly=True)
    date_ended = fields.Datetime(string="Ended", readonly=True)

    _unfinished_uniq = models.UniqueIndex(
        "(company_id) WHERE state IN ('queued', 'running')",
        "Another scoring of this company is running: wait until it is done.",
    )

    @api.depends("as_of", "company_id")
    def _compute_name(self):
        for run in self:
            run.name = self.env._("%(company)s, %(day)s", company=run.company_id.name, day=run.as_of)

    @api.depends("state", "step", "range_ids.state")
    def _compute_progress(self):
        for run in self:
            if run.state != "running" or not run.step:
                run.progress = 0 if run.state == "queued" else 100
                continue
            steps = STEPS[run.kind]
            ranges = run.range_ids if run.step in PARALLEL else run.range_ids[:0]
            done = len(ranges.filtered(lambda part: part.state == "done")) / (len(ranges) or 1)
            run.progress = 100 * (steps.index(run.step) + done) / len(steps)

    @api.depends("timings")
    def _compute_timings_text(self):
        labels = dict(self._fields["step"]._description_selection(self.env))
        for run in self:
            parts = [
                f"{label} {run.timings[step]:.1f}" for step, label in labels.items() if step in (run.timings or {})
            ]
            parts += run._get_slow_reports()
            run.timings_text = ", ".join(parts)

    def _get_slow_reports(self):
        """Return the names and seconds of the analyses that took at least a tenth of a second, the slowest first."""
        spent = {
            report: (self.timings or {}).get(REPORT_TIMING % report._report_code, 0.0)
            for report in self.env["crm.population.report"]._get_all()
        }
        slow = sorted((report for report in spent if spent[report] >= SHOWN_SECONDS), key=spent.get, reverse=True)
        return [f"{self.env['ir.model']._get(report._name).name} {spent[report]:.1f}" for report in slow]

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    @api.model
    def action_run(self):
        """Score all customers of the user's company, or show the run that is doing it."""
        self.browse().check_access("read")
        # `sudo`: runs are written by the engine only; who may read them may ask for one
        return self.sudo()._launch(self.env.company)._get_form_action()

    def action_open_scores(self):
        """Show the scores of the month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_customer_score_month_action")
        domain = [("company_id", "=", self.company_id.id), ("period", "=", str(self.period))]
        return action | {"domain": domain, "context": {}}

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [[False, "form"]],
        }

    # ------------------------------------------------------------------
    # Launch
    # ------------------------------------------------------------------
    @api.model
    def _create_run(self, company, as_of=None, kind="full", trigger="manual", method=None):
        if not company._has_feature("seven_p"):
            raise UserError(
                self.env._(
                    "%(company)s does not use the 7P. Switch the feature on under CRM > Configuration > Features.",
                    company=company.name,
                )
            )
        as_of = self._get_as_of(as_of)
        period = as_of.replace(day=1)
        self.env["crm.scoring.period"]._check_open(company, period)
        full = self._get_full_run(company, as_of) if kind == "incremental" else self.browse()
        if kind == "incremental" and not full:
            raise UserError(
                self.env._(
                    "%(company)s has no full scoring of this month by the method in use. Run a full one first.",
                    company=company.name,
                )
            )
        method = full.method_id or method or self.env["crm.scoring.method"]._get_for_company(company)
        run = self.create(
            {
                "company_id": company.id,
                "period": period,
                "as_of": as_of,
                "kind": kind,
                "trigger": trigger,
                "method_id": method.id,
                "full_run_id": full.id,
                "parameters": full.parameters,
                "clv_method": full.clv_method,
            }
        )
        run._make_ranges()
        return run

    @api.model
    def _score_months(self, company_id, months):
        """Load the warehouse and score the ends of the last months and today, here and now: for demo data.

        The oldest month comes first, because the measures that stay are those of the last one scored.
        """
        company, today = self.env["res.company"].browse(company_id), fields.Date.context_today(self)
        self.env["crm.warehouse.load"]._create_load()._run_all()
        days = [today + relativedelta(months=-ago, day=31) for ago in range(months - 1, 0, -1)] + [today]
        for day in days:
            self._create_run(company, as_of=day)._run_all()
            # the next run may begin only when this one is done in the database too
            self.env.flush_all()

    @api.model
    def _get_as_of(self, day):
        today = fields.Date.context_today(self)
        if not day or fields.Date.to_date(day) >= today:
            return today
        day = fields.Date.to_date(day)
        return min(today, day + relativedelta(day=31))

    @api.model
    def _get_full_run(self, company, day):
        """Return the last full run of the month by the method in use."""
        method = self.env["crm.scoring.method"]._get_for_company(company)
        return self.search(
            [
                ("company_id", "=", company.id),
                ("period", "=", day.replace(day=1)),
                ("kind", "=", "full"),
                ("state", "=", "done"),
                ("method_id", "=", method.id),
            ],
            limit=1,
        )

    def _make_ranges(self):
        """Divide the customers into jobs: all by their ids, or the changed ones by name.

        What is noted as changed is taken over here; a run that fails notes it again.
        """
        self.changed_ids = changed = self._take_changes()
        if self.kind == "incremental":
            size = self._get_range_size()
            parts = [changed[start : start + size] for start in range(0, len(changed), size)]
            values = [{"partner_ids": part} for part in parts]
        else:
            values = [{"partner_from": first, "partner_to": last} for first, last in self._get_id_ranges()]
        self.range_ids = [fields.Command.create(part) for part in values]

    def _take_changes(self):
        """Return the ids of the customers with changed facts, and forget them."""
        if self.period != fields.Date.context_today(self).replace(day=1):
            return []
        rows = self.env.execute_query(
            SQL(
                "DELETE FROM crm_warehouse_change WHERE company_id = %s RETURNING commercial_partner_id",
                self.company_id.id,
            )
        )
        return sorted({partner for (partner,) in rows})

    def _note_changes_again(self):
        """Leave to the next run what this one did not do."""
        self.env["crm.warehouse.change"]._note([(self.company_id.id, partner) for partner in self.changed_ids or []])

    @api.model
    def _get_range_size(self):
        return int(self.env["ir.config_parameter"].sudo().get_param(RANGE_PARAMETER, RANGE_SIZE))

    def _get_id_ranges(self):
        """Return (first, last) ids of customers, with about as many of them in each; the ends are open."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT MIN(id), MAX(id) FROM (
                    SELECT id, (row_number() OVER (ORDER BY id) - 1) / %s AS part FROM res_partner
                     WHERE id = commercial_partner_id
                       AND id BETWEEN (SELECT MIN(commercial_partner_id) FROM crm_fact_sale WHERE company_id = %s)
                                  AND (SELECT MAX(commercial_partner_id) FROM crm_fact_sale WHERE company_id = %s)
                ) numbered GROUP BY part ORDER BY part
                """,
                self._get_range_size(),
                self.company_id.id,
                self.company_id.id,
            )
        )
        bounds = [0, *(last + 1 for _first, last in rows[:-1]), 2**31]
        return [(bounds[i], bounds[i + 1] - 1) for i in range(len(bounds) - 1)]

    # ------------------------------------------------------------------
    # Run
    # ------------------------------------------------------------------
    def _get_scope(self):
        """Return what is scored; the engine asks for one kind of customers by the context when kinds are apart."""
        kind = self.env.context.get("crm_customer_kind")
        return ScoringScope(self.company_id, self.as_of, self.method_id, kind=kind)

    def _get_parameters(self, kind):
        """Return the frozen parameters by which customers of a kind are scored."""
        parameters = self.parameters or {}
        return (parameters.get("kinds") or {}).get(kind, parameters)

    def _run_all(self):
        """Run all steps here and now, in this transaction: for scripts, demo data and tests, which want all errors."""
        self.ensure_one()
        while self._next_step():
            if self.step in PARALLEL:
                for part in self.range_ids:
                    part._run(self.step)
            else:
                self._run_single()

    def _next_step(self):
        """Go to the next step and return whether there is one."""
        steps = STEPS[self.kind]
        if self.state == "queued":
            self.write({"state": "running", "date_started": fields.Datetime.now()})
        if self.state != "running":
            return False
        place = steps.index(self.step) + 1 if self.step else 0
        if self.step == "measures" and not self._has_enough():
            return False
        if place == len(steps):
            self._finish()
            return False
        self.step = steps[place]
        self.range_ids.write({"state": "waiting"})
        return True

    def _run_single(self, keep_errors=False):
        """Run the step that looks at the population.

        :param keep_errors: an analysis that cannot be made is named on the run and does not stop the others
        """
        started = time.monotonic()
        engine = self.env["crm.scoring.engine"]
        self.env.flush_all()
        if self.step == "fit":
            parameters = engine._fit(self)
            self._make_cards(parameters)
            self.write({"parameters": parameters, "clv_method": self._get_clv_method(parameters)})
        elif self.step == "reports":
            self._make_reports(keep_errors)
        else:
            self.parameters = engine._cut(self)
        self._add_seconds(self.step, time.monotonic() - started)

    def _make_reports(self, keep_errors):
        use_memory(self.env.cr)
        problems = {}
        for report in self.env["crm.population.report"]._get_all():
            started = time.monotonic()
            try:
                with self.env.cr.savepoint():
                    report._rebuild(self)
            except psycopg2.OperationalError:
                # a conflict with somebody who wrote at the same time: the job tries again
                raise
            except Exception as problem:
                if not keep_errors:
                    raise
                _logger.exception("%s could not be made", report._name)
                self.env.invalidate_all()
                problems[report._description] = f"{type(problem).__name__}: {problem}"
            self._add_seconds(REPORT_TIMING % report._report_code, time.monotonic() - started)
        self.error = self._get_report_error(problems) if problems else False

    def _get_clv_method(self, parameters):
        """Return the method of the lifetime value; of kinds that are apart, the one that they share."""
        kinds = parameters.get("kinds") or {"": parameters}
        methods = {own.get("clv_method") for own in kinds.values()}
        return methods.pop() if len(methods) == 1 else "by_kind"

    def _make_cards(self, parameters):
        """Move what the P say of their models to cards, one per model and kind of customers that is apart."""
        self.card_ids.unlink()
        for kind, own in (parameters.get("kinds") or {False: parameters}).items():
            self._make_cards_of_kind(kind, own.pop("cards", []), own)

    def _make_cards_of_kind(self, kind, cards, parameters):
        self.env["crm.scoring.model.card"].create(
            [
                {
                    "run_id": self.id,
                    "customer_kind": kind,
                    "model": card["model"],
                    "parameters": parameters.get(card["model"]),
                    "fit": card.get("fit"),
                    "back_test": card.get("grade"),
                    "is_refused": bool(card["refused"]),
                    "refusal": card["refused"],
                }
                for card in cards
            ]
        )

    def _add_seconds(self, step, seconds):
        timings = dict(self.timings or {})
        timings[step] = timings.get(step, 0.0) + seconds
        self.timings = timings

    def _has_enough(self):
        """Return whether there are enough customers to compare; otherwise say so and end."""
        self.customer_count = sum(self.range_ids.mapped("customer_count"))
        if self.kind == "incremental" or self.customer_count >= self.method_id.min_customers:
            return True
        refusal = {
            "code": "few_to_score",
            "company": self.company_id.name,
            "found": self.customer_count,
            "day": str(self.as_of),
            "needed": self.method_id.min_customers,
        }
        self._forget_scores()
        self.write({"state": "refused", "refusal": refusal, "date_ended": fields.Datetime.now()})
        return False

    def _get_refusal_sentences(self):
        return super()._get_refusal_sentences() | {
            "few_to_score": self.env._(
                "%(company)s has %(found)s customers with sales up to %(day)s; the method compares customers and asks "
                "for %(needed)s at least."
            )
        }

    def _forget_scores(self):
        """Delete scores of the month that nothing stands behind any more."""
        self.env.execute_query(
            SQL(
                "DELETE FROM crm_customer_score_month WHERE company_id = %s AND period = %s RETURNING id",
                self.company_id.id,
                self.period,
            )
        )

    def _finish(self):
        """Keep the measures of the last scored month only, and forget customers that are gone."""
        self.env.execute_query(
            SQL(
                """
                DELETE FROM crm_customer_measure measure
                 WHERE company_id = %(company)s AND period < (
                       SELECT MAX(period) FROM crm_customer_score_month WHERE company_id = %(company)s)
             RETURNING id
                """,
                company=self.company_id.id,
            )
        )
        self.env["crm.customer.score.month"]._forget_gone(self.company_id)
        seconds = {}
        for part in self.range_ids:
            for step, spent in (part.timings or {}).items():
                seconds[step] = seconds.get(step, 0.0) + spent
        self.write(
            {
                "state": "done",
                "changed_ids": False,
                "date_ended": fields.Datetime.now(),
                "timings": (self.timings or {}) | seconds,
            }
        )
        if self.kind == "incremental":
            # a full run has them among its analyses
            self.env["crm.segment"]._follow_run(self)
