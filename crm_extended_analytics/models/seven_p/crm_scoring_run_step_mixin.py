import logging
import time

import psycopg2

from odoo import fields, models
from odoo.tools import SQL

from ..database_settings import use_memory
from .crm_scoring_run_job_mixin import PARALLEL

_logger = logging.getLogger(__name__)

# name of the seconds of an analysis, beside those of the steps
REPORT_TIMING = "reports: %s"
STEPS = {
    "full": ["measures", "fit", "derive", "cutoffs", "scores", "reports"],
    "incremental": ["measures", "derive", "scores"],
}


class CrmScoringRunStepMixin(models.AbstractModel):
    """What a run does, step by step: from the first one to what is kept at the end."""

    _name = "crm.scoring.run.step.mixin"
    _description = "Steps of a Scoring Run"

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
