from odoo import api, models
from odoo.tools import SQL

from ..warehouse.crm_fact_sale import INVOICE_KEYS

CUSTOMER_MOVES = ("out_invoice", "out_refund", "out_receipt")


class CrmProfitTieEngine(models.AbstractModel):
    """The SQL that sets the facts beside the general ledger, document by document.

    Two comparisons are made. "Invoiced": facts of invoices, account by account. "Booked": the sales that the
    profitability of a customer is made of (orders, sales without an order, the history, less credit notes), which know
    no account. A document that is not the same on both sides is a line; so the lines sum to the difference.
    """

    _name = "crm.profit.tie.engine"
    _description = "Comparison of Profit with the Ledger"

    # ------------------------------------------------------------------
    # Rows: step, basis, account_id, document_model, document_id, date, amount
    # ------------------------------------------------------------------
    @api.model
    def _get_sides(self, company):
        """Return ``{(basis, step): (SQL of the facts, SQL of the ledger)}``, both per line."""
        return {
            ("invoiced", "net_sales"): (self._get_invoiced_sales(company), self._get_ledger_sales(company)),
            ("invoiced", "goods_cost"): (self._get_invoiced_cost(company), self._get_ledger_cost(company)),
            ("booked", "net_sales"): (
                self._get_booked(company, SQL("amount_company")),
                self._get_ledger_sales(company, is_booked=True),
            ),
            ("booked", "goods_cost"): (
                self._get_booked(company, SQL("cost_company")),
                self._get_ledger_cost(company, is_booked=True),
            ),
        }

    def _get_invoiced_sales(self, company):
        return SQL(
            """
            SELECT account_id, 'account.move' AS document_model, move_id AS document_id, date, amount_company AS amount
              FROM crm_fact_invoice WHERE company_id = %s
            """,
            company.id,
        )

    def _get_invoiced_cost(self, company):
        """Return the cost of the facts, on the account of the posted cost; without one there is no account."""
        if not self._has_posted_cost():
            account = SQL("NULL::int")
        else:
            account = SQL(
                """
                (SELECT MIN(cost_line.account_id)
                   FROM account_move_line cost_line JOIN account_account a ON a.id = cost_line.account_id
                  WHERE cost_line.cogs_origin_id = fact.res_id AND a.account_type LIKE 'expense%%'
                    AND fact.cost_origin = 'cogs' AND fact.res_model = 'account.move.line')
                """
            )
        return SQL(
            """
            SELECT %s AS account_id, 'account.move' AS document_model, move_id AS document_id, date,
                   cost_company AS amount
              FROM crm_fact_invoice fact WHERE company_id = %s AND cost_company <> 0
            """,
            account,
            company.id,
        )

    def _get_booked(self, company, amount):
        """Return what the ladder of a customer takes as sales or as cost, less that of credit notes."""
        return SQL(
            """
            SELECT NULL::int AS account_id,
                   CASE WHEN batch_id IS NOT NULL THEN 'crm.history.batch'
                        WHEN order_id IS NOT NULL THEN 'sale.order' ELSE 'account.move' END AS document_model,
                   COALESCE(batch_id, order_id, order_key - %(invoice_keys)s) AS document_id, date, %(amount)s AS amount
              FROM crm_fact_sale WHERE company_id = %(company)s AND %(amount)s <> 0
             UNION ALL
            SELECT NULL, document_model, document_id, date, -%(amount)s
              FROM crm_fact_return WHERE company_id = %(company)s AND kind = 'credit_note' AND %(amount)s <> 0
            """,
            invoice_keys=INVOICE_KEYS,
            amount=amount,
            company=company.id,
        )

    def _get_ledger_sales(self, company, is_booked=False):
        """Return the posted lines on income accounts, and lines of products on others; income is positive."""
        return self._get_ledger(
            company,
            SQL("-l.balance"),
            SQL(
                "(account.account_type = 'income' OR (l.display_type = 'product' AND move.move_type IN %s))",
                CUSTOMER_MOVES,
            ),
            SQL("l.id") if is_booked else None,
        )

    def _get_ledger_cost(self, company, is_booked=False):
        """Return the posted lines on accounts of direct cost, and posted cost of goods on other expense accounts."""
        origin = SQL("l.cogs_origin_id") if self._has_posted_cost() else SQL("l.id")
        return self._get_ledger(
            company,
            SQL("l.balance"),
            SQL(
                "(account.account_type = 'expense_direct_cost'"
                " OR (l.display_type = 'cogs' AND account.account_type LIKE 'expense%%'))"
            ),
            origin if is_booked else None,
        )

    def _get_ledger(self, company, amount, condition, origin):
        """Return posted lines; with `origin`, the invoice line of a line, an invoice of one order stands for it."""
        order = SQL("NULL::int") if origin is None else self._get_order(origin)
        return SQL(
            """
            SELECT CASE WHEN %(keeps_account)s THEN account_id END AS account_id,
                   CASE WHEN order_id IS NULL THEN 'account.move' ELSE 'sale.order' END AS document_model,
                   COALESCE(order_id, move_id) AS document_id, date, amount
              FROM (SELECT l.account_id, l.move_id, l.date, %(amount)s AS amount, %(order)s AS order_id
                      FROM account_move_line l
                      JOIN account_move move ON move.id = l.move_id
                      JOIN account_account account ON account.id = l.account_id
                     WHERE l.company_id = %(company)s AND l.parent_state = 'posted' AND l.balance <> 0
                       AND %(condition)s) posted
            """,
            keeps_account=origin is None,
            amount=amount,
            order=order,
            company=company.id,
            condition=condition,
        )

    def _get_order(self, origin):
        """Return the order of an invoice line, when it has exactly one; credit notes are documents of their own."""
        return SQL(
            """
            CASE WHEN move.move_type IN ('out_invoice', 'out_receipt') THEN
                 (SELECT MIN(sold.order_id) FROM sale_order_line_invoice_rel rel
                    JOIN sale_order_line sold ON sold.id = rel.order_line_id
                   WHERE rel.invoice_line_id = %s HAVING COUNT(DISTINCT sold.order_id) = 1) END
            """,
            origin,
        )

    def _has_posted_cost(self):
        return "cogs_origin_id" in self.env["account.move.line"]._fields

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------
    @api.model
    def _rebuild(self, company, date_from, date_to):
        """Compare the months from that of `date_from` to that of `date_to`, in place of what is there."""
        first, last = date_from.replace(day=1), date_to.replace(day=1)
        self.env.flush_all()
        for model in ("crm.profit.tie.line", "crm.profit.tie"):
            self.env.execute_query(
                SQL(
                    "DELETE FROM %s WHERE company_id = %s AND month BETWEEN %s AND %s RETURNING id",
                    SQL.identifier(self.env[model]._table),
                    company.id,
                    first,
                    last,
                )
            )
        self._compare(company, first, last)
        self._write_ties(company)
        self._write_lines(company)
        self._write_rounding(company, first, last)
        self.env["crm.profit.tie"].invalidate_model()
        self.env["crm.profit.tie.line"].invalidate_model()

    def _compare(self, company, first, last):
        """Fill a temporary table with one row per account, document and month."""
        rows = SQL(" UNION ALL ").join(
            SQL(
                """
                SELECT %(basis)s AS basis, %(step)s AS step, account_id, document_model, document_id,
                       date_trunc('month', date)::date AS month, %(fact)s AS fact, %(ledger)s AS ledger
                  FROM (%(select)s) side WHERE date >= %(first)s AND date < (%(last)s::date + interval '1 month')::date
                """,
                basis=basis,
                step=step,
                fact=SQL("amount") if is_fact else SQL("NULL::numeric"),
                ledger=SQL("NULL::numeric") if is_fact else SQL("amount"),
                select=select,
                first=first,
                last=last,
            )
            for (basis, step), sides in self._get_sides(company).items()
            for is_fact, select in zip((True, False), sides, strict=True)
        )
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS crm_profit_compared"))
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMPORARY TABLE crm_profit_compared ON COMMIT DROP AS
                SELECT basis, step, account_id, document_model, document_id, month,
                       COALESCE(SUM(fact), 0) AS fact, COALESCE(SUM(ledger), 0) AS ledger
                  FROM (%s) sides GROUP BY 1, 2, 3, 4, 5, 6
                """,
                rows,
            )
        )
        self.env.cr.execute(SQL("ANALYZE crm_profit_compared"))

    def _write_ties(self, company):
        """Write a row per month, basis, step and account; amounts are rounded, and so is their difference."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_profit_tie
                       (company_id, month, basis, step, account_id, amount_fact, amount_ledger, difference,
                        is_different, date_checked)
                SELECT %(company)s, month, basis, step, account_id, fact, ledger, fact - ledger, fact <> ledger,
                       now() AT TIME ZONE 'UTC'
                  FROM (SELECT month, basis, step, account_id,
                               ROUND(SUM(fact), %(digits)s) AS fact, ROUND(SUM(ledger), %(digits)s) AS ledger
                          FROM crm_profit_compared GROUP BY month, basis, step, account_id) summed
                """,
                company=company.id,
                digits=company.currency_id.decimal_places,
            )
        )

    def _write_lines(self, company):
        """Write the documents that differ, with the cause."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_profit_tie_line
                       (tie_id, company_id, month, document_model, document_id, amount_fact, amount_ledger, difference,
                        cause)
                SELECT tie.id, tie.company_id, tie.month, c.document_model, c.document_id, c.fact, c.ledger,
                       ROUND(c.fact - c.ledger, %(digits)s), %(cause)s
                  FROM crm_profit_compared c
                  JOIN crm_profit_tie tie
                    ON tie.company_id = %(company)s AND tie.month = c.month AND tie.basis = c.basis
                   AND tie.step = c.step AND tie.account_id IS NOT DISTINCT FROM c.account_id
                  LEFT JOIN account_move move ON c.document_model = 'account.move' AND move.id = c.document_id
                  LEFT JOIN sale_order o ON c.document_model = 'sale.order' AND o.id = c.document_id
                 WHERE ROUND(c.fact - c.ledger, %(digits)s) <> 0
                """,
                company=company.id,
                digits=company.currency_id.decimal_places,
                cause=self._get_cause(company),
            )
        )

    def _get_cause(self, company):
        """Return the SQL of the code of the cause; see `crm.profit.tie.line`."""
        return SQL(
            """
            CASE WHEN c.document_model = 'crm.history.batch' THEN 'history'
                 WHEN c.document_model = 'sale.order' THEN CASE
                      WHEN c.ledger = 0 AND NOT EXISTS (%(invoiced)s) THEN 'not_invoiced'
                      WHEN c.ledger = 0 AND c.step = 'goods_cost' THEN 'cost_not_posted'
                      WHEN c.ledger = 0 OR c.fact = 0 THEN 'other_month'
                      WHEN o.currency_id <> %(currency)s THEN 'currency'
                      ELSE 'other_amount' END
                 WHEN move.id IS NULL OR move.state <> 'posted' THEN 'not_posted'
                 WHEN move.move_type = 'entry' THEN 'manual_entry'
                 WHEN move.move_type NOT IN %(customer)s THEN 'other_document'
                 WHEN c.step = 'goods_cost' AND c.ledger = 0 THEN 'cost_not_posted'
                 WHEN c.fact = 0 AND NOT EXISTS (%(loaded)s) THEN 'not_loaded'
                 WHEN c.fact = 0 AND c.basis = 'booked' AND EXISTS (%(ordered)s) THEN 'other_month'
                 WHEN c.fact = 0 OR c.ledger = 0 THEN 'other_date'
                 WHEN move.currency_id <> %(currency)s THEN 'currency'
                 ELSE 'changed' END
            """,
            currency=company.currency_id.id,
            customer=CUSTOMER_MOVES,
            invoiced=SQL(
                """
                SELECT FROM sale_order_line sold
                  JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
                  JOIN account_move_line l ON l.id = rel.invoice_line_id AND l.parent_state = 'posted'
                 WHERE sold.order_id = o.id
                """
            ),
            loaded=SQL(
                """
                SELECT FROM account_move_line l
                  JOIN crm_fact_invoice f ON f.res_id = l.id AND f.res_model = 'account.move.line'
                 WHERE l.move_id = move.id
                """
            ),
            ordered=SQL(
                """
                SELECT FROM account_move_line l JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = l.id
                 WHERE l.move_id = move.id
                """
            ),
        )

    def _write_rounding(self, company, first, last):
        """Write what is left when each document is rounded by itself: the lines sum to the difference exactly."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_profit_tie_line
                       (tie_id, company_id, month, amount_fact, amount_ledger, difference, cause)
                SELECT tie.id, tie.company_id, tie.month, 0, 0, tie.difference - COALESCE(line.difference, 0),
                       'rounding'
                  FROM crm_profit_tie tie
                  LEFT JOIN (SELECT tie_id, SUM(difference) AS difference FROM crm_profit_tie_line
                              WHERE company_id = %(company)s AND month BETWEEN %(first)s AND %(last)s
                              GROUP BY tie_id) line ON line.tie_id = tie.id
                 WHERE tie.company_id = %(company)s AND tie.month BETWEEN %(first)s AND %(last)s
                   AND tie.difference <> COALESCE(line.difference, 0)
                """,
                company=company.id,
                first=first,
                last=last,
            )
        )
