from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools import SQL

from ...scoring import forecast_simple
from ...scoring.accuracy import accuracy

# whole months of history that a forecast asks for: a year to learn from and half a year to test on
LEAST_MONTHS = 18
# months that are hidden in the test, and months that are forecast
HIDDEN_MONTHS, FORECAST_MONTHS = 6, 12
# silence, in own intervals, after which a customer is lost; from that many purchase days on he has an own interval
LOST_INTERVALS, LEAST_PURCHASES = 3, 3
DAYS_PER_MONTH = 30.44
COLUMNS = {"all": None, "country": "country_id", "grade": "grade_id", "categ": "categ_id"}


class CrmPopulationReportCustomerForecast(models.AbstractModel):
    """Customers won and lost per month and category, and a forecast by the best of three simple methods.

    The best is the one with the smaller WAPE on six hidden months. A category with a shorter history is refused.
    """

    _name = "crm.population.report.customer.forecast"
    _inherit = ["crm.population.report"]
    _description = "Number of Customers (Analysis)"
    _report_code = "customer_forecast"
    _report_sequence = 62

    def _rebuild(self, run):
        rows = self.env["crm.customer.forecast"]
        rows._forget_rows(run)
        found = [
            row
            for (category, value), series in self._get_series(run).items()
            for row in self._get_rows(category, value, series)
        ]
        # `sudo`: nobody may write rows of an analysis
        rows.sudo().create(
            [{**row, "company_id": run.company_id.id, "period": run.period, "as_of": run.as_of} for row in found]
        )

    def _get_series(self, run):
        """Return ``{(category, value): {month: [won, lost]}}`` of the whole months, without gaps."""
        found = defaultdict(dict)
        for category, value, month, won, lost in self.env.execute_query(self._get_counts(run)):
            found[category, value][month] = [won, lost]
        end = run.period if run.as_of == run.period + relativedelta(day=31) else run.period - relativedelta(months=1)
        series = {}
        for key, months in found.items():
            month, filled = min(months), {}
            while month <= end:
                filled[month] = months.get(month, [0, 0])
                month += relativedelta(months=1)
            if filled:
                series[key] = filled
        return series

    def _get_counts(self, run):
        """Return SQL of (category, value, month, won, lost): two events per customer, counted by month."""
        limit = SQL(
            "CASE WHEN m.purchase_days >= %s THEN %s * m.rhythm_days ELSE %s END",
            LEAST_PURCHASES,
            LOST_INTERVALS,
            run.method_id.window_months * DAYS_PER_MONTH,
        )
        return SQL(
            """
            WITH bought AS (
                SELECT DISTINCT ON (commercial_partner_id) commercial_partner_id AS partner_id, categ_id
                  FROM (SELECT commercial_partner_id, categ_id, SUM(amount_company) AS amount FROM crm_fact_sale
                         WHERE %(facts)s GROUP BY 1, 2) sold
                 ORDER BY commercial_partner_id, amount DESC, categ_id),
                 event AS (
                SELECT m.country_id, partner.grade_id, bought.categ_id, event.day, event.won, event.lost
                  FROM crm_customer_measure m
                  JOIN res_partner partner ON partner.id = m.partner_id
                  LEFT JOIN bought ON bought.partner_id = m.partner_id
                 CROSS JOIN LATERAL (VALUES (m.first_date, 1, 0),
                                            (m.last_date + CEIL(%(limit)s)::int + 1, 0, 1)) event (day, won, lost)
                 WHERE %(rows)s AND m.first_date IS NOT NULL AND event.day <= %(as_of)s)
            SELECT part.category, part.value_id, date_trunc('month', day)::date, SUM(won), SUM(lost)
              FROM event
             CROSS JOIN LATERAL (VALUES ('all', NULL), ('country', country_id), ('grade', grade_id),
                                        ('categ', categ_id)) part (category, value_id)
             GROUP BY 1, 2, 3
            """,
            facts=run._get_scope().facts(),
            limit=limit,
            rows=run._get_scope().rows(),
            as_of=run.as_of,
        )

    def _get_rows(self, category, value, series):
        """Return the values of the rows of a category: the months that were, and those to come."""
        common = {"category": category} | ({COLUMNS[category]: value} if COLUMNS[category] else {})
        rows, active = [], 0
        for month, (won, lost) in series.items():
            active += won - lost
            rows.append(common | self._prepare_row(month, "actual", won, lost, active))
        wons, losts = ([pair[place] for pair in series.values()] for place in (0, 1))
        if len(series) < LEAST_MONTHS:
            rows[-1]["kind"] = "refused"
            return rows
        method, error, won_next = self._forecast(wons)
        _method, lost_error, lost_next = self._forecast(losts)
        for place, (won, lost) in enumerate(zip(won_next, lost_next, strict=True), start=1):
            # nobody is lost who is not there
            lost = min(lost, active + won)
            active += won - lost
            row = self._prepare_row(month + relativedelta(months=place), "forecast", won, lost, active)
            rows.append(common | row | {"method": method, "wape_pct": error, "lost_wape_pct": lost_error})
        return rows

    def _prepare_row(self, month, kind, won, lost, active):
        return {"month": month, "kind": kind, "acquired": won, "lost": lost, "net": won - lost, "active_count": active}

    def _forecast(self, series):
        """Return (method, WAPE in percent, forecast) of the method with the smaller error on the hidden months."""
        past, hidden = series[:-HIDDEN_MONTHS], series[-HIDDEN_MONTHS:]
        tested = []
        for place, (method, forecast) in enumerate(self._get_forecasts(past, HIDDEN_MONTHS).items()):
            wape = accuracy(hidden, forecast).wape
            tested.append((float("inf") if wape is None else wape, place, method))
        wape, _place, method = min(tested)
        forecasts = self._get_forecasts(series, FORECAST_MONTHS)
        return method, None if wape == float("inf") else 100 * wape, forecasts[method]

    def _get_forecasts(self, series, periods):
        """Return ``{method: forecast of the next periods}`` of the methods that the history carries."""
        year = series[-12:]
        found = {
            "mean": [sum(year) / len(year)] * periods,
            "smoothing": [forecast_simple.exponential_smoothing(series)[-1]] * periods,
        }
        seasonal = forecast_simple.seasonal_naive(series, season=12, periods=periods)
        return found | ({"seasonal": seasonal} if seasonal else {})
