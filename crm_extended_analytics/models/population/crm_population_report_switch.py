from odoo import models
from odoo.tools import SQL


class CrmPopulationReportSwitch(models.AbstractModel):
    """Who moved from which product group to which, as `scoring.cohort.switching` defines it.

    The group of a customer is the product category with most of his net sales: in the window of the scoring method,
    and in the window before. Who bought nothing before is new, who bought nothing since has left.
    """

    _name = "crm.population.report.switch"
    _inherit = ["crm.population.report"]
    _description = "Switching between Product Groups (Analysis)"
    _report_code = "switch"
    _report_sequence = 40

    def _rebuild(self, run):
        cells = self.env["crm.switch.cell"]
        cells._replace(run, self._get_cells(run))

    def _get_cells(self, run):
        scope = run._get_scope()
        return SQL(
            """
            WITH moved AS (%(moves)s)
            SELECT %(before)s AS date_before, %(since)s AS date_since, categ_id, other_categ_id,
                   COUNT(*) AS customer_count, SUM(sales_before) AS sales_before,
                   SUM(sales) AS sales, 100.0 * COUNT(*) / SUM(COUNT(*)) OVER (PARTITION BY categ_id) AS share
              FROM moved GROUP BY categ_id, other_categ_id ORDER BY customer_count DESC
            """,
            before=scope.before,
            since=scope.since,
            moves=self._get_moves(run.company_id, scope.before, scope.since, run.as_of, run.period),
        )

    def _get_moves(self, company, before, since, as_of, period):
        """Return SQL of (partner_id, categ_id, other_categ_id, sales_before, sales), one row per customer."""
        return SQL(
            """
            WITH spent AS (
                SELECT commercial_partner_id AS partner_id, categ_id,
                       SUM(amount_company) FILTER (WHERE date <= %(since)s)::float8 AS sales_before,
                       SUM(amount_company) FILTER (WHERE date > %(since)s)::float8 AS sales
                  FROM crm_fact_sale
                 WHERE company_id = %(company)s AND date > %(before)s AND date <= %(as_of)s AND categ_id IS NOT NULL
                   AND commercial_partner_id IN (%(scored)s)
                 GROUP BY 1, 2),
                 ranked AS (
                SELECT spent.*,
                       row_number() OVER (PARTITION BY partner_id ORDER BY sales_before DESC NULLS LAST, categ_id)
                       AS place_before,
                       row_number() OVER (PARTITION BY partner_id ORDER BY sales DESC NULLS LAST, categ_id) AS place
                  FROM spent)
            SELECT partner_id,
                   MAX(categ_id) FILTER (WHERE place_before = 1 AND sales_before > 0) AS categ_id,
                   MAX(categ_id) FILTER (WHERE place = 1 AND sales > 0) AS other_categ_id,
                   COALESCE(SUM(sales_before), 0) AS sales_before, COALESCE(SUM(sales), 0) AS sales
              FROM ranked GROUP BY partner_id HAVING MAX(sales_before) > 0 OR MAX(sales) > 0
            """,
            company=company.id,
            before=before,
            since=since,
            as_of=as_of,
            scored=self._get_scored(company, period),
        )

    def _get_customers(self, cells):
        """Return the ids of the customers of cells of one month, as the facts say today."""
        cell = cells[0]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id FROM (%(moves)s) moved
                 WHERE (COALESCE(categ_id, 0), COALESCE(other_categ_id, 0)) IN %(groups)s
                """,
                moves=self._get_moves(cell.company_id, cell.date_before, cell.date_since, cell.as_of, cell.period),
                groups=tuple((cell.categ_id.id or 0, cell.other_categ_id.id or 0) for cell in cells),
            )
        )
        return [partner for (partner,) in rows]
