from odoo import Command, fields
from odoo.tests import new_test_user, tagged

from odoo.addons.base.tests.common import BaseCommon
from odoo.addons.crm_extended.tests.roadmap.whole_road import leave_the_road


@tagged("post_install", "-at_install")
class TestProductSupply(BaseCommon):
    """Lead time, vendors and open demand beside what the customers do with a product."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        leave_the_road(cls.env)
        cls.company = cls.env.company
        cls.bought, cls.made = cls.env["product.product"].create(
            [{"name": name, "type": "consu", "is_storable": True} for name in ("Bulb PS", "Lamp PS")]
        )
        vendors = cls.env["res.partner"].create([{"name": "Vendor A"}, {"name": "Vendor B"}])
        cls.env["product.supplierinfo"].create(
            [
                {
                    "partner_id": vendor.id,
                    "product_tmpl_id": cls.bought.product_tmpl_id.id,
                    "delay": delay,
                    "sequence": delay,
                }
                for vendor, delay in ((vendors[0], 12), (vendors[1], 30))
            ]
        )
        cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": cls.made.product_tmpl_id.id,
                "produce_delay": 4,
                "bom_line_ids": [Command.create({"product_id": cls.bought.id, "product_qty": 2})],
            }
        )
        cls.insights = cls._insights(cls.bought + cls.made)

    @classmethod
    def _insights(cls, products):
        values = {"company_id": cls.company.id, "period": fields.Date.to_date("2026-06-01")}
        return cls.env["crm.product.insight"].create([{**values, "product_id": product.id} for product in products])

    def _deliver(self, product, quantity):
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        move = self.env["stock.move"].create(
            {
                "product_id": product.id,
                "product_uom_qty": quantity,
                "location_id": warehouse.lot_stock_id.id,
                "location_dest_id": self.env.ref("stock.stock_location_customers").id,
                "company_id": self.company.id,
            }
        )
        move._action_confirm()
        self.env.invalidate_all()

    def test_lead_time_of_the_vendor(self):
        self.assertEqual((self.insights[0].lead_days, self.insights[0].vendor_count), (12, 2))

    def test_lead_time_of_manufacture(self):
        self.assertEqual((self.insights[1].lead_days, self.insights[1].vendor_count), (4, 0))

    def test_backlog_and_forecast(self):
        self._deliver(self.made, 5)
        self.assertEqual((self.insights[1].backlog_quantity, self.insights[1].forecast_quantity), (5, -5))

    def test_seller_reads_it(self):
        seller = new_test_user(self.env, "ps_seller", "sales_team.group_sale_salesman")
        self._deliver(self.bought, 3)
        insight = self.insights[0].with_user(seller)
        self.assertEqual((insight.lead_days, insight.backlog_quantity), (12, 3))

    def test_queries_do_not_grow_with_the_products(self):
        products = self.env["product.product"].create(
            [{"name": f"Product {n}", "type": "consu", "is_storable": True} for n in range(200)]
        )
        many = self._insights(products)
        counts = []
        for insights in (many[:1], many[:1], many):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            insights.mapped("backlog_quantity")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 1)
