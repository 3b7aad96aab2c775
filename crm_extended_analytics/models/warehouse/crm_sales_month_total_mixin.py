from odoo import api, fields, models
from odoo.tools import SQL

# what may be asked of rows that are sums: their sums, and which dimensions there are
SUMS = ("sum", "sum_currency")
LISTS = ("array_agg_distinct", "count_distinct")


class CrmSalesMonthTotalMixin(models.AbstractModel):
    """Sales by month without customers, without products, or without both: fewer rows for the same answer.

    Few customers buy the same product twice in a month, so that the rows of `crm.sales.month` are nearly as many as
    the lines of the orders. Without customers and products they are a few thousand, however many customers there are.
    `crm.sales.month` asks them when a question needs no more; they have no screen of their own.
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

    @api.model
    def _rebuild(self, company, months=None):
        """Add up the rows of a company again, of some months or of all."""
        among = SQL("company_id = %s", company.id)
        if months is not None:
            among = SQL("%s AND month = ANY(%s)", among, list(months))
        finer = self.env[self._finer]
        sums = {**self._get_sums(), "row_count": finer._get_row_count()}
        self.env.cr.execute(SQL("DELETE FROM %s WHERE %s", SQL.identifier(self._table), among))
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO %(table)s (%(dimensions)s, %(names)s)
                SELECT %(dimensions)s, %(sums)s FROM %(finer)s WHERE %(among)s
                 GROUP BY %(dimensions)s ORDER BY month
                """,
                table=SQL.identifier(self._table),
                finer=SQL.identifier(finer._table),
                dimensions=SQL(", ").join(map(SQL.identifier, self._dimensions)),
                names=SQL(", ").join(map(SQL.identifier, sums)),
                sums=SQL(", ").join(sums.values()),
                among=among,
            )
        )
        if months is None:
            self._analyze()

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
