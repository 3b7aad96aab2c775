from odoo import models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .crm_attribution_credit import ATTRIBUTION_MODELS, DIMENSIONS
from .crm_attribution_markov_mixin import UNNAMED

RULES = [code for code, _label in ATTRIBUTION_MODELS if code != "markov"]
MEASURES = ("conversions", "revenue", "known_revenue", "margin")
# by what the share of an order is multiplied
TIMES = {name: SQL("") if name == "conversions" else SQL(" * %s", SQL.identifier(name)) for name in MEASURES}
# credits may differ from the sales by that share: the last digits of sums of shares
TOLERANCE = 1e-6


class CrmPopulationReportAttribution(models.AbstractModel):
    """Which touch earned the orders: seven ways of sharing, as `scoring.attribution` defines them.

    The paths of the orders, with the share of each touch by the rules, and the Markov chain are a mixin each.
    Who objects to profiling is not followed: his orders count as orders without a known touch.
    """

    _name = "crm.population.report.attribution"
    _inherit = ["crm.population.report", "crm.attribution.path.mixin", "crm.attribution.markov.mixin"]
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
        unnamed = self.env["crm.attribution.credit"].with_context(lang=lang)._get_unnamed()
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
            none=unnamed["none"],
            unnamed=SQL(" ").join(SQL("WHEN %s THEN %s", code, unnamed[code]) for code, _label in DIMENSIONS),
            lang=lang,
            rows=rows,
        )

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
