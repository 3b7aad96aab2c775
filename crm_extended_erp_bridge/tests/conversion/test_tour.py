from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestConversionTour(HttpCase):
    """The board, the form and the way to the documents and back, in a browser."""

    def test_from_the_board_to_production_and_back(self):
        user = new_test_user(
            self.env,
            login="bridge_tour",
            groups="sales_team.group_sale_manager,mrp.group_mrp_user,stock.group_stock_user",
        )
        route = self.env["stock.warehouse"].search([], limit=1).mto_pull_id.route_id
        route.active = True
        part, lamp = self.env["product.product"].create(
            [
                {"name": "Part", "type": "consu", "is_storable": True},
                {"name": "Tour Lamp", "type": "consu", "is_storable": True, "route_ids": [Command.set(route.ids)]},
            ]
        )
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": lamp.product_tmpl_id.id,
                "bom_line_ids": [Command.create({"product_id": part.id, "product_qty": 1})],
            }
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Hotel Sofia"}).id,
                "user_id": user.id,
                "commitment_date": fields.Datetime.now() - timedelta(days=5),
                "order_line": [Command.create({"product_id": lamp.id, "product_uom_qty": 1})],
            }
        )
        order.action_confirm()
        self.start_tour("/odoo/conversions", "crm_conversion_tour", login="bridge_tour")
