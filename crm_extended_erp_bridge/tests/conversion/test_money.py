from odoo.fields import Command
from odoo.tests import tagged

from ..common import BridgeCommon


@tagged("post_install", "-at_install")
class TestMoney(BridgeCommon):
    """Invoiced, paid and unpaid per order, allocated by invoice line; golden numbers worked by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls._create_service(price=50)
        cls.other_service = cls._create_service("Mounting", price=20)
        cls.foreign = cls.env["res.currency"].create(
            {
                "name": "BRX",
                "symbol": "x",
                "rounding": 0.01,
                "rate_ids": [Command.create({"name": "2026-01-01", "rate": 2.0, "company_id": cls.company.id})],
            }
        )
        cls.foreign_pricelist = cls.env["product.pricelist"].create({"name": "BRX", "currency_id": cls.foreign.id})

    def assertMoney(self, conversion, *, invoiced, paid, unpaid, due=None):
        self.env.flush_all()
        conversion.invalidate_recordset()
        self.assertAlmostEqual(conversion.amount_invoiced, invoiced, 2)
        self.assertAlmostEqual(conversion.amount_paid, paid, 2)
        self.assertAlmostEqual(conversion.amount_residual, unpaid, 2)
        self.assertAlmostEqual(conversion.amount_due, unpaid if due is None else due, 2)

    def _invoice_down_payment(self, order, percent):
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=order.ids)
            .create({"advance_payment_method": "percentage", "amount": percent})
        )
        move = wizard._create_invoices(order)
        move.invoice_date = "2026-03-02"
        move.action_post()
        return move

    def test_nothing_invoiced(self):
        conversion = self._confirm([(self.service, 6, 50)])
        self.assertEqual(conversion.amount_untaxed, 300)
        self.assertMoney(conversion, invoiced=0, paid=0, unpaid=0)

    def test_one_invoice_over_two_orders_partially_paid(self):
        """Orders of 300 and 100 on one invoice of 400; 200 are paid: one half of each line."""
        first = self._confirm([(self.service, 6, 50)])
        second = self._confirm([(self.other_service, 5, 20)])
        invoice = self._invoice(first.order_id | second.order_id)
        self.assertEqual(len(invoice), 1)
        self._pay(invoice, amount=200)
        self.assertMoney(first, invoiced=300, paid=150, unpaid=150)
        self.assertMoney(second, invoiced=100, paid=50, unpaid=50)
        self.assertState(first, "invoiced")

    def test_down_payment_then_final_invoice(self):
        """1000 ordered: 30 % in advance is 300, paid; the final invoice takes it off and is 700."""
        conversion = self._confirm([(self.service, 20, 50)])
        advance = self._invoice_down_payment(conversion.order_id, 30)
        self._pay(advance)
        self.assertMoney(conversion, invoiced=300, paid=300, unpaid=0)
        self.assertState(conversion, "confirmed")
        final = self._invoice(conversion.order_id)
        self.assertAlmostEqual(final.amount_untaxed, 700)
        self.assertMoney(conversion, invoiced=1000, paid=300, unpaid=700)
        self._pay(final)
        self.assertMoney(conversion, invoiced=1000, paid=1000, unpaid=0)
        self.assertState(conversion, "paid")

    def test_partial_credit_note(self):
        """500 invoiced, 4 of 10 pieces credited: 300 stay; the credit pays nothing, the customer pays 300."""
        conversion = self._confirm([(self.service, 10, 50)])
        invoice = self._invoice(conversion.order_id)
        self._credit(invoice, qty=4)
        self.assertMoney(conversion, invoiced=300, paid=0, unpaid=300)
        self._pay(invoice)
        self.assertMoney(conversion, invoiced=300, paid=300, unpaid=0)

    def test_full_credit_note_takes_all_back(self):
        conversion = self._confirm([(self.service, 10, 50)])
        self._credit(self._invoice(conversion.order_id))
        self.assertMoney(conversion, invoiced=0, paid=0, unpaid=0)
        self.assertState(conversion, "confirmed")

    def test_amount_due_has_taxes(self):
        """100 + 20 % tax, 60 of 120 paid: one half, so 50 of 100 untaxed; 60 are due."""
        tax = self.env["account.tax"].create({"name": "20 %", "amount": 20, "type_tax_use": "sale"})
        self.service.taxes_id = tax
        conversion = self._confirm([(self.service, 2, 50)])
        invoice = self._invoice(conversion.order_id)
        self.assertEqual(invoice.amount_total, 120)
        self._pay(invoice, amount=60)
        self.assertMoney(conversion, invoiced=100, paid=50, unpaid=50, due=60)

    def test_foreign_currency(self):
        """100 BRX at 2 BRX for 1 of the company are 50."""
        conversion = self._confirm([(self.service, 2, 50)], pricelist_id=self.foreign_pricelist.id)
        self.assertEqual(conversion.currency_id, self.foreign)
        self.assertEqual(conversion.amount_untaxed_order, 100)
        self.assertEqual(conversion.amount_untaxed, 50)
        invoice = self._invoice(conversion.order_id)
        self.assertMoney(conversion, invoiced=50, paid=0, unpaid=50)
        self._pay(invoice)
        self.assertMoney(conversion, invoiced=50, paid=50, unpaid=0)

    def test_line_that_invoices_two_orders_is_shared(self):
        """An invoice line linked to lines of two orders counts one half for each."""
        first, second = self._confirm([(self.service, 2, 50)]), self._confirm([(self.service, 2, 50)])
        invoice = self._invoice(first.order_id)
        invoice.invoice_line_ids.sale_line_ids |= second.order_id.order_line
        self.assertMoney(first, invoiced=50, paid=0, unpaid=50)
        self.assertMoney(second, invoiced=50, paid=0, unpaid=50)

    def test_margin_in_company_currency(self):
        """2 x (50 - 30 cost) = 40; in BRX the cost of 30 is 60, so the margin is 2 x (50 - 60) = -20 BRX = -10."""
        self.assertAlmostEqual(self._confirm([(self.service, 2, 50)]).margin, 40)
        foreign = self._confirm([(self.service, 2, 50)], pricelist_id=self.foreign_pricelist.id)
        self.assertAlmostEqual(foreign.margin, -10)

    def test_columns_tie_to_the_reports_of_odoo(self):
        """Mixed currencies, a cancelled order, a credit note and a down payment: the same sums for one customer."""
        partner = self.env["res.partner"].create({"name": "Tied Customer"})
        values = {"partner_id": partner.id}
        home = self._confirm([(self.service, 3, 33.33)], **values)
        foreign = self._confirm([(self.service, 7, 9.99)], pricelist_id=self.foreign_pricelist.id, **values)
        credited = self._confirm([(self.service, 10, 50)], **values)
        advance = self._confirm([(self.other_service, 5, 20)], **values)
        cancelled = self._confirm([(self.service, 1, 1000)], **values)
        self._invoice(home.order_id)
        self._invoice(foreign.order_id)
        self._credit(self._invoice(credited.order_id), qty=4)
        self._invoice_down_payment(advance.order_id, 30)
        cancelled.order_id._action_cancel()
        self.env.flush_all()

        mine = self.env["crm.conversion"]._read_group(
            [("partner_id", "=", partner.id), ("state", "!=", "cancelled")],
            aggregates=["amount_untaxed:sum", "amount_invoiced:sum"],
        )[0]
        ordered = self.env["sale.report"]._read_group(
            [("partner_id", "=", partner.id), ("state", "=", "sale")], aggregates=["price_subtotal:sum"]
        )[0][0]
        invoiced = self.env["account.invoice.report"]._read_group(
            [("partner_id", "=", partner.id), ("state", "=", "posted")], aggregates=["price_subtotal:sum"]
        )[0][0]
        # 99.99 + 69.93 / 2 + 500 + 100, the cancelled order left out; half cents are the report's own
        self.assertAlmostEqual(ordered, 734.955, 6)
        self.assertAlmostEqual(mine[0], ordered, delta=0.01)
        # 99.99 + 34.97 + 300 + 30
        self.assertAlmostEqual(invoiced, 464.96, 2)
        self.assertAlmostEqual(mine[1], invoiced, 2)
