from odoo import fields, models
from odoo.tools import SQL

from ..known_margin import LEAST_KNOWN_PCT
from ..seven_p.known_float import KnownFloat


class CrmAcquisition(models.Model):
    """Means of winning customers: how many came by each, at what cost, and what they brought."""

    _name = "crm.acquisition"
    _inherit = ["crm.spend.return.mixin"]
    _description = "Acquisition"
    _auto = False
    _depends = {
        "crm.acquisition.credit": ["company_id", "period", "month", "dimension", "customer_count"],
        "crm.campaign.cost": ["company_id", "campaign_id", "medium_id", "source_id", "date_from", "date_to", "amount"],
        "utm.campaign": ["title"],
        "utm.medium": ["name"],
        "utm.source": ["name"],
    }
    _order = "month desc, customer_count desc, id"
    _rec_name = "value"
    _sold_field = "first_year_sales"
    _margin_field = "first_year_margin"

    month = fields.Date(readonly=True, help="Month of the first order, and of the spend.")
    value = fields.Char(
        readonly=True, help="The first touch within the look-back window before the first order, else the order's own."
    )
    is_touched = fields.Boolean(readonly=True, help="Whether a touch before the first order is known.")
    customer_count = fields.Integer(string="New Customers", readonly=True, help="Customers whose first order it was.")
    first_year_sales = fields.Monetary(readonly=True, help="Net sales to them in the 365 days from their first order.")
    first_year_margin = KnownFloat(
        readonly=True,
        aggregator="sum",
        digits=(16, 2),
        help="Margin of these sales, so far when the year is not over: known margin x net sales / net sales of known "
        "cost. Not measurable, and empty, where the cost of less is known than the scoring method asks for. Of a "
        "group: from its sums.",
    )
    clv = fields.Monetary(string="Lifetime Value", readonly=True, help="Sum of their lifetime values today.")
    customer_cost = KnownFloat(
        string="Cost per Customer",
        readonly=True,
        aggregator="avg",
        digits=(16, 2),
        help="Spend / new customers, in the currency of the company; of a group from its sums, customers without a "
        "touch left out.",
    )
    yield_pct = KnownFloat(
        string="Yield (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="(First-year margin - spend) / spend, in percent; empty where the margin is not measurable; of a group "
        "from its sums, customers without a touch left out.",
    )

    def _read_group_select(self, aggregate_spec, query):
        """Divide the sums of the group where a measure is a ratio; customers without a touch cost nothing."""
        if aggregate_spec == "customer_cost:avg":
            sums = self._get_touched_sums(query, customers="customer_count")
            return SQL("%s / NULLIF(%s, 0)", sums["spend"], sums["customers"])
        if aggregate_spec == "yield_pct:avg":
            return self._get_return_sql(query)
        return super()._read_group_select(aggregate_spec, query)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT row_number() OVER (ORDER BY rows.company_id, month, dimension, is_touched, value_id) AS id,
                   rows.company_id, month, dimension, is_touched, %(label)s AS value,
                   CASE WHEN dimension = 'campaign' THEN value_id END AS campaign_id,
                   CASE WHEN dimension = 'medium' THEN value_id END AS medium_id,
                   CASE WHEN dimension = 'source' THEN value_id END AS source_id,
                   customers AS customer_count, sales AS first_year_sales, known_revenue, known_margin,
                   100.0 * known_revenue / NULLIF(sales, 0) AS known_pct, least_known_pct,
                   margin AS first_year_margin, rows.clv, spend,
                   spend / NULLIF(customers, 0) AS customer_cost,
                   100.0 * (margin - spend) / NULLIF(spend, 0) AS yield_pct
              FROM (SELECT *, %(margin)s AS margin
                      FROM (SELECT company_id, month, dimension, is_touched, value_id, SUM(customers) AS customers,
                                   SUM(sales) AS sales, SUM(known) AS known_revenue, SUM(margin) AS known_margin,
                                   SUM(clv) AS clv, SUM(spend) AS spend,
                                   COALESCE(MAX(least), %(least)s) AS least_known_pct
                              FROM (%(won)s UNION ALL %(spent)s) parts
                             GROUP BY company_id, month, dimension, is_touched, value_id) summed) rows
              %(joins)s
            """,
            label=self._get_label_sql(),
            joins=self._get_label_joins(),
            won=self._select_won(),
            spent=self._select_spent(),
            margin=self._get_margin_sql("sales"),
            least=LEAST_KNOWN_PCT,
        )

    def _select_won(self):
        return SQL(
            """
            SELECT company_id, month, dimension, is_touched, COALESCE(campaign_id, medium_id, source_id) AS value_id,
                   customer_count AS customers, first_year_sales AS sales, known_revenue AS known,
                   first_year_margin AS margin, clv, 0::numeric AS spend, least_known_pct AS least
              FROM crm_acquisition_credit
              JOIN (SELECT company_id, MAX(period) AS period FROM crm_acquisition_credit GROUP BY company_id) last
             USING (company_id, period)
            """
        )

    def _select_spent(self):
        """Return SQL of the spend in the months of the analysis."""
        return SQL(
            """
            SELECT spend.company_id, spend.month, part.dimension, TRUE, part.value_id, 0, 0, 0, 0, 0, spend.amount, NULL
              FROM (%s) spend
             CROSS JOIN LATERAL (VALUES ('campaign', spend.campaign_id), ('medium', spend.medium_id),
                                        ('source', spend.source_id)) part (dimension, value_id)
              JOIN (SELECT company_id, MIN(month) AS first, MAX(month) AS last FROM crm_acquisition_credit
                     GROUP BY company_id) analysed
                ON analysed.company_id = spend.company_id AND spend.month BETWEEN analysed.first AND analysed.last
            """,
            self.env["crm.campaign.cost"]._get_by_month_sql(),
        )
