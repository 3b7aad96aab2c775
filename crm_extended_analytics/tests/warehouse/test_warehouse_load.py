from datetime import datetime, timedelta
from unittest.mock import patch

import psycopg2

import odoo
from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.tests.common import trap_jobs

from ...models.warehouse.crm_warehouse_load import ADVISORY_LOCK, OVERLAP_PARAMETER
from .common_warehouse import WarehouseCase


@tagged("post_install", "-at_install")
class TestWarehouseLoad(WarehouseCase):
    """What happens to documents after their first load."""

    def _age_everything(self):
        """Make all records old: a test is one transaction, in which all have the same date."""
        self.env.flush_all()
        old = datetime.now() - timedelta(days=30)
        for table in ("sale_order", "sale_order_line", "account_move", "account_move_line", "crm_lead"):
            self.env.cr.execute(SQL("UPDATE %s SET write_date = %s", SQL.identifier(table), old))
        self.env.invalidate_all()

    # ------------------------------------------------------------------
    # Increments
    # ------------------------------------------------------------------
    def test_steps_are_named_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("es_ES")
        lines = self._load().line_ids
        links = lines.filtered(lambda line: line.kind == "links")
        self.assertEqual(links.name, "Salespeople and deleted records")
        self.assertNotIn(links.with_context(lang="es_ES").name, (False, links.name))
        sale = lines.filtered(lambda line: line.source == "crm.warehouse.source.sale")
        self.assertEqual(sale.name, "Sales Order Lines")

    def test_only_changed_documents_are_read(self):
        orders = self._order() + self._order() + self._order()
        first = self._line_of(self._load(), "sale")
        self._age_everything()
        orders[1].order_line.price_unit = 150
        second = self._line_of(self._load(), "sale")
        self.assertTrue(first.is_full)
        self.assertEqual((first.rows_read, first.rows_inserted), (3, 3))
        self.assertFalse(second.is_full)
        self.assertEqual(
            (second.rows_read, second.rows_inserted, second.rows_updated, second.rows_deleted), (1, 0, 1, 0)
        )
        self.assertEqual(self._facts("sale").mapped("amount_company"), [200, 300, 200])

    def test_write_on_the_order_reaches_its_lines(self):
        """The seller is on the order; its lines are not written."""
        order = self._order()
        self._load()
        self._age_everything()
        self.env.cr.execute(
            "UPDATE sale_order SET user_id = %s, write_date = now() AT TIME ZONE 'UTC' WHERE id = %s",
            [self.colleague.id, order.id],
        )
        self._load()
        self.assertEqual(self._facts("sale", order.order_line).user_id, self.colleague)

    def test_nothing_changed_writes_nothing(self):
        self._order()
        self._load()
        line = self._line_of(self._load(), "sale")
        self.assertEqual((line.rows_inserted, line.rows_updated, line.rows_deleted), (0, 0, 0))

    def test_late_commit_is_read(self):
        """The watermark is older than the oldest transaction that is still open, whenever it commits."""
        self.env["ir.config_parameter"].set_param(OVERLAP_PARAMETER, "0")
        with odoo.sql_db.db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT now() AT TIME ZONE 'UTC'")
            (started,) = other.fetchone()
            watermark = self.env["crm.warehouse.load"]._get_watermark()
            self.assertLessEqual(watermark, started)
        # the transaction of the test itself is as old
        self.assertLessEqual(self.env["crm.warehouse.load"]._get_watermark(), self.env.cr.now())

    def test_overlap_is_subtracted(self):
        load = self.env["crm.warehouse.load"]
        self.env["ir.config_parameter"].set_param(OVERLAP_PARAMETER, "0")
        without = load._get_watermark()
        self.env["ir.config_parameter"].set_param(OVERLAP_PARAMETER, "60")
        self.assertLessEqual(load._get_watermark(), without - timedelta(minutes=59))

    def test_changed_source_is_read_in_full(self):
        """An implementer changes a column: facts of old documents follow with the next load."""
        order = self._order()
        self._load()
        self._age_everything()
        source = type(self.env["crm.warehouse.source.sale"])
        original = source._select
        with patch.object(source, "_select", lambda self: original(self) | {"channel": SQL("'fair'")}):
            line = self._line_of(self._load(), "sale")
        self.assertTrue(line.is_full)
        self.assertEqual(self._facts("sale", order.order_line).channel, "fair")

    def test_unknown_column_of_a_source_is_named(self):
        self._order()
        source = type(self.env["crm.warehouse.source.sale"])
        original = source._select
        with (
            patch.object(source, "_select", lambda self: original(self) | {"nonsense": SQL("1")}),
            self.assertLogs("odoo.addons.crm_extended_analytics.models.warehouse.crm_warehouse_load_line", "ERROR"),
        ):
            load = self._load()
        self.assertEqual(load.state, "failed")
        self.assertIn("nonsense", self._line_of(load, "sale").error)
        self.assertEqual(self._line_of(load, "invoice").state, "done")

    # ------------------------------------------------------------------
    # What becomes of documents
    # ------------------------------------------------------------------
    def test_cancelled_order_leaves(self):
        order = self._order()
        self._load()
        order._action_cancel()
        line = self._line_of(self._load(is_thorough=False), "sale")
        self.assertEqual(line.rows_deleted, 1)
        self.assertFalse(self._facts("sale", order.order_line))

    def test_invoice_back_to_draft_leaves(self):
        invoice = self._invoice()
        self._load()
        invoice.button_draft()
        self._load()
        self.assertFalse(self._facts("invoice", invoice.invoice_line_ids))

    def test_deleted_line_leaves(self):
        order = self._order()
        order.order_line = [Command.create({"product_id": self.lamp.id, "price_unit": 5})]
        lines = order.order_line
        self._load()
        # as SQL or a migration would delete it: no write date anywhere
        self.env.cr.execute("DELETE FROM sale_order_line WHERE id = %s", [lines[1].id])
        self.env.invalidate_all()
        self._load()
        self.assertEqual(self._facts("sale").mapped("res_id"), lines[:1].ids)

    def test_unreconciled_payment_leaves(self):
        invoice = self._invoice()
        self._pay(invoice, "2026-02-25")
        self._load()
        invoice.line_ids.remove_move_reconcile()
        self._load()
        self.assertFalse(self._facts("payment"))

    def test_reopened_opportunity_has_no_outcome(self):
        lead = self.env["crm.lead"].create(
            {"name": "Deal", "type": "opportunity", "partner_id": self.hotel.id, "company_id": self.company.id}
        )
        lead.action_set_lost()
        self._load()
        lead.action_unarchive()
        self._load()
        self.assertFalse(self._facts("opportunity", lead))

    # ------------------------------------------------------------------
    # As it was then
    # ------------------------------------------------------------------
    def test_product_that_moves_keeps_its_category_then(self):
        before = self._order()
        self._load()
        self.lamp.categ_id = self.outdoor
        before.order_line.price_unit = 90
        after = self._order()
        self._load()
        self.assertEqual(self._facts("sale", before.order_line).categ_id, self.indoor)
        self.assertEqual(self._facts("sale", after.order_line).categ_id, self.outdoor)

    def test_customer_that_moves_keeps_what_he_was(self):
        """The buyer changes to a chain, and the hotel gets another level and salesperson."""
        before = self._order()
        self._load()
        chain = self.env["res.partner"].create({"name": "Chain", "is_company": True})
        silver = self.env["res.partner.grade"].create({"name": "Silver"})
        self.hotel.write({"grade_id": silver.id, "user_id": self.colleague.id})
        self.buyer.parent_id = chain
        before.order_line.price_unit = 90
        after = self._order()
        self._load()
        self.assertRecordValues(
            self._facts("sale", before.order_line + after.order_line),
            [
                {
                    "commercial_partner_id": self.hotel.id,
                    "grade_id": self.grade.id,
                    "user_id": self.seller.id,
                    "owner_id": self.colleague.id,
                    "amount_company": 180,
                },
                {
                    "commercial_partner_id": chain.id,
                    "grade_id": False,
                    "user_id": self.seller.id,
                    "owner_id": False,
                    "amount_company": 200,
                },
            ],
        )

    def test_salespeople_of_changed_customers_are_refreshed(self):
        """A load without checks looks at customers written since the last one; with checks it compares all."""
        order = self._order()
        self._load()
        self._age_everything()
        self.env.cr.execute(
            "UPDATE res_partner SET user_id = %s, write_date = now() - INTERVAL '30 days' WHERE id = %s",
            [self.colleague.id, self.hotel.id],
        )
        self.env.invalidate_all()
        links = self._load(is_thorough=False).line_ids.filtered(lambda line: line.kind == "links")
        self.assertFalse(links.is_full)
        self.assertEqual(self._facts("sale", order.order_line).owner_id, self.seller)
        self._load()
        self.assertEqual(self._facts("sale", order.order_line).owner_id, self.colleague)
        self.hotel.user_id = self.seller
        self._load(is_thorough=False)
        self.assertEqual(self._facts("sale", order.order_line).owner_id, self.seller)

    def test_merged_customer_brings_his_salesperson(self):
        double = self.env["res.partner"].create({"name": "Balkan", "is_company": True, "user_id": self.colleague.id})
        order = self._order(partner_id=double.id)
        self._load()
        self.assertEqual(self._facts("sale", order.order_line).owner_id, self.colleague)
        self.env["base.partner.merge.automatic.wizard"]._merge((double + self.hotel).ids, self.hotel)
        self.env.invalidate_all()
        self.assertEqual(self._facts("sale", order.order_line).owner_id, self.seller)

    def test_order_of_another_customer_is_his(self):
        """Correcting the customer of an order is no change of the customer: the fact follows."""
        order = self._order()
        self._load()
        other = self.env["res.partner"].create({"name": "Hotel Rila", "is_company": True})
        order.partner_id = other
        self._load()
        self.assertEqual(self._facts("sale", order.order_line).commercial_partner_id, other)

    def test_merge_is_followed_at_once(self):
        double = self.env["res.partner"].create({"name": "Balkan Hotel", "is_company": True})
        order = self._order(partner_id=double.id)
        self._load()
        self.env["crm.warehouse.change"].search([]).unlink()
        self.env["base.partner.merge.automatic.wizard"]._merge((double + self.hotel).ids, self.hotel)
        self.env.invalidate_all()
        self.assertRecordValues(
            self._facts("sale", order.order_line),
            [{"partner_id": self.hotel.id, "commercial_partner_id": self.hotel.id}],
        )
        self.assertIn(self.hotel, self.env["crm.warehouse.change"].search([]).commercial_partner_id)
        line = self._line_of(self._load(), "sale")
        self.assertFalse(line.has_difference)

    def test_deleted_record_is_forgotten(self):
        campaign = self.env["utm.campaign"].create({"name": "Spring"})
        order = self._order(campaign_id=campaign.id)
        self._load()
        self.assertEqual(self._facts("sale", order.order_line).campaign_id, campaign)
        campaign.unlink()
        self._load()
        self.assertFalse(self._facts("sale", order.order_line).campaign_id)

    def test_deleted_records_of_all_dimensions_are_found_at_once(self):
        facts = self.env["crm.fact.sale"]
        medium = self.env["utm.medium"].create({"name": "Leaflet"})
        source = self.env["utm.source"].create({"name": "Fair"})
        self._order(medium_id=medium.id, source_id=source.id)
        self._load()
        with self.assertQueryCount(1):
            self.assertEqual(facts._get_dimensions_with_deleted(), [])
        medium.unlink()
        source.unlink()
        found = facts._get_dimensions_with_deleted()
        self.assertEqual({field.name for field in found}, {"medium_id", "source_id"})

    def test_changed_customers_are_noted_once(self):
        change = self.env["crm.warehouse.change"]
        self._order()
        self._load()
        self.assertEqual(change.search([("company_id", "=", self.company.id)]).commercial_partner_id, self.hotel)
        change.search([]).unlink()
        order = self._order()
        self._load()
        order._action_cancel()
        self._load()
        noted = change.search([("company_id", "=", self.company.id), ("reader", "=", "scoring")])
        self.assertEqual(len(noted), 1)

    # ------------------------------------------------------------------
    # Log, totals, reconciliation
    # ------------------------------------------------------------------
    def test_control_totals_agree(self):
        self._order()
        self._order(currency=self.usd)
        load = self._load()
        line = self._line_of(load, "sale")
        self.assertEqual((line.fact_count, line.document_count), (2, 2))
        self.assertEqual((line.fact_total, line.document_total, line.difference), (360, 360, 0))
        self.assertEqual(load.state, "done")
        self.assertEqual(load.progress, 100)
        self.assertEqual(load.rows_inserted, sum(load.line_ids.mapped("rows_inserted")))

    def test_fact_that_is_wrong_shows(self):
        order = self._order()
        self._load()
        self._age_everything()
        self.env.cr.execute("UPDATE crm_fact_sale SET amount_company = 1 WHERE order_id = %s", [order.id])
        line = self._line_of(self._load(), "sale")
        self.assertTrue(line.has_difference)
        self.assertEqual(line.difference, -199)
        self._load(is_full=True)
        self.assertEqual(self._facts("sale", order.order_line).amount_company, 200)

    def test_reconciled_with_the_reports_to_the_cent(self):
        """Thirds of a dollar at changing rates, a credit note and a month boundary of the time zone."""
        for price, date in (
            (33.33, "2026-01-31 22:30:00"),
            (66.67, "2026-02-10 10:00:00"),
            (0.01, "2026-03-05 10:00:00"),
        ):
            self._order(quantity=7, price=price, discount=12.5, date=date, currency=self.usd)
        self._invoice(quantity=3, price=33.33, currency_id=self.usd.id)
        self._invoice(quantity=1, price=33.33, move_type="out_refund", currency_id=self.usd.id, date="2026-03-10")
        self._load()
        months = self.env["crm.warehouse.reconciliation"].search([("company_id", "=", self.company.id)])
        # orders in two months, the invoice as a sale without an order, both documents as invoices
        self.assertEqual(len(months), 5)
        self.assertEqual(set(months.mapped("difference")), {0})
        self.assertFalse(months.filtered("is_different"))
        report = self.env["sale.report"]._read_group(
            [("company_id", "=", self.company.id), ("state", "=", "sale")], [], ["price_subtotal:sum"]
        )
        sales = months.filtered(lambda month: month.fact_model == "crm.fact.sale")
        self.assertAlmostEqual(sum(sales.mapped("amount_report")), report[0][0], places=2)

    def test_difference_names_the_documents(self):
        orders = self._order() + self._order() + self._order()
        self._load()
        self.env.cr.execute("UPDATE crm_fact_sale SET amount_company = 150 WHERE order_id = %s", [orders[1].id])
        self.env.cr.execute("DELETE FROM crm_fact_sale WHERE order_id = %s", [orders[2].id])
        month = self.env["crm.warehouse.reconciliation"]._rebuild(self.company)
        self.assertRecordValues(
            month, [{"amount_fact": 350, "amount_report": 600, "difference": -250, "is_different": True}]
        )
        month.action_find_documents()
        self.assertRecordValues(
            month.difference_ids,
            [
                {"document_name": orders[1].display_name, "amount_fact": 150, "difference": -50},
                {"document_name": orders[2].display_name, "amount_fact": 0, "difference": -200},
            ],
        )
        self.assertIn("not in the warehouse yet", month.difference_ids[1].cause)
        action = month.difference_ids[1].action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), ("sale.order", orders[2].id))

    def test_company_without_the_feature_is_not_loaded(self):
        other = self._make_company("Other Ltd")
        self._set_only_company(self.company)
        self.env.user.company_ids |= other
        load = self._load()
        self.assertEqual(load.company_ids, self.company)

    # ------------------------------------------------------------------
    # Runs
    # ------------------------------------------------------------------
    def test_one_job_per_step(self):
        """Each step queues the next one, and asking again queues nothing twice."""
        self._order()
        self._load()
        with trap_jobs() as trap:
            load = self.env["crm.warehouse.load"]._launch()
            self.assertEqual(self.env["crm.warehouse.load"]._launch(), load)
            trap.assert_jobs_count(1, only=load._run_next)
        with trap_jobs() as trap:
            load._run_next()
            trap.assert_jobs_count(1, only=load._run_next)
        self.assertEqual(load.line_ids[0].state, "done")
        self.assertEqual(load.line_ids[1].state, "running")
        self.assertEqual(load.state, "running")

    def test_killed_load_goes_on_where_it_stopped(self):
        """The transaction of a step is lost; the steps before are kept, and the step is done again."""
        self._order()
        load = self.env["crm.warehouse.load"]._create_load()
        load._run_step()
        with self.assertRaises(KeyboardInterrupt), self.env.cr.savepoint():
            with patch.object(type(load.line_ids), "_run_source", side_effect=KeyboardInterrupt):
                load._run_step()
        self.env.invalidate_all()
        self.assertEqual(load.line_ids.mapped("state")[:3], ["done", "running", "waiting"])
        load._run_all()
        self.assertEqual(set(load.line_ids.mapped("state")), {"done"})
        self.assertEqual(load.state, "done")

    def test_second_load_waits_for_the_first(self):
        """The lock belongs to a transaction of its own, like that of another worker."""
        load = self.env["crm.warehouse.load"]._create_load()
        with odoo.sql_db.db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
            with self.assertRaises(RetryableJobError):
                load._run_next()

    def test_two_unfinished_loads_are_refused_by_the_database(self):
        self.env["crm.warehouse.load"]._create_load()
        with self.assertRaises(psycopg2.errors.UniqueViolation), odoo.tools.mute_logger("odoo.sql_db"):
            self.env["crm.warehouse.load"]._create_load()
            self.env.flush_all()

    def test_conflict_with_a_writer_is_tried_again(self):
        """A serialization failure is no failure of the step: the job repeats it."""
        load = self.env["crm.warehouse.load"]._create_load()
        with (
            patch.object(type(load.line_ids), "_run_source", side_effect=psycopg2.errors.SerializationFailure),
            self.assertRaises(psycopg2.errors.SerializationFailure),
        ):
            load._run_step()

    def test_cron(self):
        with trap_jobs() as trap:
            self.env["crm.warehouse.load"]._cron_load()
            trap.assert_jobs_count(1)
        self.assertEqual(self.env["crm.warehouse.load"].search([], limit=1).trigger, "scheduled")

    def test_questions_to_the_database_do_not_grow_with_the_rows(self):
        self._order()
        self._load()
        one = self._count_queries()
        for _number in range(20):
            self._order()
        self.assertEqual(self._count_queries(), one)

    def _count_queries(self):
        self.env.flush_all()
        self.env.invalidate_all()
        source = self.env["crm.warehouse.source.sale"]
        before = self.env.cr.sql_log_count
        source._load(self.company)
        source._get_control_totals(self.company)
        return self.env.cr.sql_log_count - before
