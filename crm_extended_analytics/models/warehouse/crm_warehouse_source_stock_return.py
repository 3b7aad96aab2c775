from odoo import models
from odoo.tools import SQL


class CrmWarehouseSourceStockReturn(models.AbstractModel):
    """Goods of an order that came back into the stock, at the price of the order; needs Sales with Inventory."""

    _name = "crm.warehouse.source.stock.return"
    _inherit = ["crm.warehouse.source"]
    _description = "Goods Received Back"
    _fact = "crm.fact.return"
    _reads = "stock.move"
    _needs = ("stock.move:sale_line_id",)
    _sequence = 71
    _control = "amount_company"

    def _key(self):
        return SQL("move.id")

    def _company(self):
        return SQL("o.company_id")

    def _from(self):
        return SQL(
            """
            stock_move move
            JOIN stock_location origin ON origin.id = move.location_id
            JOIN sale_order_line l ON l.id = move.sale_line_id
            JOIN sale_order o ON o.id = l.order_id
            LEFT JOIN product_product product ON product.id = move.product_id
            LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            LEFT JOIN uom_uom uom_move ON uom_move.id = move.product_uom
            LEFT JOIN uom_uom uom_line ON uom_line.id = l.product_uom_id
            LEFT JOIN uom_uom uom_product ON uom_product.id = template.uom_id
            %s
            """,
            self._party_from(SQL("o.partner_id")),
        )

    def _where(self):
        return SQL("move.state = 'done' AND move.origin_returned_move_id IS NOT NULL AND origin.usage = 'customer'")

    def _watermark_columns(self):
        return [SQL("move.write_date"), SQL("l.write_date"), SQL("o.write_date")]

    def _select(self):
        rate = SQL("COALESCE(NULLIF(o.currency_rate, 0), 1)::numeric")
        quantity = SQL("move.quantity * uom_move.factor / uom_product.factor")
        # the part of the order line that came back; a component of a kit has no price of its own
        share = SQL(
            "CASE WHEN move.product_id = l.product_id"
            " THEN move.quantity * uom_move.factor / uom_line.factor / NULLIF(l.product_uom_qty, 0) ELSE 0 END"
        )
        cost = SQL("NULLIF(l.purchase_price, 0)::numeric * l.product_uom_qty * %s / %s", share, rate)
        net = SQL("l.price_subtotal * %s", share)
        gross = SQL(
            "CASE WHEN l.discount < 100 THEN %(net)s / (1 - l.discount::numeric / 100) ELSE %(net)s END", net=net
        )
        return {
            **self._party_select(),
            **self._utm_select("o"),
            "kind": SQL("'stock'"),
            "document_name": SQL("o.name"),
            "document_model": SQL("'sale.order'"),
            "document_id": SQL("o.id"),
            "date": self._local_date(SQL("move.date")),
            "user_id": SQL("o.user_id"),
            "team_id": SQL("o.team_id"),
            "product_id": SQL("move.product_id"),
            "categ_id": SQL("template.categ_id"),
            "quantity": SQL("ROUND((%s)::numeric, 6)", quantity),
            "amount": self._money(net),
            "amount_company": self._money(SQL("%s / %s", net, rate)),
            "gross_company": self._money(SQL("%s / %s", gross, rate)),
            "discount_company": self._money(SQL("(%s - %s) / %s", gross, net, rate)),
            "cost_company": self._money(cost),
            "margin_company": self._money(SQL("%s / %s - %s", net, rate, cost)),
            "cost_origin": SQL("CASE WHEN l.purchase_price <> 0 THEN 'order' ELSE 'unknown' END"),
            "currency_id": SQL("o.currency_id"),
            "currency_rate": rate,
        }
