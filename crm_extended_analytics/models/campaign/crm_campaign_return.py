from odoo import fields, models
from odoo.tools import SQL

from ..known_margin import LEAST_KNOWN_PCT
from ..population.crm_attribution_credit import ATTRIBUTION_MODELS
from ..seven_p.known_float import KnownFloat


class CrmCampaignReturn(models.Model):
    """What came back of what campaigns cost: by the attribution (a convention), or by a hold-out (a cause)."""

    _name = "crm.campaign.return"
    _inherit = ["crm.spend.return.mixin"]
    _description = "Return on Campaigns"
    _auto = False
    _depends = {
        "crm.attribution.credit": ["company_id", "period", "month", "dimension", "model", "value", "conversions"],
        "crm.scoring.run": ["method_id"],
        "crm.scoring.method": ["min_cost_known_pct"],
        "crm.campaign.cost": ["company_id", "campaign_id", "medium_id", "source_id", "date_from", "date_to", "amount"],
        "utm.campaign": ["title"],
        "utm.medium": ["name"],
        "utm.source": ["name"],
        "crm.holdout": ["company_id", "campaign_id", "name", "date_measured", "incremental_margin", "spend"],
    }
    _order = "month desc, margin desc, id"
    _rec_name = "value"

    month = fields.Date(readonly=True, help="Month of the orders and of the spend; of a hold-out, of its start.")
    basis = fields.Selection(
        selection=[("attributed", "Attributed"), ("incremental", "Incremental (hold-out)")],
        readonly=True,
        help="Attributed: the orders that a way of sharing credits; part of them would have come anyway. Incremental: "
        "what a hold-out shows to be caused by the campaign.",
    )
    model = fields.Selection(
        selection=[*ATTRIBUTION_MODELS, ("holdout", "Hold-out")],
        readonly=True,
        help="Way of sharing the orders. Each shares all of them, so compare them and do not add them up.",
    )
    value = fields.Char(readonly=True, help="Name of the campaign, medium or source.")
    is_touched = fields.Boolean(readonly=True, help="False: orders without a known touch, which no campaign earned.")
    conversions = fields.Float(string="Orders", readonly=True, digits=(16, 2), help="Credited or caused orders.")
    revenue = fields.Monetary(string="Net Sales", readonly=True, help="Credited or caused net sales.")
    margin = KnownFloat(
        readonly=True,
        aggregator="sum",
        digits=(16, 2),
        help="Credited or caused margin: known margin x net sales / net sales of known cost, so that the known part "
        "stands for the little that is not known. Not measurable, and empty, where the cost of less is known than the "
        "scoring method asks for. Of a group: from its sums.",
    )
    romi_pct = KnownFloat(
        string="ROMI (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="(Margin - spend) / spend, in percent: 0 when the money came back, 100 when it came back twice; empty "
        "where the margin is not measurable. Of a group: from its sums, orders without a touch left out.",
    )
    order_cost = KnownFloat(
        string="Cost per Order",
        readonly=True,
        aggregator="avg",
        digits=(16, 2),
        help="Spend / orders, in the currency of the company. Of a group: from its sums, without orders of no touch.",
    )

    def _get_missing(self):
        if self.basis == "incremental":
            return self.env._("Needs the cost of more of the goods that each group bought.")
        return super()._get_missing()

    def _read_group_select(self, aggregate_spec, query):
        """Divide the sums of the group where a measure is a ratio: the mean of ratios says nothing."""
        if aggregate_spec == "romi_pct:avg":
            return self._get_return_sql(query)
        if aggregate_spec == "order_cost:avg":
            sums = self._get_touched_sums(query, conversions="conversions")
            return SQL("%s / NULLIF(%s, 0)::numeric", sums["spend"], sums["conversions"])
        return super()._read_group_select(aggregate_spec, query)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT row_number() OVER (ORDER BY rows.company_id, month, basis, dimension, model, state, value_id, value)
                   AS id, rows.company_id, month, basis, model, dimension, is_touched,
                   -- a hold-out has a name of its own
                   CASE WHEN basis = 'incremental' THEN value ELSE %(label)s END AS value,
                   CASE WHEN dimension = 'campaign' THEN NULLIF(value_id, 0) END AS campaign_id,
                   CASE WHEN dimension = 'medium' THEN NULLIF(value_id, 0) END AS medium_id,
                   CASE WHEN dimension = 'source' THEN NULLIF(value_id, 0) END AS source_id,
                   conversions, revenue, known_revenue, known_margin, spend, least_known_pct, margin,
                   100.0 * known_revenue / NULLIF(revenue, 0) AS known_pct,
                   100.0 * (margin - spend) / NULLIF(spend, 0) AS romi_pct,
                   spend / NULLIF(conversions, 0)::numeric AS order_cost
              FROM (SELECT *, %(margin)s AS margin, state <> 'none' AS is_touched
                      FROM (%(attributed)s UNION ALL %(incremental)s) summed) rows
              %(joins)s
            """,
            label=self._get_label_sql(fallback=SQL("CASE WHEN state = 'named' THEN value END")),
            joins=self._get_label_joins(),
            margin=self._get_margin_sql("revenue"),
            attributed=self._select_attributed(),
            incremental=self._select_incremental(),
        )

    def _select_attributed(self):
        """Return SQL of the credits of the last analysis beside the spend of its months."""
        return SQL(
            """
            SELECT company_id, month, 'attributed' AS basis, dimension, model, state, value_id,
                   MAX(value) AS value, SUM(conversions) AS conversions, SUM(revenue) AS revenue,
                   SUM(known_revenue) AS known_revenue, SUM(margin) AS known_margin, SUM(spend) AS spend,
                   COALESCE(MAX(least), %(least)s) AS least_known_pct
              FROM (%(credits)s UNION ALL %(spends)s) rows
             GROUP BY company_id, month, dimension, model, state, value_id
            """,
            credits=self._select_credits(),
            spends=self._select_spends(),
            least=LEAST_KNOWN_PCT,
        )

    def _select_credits(self):
        return SQL(
            """
            SELECT credit.company_id, credit.month, credit.dimension, credit.model, credit.touch_state AS state,
                   COALESCE(credit.campaign_id, credit.medium_id, credit.source_id, 0) AS value_id, credit.value,
                   credit.conversions, credit.revenue, credit.known_revenue, credit.margin,
                   0::numeric AS spend, method.min_cost_known_pct AS least
              FROM crm_attribution_credit credit
              JOIN (SELECT company_id, MAX(period) AS period FROM crm_attribution_credit GROUP BY company_id) last
             USING (company_id, period)
              LEFT JOIN crm_scoring_run run ON run.id = credit.run_id
              LEFT JOIN crm_scoring_method method ON method.id = run.method_id
            """
        )

    def _select_spends(self):
        """Return SQL of the spend in the months of the last analysis, once for each way of sharing."""
        return SQL(
            """
            SELECT spend.company_id, spend.month, part.dimension, analysed.model,
                   CASE WHEN part.value_id IS NULL THEN 'unnamed' ELSE 'named' END, COALESCE(part.value_id, 0), NULL,
                   0, 0, 0, 0, spend.amount, NULL
              FROM (%(by_month)s) spend
             CROSS JOIN LATERAL (VALUES ('campaign', spend.campaign_id), ('medium', spend.medium_id),
                                        ('source', spend.source_id)) part (dimension, value_id)
              JOIN (SELECT company_id, model, MIN(month) AS first, MAX(month) AS last FROM crm_attribution_credit
                     GROUP BY company_id, model) analysed
                ON analysed.company_id = spend.company_id AND spend.month BETWEEN analysed.first AND analysed.last
            """,
            by_month=self.env["crm.campaign.cost"]._get_by_month_sql(),
        )

    def _select_incremental(self):
        """Return SQL of the measured hold-outs of campaigns."""
        return SQL(
            """
            SELECT company_id, date_trunc('month', date_start)::date, 'incremental', 'campaign', 'holdout', 'named',
                   campaign_id, holdout.name, incremental_conversions::float8, incremental_revenue,
                   CASE WHEN incremental_margin IS NOT NULL THEN incremental_revenue ELSE 0 END, incremental_margin,
                   spend, 0
              FROM crm_holdout holdout WHERE date_measured IS NOT NULL AND campaign_id IS NOT NULL
            """
        )
