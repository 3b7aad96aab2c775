from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..warehouse.fact_fields import FactMany2one


class CrmPopulationRowMixin(models.AbstractModel):
    """A row of an analysis of all customers: of a company and a month, written by the scoring run only."""

    _name = "crm.population.row.mixin"
    _description = "Row of an Analysis of All Customers"
    _log_access = False

    # whether the months before are kept, or only the last one that was scored
    _keeps_months = True

    company_id = FactMany2one(comodel_name="res.company", required=True, readonly=True)
    period = fields.Date(string="Month", required=True, readonly=True)
    as_of = fields.Date(readonly=True, help="Day up to which facts were read.")
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    is_last = fields.Boolean(
        compute="_compute_is_last",
        search="_search_is_last",
        help="Whether the row is of the last month that was analysed of its company.",
    )

    _company_period_idx = models.Index("(company_id, period)")

    def _compute_is_last(self):
        last = self._get_last_periods()
        for row in self:
            row.is_last = (row.company_id.id, row.period) in last

    def _search_is_last(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain.OR(
            Domain("company_id", "=", company) & Domain("period", "=", period)
            for company, period in self._get_last_periods()
        )
        return domain

    @api.model
    def _get_last_periods(self):
        """Return the pairs (company id, last month) of the companies that the user works in."""
        groups = self._read_group([("company_id", "in", self.env.companies.ids)], ["company_id"], ["period:max"])
        return {(company.id, period) for company, period in groups}

    @api.model
    def _replace(self, run, select):
        """Write the rows of a SELECT in place of those of the company and month of the run.

        :param select: SQL whose columns are named as the fields are, without company, month and day
        """
        self._forget_rows(run)
        self._add(run, select)

    @api.model
    def _is_of_later_month(self, run):
        """Return whether rows of a later month than that of the run are there already."""
        return bool(self.search_count([("company_id", "=", run.company_id.id), ("period", ">", run.period)], limit=1))

    @api.model
    def _forget_rows(self, run):
        self.env.cr.execute(
            SQL(
                "DELETE FROM %s WHERE company_id = %s AND (period = %s OR %s)",
                SQL.identifier(self._table),
                run.company_id.id,
                run.period,
                SQL("FALSE") if self._keeps_months else SQL("period < %s", run.period),
            )
        )

    @api.model
    def _add(self, run, select):
        self.env.cr.execute(SQL("SELECT * FROM (%s) found LIMIT 0", select))
        names = SQL(", ").join(SQL.identifier(column.name) for column in self.env.cr.description)
        self.env.cr.execute(
            SQL(
                "INSERT INTO %(table)s (company_id, period, as_of, %(names)s)"
                " SELECT %(company)s, %(period)s, %(as_of)s, %(names)s FROM (%(select)s) found",
                table=SQL.identifier(self._table),
                names=names,
                company=run.company_id.id,
                period=run.period,
                as_of=run.as_of,
                select=select,
            )
        )
        self.invalidate_model()

    # ------------------------------------------------------------------
    # Screen
    # ------------------------------------------------------------------
    @api.model
    def get_screen(self, period=None, option=None):
        """Return what the screen of the analysis shows: of a month of the user's company, else of the last one.

        :param period: first day of the month, as text
        :param option: what the reader chose on the screen, such as quarters instead of months
        """
        self.browse().check_access("read")
        periods = self._get_periods()
        if not periods:
            return {"periods": [], "empty": self._get_empty_sentence()}
        chosen = fields.Date.to_date(period) if period else periods[0]
        chosen = chosen if chosen in periods else periods[0]
        rows = self.search_fetch(self._get_screen_domain(chosen, option))
        return {
            "periods": [[str(month), format_date(self.env, month, date_format="MMMM y")] for month in periods],
            "period": str(chosen),
            "as_of": format_date(self.env, rows[:1].as_of),
            "company": self.env.company.name,
            **self._prepare_screen(rows, option),
        }

    @api.model
    def _get_empty_sentence(self):
        """Return what is missing for the analysis, where it is not just the next scoring."""
        return False

    @api.model
    def _get_periods(self):
        """Return the months of the user's company that were analysed, the last one first."""
        groups = self._read_group([("company_id", "=", self.env.company.id)], ["period:month"])
        return sorted((month for (month,) in groups), reverse=True)

    @api.model
    def _get_month_domain(self, period):
        return [("company_id", "=", self.env.company.id), ("period", "=", period)]

    @api.model
    def _get_screen_domain(self, period, option):
        """Return the domain of the rows that the screen shows; by default all of the month."""
        return self._get_month_domain(period)

    def _prepare_screen(self, rows, option):
        """Return the part of the screen that is the analysis' own."""
        raise NotImplementedError

    def _get_customers_action(self, name, partner_ids):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "res.partner",
            "views": [[False, "list"], [False, "form"]],
            "domain": [("id", "in", partner_ids)],
        }
