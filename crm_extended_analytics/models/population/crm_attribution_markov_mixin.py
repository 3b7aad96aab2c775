from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools import SQL

from ...scoring import attribution

# states of the Markov chain beside the channels, whose ids are above 0; 0 is a touch without the dimension
UNNAMED, START, WON, LOST = 0, -1, -2, -3


class CrmAttributionMarkovMixin(models.AbstractModel):
    """Credits by what would be lost without a channel: transitions counted in SQL, and the chain solved with numpy."""

    _name = "crm.attribution.markov.mixin"
    _description = "Markov Chain of the Attribution"

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
