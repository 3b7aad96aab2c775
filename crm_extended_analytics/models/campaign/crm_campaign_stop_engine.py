from odoo import api, fields, models
from odoo.tools import SQL

from ..known_margin import LEAST_KNOWN_PCT, known_margin

FEATURE = "seven_p"
# a campaign without spend or touch for so long has ended by itself
RUNNING_DAYS = 30
# what a proposal remembers of the numbers behind it
NUMBERS = ("value", "spend", "margin", "conversions", "contact_count", "response_count", "budget", "day_count")


class CrmCampaignStopEngine(models.AbstractModel):
    """Which running campaigns are beyond the limit of which rule: one query for all companies, rules and campaigns."""

    _name = "crm.campaign.stop.engine"
    _description = "Stop Rules on Running Campaigns"

    @api.model
    def _find(self, companies):
        """Return ``{(company id, campaign id, rule id): numbers}`` of what is beyond its limit today."""
        companies = companies.filtered(lambda company: company._has_feature(FEATURE))
        if not companies:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query_dict(self._get_beyond_sql(companies, fields.Date.context_today(self)))
        return {(row.pop("company_id"), row.pop("campaign_id"), row.pop("rule_id")): row for row in rows}

    def _get_beyond_sql(self, companies, today):
        return SQL(
            """
            WITH %(analysis)s, %(running)s,
                 measured AS (
                SELECT running.company_id, running.campaign_id, rule.id AS rule_id, rule.measure, rule.threshold,
                       running.day_count, running.budget,
                       CASE rule.measure WHEN 'budget' THEN running.spend_total WHEN 'response' THEN NULL
                                         ELSE spent.amount END AS spend,
                       CASE WHEN rule.measure IN ('romi', 'order_cost') AND spent.amount IS NOT NULL
                            THEN CASE WHEN credit.campaign_id IS NULL THEN 0 ELSE %(margin)s END END AS margin,
                       CASE WHEN rule.measure IN ('romi', 'order_cost') AND spent.amount IS NOT NULL
                            THEN COALESCE(credit.conversions, 0) END AS conversions,
                       CASE rule.measure WHEN 'response' THEN running.mailings ELSE running.touches END
                       AS contact_count,
                       running.responses AS response_count, rule.least_touches
                  FROM running
                  JOIN crm_campaign_stop_rule rule
                    ON rule.active AND COALESCE(rule.company_id, running.company_id) = running.company_id
                   AND running.day_count >= rule.least_days
                  LEFT JOIN analysed ON analysed.company_id = running.company_id AND analysed.model = rule.model
                  LEFT JOIN credit ON credit.company_id = running.company_id AND credit.model = rule.model
                       AND credit.campaign_id = running.campaign_id
                  LEFT JOIN LATERAL (%(spent)s) spent ON analysed.as_of IS NOT NULL
                 WHERE NOT EXISTS (
                       SELECT 1 FROM crm_campaign_stop stop
                        WHERE stop.company_id = running.company_id AND stop.campaign_id = running.campaign_id
                          AND stop.state = 'stopped')),
                 judged AS (
                SELECT *, CASE measure WHEN 'order_cost' THEN spend / NULLIF(conversions, 0)
                                       WHEN 'romi' THEN 100 * (margin - spend) / NULLIF(spend, 0)
                                       WHEN 'response' THEN 100.0 * response_count / NULLIF(contact_count, 0)
                                       WHEN 'budget' THEN 100 * spend / NULLIF(budget, 0) END AS value
                  FROM measured WHERE contact_count >= least_touches)
            SELECT company_id, campaign_id, rule_id, value, spend, margin, conversions, contact_count, response_count,
                   budget, day_count
              FROM judged
             WHERE CASE measure
                   -- before the first whole order its cost is the whole spend at the least
                   WHEN 'order_cost' THEN spend > threshold * GREATEST(conversions, 1)
                   -- without a margin that is measurable there is no value, and no proposal
                   WHEN 'romi' THEN value < threshold
                   WHEN 'response' THEN value < threshold
                   WHEN 'budget' THEN value > threshold END
            """,
            analysis=self._get_analysis_sql(companies),
            running=self._get_running_sql(companies, today),
            spent=self._get_spent_sql(),
            margin=known_margin(
                sold=SQL("credit.revenue"),
                known=SQL("credit.known_revenue"),
                margin=SQL("credit.margin"),
                least=SQL("analysed.least"),
            ),
        )

    def _get_part_sql(self, first, last):
        """Return SQL of the part of a cost that falls on the days of a period."""
        return SQL(
            "cost.amount::float8 * GREATEST(LEAST(cost.date_to, %(last)s) - GREATEST(cost.date_from, %(first)s) + 1, 0)"
            " / (cost.date_to - cost.date_from + 1)",
            first=first,
            last=last,
        )

    def _get_analysis_sql(self, companies):
        """Return SQL of what the last analysis credits campaigns with, and of the days that it covers."""
        return SQL(
            """
            last AS (
                SELECT company_id, MAX(period) AS period FROM crm_attribution_credit
                 WHERE company_id = ANY(%(companies)s) GROUP BY company_id),
                 analysed AS (
                SELECT credit.company_id, credit.model, MIN(credit.month) AS first, MAX(credit.as_of) AS as_of,
                       COALESCE(MAX(method.min_cost_known_pct), %(least)s) AS least
                  FROM crm_attribution_credit credit
                  JOIN last USING (company_id, period)
                  LEFT JOIN crm_scoring_run run ON run.id = credit.run_id
                  LEFT JOIN crm_scoring_method method ON method.id = run.method_id
                 GROUP BY credit.company_id, credit.model),
                 credit AS (
                SELECT company_id, model, campaign_id, SUM(conversions)::float8 AS conversions,
                       SUM(revenue)::float8 AS revenue, SUM(known_revenue)::float8 AS known_revenue,
                       SUM(margin)::float8 AS margin
                  FROM crm_attribution_credit JOIN last USING (company_id, period)
                 WHERE dimension = 'campaign' AND campaign_id IS NOT NULL
                 GROUP BY company_id, model, campaign_id)
            """,
            companies=companies.ids,
            least=LEAST_KNOWN_PCT,
        )

    def _get_running_sql(self, companies, today):
        """Return SQL of the campaigns that are under way in a company, with what they cost and whom they reached."""
        today = SQL("%s::date", today)
        return SQL(
            """
            spent_total AS (
                SELECT cost.company_id, cost.campaign_id, MIN(cost.date_from) AS first, MAX(cost.date_to) AS last,
                       SUM(%(part)s) AS amount
                  FROM crm_campaign_cost cost
                 WHERE cost.company_id = ANY(%(companies)s) AND cost.campaign_id IS NOT NULL
                   AND cost.date_from <= %(today)s
                 GROUP BY cost.company_id, cost.campaign_id),
                 touched AS (
                SELECT company_id, campaign_id, MIN(date) AS first, MAX(date) AS last, COUNT(*) AS touches,
                       COUNT(*) FILTER (WHERE kind = 'mailing') AS mailings,
                       COUNT(*) FILTER (WHERE kind = 'mailing' AND (is_opened OR is_clicked OR is_replied))
                       AS responses
                  FROM crm_fact_touch
                 WHERE company_id = ANY(%(companies)s) AND campaign_id IS NOT NULL AND is_conversion IS NOT TRUE
                   AND date <= %(today)s
                 GROUP BY company_id, campaign_id),
                 running AS (
                SELECT reached.*, (campaign.crm_budget ->> reached.company_id::text)::float8 AS budget
                  FROM (SELECT company_id, campaign_id,
                               %(today)s - LEAST(spent_total.first, touched.first) AS day_count,
                               GREATEST(spent_total.last, touched.last) AS last,
                               COALESCE(spent_total.amount, 0) AS spend_total, COALESCE(touched.touches, 0) AS touches,
                               COALESCE(touched.mailings, 0) AS mailings, COALESCE(touched.responses, 0) AS responses
                          FROM spent_total
                          FULL JOIN touched USING (company_id, campaign_id)) reached
                  JOIN utm_campaign campaign ON campaign.id = reached.campaign_id
                 WHERE campaign.active AND reached.last >= %(today)s - %(days)s)
            """,
            companies=companies.ids,
            part=self._get_part_sql(SQL("cost.date_from"), today),
            today=today,
            days=RUNNING_DAYS,
        )

    def _get_spent_sql(self):
        """Return SQL of what a running campaign cost on the days of the analysis."""
        return SQL(
            """
            SELECT COALESCE(SUM(%s), 0) AS amount FROM crm_campaign_cost cost
             WHERE cost.company_id = running.company_id AND cost.campaign_id = running.campaign_id
            """,
            self._get_part_sql(SQL("analysed.first"), SQL("analysed.as_of")),
        )
