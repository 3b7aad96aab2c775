from odoo import models
from odoo.tools import SQL

# months of a period, and how many of the youngest cohorts are kept: three years of months, six of quarters, twenty
LENGTHS = {"month": (1, 36), "quarter": (3, 24), "year": (12, 20)}


class CrmPopulationReportCohort(models.AbstractModel):
    """Retention by the period of the first purchase, as `scoring.cohort` defines it, for all customers at once.

    A purchase is a period with a line above 0; periods are numbers (of a month: year x 12 + month), so that their
    difference is the age of a cohort. Only whole periods count.
    """

    _name = "crm.population.report.cohort"
    _inherit = ["crm.population.report"]
    _description = "Cohorts (Analysis)"
    _report_code = "cohort"
    _report_sequence = 10

    def _rebuild(self, run):
        self._make_purchases(run)
        cells = self.env["crm.cohort.cell"]
        cells._forget_rows(run)
        for length, (months, kept) in LENGTHS.items():
            cells._add(run, self._get_cells(run, length, months, kept))
        self.env.cr.execute("DROP TABLE crm_tmp_purchase")

    def _make_purchases(self, run):
        """Keep the months in which each customer bought: what all three lengths of a period are made of."""
        self.env.cr.execute(
            SQL(
                "CREATE TEMP TABLE crm_tmp_purchase ON COMMIT DROP AS %s",
                self._get_purchases(run.company_id, run.as_of, self._get_population(run)),
            )
        )
        self.env.cr.execute("ANALYZE crm_tmp_purchase")

    def _get_purchases(self, company, as_of, condition):
        """Return SQL of (partner_id, month, amount) of the months with a purchase.

        By days first: the month of a day is then computed for days, not for millions of lines.
        """
        return SQL(
            """
            SELECT partner_id, %(month)s AS month, SUM(amount)::float8 AS amount
              FROM (SELECT commercial_partner_id AS partner_id, date, SUM(amount_company) AS amount,
                           MAX(amount_company) AS largest
                      FROM crm_fact_sale
                     WHERE company_id = %(company)s AND date <= %(as_of)s AND %(condition)s
                     GROUP BY 1, 2) day
             GROUP BY 1, 2 HAVING MAX(largest) > 0
            """,
            month=self._month_number(SQL("date")),
            company=company.id,
            as_of=as_of,
            condition=condition,
        )

    def _month_number(self, day):
        return SQL("(date_part('year', %s) * 12 + date_part('month', %s) - 1)::int", day, day)

    def _get_cells(self, run, length, months, kept):
        return SQL(
            """
            WITH bounds AS (SELECT %(next_month)s / %(months)s - 1 AS last),
                 purchase AS (
                SELECT partner_id, month / %(months)s AS number, SUM(amount) AS amount
                  FROM crm_tmp_purchase, bounds WHERE month / %(months)s <= last GROUP BY 1, 2),
                 started AS (SELECT partner_id, MIN(number) AS cohort FROM purchase GROUP BY 1),
                 found AS (
                SELECT cohort, number - cohort AS since, COUNT(*) AS customers, SUM(amount) AS amount
                  FROM purchase JOIN started USING (partner_id), bounds
                 WHERE cohort > last - %(kept)s GROUP BY 1, 2)
            SELECT %(length)s AS granularity,
                   make_date(size.cohort * %(months)s / 12, size.cohort * %(months)s %% 12 + 1, 1) AS cohort,
                   series.since,
                   size.customers AS cohort_size,
                   COALESCE(found.customers, 0) AS customer_count,
                   100.0 * COALESCE(found.customers, 0) / size.customers AS retention,
                   COALESCE(found.amount, 0) AS revenue
              FROM found size
             CROSS JOIN bounds
             CROSS JOIN LATERAL generate_series(0, last - size.cohort) AS series(since)
              LEFT JOIN found ON found.cohort = size.cohort AND found.since = series.since
             WHERE size.since = 0
             ORDER BY size.cohort, series.since
            """,
            next_month=self._month_number(SQL("(%s::date + 1)", run.as_of)),
            months=months,
            kept=kept,
            length=length,
        )

    def _get_customers(self, cell):
        """Return the ids of the customers of a cell, as the facts say today."""
        months = LENGTHS[cell.granularity][0]
        cohort = (cell.cohort.year * 12 + cell.cohort.month - 1) // months
        scored = SQL("commercial_partner_id IN (%s)", self._get_scored(cell.company_id, cell.period))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id FROM (%(purchases)s) bought GROUP BY 1
                HAVING MIN(month) / %(months)s = %(cohort)s AND bool_or(month / %(months)s = %(wanted)s)
                """,
                purchases=self._get_purchases(cell.company_id, cell.as_of, scored),
                months=months,
                cohort=cohort,
                wanted=cohort + cell.since,
            )
        )
        return [partner for (partner,) in rows]
