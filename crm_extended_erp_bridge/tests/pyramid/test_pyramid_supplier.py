from datetime import date

from odoo import Command
from odoo.tests import tagged

from ..common import BridgeCommon


@tagged("post_install", "-at_install")
class TestPyramidSupplier(BridgeCommon):
    def test_delivery_on_time(self):
        """6 of 10 pieces by the promised day, 4 three days later: 60 %, 3 days late."""
        company = self.env.company
        vendor = self.env["res.partner"].create({"name": "Steel Ltd", "supplier_rank": 1})
        product = self.env["product.product"].create({"name": "Steel", "type": "consu", "is_storable": True})
        order = self.env["purchase.order"].create(
            {
                "partner_id": vendor.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_qty": 10,
                            "price_unit": 5,
                            "date_planned": "2026-05-10 12:00:00",
                        }
                    )
                ],
            }
        )
        order.button_confirm()
        order.order_line.date_planned = "2026-05-10 12:00:00"
        move = order.order_line.move_ids
        later = move.copy({"product_uom_qty": 4, "purchase_line_id": order.order_line.id})
        later._action_confirm(merge=False)
        for found, quantity, day in ((move, 6, "2026-05-09"), (later, 4, "2026-05-13")):
            found.quantity = quantity
            found.picked = True
            found._action_done(cancel_backorder=True)
            found.date = f"{day} 12:00:00"
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": vendor.id,
                "invoice_date": "2026-05-20",
                "invoice_line_ids": [Command.create({"name": "Steel", "price_unit": 50, "tax_ids": False})],
            }
        )
        bill.action_post()
        pyramid = self.env.ref("crm_extended_analytics.crm_pyramid_supplier")
        self.env["crm.pyramid.engine"]._rebuild(pyramid, company, date(2026, 6, 30))
        row = self.env["crm.pyramid.snapshot"].search(
            [("pyramid_id", "=", pyramid.id), ("partner_id", "=", vendor.id), ("company_id", "=", company.id)]
        )
        self.assertEqual((row.value, row.on_time_pct, row.late_days), (50, 60, 3))
        self.assertFalse(self.env["crm.pyramid.population"]._get("supplier")._get_unmeasured(pyramid, company))
