from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools import SQL

from ...scoring import attribution


class CrmAttributionPathMixin(models.AbstractModel):
    """The paths of the orders, in tables of the transaction, with the share of each touch by each rule.

    The path of an order: the touches of its customer within the look-back window before it, and the campaign,
    medium and source of the order itself. That of an order which was only copied from its opportunity is no touch
    of its own.
    """

    _name = "crm.attribution.path.mixin"
    _description = "Paths of the Attribution"

    def _get_start(self, run):
        """Return the first day whose orders are shared: whole months only."""
        return run.period - relativedelta(months=run.method_id.window_months - 1)

    def _make_table(self, name, select):
        """Put rows into a table of this transaction, with the statistics that a good plan needs."""
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(name)))
        self.env.cr.execute(SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", SQL.identifier(name), select))
        self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(name)))

    def _make_orders(self, run):
        self._make_table(
            "crm_attribution_order",
            SQL(
                """
                SELECT order_key, MIN(date) AS date, MIN(date_time) AS moment,
                       MIN(commercial_partner_id) AS partner_id, SUM(amount_company) AS revenue,
                       COALESCE(SUM(amount_company) FILTER (WHERE margin_company IS NOT NULL), 0) AS known_revenue,
                       COALESCE(SUM(margin_company), 0) AS margin
                  FROM crm_fact_sale
                 WHERE company_id = %s AND date BETWEEN %s AND %s
                 GROUP BY order_key
                """,
                run.company_id.id,
                self._get_start(run),
                run.as_of,
            ),
        )

    def _make_paths(self, run):
        self._make_table("crm_attribution_touch", self._get_touches(run))
        self._make_table("crm_attribution_path", self._get_paths(run))

    def _get_touches(self, run):
        """Return SQL of the touches that may lead to an order; those of confirmed orders belong to these only."""
        return SQL(
            """
            SELECT touch.id, touch.commercial_partner_id AS partner_id, touch.date,
                   COALESCE(touch.date_time, touch.date) AS moment, touch.kind,
                   CASE WHEN touch.res_model = 'crm.lead' THEN touch.res_id END AS lead_id,
                   COALESCE(touch.campaign_id, 0) AS campaign, COALESCE(touch.medium_id, 0) AS medium,
                   COALESCE(touch.source_id, 0) AS source
              FROM crm_fact_touch touch
              LEFT JOIN res_partner customer ON customer.id = touch.commercial_partner_id
             WHERE touch.company_id = %s AND touch.date BETWEEN %s AND %s
               AND touch.is_conversion IS NOT TRUE AND customer.crm_profiling_opt_out IS NOT TRUE
            """,
            run.company_id.id,
            self._get_start(run) - relativedelta(days=run.method_id.lookback_days),
            run.as_of,
        )

    def _get_paths(self, run):
        """Return SQL of one row per order and touch with its share by each rule."""
        return SQL(
            """
            WITH path AS (
                SELECT o.order_key, touch.id AS touch_id, touch.date, touch.moment, touch.kind, FALSE AS is_own,
                       touch.campaign, touch.medium, touch.source
                  FROM crm_attribution_order o
                  JOIN crm_attribution_touch touch
                    ON touch.partner_id = o.partner_id AND touch.date BETWEEN o.date - %(lookback)s AND o.date
                   AND touch.moment <= COALESCE(o.moment, o.date + interval '1 day')
                 UNION ALL (%(own)s)),
                 placed AS (
                SELECT path.*, row_number() OVER in_order - 1 AS place, COUNT(*) OVER whole AS touches,
                       power(2.0::float8, (date - MAX(date) OVER whole) / %(half_life)s::float8) AS weight
                  FROM path
                WINDOW whole AS (PARTITION BY order_key),
                       in_order AS (PARTITION BY order_key ORDER BY moment, is_own, touch_id)),
                 roles AS (
                SELECT *, COALESCE(MIN(place) FILTER (WHERE kind = 'lead') OVER whole, 0) AS lead,
                       weight / SUM(weight) OVER whole AS time_decay
                  FROM placed WINDOW whole AS (PARTITION BY order_key))
            SELECT order_key, touch_id, date_trunc('month', o.date)::date AS month, campaign, medium, source, place,
                   touches, o.revenue, o.known_revenue, o.margin,
                   (place = 0)::int AS first, (place = touches - 1)::int AS last, 1.0::float8 / touches AS linear,
                   %(u_shaped)s AS u_shaped, %(w_shaped)s AS w_shaped, time_decay
              FROM roles JOIN crm_attribution_order o USING (order_key)
            """,
            lookback=run.method_id.lookback_days,
            half_life=run.method_id.half_life_days,
            own=self._get_own_touches(run),
            u_shaped=self._get_u_share(),
            w_shaped=self._get_w_share(),
        )

    def _get_own_touches(self, run):
        """Return SQL of the campaign, medium and source of the orders, unless copied from their opportunity."""
        return SQL(
            """
            SELECT o.order_key, touch.id, touch.date, COALESCE(touch.date_time, touch.date), touch.kind, TRUE,
                   COALESCE(touch.campaign_id, 0), COALESCE(touch.medium_id, 0), COALESCE(touch.source_id, 0)
              FROM crm_attribution_order o
              JOIN crm_fact_touch touch
                ON touch.res_model = 'sale.order' AND touch.res_id = o.order_key AND touch.is_conversion
              LEFT JOIN res_partner customer ON customer.id = touch.commercial_partner_id
              LEFT JOIN sale_order document ON document.id = o.order_key
              LEFT JOIN crm_attribution_touch lead
                ON lead.lead_id = document.opportunity_id AND lead.partner_id = o.partner_id
               AND lead.moment <= COALESCE(o.moment, o.date + interval '1 day') AND lead.date >= o.date - %s
             WHERE customer.crm_profiling_opt_out IS NOT TRUE
               AND (lead.id IS NULL OR (lead.campaign, lead.medium, lead.source)
                    <> (COALESCE(touch.campaign_id, 0), COALESCE(touch.medium_id, 0), COALESCE(touch.source_id, 0)))
            """,
            run.method_id.lookback_days,
        )

    def _get_u_share(self):
        """Return SQL of the share of `attribution.u_shaped`."""
        return SQL(
            "CASE WHEN touches < 3 THEN 1.0::float8 / touches WHEN place IN (0, touches - 1) THEN %(ends)s::float8"
            " ELSE (1 - 2 * %(ends)s::float8) / (touches - 2) END",
            ends=attribution.U_ENDS,
        )

    def _get_w_share(self):
        """Return SQL of the share of `attribution.w_shaped`: roles of the first touch, the lead and the last touch."""
        roles = SQL("((place = 0)::int + (place = lead)::int + (place = touches - 1)::int)")
        distinct = SQL("(1 + (touches > 1)::int + (lead NOT IN (0, touches - 1))::int)")
        return SQL(
            "CASE WHEN %(roles)s = 0 THEN (1 - 3 * %(point)s::float8) / (touches - %(distinct)s)"
            " WHEN touches > %(distinct)s THEN %(roles)s * %(point)s::float8 ELSE %(roles)s / 3.0::float8 END",
            roles=roles,
            distinct=distinct,
            point=attribution.W_POINTS,
        )
