from odoo import api, fields, models
from odoo.tools import SQL

from .crm_sales_month_mixin import ADDED_IF_KNOWN

# what may be asked of rows that are sums: their sums, and which dimensions there are
SUMS = ("sum", "sum_currency")
LISTS = ("array_agg_distinct", "count_distinct")


class CrmSalesMonthTotalMixin(models.AbstractModel):
    """Sales by month without customers, and perhaps without products: fewer rows for the same answer.

    Few customers buy the same product twice in a month, so that the rows of `crm.sales.month` are nearly as many as
    the lines of the orders. Without customers they are fewer, and without products too they are a few thousand, however
    many customers there are. `crm.sales.month` asks them when a question needs no more; they have no screen of their
    own. Rows by customer without products are nearly as many again: it is the customers that are many.
    """

    _name = "crm.sales.month.total.mixin"
    _inherit = ["crm.sales.month.mixin"]
    _description = "Totals of the Sales by Month"
    _log_access = False
    _order = "month desc, id"

    # model of the rows that are added up, which has all of the dimensions
    _finer = "crm.sales.month"

    row_count = fields.Integer(string="Rows", readonly=True, help="Rows of the sales by month that are added up here.")

    _company_month_idx = models.Index("(company_id, month)")

    # ------------------------------------------------------------------
    # Filling
    # ------------------------------------------------------------------
    @api.model
    def _rebuild(self, company):
        """Add up all rows of a company again."""
        finer = self.env[self._finer]
        sums = {**self._get_sums(), "row_count": finer._get_row_count()}
        self._delete_all(company)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO %(table)s (%(dimensions)s, %(names)s)
                SELECT %(dimensions)s, %(sums)s FROM %(finer)s WHERE company_id = %(company)s
                 GROUP BY %(dimensions)s ORDER BY month
                """,
                table=SQL.identifier(self._table),
                finer=SQL.identifier(finer._table),
                dimensions=SQL(", ").join(map(SQL.identifier, self._dimensions)),
                names=SQL(", ").join(map(SQL.identifier, sums)),
                sums=SQL(", ").join(sums.values()),
                company=company.id,
            )
        )
        self._analyze()

    @api.model
    def _get_follow_sql(self, company):
        """Return the parts of a WITH statement that take the rows in ``differing`` off the totals, and add them.

        Amounts are exact numbers: what is taken off and added gives what all rows add up to. ``differing`` has the
        columns of `crm.sales.month`, and in ``old_id`` the id of a row that goes.
        """
        sums = self._get_sums()
        signed = [
            SQL("CASE WHEN old_id IS NULL THEN %(name)s ELSE -%(name)s END AS %(name)s", name=SQL.identifier(name))
            for name in sums
        ]
        # costs are known of some lines, or of none
        added = sums | {
            name: SQL("CASE WHEN SUM(unknown_count) < SUM(line_count) THEN %s END", sums[name])
            for name in ADDED_IF_KNOWN
        }
        return SQL(
            """
            %(compared)s AS (
                SELECT id, %(dimensions)s, %(names)s, row_count FROM %(table)s
                 WHERE company_id = %(company)s AND month IN (SELECT month FROM differing)
             UNION ALL
                SELECT NULL, %(dimensions)s, %(signed)s, CASE WHEN old_id IS NULL THEN 1 ELSE -1 END FROM differing),
            %(fresh)s AS MATERIALIZED (
                SELECT MAX(id) AS old_id, %(dimensions)s, %(added)s, SUM(row_count) AS row_count
                  FROM %(compared)s GROUP BY %(dimensions)s HAVING COUNT(*) > COUNT(id)),
            %(gone)s AS (
                DELETE FROM %(table)s WHERE id IN (SELECT old_id FROM %(fresh)s WHERE old_id IS NOT NULL)),
            %(written)s AS (
                INSERT INTO %(table)s (%(dimensions)s, %(names)s, row_count)
                SELECT %(dimensions)s, %(names)s, row_count FROM %(fresh)s WHERE row_count > 0)
            """,
            **{step: SQL.identifier(f"{self._table}_{step}") for step in ("compared", "fresh", "gone", "written")},
            table=SQL.identifier(self._table),
            dimensions=SQL(", ").join(map(SQL.identifier, self._dimensions)),
            names=SQL(", ").join(map(SQL.identifier, sums)),
            signed=SQL(", ").join(signed),
            added=SQL(", ").join(SQL("%s AS %s", value, SQL.identifier(name)) for name, value in added.items()),
            company=company.id,
        )

    @api.model
    def _get_row_count(self):
        """Return the SQL of the number of rows of `crm.sales.month` in several rows of this table."""
        return SQL("SUM(row_count)")

    # ------------------------------------------------------------------
    # Questions
    # ------------------------------------------------------------------
    @api.model
    def _answers(self, domain, groupby, aggregates):
        """Return whether these rows have the answer that the rows with customers and products would give."""
        names = {condition.field_expr.partition(".")[0] for condition in fields.Domain(domain).iter_conditions()}
        names |= {self._get_name(spec) for spec in groupby}
        return names <= {*self._dimensions, "company_currency_id"} and all(map(self._answers_aggregate, aggregates))

    def _get_name(self, spec):
        """Return the field of a grouping or an aggregate, such as `month` of "month:quarter"."""
        return spec.partition(":")[0].partition(".")[0]

    def _answers_aggregate(self, spec):
        if spec == "__count":
            return True
        name, function = self._get_name(spec), spec.partition(":")[2]
        if name in self._dimensions or name == "company_currency_id":
            return function in LISTS
        return name in self._get_sums() and function in SUMS

    def _read_group_select(self, aggregate_spec, query):
        """Count the rows that are added up here, and not those of this table."""
        if aggregate_spec == "__count":
            return SQL("COALESCE(SUM(%s), 0)::bigint", self._field_to_sql(self._table, "row_count", query))
        return super()._read_group_select(aggregate_spec, query)
