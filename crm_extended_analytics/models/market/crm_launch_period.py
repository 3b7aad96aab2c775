from odoo import api, fields, models
from odoo.tools import SQL

from ..seven_p.known_float import KnownFloat
from .crm_population_report_white_space import FEATURE


class CrmLaunchPeriod(models.Model):
    """What a plan of a new product expects in a period, and what was sold in it.

    The rows are written when the plan is, and their sales after each nightly load of the warehouse.
    """

    _name = "crm.launch.period"
    _description = "Period of a New Product"
    _log_access = False
    _order = "plan_id, number"
    _rec_name = "date_from"

    plan_id = fields.Many2one(
        comodel_name="crm.launch.plan",
        string="New Product",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    number = fields.Integer(string="Period", readonly=True, aggregator=None, help="1 is the period of the launch.")
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="To", readonly=True)
    expected_new = fields.Float(
        string="Expected",
        readonly=True,
        digits=(16, 2),
        help="m (F(t) - F(t - 1)): customers or units that buy in the period.",
    )
    expected_total = fields.Float(
        string="Expected in All",
        readonly=True,
        digits=(16, 2),
        aggregator="max",
        help="m F(t), F(t) = (1 - e^-(p+q)t) / (1 + q/p e^-(p+q)t): customers or units from the launch to the end of "
        "the period t.",
    )
    actual_new = KnownFloat(
        string="Sold",
        readonly=True,
        digits=(16, 0),
        aggregator="sum",
        help="Customers with their first order of the product in the period, or units sold less those credited. Empty "
        "until the product sells, and in periods to come.",
    )
    actual_total = KnownFloat(
        string="Sold in All",
        readonly=True,
        digits=(16, 0),
        aggregator="max",
        help="The same from the launch to the end of the period.",
    )
    is_peak = fields.Boolean(string="Peak", readonly=True, help="The period in which most are expected.")
    is_begun = fields.Boolean(
        string="Not Over", readonly=True, help="Sales are known of the first days of the period only."
    )

    _number_uniq = models.UniqueIndex("(plan_id, number)", "A plan has each period once.")

    @api.model
    def _get_purchases_sql(self, wanted):
        """Return SQL of (company_id, product_tmpl_id, counts, date, amount): what was bought of products, by day.

        A customer counts once, with his first order; units count as often as they are sold, less those credited.

        :param wanted: SQL of a table `wanted` of (company_id, product_tmpl_id, counts)
        """
        return SQL(
            """
            SELECT wanted.company_id, wanted.product_tmpl_id, wanted.counts, MIN(fact.date) AS date, 1 AS amount
              FROM %(wanted)s
              JOIN product_product product ON product.product_tmpl_id = wanted.product_tmpl_id
              JOIN crm_fact_sale fact ON fact.product_id = product.id AND fact.company_id = wanted.company_id
             WHERE wanted.counts = 'customers'
             GROUP BY wanted.company_id, wanted.product_tmpl_id, wanted.counts, fact.commercial_partner_id
             UNION ALL
            SELECT wanted.company_id, wanted.product_tmpl_id, wanted.counts, fact.date, SUM(fact.amount)
              FROM %(wanted)s
              JOIN product_product product ON product.product_tmpl_id = wanted.product_tmpl_id
              JOIN (SELECT company_id, product_id, date, quantity AS amount FROM crm_fact_sale
                     UNION ALL
                    SELECT company_id, product_id, date, -quantity FROM crm_fact_return WHERE kind = 'credit_note') fact
                ON fact.product_id = product.id AND fact.company_id = wanted.company_id
             WHERE wanted.counts = 'units'
             GROUP BY wanted.company_id, wanted.product_tmpl_id, wanted.counts, fact.date
            """,
            wanted=wanted,
        )

    @api.model
    def _refresh_night(self, companies):
        """Compare the plans of companies that use the feature with what was sold."""
        companies = companies.filtered(lambda company: company._has_feature(FEATURE))
        plans = self.env["crm.launch.plan"].with_context(active_test=False)
        self._refresh_sales(plans.search([("company_id", "in", companies.ids)]))

    @api.model
    def _refresh_sales(self, plans):
        """Write the sales beside the periods of plans: one statement for all periods, one for all plans."""
        for name in ("crm.launch.plan", "crm.launch.period", "crm.fact.sale", "crm.fact.return", "product.product"):
            self.env[name].flush_model()
        if not plans:
            return
        bought = SQL(
            """
            WITH plan AS (SELECT id, company_id, product_tmpl_id, counts, date_start FROM crm_launch_plan
                           WHERE id = ANY(%(plans)s)),
                 known AS (SELECT company_id, MAX(date) AS as_of FROM crm_fact_sale
                            WHERE company_id IN (SELECT company_id FROM plan) GROUP BY company_id),
                 bought AS MATERIALIZED (
                    SELECT plan.id AS plan_id, purchase.date, SUM(purchase.amount) AS amount
                      FROM (%(purchases)s) purchase
                      JOIN plan USING (company_id, product_tmpl_id, counts)
                     GROUP BY 1, 2)
            """,
            plans=plans.ids,
            purchases=self._get_purchases_sql(
                SQL("(SELECT DISTINCT company_id, product_tmpl_id, counts FROM plan) wanted")
            ),
        )
        self.env.cr.execute(
            SQL(
                """
                %(bought)s
                UPDATE crm_launch_plan SET as_of = known.as_of, sold_before = early.amount
                  FROM plan
                  LEFT JOIN known ON known.company_id = plan.company_id
                  LEFT JOIN LATERAL (SELECT SUM(amount)::float8 AS amount FROM bought
                                      WHERE plan_id = plan.id AND date < plan.date_start) early ON TRUE
                 WHERE crm_launch_plan.id = plan.id
                """,
                bought=bought,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                %(bought)s
                UPDATE crm_launch_period period
                   SET actual_new = counted.new, actual_total = counted.total, is_begun = counted.is_begun
                  FROM (SELECT line.id, CASE WHEN seen THEN new END AS new,
                               CASE WHEN seen THEN SUM(new) OVER (PARTITION BY line.plan_id ORDER BY line.number) END
                               AS total,
                               seen AND line.date_to > as_of AS is_begun
                          FROM (SELECT line.id, line.plan_id, line.number, line.date_to, known.as_of,
                                       COALESCE(SUM(bought.amount), 0)::float8 AS new,
                                       COALESCE(line.date_from <= known.as_of, FALSE)
                                       AND line.plan_id IN (SELECT plan_id FROM bought) AS seen
                                  FROM crm_launch_period line
                                  JOIN plan ON plan.id = line.plan_id
                                  LEFT JOIN known ON known.company_id = plan.company_id
                                  LEFT JOIN bought ON bought.plan_id = line.plan_id
                                       AND bought.date BETWEEN line.date_from AND line.date_to
                                 GROUP BY line.id, known.as_of) line) counted
                 WHERE counted.id = period.id
                """,
                bought=bought,
            )
        )
        self.invalidate_model()
        plans.invalidate_recordset()
