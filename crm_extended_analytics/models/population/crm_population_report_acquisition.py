from odoo import models
from odoo.tools import SQL

# length of the first year of a customer; unit: days
FIRST_YEAR_DAYS = 365


class CrmPopulationReportAcquisition(models.AbstractModel):
    """By which campaign, medium and source each customer was won: the first touch before his first order."""

    _name = "crm.population.report.acquisition"
    _inherit = ["crm.population.report"]
    _description = "Acquisition (Analysis)"
    _report_code = "acquisition"
    _report_sequence = 61

    def _needs(self):
        return ("crm.fact.sale", "crm.fact.touch")

    def _rebuild(self, run):
        self.env["crm.acquisition.credit"]._replace(run, self._get_rows(run))

    def _get_rows(self, run):
        """Return SQL of the rows in all three dimensions: one pass over the sales, one over the touches."""
        return SQL(
            """
            WITH won AS MATERIALIZED (
                SELECT m.partner_id, m.first_date, m.clv FROM crm_customer_measure m
                 WHERE %(rows)s AND m.first_date IS NOT NULL),
                 sold AS (
                SELECT won.partner_id, SUM(fact.amount_company) AS sales,
                       SUM(fact.amount_company) FILTER (WHERE fact.margin_company IS NOT NULL) AS known,
                       SUM(fact.margin_company) AS margin
                  FROM crm_fact_sale fact JOIN won ON won.partner_id = fact.commercial_partner_id
                 WHERE fact.company_id = %(company)s AND fact.date <= %(as_of)s
                   AND fact.date < won.first_date + %(year)s
                 GROUP BY won.partner_id),
                 touch AS (
                SELECT DISTINCT ON (won.partner_id) won.partner_id, fact.campaign_id, fact.medium_id, fact.source_id
                  FROM crm_fact_touch fact JOIN won ON won.partner_id = fact.commercial_partner_id
                 WHERE fact.company_id = %(company)s
                   AND fact.date BETWEEN won.first_date - %(lookback)s AND won.first_date
                 ORDER BY won.partner_id, fact.is_conversion IS TRUE, COALESCE(fact.date_time, fact.date), fact.id)
            SELECT date_trunc('month', won.first_date)::date AS month, part.dimension,
                   touch.partner_id IS NOT NULL AS is_touched,
                   CASE WHEN part.dimension = 'campaign' THEN part.value_id END AS campaign_id,
                   CASE WHEN part.dimension = 'medium' THEN part.value_id END AS medium_id,
                   CASE WHEN part.dimension = 'source' THEN part.value_id END AS source_id,
                   COUNT(*) AS customer_count, COALESCE(SUM(sold.sales), 0)::numeric AS first_year_sales,
                   COALESCE(SUM(sold.known), 0)::numeric AS known_revenue,
                   COALESCE(SUM(sold.margin), 0)::numeric AS first_year_margin,
                   COALESCE(SUM(won.clv), 0)::numeric AS clv, %(least)s::float8 AS least_known_pct
              FROM won
              LEFT JOIN sold USING (partner_id)
              LEFT JOIN touch USING (partner_id)
             CROSS JOIN LATERAL (VALUES ('campaign', touch.campaign_id), ('medium', touch.medium_id),
                                        ('source', touch.source_id)) part (dimension, value_id)
             GROUP BY 1, 2, 3, part.value_id
            """,
            rows=run._get_scope().rows(),
            company=run.company_id.id,
            as_of=run.as_of,
            year=FIRST_YEAR_DAYS,
            lookback=run.method_id.lookback_days,
            least=run.method_id.min_cost_known_pct,
        )
