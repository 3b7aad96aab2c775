from datetime import date

from odoo import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.crm_extended_analytics.tests.warehouse.common_warehouse import WarehouseCase

FEBRUARY = date(2026, 2, 1)


@tagged("post_install", "-at_install")
class TestPostedCost(WarehouseCase):
    """The cost of goods that an invoice posts (perpetual valuation) beside the cost that customers are measured by."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        frozen = freeze_time("2026-02-15 12:00:00")
        frozen.start()
        cls.addClassCleanup(frozen.stop)
        accounts = cls.env["account.account"]
        cls.stock_account = accounts.create(
            {"name": "Stock of Lamps", "code": "CRX110", "account_type": "asset_current"}
        )
        cls.goods_account = accounts.create(
            {"name": "Cost of Lamps", "code": "CRX500", "account_type": "expense_direct_cost"}
        )
        cls.indoor.write(
            {
                "property_valuation": "real_time",
                "property_cost_method": "average",
                "property_stock_valuation_account_id": cls.stock_account.id,
                "property_account_expense_categ_id": cls.goods_account.id,
            }
        )
        cls.lamp.write({"is_storable": True, "invoice_policy": "delivery"})
        cls.lamp.standard_price = 33.37
        cls.lamp_warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.env["stock.quant"]._update_available_quantity(cls.lamp, cls.lamp_warehouse.lot_stock_id, 100)

    def _sell(self, quantity):
        """Sell, deliver and invoice lamps; return the order and its invoice."""
        order = self._order(quantity=quantity)
        order.picking_ids.move_ids.write({"quantity": quantity, "picked": True})
        order.picking_ids.button_validate()
        self.assertEqual(set(order.picking_ids.mapped("state")), {"done"})
        invoice = order._create_invoices()
        invoice.invoice_date = "2026-02-15"
        invoice.action_post()
        return order, invoice

    def _tie(self, basis):
        self.env["crm.profit.tie.engine"]._rebuild(self.company, FEBRUARY, FEBRUARY)
        self.env.invalidate_all()
        return self.env["crm.profit.tie"].search(
            [
                ("company_id", "=", self.company.id),
                ("month", "=", FEBRUARY),
                ("basis", "=", basis),
                ("step", "=", "goods_cost"),
            ]
        )

    def _entry(self, amount):
        """Book cost of goods by hand, as for lamps that broke."""
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-02-20",
                "line_ids": [
                    Command.create({"account_id": self.goods_account.id, "debit": amount, "name": "Broken lamps"}),
                    Command.create({"account_id": self.stock_account.id, "credit": amount, "name": "Broken lamps"}),
                ],
            }
        )
        entry.action_post()
        return entry

    def test_posted_cost_ties_to_the_cent(self):
        """3 lamps of 33.37: 100.11 in the facts and on the account of the cost of goods."""
        _order, invoice = self._sell(3)
        posted = invoice.line_ids.filtered(lambda line: line.account_id == self.goods_account)
        self.assertEqual(posted.mapped("display_type"), ["cogs"])
        self._load()
        self.assertEqual(self._facts("invoice").mapped("cost_origin"), ["cogs"])
        tie = self._tie("invoiced")
        self.assertEqual(tie.account_id, self.goods_account)
        self.assertEqual((tie.amount_fact, tie.amount_ledger, tie.difference), (100.11, 100.11, 0))
        self.assertFalse(tie.is_different)
        self.assertFalse(tie.line_ids)

    def test_cost_of_orders_ties_with_the_posted_one(self):
        """What customers are measured by, order by order, against the cost that their invoices posted."""
        self._sell(3)
        self._sell(2)
        self._load()
        tie = self._tie("booked")
        self.assertEqual((sum(tie.mapped("amount_fact")), sum(tie.mapped("amount_ledger"))), (166.85, 166.85))
        self.assertFalse(tie.line_ids)

    def test_cost_booked_by_hand_is_the_difference(self):
        """An entry of 12.34 on the account: the difference is exactly this, and the entry is named."""
        self._sell(3)
        entry = self._entry(12.34)
        self._load()
        tie = self._tie("invoiced")
        self.assertEqual((tie.amount_fact, tie.amount_ledger, tie.difference), (100.11, 112.45, -12.34))
        self.assertEqual(
            [(line.document_name, line.cause, line.difference) for line in tie.line_ids],
            [(entry.display_name, "manual_entry", -12.34)],
        )
        self.assertEqual(tie.line_ids.action_open_document()["res_id"], entry.id)
