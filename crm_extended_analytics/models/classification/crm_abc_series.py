import itertools

from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools import SQL

from ..seven_p.scoring_scope import exact

# column of the facts that names the item of a kind
SALE_COLUMNS = {
    "customer": "commercial_partner_id",
    "product": "product_id",
    "channel": "channel",
    "seller": "user_id",
}
MEASURE_COLUMNS = {"revenue": "amount_company", "margin": "margin_company", "quantity": "quantity"}


class CrmAbcSeries(models.AbstractModel):
    """The value of each item month by month, and what a class needs of it: sum, spread, months.

    The months of an item begin with its first sale ever, or with the window when that was before: a new item has no
    empty months from a time when it did not exist.
    """

    _name = "crm.abc.series"
    _description = "Monthly Values of ABC/XYZ Items"

    def _can_share(self, profile):
        """Return whether the sales of a profile can be added up together with those of other kinds."""
        return profile.kind in SALE_COLUMNS and profile.measure in MEASURE_COLUMNS

    def _add_up_together(self, kinds, measure, company, date_from, months):
        """Put the sales of several kinds, month by month, into a table of this transaction: each line is read once.

        `_get_statistics` reads it where it is told that it is there.
        """
        starts = self._get_starts(date_from, months)
        columns = {kind: SQL.identifier(SALE_COLUMNS[kind]) for kind in kinds}
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMP TABLE crm_abc_months ON COMMIT DROP AS
                SELECT CASE 0 %(kinds)s END AS kind, %(columns)s, month, SUM(amount)::float8 AS amount,
                       %(is_known)s AS is_known
                  FROM (SELECT %(columns)s, %(month)s AS month, %(measure)s AS amount
                          FROM crm_fact_sale WHERE %(facts)s) line
                 GROUP BY GROUPING SETS (%(sets)s)
                """,
                kinds=SQL(" ").join(SQL("WHEN GROUPING(%s) THEN %s", column, kind) for kind, column in columns.items()),
                columns=SQL(", ").join(columns.values()),
                month=self._get_month_sql(starts),
                measure=SQL.identifier(MEASURE_COLUMNS[measure]),
                is_known=self._get_known_sql(measure),
                facts=self._get_facts_sql(company, starts[0], starts[-1]),
                sets=SQL(", ").join(SQL("(%s, month)", column) for column in columns.values()),
            )
        )

    def _get_statistics(self, kind, measure, company, date_from, months, is_shared=False):
        """Return SQL with a row per item that has sales or returns in the window.

        Its columns: item; value; is_known; period_count; filled_count (months whose value is not 0); squares (sum of
        the squared differences of the months from their mean).

        :param date_from: first day of the window, which is the first of a month
        :param months: complete months of the window
        :param is_shared: the sales were added up by `_add_up_together`
        """
        starts = self._get_starts(date_from, months)
        # the months that have rows, and those without, which are 0, put together: the sum of squares of two groups
        return SQL(
            """
            WITH found AS MATERIALIZED (
                SELECT item, SUM(amount) AS value, bool_and(is_known) AS is_known, MIN(month) AS first_month,
                       COUNT(*) FILTER (WHERE amount <> 0) AS filled_count, COUNT(*)::float8 AS present,
                       AVG(amount) AS mean, var_pop(amount) * COUNT(*) AS squares
                  FROM (SELECT item, month, %(exact)s AS amount, bool_and(is_known) AS is_known
                          FROM (%(monthly)s) part GROUP BY 1, 2) monthly
                 GROUP BY item),
                 dated AS MATERIALIZED (
                SELECT found.*, CASE WHEN first_month > 1 AND NOT %(is_old)s THEN %(months)s + 1 - first_month
                       ELSE %(months)s END AS period_count
                  FROM found)
            SELECT item, value, is_known, period_count, filled_count,
                   squares + present * (period_count - present) * mean * mean / period_count AS squares
              FROM dated
            """,
            months=months,
            exact=exact(SQL("COALESCE(SUM(amount), 0)")),
            monthly=self._get_monthly(kind, measure, company, starts, is_shared),
            is_old=self._get_old_sql(kind, company, starts[0]),
        )

    def _get_starts(self, date_from, months):
        """Return the first days of the months of a window, and the day after it."""
        return [date_from + relativedelta(months=number) for number in range(months + 1)]

    def _get_monthly(self, kind, measure, company, starts, is_shared):
        """Return SQL of the columns item, month, amount, is_known: one row or a few per item and month.

        The lines are added up exactly before the parts are put together, so that each line is touched once only; sums
        of these few are added as doubles, which are faster and need a tenth of the memory.
        """
        month, since, before = self._get_month_sql(starts), starts[0], starts[-1]
        parts = []
        if is_shared:
            column = SQL.identifier(SALE_COLUMNS[kind])
            parts.append(
                SQL("SELECT %s AS item, month, amount, is_known FROM crm_abc_months WHERE kind = %s", column, kind)
            )
        else:
            parts.append(self._add_up(kind, measure, self._get_sold(kind, measure, company, since, before), month))
        if self._has_returns(kind, measure):
            parts.append(self._add_up(kind, measure, self._get_returned(kind, measure, company, since, before), month))
        return SQL(" UNION ALL ").join(parts)

    def _add_up(self, kind, measure, lines, month):
        if self._has_days(kind, measure):
            return SQL("SELECT item, %s AS month, amount::float8, TRUE AS is_known FROM (%s) line", month, lines)
        return SQL(
            "SELECT item, %s AS month, SUM(amount)::float8 AS amount, %s AS is_known FROM (%s) line GROUP BY 1, 2",
            month,
            self._get_known_sql(measure),
            lines,
        )

    def _get_known_sql(self, measure):
        """Return the SQL condition that a sum of amounts is known: only a margin can be unknown."""
        return SQL("COUNT(*) = COUNT(amount)") if measure == "margin" else SQL("TRUE")

    def _has_days(self, kind, measure):
        """Return whether lines are added up day by day: the index has the days of a customer side by side.

        A margin is not, which may be unknown of single lines; neither are orders, which are few.
        """
        return kind == "customer" and measure in ("revenue", "quantity")

    def _get_month_sql(self, starts):
        """Return SQL of the number of the month of a date of the window: 1 for the first one.

        It is read from a list with an entry per day of the window: comparisons with the starts of the months would
        take as long as adding up the lines.
        """
        months = [
            str(number)
            for number, (start, end) in enumerate(itertools.pairwise(starts), 1)
            for _day in range((end - start).days)
        ]
        return SQL("(%s::int2[])[date - %s::date + 1]", "{" + ",".join(months) + "}", starts[0])

    def _get_old_sql(self, kind, company, before):
        """Return the SQL condition that something of an item was sold before the window.

        It is asked only for items that sold nothing in the first month, so that it mostly costs nothing.
        """
        if kind == "supplier":
            return SQL(
                "EXISTS (SELECT FROM account_move old WHERE old.commercial_partner_id = found.item"
                " AND old.company_id = %s AND old.invoice_date < %s AND old.state = 'posted'"
                " AND old.move_type IN ('in_invoice', 'in_refund', 'in_receipt'))",
                company.id,
                before,
            )
        return SQL(
            "EXISTS (SELECT FROM crm_fact_sale old WHERE old.%s = found.item AND old.company_id = %s"
            " AND old.date < %s)",
            SQL.identifier(SALE_COLUMNS[kind]),
            company.id,
            before,
        )

    def _get_facts_sql(self, company, since, before):
        return SQL("company_id = %s AND date >= %s AND date < %s", company.id, since, before)

    def _get_sold(self, kind, measure, company, since, before):
        """Return SQL of the columns item, date, amount: what was sold in the window, or billed by suppliers."""
        if kind == "supplier":
            return self._get_bill_lines(measure, company, since, before)
        item, facts = SQL.identifier(SALE_COLUMNS[kind]), self._get_facts_sql(company, since, before)
        if measure == "orders":
            return SQL(
                "SELECT %s AS item, MIN(date) AS date, 1 AS amount FROM crm_fact_sale WHERE %s"
                " GROUP BY 1, order_key HAVING SUM(amount_company) > 0",
                item,
                facts,
            )
        column = SQL.identifier(MEASURE_COLUMNS[measure])
        sold = SQL("SELECT %s AS item, date, %s AS amount FROM crm_fact_sale WHERE %s", item, column, facts)
        if self._has_days(kind, measure):
            sold = SQL("SELECT item, date, SUM(amount) AS amount FROM (%s) line GROUP BY 1, 2", sold)
        return sold

    def _has_returns(self, kind, measure):
        """Return whether returns are taken off: one knows no channel, and bills have their own."""
        return measure != "orders" and kind not in ("supplier", "channel")

    def _get_returned(self, kind, measure, company, since, before):
        """Return SQL of the columns item, date, amount: what came back in the window, below 0."""
        return SQL(
            "SELECT %s AS item, date, -%s AS amount FROM crm_fact_return WHERE %s AND kind = 'credit_note'",
            SQL.identifier(SALE_COLUMNS[kind]),
            SQL.identifier(MEASURE_COLUMNS[measure]),
            self._get_facts_sql(company, since, before),
        )

    def _get_bill_lines(self, measure, company, since, before):
        """Return the lines of posted vendor bills, less refunds, as Odoo's invoice analysis counts them."""
        if measure == "orders":
            return SQL(
                "SELECT commercial_partner_id AS item, invoice_date AS date, 1 AS amount FROM account_move"
                " WHERE company_id = %s AND invoice_date >= %s AND invoice_date < %s AND state = 'posted'"
                " AND move_type IN ('in_invoice', 'in_receipt')",
                company.id,
                since,
                before,
            )
        quantity = SQL(
            "line.quantity * COALESCE(unit.factor, 1) / NULLIF(COALESCE(base.factor, 1), 0)"
            " * CASE WHEN move.move_type = 'in_refund' THEN -1 ELSE 1 END"
        )
        return SQL(
            """
            SELECT move.commercial_partner_id AS item, move.invoice_date AS date, %(amount)s AS amount
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
              LEFT JOIN product_product product ON product.id = line.product_id
              LEFT JOIN product_template template ON template.id = product.product_tmpl_id
              LEFT JOIN uom_uom unit ON unit.id = line.product_uom_id
              LEFT JOIN uom_uom base ON base.id = template.uom_id
             WHERE move.company_id = %(company)s AND move.invoice_date >= %(since)s AND move.invoice_date < %(before)s
               AND move.state = 'posted'
               AND move.move_type IN ('in_invoice', 'in_refund', 'in_receipt') AND line.display_type = 'product'
            """,
            amount=quantity if measure == "quantity" else SQL("line.balance"),
            company=company.id,
            since=since,
            before=before,
        )
