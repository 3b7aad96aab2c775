from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...scoring import attribution
from .crm_attribution_credit import ATTRIBUTION_MODELS, DIMENSIONS

RULES = [code for code, _label in ATTRIBUTION_MODELS if code != "markov"]
MEASURES = ("conversions", "revenue", "known_revenue", "margin")
# by what the share of an order is multiplied
TIMES = {name: SQL("") if name == "conversions" else SQL(" * %s", SQL.identifier(name)) for name in MEASURES}
# states of the Markov chain beside the channels, whose ids are above 0; 0 is a touch without the dimension
UNNAMED, START, WON, LOST = 0, -1, -2, -3
# credits may differ from the sales by that share: the last digits of sums of shares
TOLERANCE = 1e-6


class CrmPopulationReportAttribution(models.AbstractModel):
    """Which touch earned the orders: seven ways of sharing, as `scoring.attribution` defines them.

    The path of an order: the touches of its customer within the look-back window before it, and the campaign,
    medium and source of the order itself. That of an order which was only copied from its opportunity is no touch
    of its own. The rules are set-based; the Markov chain counts its transitions in SQL and is solved with numpy.
    Who objects to profiling is not followed: his orders count as orders without a known touch.
    """

    _name = "crm.population.report.attribution"
    _inherit = ["crm.population.report"]
    _description = "Attribution (Analysis)"
    _report_code = "attribution"
    _report_sequence = 60

    def _needs(self):
        return ("crm.fact.sale", "crm.fact.touch")

    def _rebuild(self, run):
        credits_ = self.env["crm.attribution.credit"]
        credits_._forget_rows(run)
        if not self._has_touches(run):
            return
        self._make_orders(run)
        self._make_paths(run)
        credits_._add(run, self._name_values(run, self._get_rule_rows()))
        credits_._add(run, self._name_values(run, self._get_untouched_rows()))
        for dimension, _label in DIMENSIONS:
            rows = self._get_markov_rows(run, dimension)
            if rows:
                credits_._add(run, self._name_values(run, rows))
        self._check_sums(run)

    def _has_touches(self, run):
        return bool(
            self.env.execute_query(
                SQL(
                    "SELECT 1 FROM crm_fact_touch WHERE company_id = %s AND date <= %s LIMIT 1",
                    run.company_id.id,
                    run.as_of,
                )
            )
        )

    def _get_start(self, run):
        """Return the first day whose orders are shared: whole months only."""
        return run.period - relativedelta(months=run.method_id.window_months - 1)

    # ------------------------------------------------------------------
    # Paths
    # ------------------------------------------------------------------
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

    # ------------------------------------------------------------------
    # Credits
    # ------------------------------------------------------------------
    def _get_rule_rows(self):
        """Return SQL of the credits of the touches by each rule, in all dimensions, with the ids of their values."""
        sums = SQL(", ").join(
            SQL(
                "SUM(%(share)s%(times)s) AS %(name)s",
                share=SQL.identifier(rule),
                times=times,
                name=self._column(rule, name),
            )
            for rule in RULES
            for name, times in TIMES.items()
        )
        values = SQL(", ").join(
            SQL("(%s, %s)", rule, SQL(", ").join(self._column(rule, name) for name in MEASURES)) for rule in RULES
        )
        return SQL(
            """
            SELECT month, dimension, value_id, rule.*
              FROM (SELECT month, COALESCE(campaign, medium, source) AS value_id,
                           CASE WHEN GROUPING(campaign) = 0 THEN 'campaign' WHEN GROUPING(medium) = 0 THEN 'medium'
                                ELSE 'source' END AS dimension, %(sums)s
                      FROM crm_attribution_path
                     GROUP BY month, GROUPING SETS ((campaign), (medium), (source))) summed
             CROSS JOIN LATERAL (VALUES %(values)s) rule (model, %(names)s)
            """,
            sums=sums,
            values=values,
            names=SQL(", ").join(map(SQL.identifier, MEASURES)),
        )

    @staticmethod
    def _column(rule, measure):
        return SQL.identifier(f"{rule}_{measure}")

    def _get_untouched_rows(self):
        """Return SQL of the orders without a touch, in each dimension and by each way of sharing."""
        return SQL(
            """
            SELECT month, dimension, NULL::int AS value_id, model, conversions, revenue, known_revenue, margin
              FROM (SELECT date_trunc('month', date)::date AS month, COUNT(*) AS conversions, SUM(revenue) AS revenue,
                           SUM(known_revenue) AS known_revenue, SUM(margin) AS margin
                      FROM crm_attribution_order o
                     WHERE NOT EXISTS (SELECT FROM crm_attribution_path path WHERE path.order_key = o.order_key)
                     GROUP BY 1) untouched
             CROSS JOIN unnest(%s) dimension CROSS JOIN unnest(%s) model
            """,
            [code for code, _label in DIMENSIONS],
            [code for code, _label in ATTRIBUTION_MODELS],
        )

    def _name_values(self, run, rows):
        """Return SQL of rows of the model: the values by their names, in the language of the company."""
        lang = run.company_id.partner_id.lang or "en_US"
        report = self.with_context(lang=lang)
        return SQL(
            """
            SELECT %(run)s AS run_id, rows.month, rows.dimension, rows.model,
                   CASE WHEN value_id IS NULL THEN 'none' WHEN value_id = 0 THEN 'unnamed' ELSE 'named' END
                   AS touch_state,
                   CASE WHEN value_id IS NULL THEN %(none)s
                        WHEN value_id = 0 THEN CASE rows.dimension %(unnamed)s END
                        ELSE COALESCE(campaign.title ->> %(lang)s, campaign.title ->> 'en_US', medium.name, source.name,
                                      '#' || value_id) END AS value,
                   CASE WHEN rows.dimension = 'campaign' THEN NULLIF(value_id, 0) END AS campaign_id,
                   CASE WHEN rows.dimension = 'medium' THEN NULLIF(value_id, 0) END AS medium_id,
                   CASE WHEN rows.dimension = 'source' THEN NULLIF(value_id, 0) END AS source_id,
                   rows.conversions, rows.revenue::numeric, rows.known_revenue::numeric, rows.margin::numeric
              FROM (%(rows)s) rows
              LEFT JOIN utm_campaign campaign ON rows.dimension = 'campaign' AND campaign.id = value_id
              LEFT JOIN utm_medium medium ON rows.dimension = 'medium' AND medium.id = value_id
              LEFT JOIN utm_source source ON rows.dimension = 'source' AND source.id = value_id
            """,
            run=run.id,
            none=report.env._("No touch known"),
            unnamed=SQL(" ").join(
                SQL("WHEN %s THEN %s", code, name)
                for code, name in (
                    ("campaign", report.env._("No campaign named")),
                    ("medium", report.env._("No medium named")),
                    ("source", report.env._("No source named")),
                )
            ),
            lang=lang,
            rows=rows,
        )

    # ------------------------------------------------------------------
    # Markov chain
    # ------------------------------------------------------------------
    def _get_markov_rows(self, run, dimension):
        """Return SQL of the credits by removal effects: the effects of the window share the orders of each month."""
        effects = attribution.transition_effects(
            self._count_transitions(run, dimension), start=START, won=WON, lost=LOST
        )
        total = sum((effects or {}).values())
        if not total:
            return None
        return SQL(
            """
            SELECT month, %(dimension)s AS dimension, share.value_id::int, 'markov' AS model,
                   share.part * conversions AS conversions, share.part * revenue AS revenue,
                   share.part * known_revenue AS known_revenue, share.part * margin AS margin
              FROM (SELECT month, SUM(last) AS conversions, SUM(last * revenue) AS revenue,
                           SUM(last * known_revenue) AS known_revenue, SUM(last * margin) AS margin
                      FROM crm_attribution_path GROUP BY month) touched
             CROSS JOIN unnest(%(channels)s::int[], %(parts)s::float8[]) share (value_id, part)
            """,
            dimension=dimension,
            channels=list(effects),
            parts=[effect / total for effect in effects.values()],
        )

    def _count_transitions(self, run, dimension):
        """Return ``{(state, following state): number}`` of the paths that were won, and of those that were lost.

        Lost is a journey whose last touch is older than the look-back window and belongs to no order; a gap longer
        than the window begins another journey. A younger one is still open and is not counted.
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH stray AS (
                    SELECT touch.id, %(channel)s AS channel, moment, date,
                           COALESCE(partner_id, -touch.id) AS customer,
                           date - LAG(date) OVER (PARTITION BY COALESCE(partner_id, -touch.id) ORDER BY moment, id)
                           > %(lookback)s AS is_new
                      FROM crm_attribution_touch touch
                     WHERE NOT EXISTS (SELECT FROM crm_attribution_path path WHERE path.touch_id = touch.id)
                       AND date >= %(start)s),
                     journey AS (
                    SELECT *, COUNT(*) FILTER (WHERE is_new) OVER (PARTITION BY customer ORDER BY moment, id) AS number
                      FROM stray),
                     lost AS (
                    SELECT *, MAX(date) OVER (PARTITION BY customer, number) AS last_date FROM journey),
                     step AS (
                    SELECT order_key AS journey, 0 AS number, place, %(channel)s AS channel, %(won)s AS ending
                      FROM crm_attribution_path
                     UNION ALL
                    SELECT customer, number, row_number() OVER (PARTITION BY customer, number ORDER BY moment, id),
                           channel, %(lost)s
                      FROM lost WHERE last_date < %(open)s),
                     followed AS (
                    SELECT channel, ending, LAG(channel) OVER path AS before, LEAD(channel) OVER path AS after
                      FROM step WINDOW path AS (PARTITION BY ending, journey, number ORDER BY place))
                SELECT COALESCE(before, %(begin)s), channel, COUNT(*) FROM followed GROUP BY 1, 2
                 UNION ALL
                SELECT channel, ending, COUNT(*) FROM followed WHERE after IS NULL GROUP BY 1, 2
                """,
                channel=SQL.identifier(dimension),
                lookback=run.method_id.lookback_days,
                start=self._get_start(run),
                open=run.as_of - relativedelta(days=run.method_id.lookback_days),
                won=WON,
                lost=LOST,
                begin=START,
            )
        )
        return {(state, following): number for state, following, number in rows}

    # ------------------------------------------------------------------
    # Check
    # ------------------------------------------------------------------
    def _check_sums(self, run):
        """Raise when a way of sharing gives more or less than was sold: its rows would be wrong."""
        wrong = self._get_unbalanced(run)
        if wrong:
            month, dimension, model = wrong[0]
            raise ValidationError(
                self.env._(
                    "The credits of %(month)s by %(dimension)s and %(model)s do not sum to the sales. The analysis was "
                    "not written: report this to whoever maintains the addon.",
                    month=month,
                    dimension=dimension,
                    model=model,
                )
            )

    def _get_unbalanced(self, run):
        """Return the (month, dimension, model) whose credits do not sum to the orders and the net sales."""
        return self.env.execute_query(
            SQL(
                """
                SELECT credit.month, credit.dimension, credit.model
                  FROM (SELECT date_trunc('month', date)::date AS month, COUNT(*) AS conversions,
                               SUM(revenue) AS revenue, SUM(ABS(revenue)) AS size
                          FROM crm_attribution_order GROUP BY 1) sold
                  JOIN (SELECT month, dimension, model, SUM(conversions) AS conversions, SUM(revenue) AS revenue
                          FROM crm_attribution_credit
                         WHERE company_id = %(company)s AND period = %(period)s GROUP BY 1, 2, 3) credit
                 USING (month)
                 WHERE ABS(credit.conversions - sold.conversions) > %(tolerance)s * sold.conversions
                    OR ABS(credit.revenue - sold.revenue) > %(tolerance)s * sold.size
                 ORDER BY 1, 2, 3
                """,
                company=run.company_id.id,
                period=run.period,
                tolerance=TOLERANCE,
            )
        )

    # ------------------------------------------------------------------
    # Documents behind a credit
    # ------------------------------------------------------------------
    def _get_order_keys(self, credit, *, limit):
        """Return the keys of the orders that a row shares: those with a touch of the value, or without any."""
        # `sudo`: the run tells the window and the company only; the list of the orders has its own rules
        run = credit.run_id.sudo()
        self._make_orders(run)
        self._make_paths(run)
        touched = SQL("SELECT FROM crm_attribution_path path WHERE path.order_key = o.order_key")
        if credit.touch_state == "none":
            condition = SQL("NOT EXISTS (%s)", touched)
        else:
            value = credit[f"{credit.dimension}_id"].id or UNNAMED
            condition = SQL("EXISTS (%s AND %s = %s)", touched, SQL.identifier("path", credit.dimension), value)
        rows = self.env.execute_query(
            SQL(
                "SELECT order_key FROM crm_attribution_order o"
                " WHERE date_trunc('month', date)::date = %s AND %s ORDER BY revenue DESC, order_key LIMIT %s",
                credit.month,
                condition,
                limit,
            )
        )
        return [key for (key,) in rows]
