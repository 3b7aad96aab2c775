from odoo import api, fields, models
from odoo.tools import SQL

# sums that every line has, and those of the lines whose cost is known
ADDED = ("quantity", "gross_company", "discount_company", "amount_company")
ADDED_IF_KNOWN = ("cost_company", "margin_company")
# what all rows are divided by; the finer ones by customers and products as well
DIMENSIONS = ("company_id", "month", "categ_id", "user_id", "team_id", "grade_id", "country_id", "channel")


class CrmSalesMonthMixin(models.AbstractModel):
    """Sums of the sales facts of a month.

    The dimensions are those of the facts, as they were at the date of the sale: the sales of a month under two
    salespersons are two rows. Nobody may create, change or delete a row: they are added up from the facts in SQL.

    Orders are not counted here: an order over three products is in three rows, and would be counted three times.
    """

    _name = "crm.sales.month.mixin"
    _inherit = ["crm.fact.amount.mixin"]
    _description = "Sums of Sales of a Month"
    _log_access = False

    # by which the rows are divided
    _dimensions = DIMENSIONS

    month = fields.Date(required=True, readonly=True, help="First day of the month of the sale.")
    channel = fields.Char(readonly=True, help="Way of the sale, as in the sales facts.")
    cost_company = fields.Monetary(
        help="Cost of the quantity of the lines whose cost is known, in the currency of the company."
    )
    margin_company = fields.Monetary(
        help="Net - cost, of the lines whose cost is known, in the currency of the company. The lines without a cost "
        'are not in it: see "Net without Cost".'
    )
    line_count = fields.Integer(string="Lines", readonly=True, help="Number of sales facts.")
    unknown_count = fields.Integer(
        string="Lines without Cost", readonly=True, help="Number of sales facts whose cost is not known."
    )
    unknown_amount = fields.Monetary(
        string="Net without Cost",
        readonly=True,
        currency_field="company_currency_id",
        help="Net of the lines whose cost is not known: no margin is known of it. Margin in percent is "
        "margin / (net - net without cost).",
    )

    @api.model
    def _get_sums(self):
        """Return ``{column: SQL}`` of what is added up over finer rows of the same columns."""
        sums = {name: SQL("SUM(%s)", SQL.identifier(name)) for name in (*ADDED, *ADDED_IF_KNOWN)}
        counted = ("line_count", "unknown_count", "unknown_amount")
        return sums | {name: SQL("SUM(%s)", SQL.identifier(name)) for name in counted}

    @api.model
    def _get_totals(self, company):
        """Return ``(lines, net)`` of a company: what must be equal in the facts and in all of their sums."""
        ((lines, amount),) = self.env.execute_query(
            SQL(
                "SELECT COALESCE(SUM(line_count), 0), COALESCE(SUM(amount_company), 0) FROM %s WHERE company_id = %s",
                SQL.identifier(self._table),
                company.id,
            )
        )
        return int(lines), amount

    @api.model
    def _delete_all(self, company):
        self.env.cr.execute(SQL("DELETE FROM %s WHERE company_id = %s", SQL.identifier(self._table), company.id))

    @api.model
    def _analyze(self):
        """Let the planner look at the rows."""
        self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(self._table)))
