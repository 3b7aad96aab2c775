from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...scoring.correlation import LAGS, LEAST_MONTHS, changes, lagged, pearson, spearman

FREQUENCIES = {"month": 1, "quarter": 3, "year": 12}


def month_number(day):
    """Return the month of a day, counted through: the next one is a number higher."""
    return 12 * day.year + day.month


class CrmSeries(models.Model):
    """Figures from outside, period by period: of a competitor, of the economy, of prices."""

    _name = "crm.series"
    _inherit = ["crm.import.good.rows.mixin"]
    _description = "Competitor or Indicator"
    _order = "kind, name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company", index=True, help="Empty: every company compares its own sales with it."
    )
    kind = fields.Selection(
        selection=[
            ("competitor", "Competitor"),
            ("macro", "Economy"),
            ("price", "Price"),
            ("other", "Other"),
        ],
        default="macro",
        required=True,
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Competitor", help="The contact whose figures these are."
    )
    country_id = fields.Many2one(
        comodel_name="res.country",
        help="The figures are of this country, and own sales of this country are compared with them; empty: all sales.",
    )
    unit = fields.Char(required=True, help="What a figure counts: index 2021 = 100, million euros, percent.")
    frequency = fields.Selection(
        selection=[("month", "Months"), ("quarter", "Quarters"), ("year", "Years")],
        string="Periods",
        default="month",
        required=True,
    )
    is_total = fields.Boolean(
        string="Sum of the Period",
        help="Set: a figure is a sum over its period, such as sales, and is divided among its months. Otherwise it "
        "is a level, such as an index, a price or a rate, and holds in each of its months.",
    )
    source = fields.Char(required=True, help="Who publishes the figures.")
    source_url = fields.Char(string="Address of the Source")
    note = fields.Text()
    point_ids = fields.One2many(comodel_name="crm.series.point", inverse_name="series_id", string="Figures")
    point_count = fields.Integer(string="Entries", compute="_compute_points")
    first_date = fields.Date(string="Since", compute="_compute_points")
    last_date = fields.Date(string="Until", compute="_compute_points", help="First day of the last period.")
    correlation_ids = fields.One2many(
        comodel_name="crm.series.correlation",
        inverse_name="series_id",
        string="Levels",
        domain=lambda self: [("basis", "=", "level"), ("company_id", "=", self.env.company.id)],
    )
    change_correlation_ids = fields.One2many(
        comodel_name="crm.series.correlation",
        inverse_name="series_id",
        string="Changes",
        domain=lambda self: [("basis", "=", "change"), ("company_id", "=", self.env.company.id)],
    )
    correlation_text = fields.Text(string="With Own Sales", compute="_compute_correlation_text")

    _name_uniq = models.UniqueIndex("(name, COALESCE(company_id, 0))", "There is a series of this name already.")
    _competitor_named = models.Constraint(
        "CHECK (kind != 'competitor' OR partner_id IS NOT NULL)",
        "Name the competitor whose figures these are: a contact.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("point_ids.date")
    def _compute_points(self):
        groups = self.env["crm.series.point"]._read_group(
            [("series_id", "in", self.ids)], ["series_id"], ["__count", "date:min", "date:max"]
        )
        found = {series: values for series, *values in groups}
        for series in self:
            series.point_count, series.first_date, series.last_date = found.get(series._origin, (0, False, False))

    @api.depends("correlation_ids", "change_correlation_ids")
    @api.depends_context("company", "lang")
    def _compute_correlation_text(self):
        for series in self:
            rows = series.correlation_ids | series.change_correlation_ids
            series.correlation_text = "\n".join(rows._get_sentences()) if rows else False

    # ------------------------------------------------------------------
    # Figures by month
    # ------------------------------------------------------------------
    def _get_monthly(self, company, since, until):
        """Return ``{first day of the month: value}``: a regressor for forecasts, or a series to compare with.

        A sum over a quarter or a year is divided evenly among its months; a level holds in each of them.

        :param company: the company that asks; a series of another one has nothing for it
        :param since: first day that is asked for
        :param until: last day that is asked for
        """
        self.ensure_one()
        if self.company_id and self.company_id != company:
            return {}
        months = FREQUENCIES[self.frequency]
        share = months if self.is_total else 1
        domain = [
            ("series_id", "=", self.id),
            ("date", ">", since - relativedelta(months=months)),
            ("date", "<=", until),
        ]
        monthly = {
            point.date + relativedelta(months=number): point.value / share
            for point in self.env["crm.series.point"].search_fetch(domain, ["date", "value"])
            for number in range(months)
        }
        return {month: value for month, value in sorted(monthly.items()) if since.replace(day=1) <= month <= until}

    def _get_own_monthly(self, company):
        """Return ``{first day of the month: own sales}`` of the whole months of the warehouse, 0 where nobody bought.

        Of the country of the series, in the currency of the company; the first and the current month are not whole.
        """
        self.ensure_one()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT month::date, COALESCE(SUM(fact.amount_company), 0)::float8
                  FROM (SELECT MIN(date) AS first FROM crm_fact_sale WHERE company_id = %(company)s) known
                 CROSS JOIN generate_series(date_trunc('month', known.first - 1) + interval '1 month',
                                            date_trunc('month', %(today)s::timestamp) - interval '1 month',
                                            interval '1 month') month
                  LEFT JOIN crm_fact_sale fact ON fact.company_id = %(company)s AND %(country)s
                       AND fact.date >= month AND fact.date < month + interval '1 month'
                 GROUP BY 1 ORDER BY 1
                """,
                company=company.id,
                today=fields.Date.context_today(self),
                country=SQL("fact.country_id = %s", self.country_id.id) if self.country_id else SQL("TRUE"),
            )
        )
        return dict(rows)

    # ------------------------------------------------------------------
    # Comparison with own sales
    # ------------------------------------------------------------------
    def action_correlate(self):
        """Compare the series with own sales of the user's company, month by month, up to six months later.

        :raises UserError: when the months that both know are too few
        """
        self.ensure_one()
        self.check_access("write")
        company = self.env.company
        own = self._get_own_monthly(company)
        first, last = min(own, default=None), max(own, default=None)
        monthly = self._get_monthly(company, first - relativedelta(months=max(LAGS)), last) if own else {}
        common = len(own.keys() & monthly.keys())
        if common < LEAST_MONTHS:
            raise UserError(
                self.env._(
                    "%(series)s and own sales have %(count)s whole months in common; fewer than %(least)s say nothing. "
                    "Enter earlier figures, or import past sales.",
                    series=self.name,
                    count=common,
                    least=LEAST_MONTHS,
                )
            )
        # `sudo`: the comparison is written by us, nobody edits it
        rows = self.env["crm.series.correlation"].sudo()
        rows.search([("series_id", "=", self.id), ("company_id", "=", company.id)]).unlink()
        rows.create(self._prepare_correlations(company, own, monthly))
        self.invalidate_recordset(["correlation_ids", "change_correlation_ids", "correlation_text"])

    def _prepare_correlations(self, company, own, monthly):
        by_basis = {
            "level": [{month_number(month): value for month, value in each.items()} for each in (own, monthly)],
        }
        by_basis["change"] = [changes(each) for each in by_basis["level"]]
        return [
            {"series_id": self.id, "company_id": company.id, "basis": basis, "lag": lag}
            | self._prepare_coefficients(*lagged(*pair, lag))
            for basis, pair in by_basis.items()
            for lag in LAGS
        ]

    def _prepare_coefficients(self, own, series):
        values = {"month_count": len(own)}
        for name, found in (("pearson", pearson(own, series)), ("spearman", spearman(own, series))):
            if found:
                values |= {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
        return values
