from itertools import pairwise
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job.controllers.main import RunJobController
from odoo.addons.queue_job.job import Job

from .common_seven_p import TODAY, SevenPCase

ENGINE = "odoo.addons.crm_extended_analytics.models.seven_p.crm_scoring_engine.CrmScoringEngine"
LOGGERS = (
    "odoo.addons.queue_job.controllers.main",
    "odoo.addons.crm_extended_analytics.models.seven_p.crm_scoring_run_step_mixin",
    "odoo.sql_db",
)

JOB_MODELS = ("crm.scoring.run", "crm.scoring.run.range", "crm.warehouse.load", "crm.warehouse.load.line")


class QueueCase(SevenPCase):
    """Jobs of the scoring are run as the queue would run them, one after the other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.method.action_activate()

    def _get_jobs(self):
        return self.env["queue.job"].search(
            [
                ("model_name", "in", JOB_MODELS),
                ("state", "=", "pending"),
            ],
            order="id",
        )

    @mute_logger(*LOGGERS)
    def _run_jobs(self, failing=None):
        """Run all jobs that wait, and those that they queue; one that fails goes to the hook of the queue."""
        for _number in range(60):
            job = self._get_jobs()[:1]
            if not job:
                return
            self._perform(Job.load(self.env, job.uuid))
        self.fail("the jobs do not come to an end")

    def _perform(self, job):
        job.set_started()
        job.store()
        try:
            with self.env.cr.savepoint():
                job.perform()
                self.env.flush_all()
            job.set_done()
            job.store()
        except Exception as problem:
            self.env.invalidate_all()
            values = RunJobController._get_failure_values(job, "", problem)
            job.set_failed(**values)
            job.store()
            job.on_fail(values)


@tagged("post_install", "-at_install")
class TestSevenPFailure(QueueCase):
    """A job fails for good: what is kept, what is said, and how it goes on."""

    def setUp(self):
        super().setUp()
        self.customers = self._make_rfm_set()
        self._forget_zero_costs()

    def _launch(self, **values):
        return self.env["crm.scoring.run"]._launch(self.company, **values)

    def _fail_in(self, method):
        return patch(f"{ENGINE}.{method}", side_effect=ZeroDivisionError("division by zero"), autospec=True)

    def _failed_run(self, method="_cut"):
        run = self._launch()
        with self._fail_in(method):
            self._run_jobs()
        return run

    def test_failure_says_step_error_and_remedy(self):
        run = self._failed_run()
        self.assertEqual((run.state, run.step), ("failed", "cutoffs"))
        self.assertIn('The step "Cut-offs" stopped with an error', run.error)
        self.assertIn("division by zero", run.error)
        self.assertIn("Try Again", run.error)
        self.assertTrue(run.date_ended)

    def test_failure_of_a_range_is_one_of_the_run(self):
        run = self._failed_run("_measure")
        self.assertEqual((run.state, run.step), ("failed", "measures"))

    def test_failure_sets_the_company_free(self):
        failed = self._failed_run()
        run = self._launch()
        self._run_jobs()
        self.assertNotEqual(run, failed)
        self.assertEqual(run.state, "done")

    def test_failure_notes_the_changes_again(self):
        """A full run takes over what changed; when it fails, the next one must find it."""
        self.env["crm.warehouse.change"]._note([(self.company.id, self.customers[3].id)])
        self._failed_run()
        changed = self.env["crm.warehouse.change"].search([("company_id", "=", self.company.id)])
        self.assertEqual(changed.commercial_partner_id, self.customers[3])

    def test_failure_notes_everybody_again(self):
        """A row without a customer stands for all of them, beside those who are named."""
        change = self.env["crm.warehouse.change"]
        change._note([(self.company.id, self.customers[3].id)])
        change._note_whole(self.company, {"scoring"})
        self._failed_run()
        changed = change.search([("company_id", "=", self.company.id)])
        self.assertEqual((len(changed), changed.commercial_partner_id), (1, self.env["res.partner"]))

    def test_incremental_run_follows_everybody(self):
        """As many customers as a full run, by its frozen parameters, and with the same scores."""
        self._run()
        expected = self._snapshot()
        self.env["crm.warehouse.change"]._note_whole(self.company, {"scoring"})
        run = self._run(kind="incremental")
        self.assertEqual(run.state, "done")
        self.assertEqual(sum(run.range_ids.mapped("customer_count")), len(self.customers))
        self.assertEqual(self._snapshot(), expected)
        self.assertFalse(self.env["crm.warehouse.change"].search([("company_id", "=", self.company.id)]))

    def test_finished_run_leaves_no_changes(self):
        self.env["crm.warehouse.change"]._note([(self.company.id, self.customers[3].id)])
        run = self._launch()
        self._run_jobs()
        self.assertEqual(run.state, "done")
        self.assertFalse(run.changed_ids)
        self.assertFalse(self.env["crm.warehouse.change"].search([("company_id", "=", self.company.id)]))

    def test_cancelled_run_notes_the_changes_again(self):
        self.env["crm.warehouse.change"]._note([(self.company.id, self.customers[3].id)])
        run = self._launch()
        run.action_cancel()
        self._run_jobs()
        self.assertEqual(run.state, "cancelled")
        self.assertTrue(self.env["crm.warehouse.change"].search([("company_id", "=", self.company.id)]))
        self.assertFalse(self._snapshot())

    def test_retry_goes_on_with_the_step_that_failed(self):
        self._run()
        expected = self._snapshot()
        run = self._failed_run()
        run.action_retry()
        self.assertEqual((run.state, run.error), ("running", False))
        with patch(f"{ENGINE}._measure", autospec=True) as measure:
            self._run_jobs()
        self.assertEqual(run.state, "done")
        measure.assert_not_called()
        self.assertEqual(self._snapshot(), expected)

    def test_retry_does_not_repeat_finished_ranges(self):
        """Three ranges, of which the second fails: only two are measured after trying again."""
        run = self.env["crm.scoring.run"]._create_run(self.company)
        run.range_ids.unlink()
        edges = [0, self.customers[2].id, self.customers[6].id, 2**31 - 1]
        run.range_ids = [(0, 0, {"partner_from": low + 1, "partner_to": high}) for low, high in pairwise(edges)]
        run._enqueue()
        original, done = type(self.env["crm.scoring.engine"])._measure, []

        def measure(engine, scope, run):
            if scope.partner_to == edges[2] and not done[1:]:
                raise ZeroDivisionError("division by zero")
            done.append(scope.partner_to)
            return original(engine, scope, run)

        with patch(f"{ENGINE}._measure", measure):
            self._run_jobs()
            self.assertEqual((run.state, done), ("failed", edges[1:2]))
            done.append("tried again")
            run.action_retry()
            self._run_jobs()
        self.assertEqual(run.state, "done")
        self.assertEqual(done, [edges[1], "tried again", edges[2], edges[3]])
        self.assertEqual(run.customer_count, 10)

    def test_retry_is_refused_while_another_run_is_going_on(self):
        failed = self._failed_run()
        self._launch()
        with self.assertRaisesRegex(UserError, "is being scored now"):
            failed.action_retry()

    def test_retry_is_refused_after_a_later_run(self):
        failed = self._failed_run()
        self._run()
        with self.assertRaisesRegex(UserError, "older scores"):
            failed.action_retry()

    def test_implementer_tries_again_and_an_analyst_does_not(self):
        failed = self._failed_run()
        users = {
            name: new_test_user(
                self.env, f"spr_{name}", f"crm_extended.crm_extended_group_{name}", company_id=self.company.id
            )
            for name in ("analyst", "implementer")
        }
        with self.assertRaisesRegex(UserError, "not allowed"):
            failed.with_user(users["analyst"]).action_retry()
        failed.with_user(users["implementer"]).action_retry()
        self._run_jobs()
        self.assertEqual(failed.state, "done")

    def test_failed_analysis_does_not_lose_the_scores(self):
        """One of the analyses of all customers fails: the run is done, its scores count, and the fault is named."""
        reports = self.env["crm.population.report"]
        run = self._launch()
        broken = self._get_broken_report()
        with patch.object(type(reports), "_get_all", lambda _self: [broken]):
            self._run_jobs()
        self.assertEqual(run.state, "done")
        self.assertEqual(len(self._snapshot()), 10)
        self.assertIn("The scores are complete", run.error)
        self.assertIn("no room", run.error)
        self.assertEqual(self.env["crm.scoring.run"]._get_full_run(self.company, TODAY), run)
        with patch.object(self.registry["crm.scoring.engine"], "_score", autospec=True) as score:
            run.action_retry()
            self._run_jobs()
        score.assert_not_called()
        self.assertEqual((run.state, run.error), ("done", False))

    def test_lost_job_of_the_analyses_does_not_lose_the_scores(self):
        """The whole step fails, as when its worker is stopped again and again."""
        run = self._launch()
        with patch.object(type(self.env["crm.population.report"]), "_get_all", side_effect=MemoryError):
            self._run_jobs()
        self.assertEqual(run.state, "done")
        self.assertIn("MemoryError", run.error)

    def test_run_without_a_job_is_lost_and_taken_up_again(self):
        run = self._launch()
        self.assertFalse(run.is_lost)
        self._get_jobs().unlink()
        run.invalidate_recordset()
        self.assertTrue(run.is_lost)
        self.assertEqual(self._launch(), run)
        self._run_jobs()
        self.assertEqual(run.state, "done")

    def _get_broken_report(self):
        class Broken:
            _name, _description = "crm.population.report.broken", "Broken Analysis"
            _report_code = "broken"

            def _rebuild(self, run):
                raise ValueError("no room")

        return Broken()


@tagged("post_install", "-at_install")
class TestSevenPNight(QueueCase):
    """The scoring of the night begins at the end of the load; the day is Tuesday, 2026-06-30."""

    def setUp(self):
        super().setUp()
        self._set_only_company(self.company)
        self._set_scored_companies()
        self.env["ir.cron"].search([]).active = False
        self._make_rfm_set()
        # the facts of the test have no documents, which a load that looks for these would find out
        self.env.cr.execute("UPDATE crm_fact_sale SET res_model = 'test' WHERE res_id < 0")
        self._forget_zero_costs()
        self.loads, self.runs = self.env["crm.warehouse.load"], self.env["crm.scoring.run"]
        self.before = self.runs.search([])

    def _set_scored_companies(self):
        feature = self.env["crm.roadmap.feature"].search([("key", "=", "seven_p")])
        self.env["crm.roadmap.feature.pin"].create(
            [
                {"feature_id": feature.id, "company_id": other.id, "state": "off"}
                for other in self.env["res.company"].search([("id", "!=", self.company.id)])
            ]
        )

    def _new_runs(self):
        return self.runs.search([]) - self.before

    def test_load_of_the_night_starts_the_scoring(self):
        self.loads._cron_load()
        self._run_jobs()
        run = self._new_runs()
        self.assertEqual((run.state, run.trigger, run.company_id), ("done", "scheduled", self.company))
        self.assertEqual(len(self._snapshot()), 10)

    def test_nothing_is_scored_while_facts_are_loaded(self):
        load = self.loads._launch(trigger="scheduled")
        self.runs._cron_score()
        self.assertFalse(self._new_runs())
        load._run_all()
        self._run_jobs()
        self.assertEqual(self._new_runs().state, "done")

    def test_run_of_a_user_waits_for_the_load(self):
        load = self.loads._launch()
        run = self.runs._launch(self.company)
        run._continue()
        self.assertEqual((run.state, run.waits_for, run.is_lost), ("queued", load.name, False))
        load._run_all()
        self._run_jobs()
        self.assertEqual(run.state, "done")
        self.assertEqual(self._new_runs(), run)

    def test_load_of_a_user_starts_nothing(self):
        self.loads._launch()
        self._run_jobs()
        self.assertFalse(self._new_runs())

    def test_failed_load_is_scored_all_the_same(self):
        source = type(self.env["crm.warehouse.source.payment"])
        with (
            patch.object(source, "_load", side_effect=ValueError("wrong")),
            mute_logger("odoo.addons.crm_extended_analytics.models.warehouse.crm_warehouse_load_line"),
        ):
            load = self.loads._launch(trigger="scheduled")
            self._run_jobs()
        self.assertEqual(load.state, "failed")
        self.assertEqual(self._new_runs().state, "done")

    def test_job_of_the_load_that_fails_is_a_failed_step(self):
        """An error that even the step could not keep: the others go on, and the load ends."""
        line = type(self.env["crm.warehouse.load.line"])
        original, failed = line._run, []

        def run(step):
            if not failed:
                failed.append(step.id)
                raise MemoryError("too many rows")
            return original(step)

        load = self.loads._launch(trigger="scheduled")
        with patch.object(line, "_run", run):
            self._run_jobs()
        self.assertEqual(load.state, "failed")
        bad = load.line_ids.filtered(lambda step: step.state != "done")
        self.assertEqual((bad.ids, bad.state), (failed, "failed"))
        self.assertIn("too many rows", bad.error)
        self.assertEqual(self._new_runs().state, "done")

    def test_cron_scores_once_a_day_and_without_a_load(self):
        self.runs._cron_score()
        self._run_jobs()
        run = self._new_runs()
        self.assertEqual((run.state, run.kind), ("done", "full"))
        self.runs._cron_score()
        self.assertEqual(self._new_runs(), run)

    def test_closed_month_does_not_stop_the_night(self):
        self.env["crm.scoring.period"].create({"company_id": self.company.id, "period": TODAY})
        self.runs._cron_score()
        self.assertFalse(self._new_runs())
