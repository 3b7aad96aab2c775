from odoo import models
from odoo.tools import SQL


class CrmWarehouseSourceInvoice(models.AbstractModel):
    """Product lines of posted customer invoices and credit notes, as ``account.invoice.report`` counts them."""

    _name = "crm.warehouse.source.invoice"
    _inherit = ["crm.warehouse.source"]
    _description = "Invoice Lines"
    _fact = "crm.fact.invoice"
    _reads = "account.move.line"
    _sequence = 20
    _control = "amount_company"
    # whether the costs of all lines are looked up at once when all lines are read
    _costs_at_once = True

    def _key(self):
        return SQL("l.id")

    def _company(self):
        return SQL("l.company_id")

    def _from(self):
        return SQL("account_move move JOIN account_move_line l ON l.move_id = move.id")

    def _lookups(self):
        return SQL(
            "%s %s %s",
            self._party_from(SQL("move.partner_id"), SQL("move.commercial_partner_id")),
            self._product_from(),
            SQL(" ").join(join for _origin, join, _cost, _quantity in self._get_cost_candidates()),
        )

    def _where(self):
        return SQL(
            "move.move_type IN %s AND move.state = 'posted'"
            " AND l.display_type = 'product' AND l.account_id IS NOT NULL",
            self._get_move_types(),
        )

    def _get_move_types(self):
        return ("out_invoice", "out_refund", "out_receipt")

    def _watermark_columns(self):
        # the entries of the cost are lines of the same invoice: posting them writes the invoice
        return [SQL("l.write_date"), SQL("move.write_date")]

    def _select(self):
        return {
            **self._party_select(),
            **self._utm_select("move"),
            **self._select_amounts(),
            **self._select_costs(),
            "document_name": SQL("move.name"),
            "move_id": SQL("move.id"),
            "move_type": SQL("move.move_type"),
            "account_id": SQL("l.account_id"),
            "date": SQL("COALESCE(move.invoice_date, move.date)"),
            "date_due": SQL("move.invoice_date_due"),
            "user_id": SQL("move.invoice_user_id"),
            "team_id": SQL("move.team_id"),
            "product_id": SQL("l.product_id"),
            "categ_id": SQL("template.categ_id"),
            "quantity": self._quantity(),
            "currency_id": SQL("l.currency_id"),
            "currency_rate": self._rate(),
        }

    def _rate(self):
        return SQL("COALESCE(NULLIF(move.invoice_currency_rate, 0), 1)::numeric")

    def _signed(self, value):
        """Return a number of the line, negative on a credit note."""
        return SQL("CASE WHEN move.move_type = 'out_refund' THEN -(%s) ELSE %s END", value, value)

    def _quantity(self):
        """Return the SQL of the quantity in the unit of the product, negative on a credit note."""
        return self._signed(
            SQL(
                "CASE WHEN l.product_uom_id = template.uom_id THEN l.quantity ELSE ROUND("
                "l.quantity * COALESCE(%s, 1) / COALESCE(NULLIF(uom_product.factor, 0), 1), 6) END",
                self._line_factor(),
            )
        )

    def _select_amounts(self):
        # the price of the line may include taxes, its subtotal never does; most lines have no discount
        gross = SQL(
            "CASE WHEN l.discount < 100 THEN -l.balance / (1 - l.discount::numeric / 100) ELSE %s / %s END",
            self._signed(SQL("l.price_unit::numeric * l.quantity::numeric")),
            self._rate(),
        )
        return {
            "amount": self._signed(SQL("l.price_subtotal")),
            "amount_company": SQL("-l.balance"),
            "gross_company": SQL("CASE WHEN l.discount = 0 THEN -l.balance ELSE %s END", self._money(gross)),
            "discount_company": SQL(
                "CASE WHEN l.discount = 0 THEN 0 ELSE %s END", self._money(SQL("%s + l.balance", gross))
            ),
        }

    def _select_costs(self):
        """Take the first known cost of the candidates, and say which it is."""
        cost, origin = SQL("NULL::numeric"), SQL("")
        for name, _join, value, quantity in reversed(self._get_cost_candidates()):
            product = self._money(SQL("%s * (%s)", value, quantity)) if quantity else value
            cost = SQL("CASE WHEN %s IS NOT NULL THEN %s ELSE %s END", value, product, cost)
            origin = SQL("WHEN %s IS NOT NULL THEN %s %s", value, name, origin)
        return {
            "cost_company": cost,
            "margin_company": SQL("-l.balance - %s", cost),
            "cost_origin": SQL("CASE %s ELSE 'unknown' END", origin),
        }

    def _get_cost_candidates(self):
        """Return ``[(origin, join, SQL of the cost, SQL of what to multiply it with)]``, the preferred first."""
        candidates = []
        if self._has("account.move.line:cogs_origin_id"):
            candidates.append(("cogs", self._get_cogs_join(), SQL("cogs.cost"), None))
            if self._has("stock.move:sale_line_id") and self._has("stock.move:value"):
                cost = SQL("delivered.cost_per_unit")
                candidates.append(("stock", self._get_delivery_join(), cost, self._quantity()))
        return [*candidates, ("order", self._get_order_join(), SQL("ordered.cost_per_unit"), self._quantity())]

    def _get_cogs_join(self):
        """The cost that was posted with the invoice: the expense side of its cost lines."""
        return self._join_sums(
            "cogs",
            SQL("SUM(cost_line.balance) AS cost"),
            SQL(
                """
                account_move_line cost_line
                JOIN account_account cost_account ON cost_account.id = cost_line.account_id
                 AND cost_account.account_type LIKE 'expense%%'
                """
            ),
            {"id": SQL("cost_line.cogs_origin_id")},
        )

    def _get_delivery_join(self):
        """The value at which the goods of the order line left the stock, per unit of the product."""
        return self._join_sums(
            "delivered",
            SQL(
                "SUM(ABS(delivery.value))"
                " / NULLIF(SUM(delivery.quantity * uom_delivery.factor / uom_stock.factor), 0) AS cost_per_unit"
            ),
            SQL(
                """
                sale_order_line_invoice_rel rel
                JOIN stock_move delivery ON delivery.sale_line_id = rel.order_line_id
                 AND delivery.state = 'done' AND delivery.is_out AND delivery.value <> 0
                JOIN uom_uom uom_delivery ON uom_delivery.id = delivery.product_uom
                JOIN product_product delivered_product ON delivered_product.id = delivery.product_id
                JOIN product_template delivered_template ON delivered_template.id = delivered_product.product_tmpl_id
                JOIN uom_uom uom_stock ON uom_stock.id = delivered_template.uom_id
                """
            ),
            {"id": SQL("rel.invoice_line_id"), "product_id": SQL("delivery.product_id")},
        )

    def _get_order_join(self):
        """The cost on the order line, per unit of the product and in the currency of the company.

        Only orders in another currency are looked up, and products and units as one small table: every line of an
        invoice passes here. A cost of 0 on the order line means that the product had none.
        """
        return self._join_sums(
            "ordered",
            SQL(
                """
                AVG(CASE
                    WHEN foreign_order.id IS NULL AND ordered_line.product_uom_id = ordered_template.uom_id
                    THEN NULLIF(ordered_line.purchase_price, 0)::numeric
                    ELSE NULLIF(ordered_line.purchase_price, 0)::numeric
                         / COALESCE(NULLIF(foreign_order.currency_rate, 0), 1)::numeric
                         / (ordered_uom.factor / ordered_product_uom.factor)
                    END) AS cost_per_unit
                """
            ),
            SQL(
                """
                sale_order_line_invoice_rel rel
                JOIN sale_order_line ordered_line ON ordered_line.id = rel.order_line_id
                LEFT JOIN sale_order foreign_order
                  ON foreign_order.id = ordered_line.order_id AND foreign_order.currency_rate <> 1
                LEFT JOIN uom_uom ordered_uom ON ordered_uom.id = ordered_line.product_uom_id
                LEFT JOIN (
                    product_product ordered_product
                    JOIN product_template ordered_template ON ordered_template.id = ordered_product.product_tmpl_id
                    LEFT JOIN uom_uom ordered_product_uom ON ordered_product_uom.id = ordered_template.uom_id
                ) ON ordered_product.id = ordered_line.product_id
                """
            ),
            {"id": SQL("rel.invoice_line_id"), "product_id": SQL("ordered_line.product_id")},
        )

    def _join_sums(self, alias, value, tables, keys):
        """Return the join of an aggregate per invoice line.

        Where all lines are read, all of ``tables`` is grouped once; where few are, each looks its own rows up.

        :param keys: ``{column of the line: SQL of the column of the tables}``
        """
        alias = SQL.identifier(alias)
        same = [(SQL.identifier("l", name), SQL.identifier(name), column) for name, column in keys.items()]
        if not (self._costs_at_once and self.env.context.get("warehouse_all_documents")):
            condition = SQL(" AND ").join(SQL("%s = %s", column, own) for own, _name, column in same)
            return SQL("LEFT JOIN LATERAL (SELECT %s FROM %s WHERE %s) %s ON TRUE", value, tables, condition, alias)
        return SQL(
            "LEFT JOIN (SELECT %(columns)s, %(value)s FROM %(tables)s GROUP BY %(groups)s) %(alias)s ON %(condition)s",
            columns=SQL(", ").join(SQL("%s AS %s", column, name) for _own, name, column in same),
            value=value,
            tables=tables,
            groups=SQL(", ").join(column for _own, _name, column in same),
            alias=alias,
            condition=SQL(" AND ").join(SQL("%s = %s.%s", own, alias, name) for own, name, _column in same),
        )
