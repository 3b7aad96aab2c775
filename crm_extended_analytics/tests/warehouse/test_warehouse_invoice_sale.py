from datetime import datetime, timedelta

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.warehouse.crm_fact_sale import INVOICE_KEYS
from .common_warehouse import WarehouseCase

INVOICE_SALES = "crm.warehouse.source.invoice.sale"


@tagged("post_install", "-at_install")
class TestWarehouseInvoiceSale(WarehouseCase):
    """Who only invoices sells by invoice; what an order stands behind counts once, as an order."""

    def _sales(self):
        return self._facts("sale")

    def _invoice_order(self, order, date="2026-02-20"):
        invoice = order._create_invoices()
        invoice.invoice_date = date
        invoice.action_post()
        return invoice

    def _age_everything(self):
        """Make all records old: a test is one transaction, in which all have the same date."""
        self.env.flush_all()
        old = datetime.now() - timedelta(days=30)
        for table in ("sale_order", "sale_order_line", "account_move", "account_move_line"):
            self.env.cr.execute(SQL("UPDATE %s SET write_date = %s", SQL.identifier(table), old))
        self.env.invalidate_all()

    def test_invoice_without_an_order_is_a_sale(self):
        """7 lamps at 33.33 dollars less 12.5 % are 204.15 dollars, at 1.25 dollars to the euro 163.32 euros."""
        invoice = self._invoice(quantity=7, price=33.33, discount=12.5, currency_id=self.usd.id)
        self._load()
        self.assertRecordValues(
            self._sales(),
            [
                {
                    "document_name": invoice.name,
                    "order_id": False,
                    "order_key": INVOICE_KEYS + invoice.id,
                    "channel": "invoice",
                    "commercial_partner_id": self.hotel.id,
                    "user_id": self.seller.id,
                    "product_id": self.lamp.id,
                    "categ_id": self.indoor.id,
                    "quantity": 7,
                    "currency_rate": 1.25,
                    "amount": 204.15,
                    "amount_company": 163.32,
                    "cost_origin": "unknown",
                }
            ],
        )

    def test_invoice_of_an_order_counts_once(self):
        order = self._order()
        self._invoice_order(order)
        self._load()
        self.assertRecordValues(self._sales(), [{"order_id": order.id, "amount_company": 200}])

    def test_invoice_with_lines_of_an_order_is_left_out_as_a_whole(self):
        order = self._order()
        invoice = order._create_invoices()
        invoice.invoice_date = "2026-02-20"
        line = {"product_id": self.lamp.id, "quantity": 1, "price_unit": 30, "tax_ids": [Command.clear()]}
        invoice.invoice_line_ids = [Command.create(line)]
        invoice.action_post()
        self._load()
        self.assertEqual(self._sales().mapped("amount_company"), [200])
        self.assertEqual(sum(self._facts("invoice").mapped("amount_company")), 230)

    def test_invoice_of_a_cancelled_order_is_the_sale(self):
        """The customer owes it all the same; a credit note would be a return."""
        order = self._order()
        invoice = self._invoice_order(order)
        self._load()
        self._age_everything()
        order._action_cancel()
        self._load(is_thorough=False)
        self.assertRecordValues(
            self._sales(), [{"order_key": INVOICE_KEYS + invoice.id, "amount_company": 200, "channel": "invoice"}]
        )
        self._age_everything()
        order.action_draft()
        order.action_confirm()
        self._load(is_thorough=False)
        self.assertRecordValues(self._sales(), [{"order_id": order.id, "channel": "sales"}])

    def test_credit_note_is_a_return_and_no_sale(self):
        self._invoice(quantity=3)
        self._invoice(quantity=1, move_type="out_refund", date="2026-03-10")
        self._load()
        self.assertEqual(self._sales().mapped("amount_company"), [300])
        self.assertEqual(self._facts("return").mapped("amount_company"), [100])

    def test_opening_balance_is_no_sale(self):
        account = self.env["account.account"].create(
            {
                "code": "OPEN1",
                "name": "Opening",
                "account_type": "asset_current",
                "company_ids": [Command.link(self.company.id)],
            }
        )
        line = {"name": "Invoice 17 of the old system", "price_unit": 500, "account_id": account.id}
        self._invoice(invoice_line_ids=[Command.create({**line, "tax_ids": [Command.clear()]})])
        self._load()
        self.assertFalse(self._sales())
        self.assertEqual(self._facts("invoice").amount_company, 500)

    def test_invoice_back_to_draft_leaves(self):
        invoice = self._invoice()
        self._load()
        self.assertTrue(self._sales())
        self._age_everything()
        invoice.button_draft()
        self._load(is_thorough=False)
        self.assertFalse(self._sales())

    def test_reconciled_by_kind_to_the_cent(self):
        """Orders with the sales analysis, invoices without an order with the invoice analysis; both by month."""
        for price, date in ((33.33, "2026-01-20 10:00:00"), (66.67, "2026-03-05 10:00:00")):
            self._invoice_order(self._order(quantity=7, price=price, discount=12.5, date=date, currency=self.usd))
        for price, date in ((33.33, "2026-02-15"), (0.07, "2026-03-31")):
            self._invoice(quantity=3, price=price, discount=7.5, date=date, currency_id=self.usd.id)
        self._invoice(quantity=1, price=33.33, move_type="out_refund", currency_id=self.usd.id, date="2026-03-10")
        load = self._load()
        self.assertFalse(load.line_ids.filtered("has_difference"))
        months = self.env["crm.warehouse.reconciliation"].search([("company_id", "=", self.company.id)])
        self.assertEqual(set(months.mapped("difference")), {0})
        by_kind = months.grouped("fact_model")
        self.assertEqual({kind: len(rows) for kind, rows in by_kind.items()}["crm.fact.sale"], 2)
        self.assertEqual(len(by_kind[INVOICE_SALES]), 2)
        # 3 x 33.33 less 7.5 % = 92.49 dollars at 1.25, 3 x 0.07 less 7.5 % = 0.19 dollars at 1.6
        self.assertEqual(sorted(by_kind[INVOICE_SALES].mapped("amount_fact")), [0.12, 73.99])

    def test_difference_names_the_invoice(self):
        invoices = self._invoice() + self._invoice()
        self._load()
        self.env.cr.execute("DELETE FROM crm_fact_sale WHERE order_key = %s", [INVOICE_KEYS + invoices[1].id])
        months = self.env["crm.warehouse.reconciliation"]._rebuild(self.company)
        month = months.filtered(lambda month: month.fact_model == INVOICE_SALES)
        self.assertRecordValues(month, [{"amount_fact": 200, "amount_report": 400, "is_different": True}])
        month.action_find_documents()
        self.assertRecordValues(
            month.difference_ids, [{"document_model": "account.move", "document_id": invoices[1].id}]
        )

    def test_invoice_opens(self):
        invoice = self._invoice()
        self._load()
        action = self._sales().action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), ("account.move", invoice.id))

    def test_company_that_only_invoices_is_scored(self):
        """Two customers, no order anywhere: 500 invoiced and 100 credited are net sales of 400."""
        other = self.env["res.partner"].create({"name": "Hotel Rila", "is_company": True})
        self._invoice(quantity=2, date="2026-02-15")
        self._invoice(quantity=3, date="2026-03-15")
        self._invoice(quantity=1, date="2026-03-20", move_type="out_refund")
        self._invoice(quantity=1, date="2026-03-15", partner_id=other.id)
        self._load()
        method = self.env.ref("crm_extended_analytics.crm_scoring_method_standard").copy(
            {"name": "Invoices", "company_id": self.company.id, "min_customers": 2}
        )
        method.action_activate()
        run = self.env["crm.scoring.run"]._create_run(self.company, as_of="2026-03-31")
        run._run_all()
        self.assertEqual((run.state, run.customer_count), ("done", 2))
        measure = self.env["crm.customer.measure"].search(
            [("company_id", "=", self.company.id), ("partner_id", "=", self.hotel.id)]
        )
        self.assertEqual((measure.order_count, measure.gross_sales, measure.returns), (2, 500, 100))
        self.assertEqual(measure.net_sales, 400)
        months = self.env["crm.customer.score.month"].search([("company_id", "=", self.company.id)])
        self.assertEqual(months.partner_id, self.hotel + other)
        best = months.filtered(lambda month: month.partner_id == self.hotel)
        self.assertGreater(best.score_performance, (months - best).score_performance)
