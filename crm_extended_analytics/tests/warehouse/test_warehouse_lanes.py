from unittest.mock import patch

import odoo
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.tests.common import trap_jobs

from ...models.warehouse.crm_warehouse_load import ADVISORY_LOCK
from .common_warehouse import WarehouseCase

LINE = "odoo.addons.crm_extended_analytics.models.warehouse.crm_warehouse_load_line"


@tagged("post_install", "-at_install")
class TestWarehouseLanes(WarehouseCase):
    """The first load is two lanes of jobs, which end in one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in cls.env["crm.fact.mixin"]._get_fact_models():
            cls.env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(cls.env[name]._table)))
        cls.env["crm.warehouse.change"].search([]).unlink()
        cls.order = cls._order() + cls._order(currency=cls.usd)
        cls.invoice = cls.order[0]._create_invoices()
        cls.invoice.action_post()
        cls._pay(cls.invoice, "2026-03-20")

    def _launch(self):
        """Launch the load with its jobs in a trap; return both."""
        self.trap = self.enterContext(trap_jobs())
        return self.env["crm.warehouse.load"]._launch()

    def _perform(self, lane=None):
        """Perform what waits now: all of it, or the job of one lane."""
        for job in list(self.trap.enqueued_jobs):
            if lane is None or job.recordset._name == "crm.warehouse.load.line" and job.recordset.lane == lane:
                self.trap.enqueued_jobs.remove(job)
                job.perform()

    def _finish(self):
        for _number in range(60):
            if not self.trap.enqueued_jobs:
                return
            self._perform()
        self.fail("the jobs do not come to an end")

    def _get_facts(self):
        return {
            name: self.env.execute_query(
                SQL(
                    "SELECT to_jsonb(fact) - 'id' FROM %s fact ORDER BY res_model, res_id",
                    SQL.identifier(self.env[name]._table),
                )
            )
            for name in self.env["crm.fact.mixin"]._get_fact_models()
        }

    def test_facts_are_those_of_one_process(self):
        with self.env.cr.savepoint() as savepoint:
            load = self._load()
            expected = self._get_facts()
            rows = sum(load.line_ids.mapped("rows_inserted"))
            savepoint.rollback()
        self.env.invalidate_all()
        load = self._launch()
        self._finish()
        self.assertEqual(load.state, "done")
        self.assertEqual(self._get_facts(), expected)
        self.assertEqual(sum(load.line_ids.mapped("rows_inserted")), rows)
        self.assertGreater(rows, 4)
        self.assertTrue(load.date_started and load.date_ended)

    def test_sources_of_one_table_are_in_one_lane(self):
        """The indexes of the table are dropped and built in the transaction of each."""
        load = self._launch()
        lanes = {}
        for line in load.line_ids.filtered("source"):
            lanes.setdefault(self.env[line.source]._fact, set()).add(line.lane)
        self.assertEqual(lanes.pop("crm.fact.sale"), {1})
        self.assertTrue(all(numbers == {2} for numbers in lanes.values()))
        compared = load.line_ids.filtered("compared")
        self.assertEqual(
            {line.compared: line.lane for line in compared},
            {"crm.fact.sale": 2, "crm.warehouse.source.invoice.sale": 1, "crm.fact.invoice": 2},
        )
        self.assertEqual((load.line_ids - compared).filtered(lambda line: line.kind != "source").mapped("lane"), [0])

    def test_facts_are_reconciled_behind_their_sources(self):
        """Each kind of facts by itself: one that is reconciled again leaves the months of the others as they are."""
        load = self._launch()
        for lane in (1, 2):
            kinds = load.line_ids.filtered(lambda line, lane=lane: line.lane == lane).sorted().mapped("kind")
            self.assertEqual(kinds, sorted(kinds, reverse=True))
            self.assertEqual(set(kinds), {"source", "reconciliation"})
        self._finish()
        months = self.env["crm.warehouse.reconciliation"].search([("company_id", "=", self.company.id)])
        self.assertEqual(set(months.mapped("fact_model")), {"crm.fact.sale", "crm.fact.invoice"})
        self.assertFalse(any(months.mapped("is_different")))
        self.env.cr.execute("UPDATE crm_fact_invoice SET amount_company = amount_company + 1")
        sales = months.filtered(lambda month: month.fact_model == "crm.fact.sale")
        months._rebuild(self.company, "crm.fact.invoice")
        again = months.search([("company_id", "=", self.company.id)])
        self.assertEqual(again & months, sales)
        self.assertEqual(set((again - sales).mapped("is_different")), {True})

    def test_comparison_waits_for_the_other_lane(self):
        """The lane that ends first compares the sales, as soon as they are there, or have failed."""
        load = self._launch()
        self._perform()
        compared = load.line_ids.filtered(lambda line: line.compared == "crm.fact.sale")
        others = load.line_ids.filtered(lambda line: line.lane == 2) - compared
        others.state = "done"
        with self.assertRaises(RetryableJobError):
            compared._run_job()
        self.assertEqual(compared.state, "waiting")
        self._line_of(load, "sale").state = "failed"
        compared._run_job()
        self.assertEqual(compared.state, "done")

    def test_comparison_waits_for_its_own_sources(self):
        """Facts of one table may be compared apart: invoices without an order are no orders."""
        load = self._launch()
        self._perform()
        load.line_ids.filtered("source").state = "done"
        for name in ("sale", "invoice.sale", "invoice"):
            line = self._line_of(load, name)
            line.state = "running"
            waiting = load.line_ids.filtered(lambda other: other._get_awaited())
            self.assertEqual(waiting.mapped(lambda other: other._get_awaited()), line)
            wanted = "crm.warehouse.source.invoice.sale" if name == "invoice.sale" else f"crm.fact.{name}"
            self.assertEqual(waiting.mapped("compared"), [wanted])
            line.state = "done"

    def test_emptied_warehouse_is_loaded_in_full(self):
        """Whatever an earlier load has read."""
        self._load()
        for name in self.env["crm.fact.mixin"]._get_fact_models():
            self.env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(self.env[name]._table)))
        load = self._launch()
        self._finish()
        self.assertEqual(self._line_of(load, "sale").rows_inserted, 2)
        self.assertTrue(all(load.line_ids.filtered("source").mapped("is_full")))

    def test_later_loads_have_one_job(self):
        self._load()
        load = self.env["crm.warehouse.load"]._create_load()
        self.assertEqual(set(load.line_ids.mapped("lane")), {0})

    def test_lanes_begin_together(self):
        """One job starts two; whoever asks again queues none of them twice."""
        load = self._launch()
        self.env["crm.warehouse.load"]._launch()
        self.trap.assert_jobs_count(1)
        self._perform()
        self.env["crm.warehouse.load"]._launch()
        self.assertEqual(load.state, "running")
        self.trap.assert_jobs_count(2)
        running = load.line_ids.filtered(lambda line: line.state == "running")
        self.assertEqual(running.mapped("lane"), [1, 2])
        self.assertTrue(all(running.mapped("watermark_to")))

    def test_end_waits_for_both_lanes(self):
        load = self._launch()
        self._perform()
        sales = load.line_ids.filtered(lambda line: line.lane == 1)
        for _line in sales:
            self._perform(lane=1)
        self.assertEqual(set(sales.mapped("state")), {"done"})
        load._continue()
        end = load.line_ids.filtered(lambda line: not line.lane)
        self.assertEqual(set(end.mapped("state")), {"waiting"})
        self._finish()
        self.assertEqual(set(load.line_ids.mapped("state")), {"done"})
        self.assertTrue(all(end.mapped("watermark_to")))
        self.assertEqual(load.state, "done")

    def test_step_that_is_done_is_not_done_again(self):
        """The queue starts the job of a dead worker once more, and a user has launched the load meanwhile."""
        load = self._launch()
        self._perform()
        first = load._get_next_line(1)
        first._run_job()
        with patch(f"{LINE}.CrmWarehouseLoadLine._run") as run:
            first._run_job()
        run.assert_not_called()

    def test_failed_source_does_not_stop_its_lane(self):
        source = type(self.env["crm.warehouse.source.sale"])
        load = self._launch()
        with patch.object(source, "_load", side_effect=ValueError("wrong")), mute_logger(LINE):
            self._finish()
        self.assertEqual(load.state, "failed")
        bad = load.line_ids.filtered(lambda line: line.state != "done")
        self.assertEqual((bad.source, bad.state), ("crm.warehouse.source.sale", "failed"))
        self.assertIn("wrong", bad.error)
        # the next load reads what is missing, in one job
        again = self._load()
        self.assertEqual(again.state, "done")
        self.assertEqual(self._line_of(again, "sale").rows_inserted, 2)
        self.assertEqual(self._line_of(again, "invoice").rows_inserted, 0)

    def test_failed_job_is_a_failed_step_of_its_lane(self):
        load = self._launch()
        self._perform()
        first = load._get_next_line(2)
        first._on_job_failed(exc_name="MemoryError", exc_message="too many rows")
        self.assertEqual(first.state, "failed")
        self.assertEqual(load._get_next_line(1).state, "running")
        self._finish()
        self.assertEqual(load.state, "failed")
        self.assertEqual(load.line_ids.filtered(lambda line: line.state != "done"), first)
        self.assertIn("too many rows", first.error)

    def test_lanes_do_not_wait_for_each_other(self):
        """Another worker is in the other lane: its lock is no obstacle, that of the same lane or of a load is."""
        load = self.env["crm.warehouse.load"]
        with odoo.sql_db.db_connect(self.env.cr.dbname).cursor() as other:
            other.execute(
                "SELECT pg_advisory_xact_lock_shared(%s), pg_advisory_xact_lock(%s)", [ADVISORY_LOCK, ADVISORY_LOCK + 2]
            )
            load._lock(1)
            for taken in (2, 0):
                with self.assertRaises(RetryableJobError):
                    load._lock(taken)

    def test_customer_waits_once(self):
        """Two lanes do not see what the other adds; the end of the load puts it right."""
        load = self._launch()
        self._perform()
        self._perform(lane=1)
        self.env.cr.execute(
            """
            INSERT INTO crm_warehouse_change (reader, company_id, commercial_partner_id, date)
            SELECT reader, company_id, commercial_partner_id, date FROM crm_warehouse_change WHERE reader = 'scoring'
            """
        )
        self._finish()
        self.assertEqual(load.state, "done")
        noted = (
            self.env["crm.warehouse.change"]
            .search([("reader", "=", "scoring")])
            .mapped(lambda change: (change.company_id.id, change.commercial_partner_id.id))
        )
        self.assertTrue(noted)
        self.assertEqual(len(noted), len(set(noted)))
