from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.warehouse.crm_warehouse_source import CrmWarehouseSource
from .common_warehouse import WarehouseCase

SOURCE = "odoo.addons.crm_extended_analytics.models.warehouse.crm_warehouse_source"


@tagged("post_install", "-at_install")
class TestWarehouseFirstLoad(WarehouseCase):
    """The load of a warehouse that is empty takes a way of its own, and ends at the same facts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in cls.env["crm.fact.mixin"]._get_fact_models():
            cls.env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(cls.env[name]._table)))
        cls.order = cls._order(discount=10) + cls._order(currency=cls.usd)
        cls.invoice = cls.order[0]._create_invoices()
        cls.invoice.action_post()
        cls._pay(cls.invoice, "2026-03-20")
        cls._invoice(quantity=1, move_type="out_refund")

    def _get_indexes(self):
        return self.env.execute_query(
            SQL(
                """
                SELECT indexdef, obj_description(indexname::regclass, 'pg_class') FROM pg_indexes
                 WHERE tablename = 'crm_fact_sale' ORDER BY indexdef
                """
            )
        )

    def _load_in_bulk(self):
        with patch.object(CrmWarehouseSource, "_is_bulk", return_value=True):
            return self._load()

    def test_indexes_are_as_before(self):
        """With their comments: Odoo compares these with its definitions when it updates."""
        before = self._get_indexes()
        self._load_in_bulk()
        self.assertEqual(self._get_indexes(), before)
        self.assertTrue(any("UNIQUE" in definition for definition, _comment in before))

    def test_key_is_as_before(self):
        """The primary key is built from the index that was dropped, and is a key again."""
        self._load_in_bulk()
        keys = self.env.execute_query(
            SQL("SELECT conname FROM pg_constraint WHERE contype = 'p' AND conrelid = 'crm_fact_sale'::regclass")
        )
        self.assertEqual(keys, [("crm_fact_sale_pkey",)])

    def test_facts_have_no_foreign_keys(self):
        """Not even to who created them: PostgreSQL would queue a check for each of millions of rows."""
        for name in self.env["crm.fact.mixin"]._get_fact_models():
            self.assertFalse(self.env[name]._log_access, name)

    def test_ordinary_load_finds_nothing_to_change(self):
        load = self._load_in_bulk()
        self.assertGreater(sum(load.line_ids.mapped("rows_inserted")), 4)
        again = self._load(is_full=True)
        for name in ("rows_inserted", "rows_updated", "rows_deleted"):
            self.assertEqual(sum(again.line_ids.mapped(name)), 0, name)

    def test_all_costs_at_once_are_those_one_by_one(self):
        self._load_in_bulk()
        fact = self._facts("invoice", self.invoice.invoice_line_ids)
        self.assertEqual((fact.cost_company, fact.cost_origin), (120, "order"))

    def test_cost_of_an_order_in_another_currency_and_unit(self):
        """Two dozen at a cost of 600 USD each, for 1.25 USD to the euro: 2 * 600 / 1.25 = 960."""
        dozens = {
            "product_id": self.lamp.id,
            "product_uom_id": self.env.ref("uom.product_uom_dozen").id,
            "product_uom_qty": 2,
            "price_unit": 1000,
            "purchase_price": 600,
        }
        order = self._order(currency=self.usd, order_line=[Command.create(dozens)])
        invoice = order._create_invoices()
        invoice.action_post()
        self._load_in_bulk()
        for fact in (self._facts("sale", order.order_line), self._facts("invoice", invoice.invoice_line_ids)):
            self.assertEqual((fact.quantity, fact.cost_company, fact.cost_origin), (24, 960, "order"))

    def test_costs_have_six_decimals_at_most(self):
        """Sums do not depend on the order of the rows only as long as amounts are that short."""
        self.env["decimal.precision"].search([("name", "in", ["Product Price", "Product Unit"])]).digits = 4
        line = {"product_id": self.lamp.id, "product_uom_qty": 1.2345, "price_unit": 1, "purchase_price": 0.1235}
        order = self._order(order_line=[Command.create(line)])
        self._load_in_bulk()
        [amounts] = self.env.execute_query(
            SQL(
                "SELECT cost_company, margin_company + cost_company = amount_company FROM crm_fact_sale"
                " WHERE res_model = 'sale.order.line' AND res_id = %s",
                order.order_line.id,
            )
        )
        self.assertEqual((str(amounts[0]), amounts[1]), ("0.152461", True))

    def test_customers_are_noted(self):
        self.env["crm.warehouse.change"].search([]).unlink()
        self._load_in_bulk()
        self.assertIn(self.hotel, self.env["crm.warehouse.change"].search([]).commercial_partner_id)

    def test_many_customers_are_noted_as_all(self):
        """For both readers, with one row for the company: naming them takes a while."""
        self.env["crm.warehouse.change"].search([]).unlink()
        with patch(f"{SOURCE}.MANY_ROWS", 1):
            self._load_in_bulk()
        changes = self.env["crm.warehouse.change"].search([("company_id", "=", self.company.id)])
        self.assertFalse(changes.commercial_partner_id)
        self.assertEqual(set(changes.mapped("reader")), {"scoring", "sales_month"})

    def test_indexes_of_some_rows_stay(self):
        """Nothing is in them that would be faster to build at the end."""
        find = SQL("SELECT oid FROM pg_class WHERE relname IN ('crm_fact_sale_batch_idx', 'crm_fact_sale_source_uniq')")
        before = self.env.execute_query(find)
        self._load_in_bulk()
        self.assertEqual(len(set(before) & set(self.env.execute_query(find))), 1)

    def test_control_totals_agree(self):
        lines = self._load_in_bulk().line_ids
        self.assertFalse(any(lines.mapped("has_difference")))
        self.assertEqual(sum(lines.mapped("fact_count")), sum(lines.mapped("rows_inserted")))
