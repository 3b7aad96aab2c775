from odoo import models
from odoo.tools import SQL

from .crm_warehouse_source import FACT_DIGITS


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
        return SQL("sale_order o JOIN sale_order_line l ON l.order_id = o.id")

    def _lookups(self):
        return SQL("%s %s", self._party_from(SQL("o.partner_id")), self._product_from())

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
                "CASE WHEN l.product_uom_id = template.uom_id THEN l.product_uom_qty"
                " ELSE ROUND(l.product_uom_qty * %s / uom_product.factor, 6) END",
                self._line_factor(),
            ),
            "currency_id": SQL("o.currency_id"),
            "currency_rate": self._rate(),
        }

    def _select_amounts(self):
        """Return the amounts; most lines have no discount and the currency of the company, and cost next to nothing."""
        has_cost = SQL("l.purchase_price <> 0")
        gross = SQL(
            "CASE WHEN l.discount < 100 THEN l.price_subtotal / (1 - l.discount::numeric / 100)"
            " ELSE l.price_unit::numeric * l.product_uom_qty END"
        )
        discount = SQL("(%s) - l.price_subtotal", gross)
        cost = SQL("l.purchase_price::numeric * l.product_uom_qty")
        margin = SQL("l.price_subtotal - %s", cost)
        amount = self._in_company(SQL("l.price_subtotal"))
        return {
            "amount": SQL("l.price_subtotal"),
            "amount_company": amount,
            "gross_company": SQL(
                "CASE WHEN l.discount = 0 THEN %s ELSE %s END", amount, self._in_company(gross, self._money(gross))
            ),
            "discount_company": SQL(
                "CASE WHEN l.discount = 0 THEN 0 ELSE %s END", self._in_company(discount, self._money(discount))
            ),
            "cost_company": SQL("CASE WHEN %s THEN %s END", has_cost, self._in_company(cost, self._product(cost))),
            "margin_company": SQL(
                "CASE WHEN %s THEN %s END", has_cost, self._in_company(margin, self._product(margin))
            ),
            # a cost of 0 on the order line means that the product had none
            "cost_origin": SQL("CASE WHEN %s THEN 'order' ELSE 'unknown' END", has_cost),
        }

    def _in_company(self, amount, in_own=None):
        """Return an amount of the order in the currency of the company; few need the division, which takes time.

        :param in_own: the same amount for orders in that currency; without it the amount as it is
        """
        converted = self._money(SQL("(%s) / %s", amount, self._rate()))
        return SQL("CASE WHEN o.currency_rate = 1 THEN %s ELSE %s END", in_own or amount, converted)

    def _product(self, amount):
        """Return an amount made of a price times a quantity; it is short without being rounded where these are."""
        get_digits = self.env["decimal.precision"].precision_get
        is_short = get_digits("Product Price") + get_digits("Product Unit") <= FACT_DIGITS
        return amount if is_short else self._money(amount)

    def _rate(self):
        return SQL("COALESCE(NULLIF(o.currency_rate, 0), 1)::numeric")

    def _channel(self):
        if self._has("sale.order:website_id"):
            return SQL("CASE WHEN o.website_id IS NULL THEN 'sales' ELSE 'website' END")
        return SQL("'sales'")
