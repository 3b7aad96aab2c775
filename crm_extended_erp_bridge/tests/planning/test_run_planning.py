from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import Form, TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.tests.common import trap_jobs

from ...hooks import CRON_PARAMETER, replace_scheduler, uninstall_hook
from ...models.planning.planning_session import PlanningCancelled, PlanningSession
from ...planner.low_level import find_circles, low_level_codes
from .common_run import DUE, RunCommon


@tagged("post_install", "-at_install")
class TestRun(RunCommon):
    """A run: launched once, one job per area, a plan that is whole or not there."""

    def _launch(self, **values):
        with trap_jobs() as jobs:
            run = self.env["crm.planning.run"]._launch(self.area, **values)
            self.jobs = jobs
        return run

    def _start(self, run):
        with trap_jobs() as jobs:
            run._start()
        return jobs

    def test_launch_queues_one_job(self):
        run = self._launch()
        self.assertEqual((run.state, run.progress, run.area_ids.mrp_area_id), ("queued", 0, self.area))
        self.jobs.assert_jobs_count(1, only=run.sudo()._start)

    def test_second_launch_gives_the_same_run(self):
        run = self._launch()
        self.assertEqual(self._launch(), run)
        run.area_ids._plan()
        self.assertNotEqual(self._launch(), run)

    def test_one_unfinished_planning_per_area(self):
        """The database holds what the launch promises."""
        run = self._launch()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env["crm.planning.run.area"].create({"run_id": run.id, "mrp_area_id": self.area.id})

    def test_start_makes_one_job_per_area(self):
        second = self.area.copy({"name": "Second"})
        with trap_jobs():
            run = self.env["crm.planning.run"]._launch(self.area | second)
        jobs = self._start(run)
        jobs.assert_jobs_count(2)
        self.assertEqual(len(set(run.area_ids.mapped("job_uuid"))), 2)

    def test_plan(self):
        """5 lamps: 5 modules, 10 chips, 5 boxes, in four planned orders."""
        self._create_demand(self.lamp, 5)
        run = self._launch()
        run.area_ids._plan()
        self.assertEqual((run.state, run.progress, run.planned_order_count), ("done", 100, 4))
        self.assertTrue(run.date_started and run.date_ended)
        self.assertEqual([self._get_total(product) for product in self.products], [5, 5, 10, 5])
        self.assertEqual(self._get_planned(self.lamp), {DUE: 5})

    def test_cancelled_before_it_starts(self):
        self._create_demand(self.lamp, 5)
        run = self._launch()
        run.with_user(self.planner).action_cancel()
        self.assertEqual(run.state, "cancelled")
        run.area_ids._plan()
        self.assertFalse(self._get_planned(self.lamp))
        self._start(run).assert_jobs_count(0)

    def test_cancelled_on_the_way(self):
        """The next report of progress ends it: the queue rolls back and, at the second attempt, does nothing."""
        run = self._launch()

        def notify(area, **_step):
            raise PlanningCancelled("cancelled")

        with (
            patch.object(self.env.registry["crm.planning.run.area"], "_report_progress", notify),
            self.assertRaises(RetryableJobError),
        ):
            run.area_ids._plan()

    def test_progress_is_written_apart(self):
        """Step and numbers; the area is running for as long as its outcome is open."""
        area = self._launch().area_ids
        area._report_progress(step="netting", done=30, total=60, apart=False)
        self.assertEqual(
            (area.state, area.step, area.products_done, area.products_total), ("running", "netting", 30, 60)
        )
        # netting goes from 20 to 55 percent: half of it is 37.5
        self.assertEqual(area.progress, 37.5)
        self.assertEqual(area.run_id.state, "running")
        self.assertEqual(self.env["crm.planning.run.area"].search([("state", "=", "running")]), area)

    def test_progress_is_reported_once_a_second(self):
        calls = []
        session = PlanningSession(self.area, notify=lambda **step: calls.append(step["step"]))
        for done in range(100):
            session.progress("reading", done, 100)
        session.progress("netting", 0, 100)
        self.assertEqual(calls, ["reading", "netting"])

    def test_progress_model(self):
        area = self._launch().area_ids
        values = {"run_area_id": area.id, "step": "reading"}
        self.env["crm.planning.progress"].create(values)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env["crm.planning.progress"].create(values)

    def test_failure_leaves_the_plan(self):
        self._create_demand(self.lamp, 5)
        self._run_plan()
        area = self._launch().area_ids
        with (
            patch.object(self.env.registry["mrp.multi.level"], "_mrp_final_process", side_effect=ValueError("broken")),
            self.assertRaisesRegex(ValueError, "broken"),
            self.env.cr.savepoint(),
        ):
            area._plan()
        self.assertEqual(self._get_total(self.lamp), 5)

    def test_feature_off_is_the_addon_alone(self):
        """The area is planned all the same, and nothing of ours is asked for anything."""
        self._switch_off()
        self._create_demand(self.lamp, 5)
        with patch.object(self.env.registry["mrp.multi.level"], "_plan_further", side_effect=AssertionError):
            run = self._launch(trigger="scheduled")
            run.area_ids._plan()
        self.assertEqual((run.state, self._get_total(self.chip)), ("done", 10))
        self.assertFalse(self._get_issues())

    def test_wizard_of_the_addon_plans_at_once(self):
        self._create_demand(self.lamp, 5)
        wizard = Form(self.env["mrp.multi.level"])
        wizard.mrp_area_ids.add(self.area)
        action = wizard.save().run_mrp_multi_level()
        self.assertEqual(action["res_model"], "mrp.inventory")
        self.assertEqual(self._get_total(self.chip), 10)

    def test_scheduler(self):
        """Ours launches, for all areas there are."""
        self.env["crm.planning.run.area"].search([("outcome", "=", "waiting")])._finish("cancelled")
        with trap_jobs():
            self.env["crm.planning.run"]._cron_launch()
        run = self.env["crm.planning.run"].search([("trigger", "=", "scheduled")], limit=1)
        self.assertIn(self.area, run.area_ids.mrp_area_id)

    def test_scheduler_of_the_addon_rests_and_comes_back(self):
        cron = self.env.ref("mrp_multi_level.mrp_multi_level_cron")
        for was_active in (True, False):
            self.env["ir.config_parameter"].set_param(CRON_PARAMETER, False)
            cron.active = was_active
            replace_scheduler(self.env)
            self.assertFalse(cron.active)
            uninstall_hook(self.env)
            self.assertEqual(cron.active, was_active)

    # ------------------------------------------------------------
    # Low-level codes
    # ------------------------------------------------------------

    def test_low_level_codes_are_written_when_changed(self):
        self.env["mrp.multi.level"]._low_level_code_calculation()
        self.assertEqual(self.products.mapped("llc"), [0, 1, 2, 1])
        self.env.flush_all()
        self.env.cr.execute("SELECT xmin::text FROM product_product WHERE id = %s", [self.lamp.id])
        before = self.env.cr.fetchone()
        self._create_bom(self.box, [(self.chip, 1)])
        self._create_bom(self.chip, [(self._create_product("Wafer"), 1)])
        self.env["mrp.multi.level"]._low_level_code_calculation()
        self.env.cr.execute("SELECT xmin::text FROM product_product WHERE id = %s", [self.lamp.id])
        self.assertEqual(self.env.cr.fetchone(), before)
        self.assertEqual(self.products.mapped("llc"), [0, 1, 2, 1])

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    def test_planner_launches(self):
        with trap_jobs():
            action = self.env["crm.planning.run"].with_user(self.planner).action_launch(self.area.ids)
        run = self.env["crm.planning.run"].browse(action["res_id"])
        self.assertEqual(run.user_id, self.planner)
        run.with_user(self.planner).area_ids._plan()
        self.assertEqual(run.with_user(self.planner).state, "done")

    def test_plain_user_is_refused(self):
        run = self._launch()
        Run = self.env["crm.planning.run"].with_user(self.plain_user)
        for refused in (
            lambda: Run.action_launch(self.area.ids),
            lambda: run.with_user(self.plain_user).action_cancel(),
            lambda: Run.search([]),
            lambda: self.env["crm.planning.run.area"].with_user(self.plain_user).search([]),
            lambda: self.env["crm.planning.progress"].with_user(self.plain_user).search([]),
        ):
            with self.assertRaises(AccessError):
                refused()

    def test_planner_does_not_write_runs(self):
        with self.assertRaises(AccessError):
            self._launch().with_user(self.planner).write({"name": "mine"})

    def test_company_rule(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1)
        area = self.env["mrp.area"].create(
            {"name": "Elsewhere", "warehouse_id": warehouse.id, "location_id": warehouse.lot_stock_id.id}
        )
        with trap_jobs():
            run = self.env["crm.planning.run"]._launch(area)
        Run = self.env["crm.planning.run"].with_user(self.planner)
        self.assertFalse(Run.search([("id", "=", run.id)]))
        Area = self.env["crm.planning.run.area"].with_user(self.planner)
        self.assertFalse(Area.search([("run_id", "=", run.id)]))

    # ------------------------------------------------------------
    # Speed
    # ------------------------------------------------------------

    def test_queries_do_not_grow_with_products(self):
        """One lamp and 40 lamps with their own modules: the same number of queries."""

        def count():
            self._run_plan()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._run_plan()
            return self.env.cr.sql_log_count - before

        with patch.object(self.env.registry["mrp.multi.level"], "_plan_further", lambda *args: None):
            self._create_demand(self.lamp, 5)
            one = count()
            for number in range(40):
                module = self._create_product(f"Module {number}")
                lamp = self._create_product(f"Lamp {number}")
                self._create_bom(module, [(self.chip, 1)])
                self._create_bom(lamp, [(module, 1), (self.box, 1)])
                self._create_parameters(lamp | module)
                self._create_demand(lamp, 3)
            many = count()
        self.assertEqual(self._get_total(self.chip), 10 + 120)
        self.assertLessEqual(many, one * 1.1)


@tagged("post_install", "-at_install")
class TestLowLevelCodes(TransactionCase):
    """Levels and circles, without Odoo."""

    def test_a_component_is_below_its_lowest_parent(self):
        """1 of 2 and 4; 2 of 3; 3 of 4: the 4 is used on levels 1 and 3, and planned on 3."""
        self.assertEqual(low_level_codes({1: [2, 4], 2: [3], 3: [4]}), {1: 0, 2: 1, 3: 2, 4: 3})

    def test_circles_do_not_stop_the_levels(self):
        children = {1: [2], 2: [3], 3: [2, 4]}
        self.assertEqual(find_circles(children), [[2, 3]])
        self.assertEqual(low_level_codes(children), {1: 0, 2: 1, 3: 1, 4: 2})

    def test_a_product_made_of_itself(self):
        self.assertEqual(find_circles({1: [1, 2]}), [[1]])

    def test_deep_bills_are_no_limit(self):
        """50,000 levels, deeper than Python may call."""
        depth = 50_000
        self.assertEqual(low_level_codes({node: [node + 1] for node in range(depth)})[depth], depth)
        self.assertEqual(find_circles({node: [node + 1] for node in range(depth)}), [])
