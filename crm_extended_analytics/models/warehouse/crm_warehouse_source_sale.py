from odoo import models
from odoo.tools import SQL


class CrmWarehouseSourceSale(models.AbstractModel):
    """Lines of confirmed sales orders, as Odoo's own sales analysis (``sale.report``) counts them."""

    _name = "crm.warehouse.source.sale"
    _inherit = ["crm.warehouse.source"]
    _description = "Sales Order Lines"
    _fact = "crm.fact.sale"
    _reads = "sale.order.line"
    _sequence = 10
    _control = "amount_company"

    def _key(self):
        return SQL("l.id")

    def _company(self):
        return SQL("o.company_id")

    def _from(self):
        return SQL(
            """
            sale_order_line l
            JOIN sale_order o ON o.id = l.order_id
            LEFT JOIN product_product product ON product.id = l.product_id
            LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            LEFT JOIN uom_uom uom_line ON uom_line.id = l.product_uom_id
            LEFT JOIN uom_uom uom_product ON uom_product.id = template.uom_id
            %s
            """,
            self._party_from(SQL("o.partner_id")),
        )

    def _where(self):
        return SQL("o.state IN %s AND l.display_type IS NULL AND l.product_id IS NOT NULL", self._get_states())

    def _get_states(self):
        """Return the states that count as a sale, those of the sales analysis."""
        return tuple(self.env["sale.report"]._get_done_states())

    def _watermark_columns(self):
        return [SQL("l.write_date"), SQL("o.write_date")]

    def _select(self):
        return {
            **self._party_select(),
            **self._utm_select("o"),
            **self._select_amounts(),
            "document_name": SQL("o.name"),
            "order_id": SQL("o.id"),
            "order_key": SQL("o.id"),
            "date": self._local_date(SQL("o.date_order")),
            "date_time": SQL("o.date_order"),
            "user_id": SQL("o.user_id"),
            "team_id": SQL("o.team_id"),
            "channel": self._channel(),
            "product_id": SQL("l.product_id"),
            "categ_id": SQL("template.categ_id"),
            "quantity": SQL(
                "CASE WHEN l.product_uom_id = template.uom_id THEN ROUND(l.product_uom_qty, 6)"
                " ELSE ROUND(l.product_uom_qty * uom_line.factor / uom_product.factor, 6) END"
            ),
            "currency_id": SQL("o.currency_id"),
            "currency_rate": self._rate(),
        }

    def _select_amounts(self):
        rate, has_cost = self._rate(), SQL("l.purchase_price <> 0")
        gross = SQL(
            "CASE WHEN l.discount = 0 THEN l.price_subtotal"
            " WHEN l.discount < 100 THEN l.price_subtotal / (1 - l.discount::numeric / 100)"
            " ELSE l.price_unit::numeric * l.product_uom_qty END"
        )
        discount = SQL("CASE WHEN l.discount = 0 THEN 0 ELSE (%s) - l.price_subtotal END", gross)
        cost = SQL("l.purchase_price::numeric * l.product_uom_qty")
        margin = SQL("l.price_subtotal - %s", cost)
        return {
            "amount": SQL("l.price_subtotal"),
            "amount_company": self._money(self._divide(SQL("l.price_subtotal"), rate)),
            "gross_company": self._money(self._divide(gross, rate)),
            "discount_company": self._money(self._divide(discount, rate)),
            "cost_company": SQL("CASE WHEN %s THEN %s END", has_cost, self._money(self._divide(cost, rate))),
            "margin_company": SQL("CASE WHEN %s THEN %s END", has_cost, self._money(self._divide(margin, rate))),
            # a cost of 0 on the order line means that the product had none
            "cost_origin": SQL("CASE WHEN %s THEN 'order' ELSE 'unknown' END", has_cost),
        }

    def _rate(self):
        return SQL("COALESCE(NULLIF(o.currency_rate, 0), 1)::numeric")

    def _channel(self):
        if self._has("sale.order:website_id"):
            return SQL("CASE WHEN o.website_id IS NULL THEN 'sales' ELSE 'website' END")
        return SQL("'sales'")
