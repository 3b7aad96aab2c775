import base64
import random
from datetime import date, timedelta

from odoo import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.tests.common import trap_jobs

from .common_sales_month import SalesMonthCase

BUILD = "odoo.addons.crm_extended_analytics.models.warehouse.crm_sales_month_build"
HISTORY = b"order,line,date,customer,product,quantity,price,cost\nA1,1,2025-02-10,WHX-1,WHX-LAMP,3,100,180\n"


@tagged("post_install", "-at_install")
@freeze_time("2026-06-10 09:00:00")
class TestSalesMonthChanges(SalesMonthCase):
    """Whatever changes sales facts is followed, and nothing else is written."""

    def _get_noted(self):
        return self.env["crm.warehouse.change"].search(
            [("reader", "=", "sales_month"), ("company_id", "=", self.company.id)]
        )

    def _perform(self, trap):
        """Perform the jobs; nothing is wrong afterwards that would have to be repaired."""
        with self.assertNoLogs(BUILD, "WARNING"):
            trap.perform_enqueued_jobs()
        self.env.invalidate_all()

    def _count_jobs(self, trap):
        return sum(job.recordset._name == "crm.sales.month.build" for job in trap.enqueued_jobs)

    # ------------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------------
    def test_late_change(self):
        """The price of an order of February changes in June; rows of which nothing changed stay as they are."""
        order = self._order()
        self._order(date="2026-04-10 10:00:00")
        self._load_and_count()
        february, april = self._rows()
        order.order_line.price_unit = 150
        self._load_and_count(is_thorough=False)
        self.assertEqual(self._rows().mapped("amount_company"), [300, 200])
        self.assertIn(april, self._rows())
        self.assertNotIn(february, self._rows())
        self._assert_equal_to_a_whole_count()

    def test_change_of_the_customer(self):
        other = self.env["res.partner"].create({"name": "Hotel Rila", "is_company": True})
        order = self._order()
        self._load_and_count()
        order.partner_id = other
        self._load_and_count()
        self.assertEqual(self._rows().commercial_partner_id, other)

    def test_cancelled_order(self):
        order = self._order()
        self._order(quantity=1)
        self._load_and_count()
        order._action_cancel()
        self._load_and_count(is_thorough=False)
        self.assertEqual(self._rows().amount_company, 100)
        self._assert_equal_to_a_whole_count()

    def test_deleted_line(self):
        """As SQL or a migration deletes it: no write date anywhere."""
        order = self._order()
        order.order_line = [Command.create({"product_id": self.lamp.id, "price_unit": 5})]
        self._load_and_count()
        self.assertEqual(self._rows().line_count, 2)
        self.env.cr.execute("DELETE FROM sale_order_line WHERE id = %s", [order.order_line[1].id])
        self.env.invalidate_all()
        self._load_and_count()
        self.assertEqual((self._rows().line_count, self._rows().amount_company), (1, 200))

    def test_last_order_of_a_customer_leaves(self):
        order = self._order()
        self._load_and_count()
        order._action_cancel()
        self._load_and_count()
        self.assertFalse(self._rows())
        self.assertFalse(self.totals.search([("company_id", "=", self.company.id)]))

    def test_invoice_without_an_order(self):
        """It becomes a sale, and is none any more when it goes back to draft."""
        invoice = self._invoice()
        self._load_and_count()
        self.assertEqual(self._rows().channel, "invoice")
        invoice.button_draft()
        self._load_and_count()
        self.assertFalse(self._rows())

    # ------------------------------------------------------------------
    # Contacts and other records
    # ------------------------------------------------------------------
    def test_merge(self):
        double = self.env["res.partner"].create({"name": "Balkan Hotel", "is_company": True})
        self._order(partner_id=double.id)
        self._order()
        self._load_and_count()
        self.assertEqual(self._rows().commercial_partner_id, double + self.hotel)
        with trap_jobs() as trap:
            self.env["base.partner.merge.automatic.wizard"]._merge((double + self.hotel).ids, self.hotel)
            self.assertEqual(self._count_jobs(trap), 1)
            self._perform(trap)
        self.assertEqual(self._rows().commercial_partner_id, self.hotel)
        self.assertEqual(sum(self._rows().mapped("amount_company")), 400)
        self._assert_equal_to_a_whole_count()

    def test_deleted_dimension(self):
        team = self.env["crm.team"].create({"name": "Export", "company_id": self.company.id})
        self._fact(team_id=team.id)
        self._fact()
        self._count()
        self.assertEqual(len(self._rows()), 2)
        team.unlink()
        self.env["crm.fact.sale"]._forget_deleted_records()
        self.assertEqual(self._get_noted().commercial_partner_id, self.hotel)
        self._count()
        self.assertEqual(self._rows().line_count, 2)
        self.assertFalse(self._rows().team_id)

    def test_deleted_customer_and_undo_of_his_history(self):
        """His facts are nobody's, and so are his rows; even they leave when the history is undone."""
        customer = self.env["res.partner"].create({"name": "Hotel Rila", "is_company": True, "ref": "WHX-2"})
        with trap_jobs():
            batch = self._import(HISTORY.replace(b"WHX-1", b"WHX-2"))
        self._count()
        self.assertEqual(self._rows().commercial_partner_id, customer)
        customer.unlink()
        self._load_and_count()
        self.assertEqual(len(self._rows()), 1)
        self.assertFalse(self._rows().commercial_partner_id)
        with trap_jobs() as trap:
            batch.action_undo()
            self._perform(trap)
        self.assertFalse(self._rows())

    # ------------------------------------------------------------------
    # History
    # ------------------------------------------------------------------
    def _import(self, content):
        batch = self.env["crm.history.batch"].create(
            {"company_id": self.company.id, "file": base64.b64encode(content), "file_name": "history.csv"}
        )
        batch.action_import()
        return batch

    def test_history_and_its_undoing(self):
        self._order()
        self._load_and_count()
        with trap_jobs() as trap:
            batch = self._import(HISTORY)
            self._perform(trap)
            self.assertEqual(self._rows().mapped("amount_company"), [300, 200])
        with trap_jobs() as trap:
            batch.action_undo()
            self._perform(trap)
        self.assertEqual(self._rows().mapped("amount_company"), [200])
        self._assert_equal_to_a_whole_count()

    def test_dry_run_counts_nothing(self):
        batch = self.env["crm.history.batch"].create(
            {"company_id": self.company.id, "file": base64.b64encode(HISTORY), "file_name": "history.csv"}
        )
        with trap_jobs() as trap:
            batch.action_check()
            trap.assert_jobs_count(0)

    # ------------------------------------------------------------------
    # Notes and jobs
    # ------------------------------------------------------------------
    def test_first_load_notes_all_in_one(self):
        """A row for each of all customers would be no help: the first count is a whole one."""
        self._order()
        self._load()
        self.assertEqual(self._get_noted().mapped("commercial_partner_id.id"), [])
        self.assertEqual(len(self._get_noted()), 1)
        self.assertTrue(self._count().is_whole)
        self.assertFalse(self._get_noted())

    def test_readers_do_not_take_from_each_other(self):
        self._order()
        self._load_and_count()
        scoring = self.env["crm.warehouse.change"].search(
            [("reader", "=", "scoring"), ("company_id", "=", self.company.id)]
        )
        self.assertEqual(scoring.commercial_partner_id, self.hotel)
        self._note(self.hotel)
        self.env["crm.warehouse.change"]._take("scoring", self.company)
        self.assertEqual(self._get_noted().commercial_partner_id, self.hotel)

    def test_only_facts_of_sales_are_noted(self):
        self._load_and_count()
        self.env["crm.warehouse.change"]._note([(self.company.id, self.hotel.id)], "crm.fact.payment")
        self.assertFalse(self._get_noted())

    def test_customer_who_waits_is_noted_again(self):
        """The row that is there may be taken just now, by a count that does not see what has changed."""
        self._note(self.hotel)
        self._note(self.hotel)
        self.assertEqual(len(self._get_noted()), 2)

    def test_load_queues_one_job(self):
        with trap_jobs() as trap:
            self._load()
            self._load()
            self.assertEqual(self._count_jobs(trap), 1)

    def test_job_waits_for_another(self):
        build = self._count()
        self.patch(type(build), "try_lock_for_update", lambda *_arguments, **_options: build.browse())
        with self.assertRaises(RetryableJobError):
            build._run_job()

    def test_failed_job_says_so_and_the_next_clears_it(self):
        build = self._count()
        build._on_job_failed(exc_name="MemoryError", exc_message="too much")
        self.assertEqual(build.error, "MemoryError: too much")
        self._count()
        self.assertFalse(build.error)

    # ------------------------------------------------------------------
    # In general
    # ------------------------------------------------------------------
    def test_changed_customers_equal_a_whole_count(self):
        """Random changes of random facts: after each count the rows are those of all facts."""
        chance = random.Random(70)
        customers = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(8)])
        products = self.env["product.product"].create([{"name": f"Article {number}"} for number in range(3)])
        facts = self.env["crm.fact.sale"]
        for _round in range(12):
            changed = self.env["res.partner"]
            for _change in range(chance.randint(1, 10)):
                kind = chance.random()
                if kind < 0.5 or not facts:
                    fact = self._draw(chance, customers, products)
                    facts |= fact
                else:
                    fact = chance.choice(facts)
                changed |= fact.commercial_partner_id
                if kind > 0.8:
                    facts -= fact
                    fact.unlink()
                elif kind > 0.5:
                    fact.write(self._draw_values(chance, customers, products))
                    changed |= fact.commercial_partner_id
            self._note(*changed)
            build = self._count()
            self.assertEqual(build.line_count, len(facts))
            self._assert_equal_to_a_whole_count()

    def _draw(self, chance, customers, products):
        cost = chance.choice((None, 0.0, 60.0))
        return self._fact(cost=cost, **self._draw_values(chance, customers, products))

    def _draw_values(self, chance, customers, products):
        return {
            "commercial_partner_id": chance.choice(customers[:4] if chance.random() < 0.5 else customers).id,
            "product_id": chance.choice((*products.ids, False)),
            "user_id": chance.choice((self.seller.id, self.colleague.id, False)),
            "date": date(2026, 1, 1) + timedelta(days=chance.randrange(120)),
            "amount_company": chance.choice((10.0, -10.0, 0.01)),
            "quantity": chance.randint(-2, 5),
        }
