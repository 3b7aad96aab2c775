from odoo import models
from odoo.tools import SQL


class CrmPopulationReportProduct(models.AbstractModel):
    """What is known of each product: who buys it again, what comes back, what goes with it, who lacks it.

    Made after the pairs and the gaps, which it counts.
    """

    _name = "crm.population.report.product"
    _inherit = ["crm.population.report"]
    _description = "Products (Analysis)"
    _report_code = "product"
    _report_sequence = 60

    def _needs(self):
        return ("crm.fact.sale", "crm.fact.return")

    def _rebuild(self, run):
        self.env.flush_all()
        self.env["crm.product.insight"]._replace(run, self._get_products(run))

    def _get_products(self, run):
        facts = run._get_scope().facts(since=run._get_scope().since)
        return SQL(
            """
            WITH line AS (
                SELECT product_id, commercial_partner_id AS partner_id, order_key, SUM(quantity) AS quantity,
                       SUM(amount_company) AS amount
                  FROM crm_fact_sale
                 WHERE %(facts)s AND %(population)s AND product_id IS NOT NULL GROUP BY 1, 2, 3),
                 buyer AS (
                SELECT product_id, partner_id, COUNT(*) FILTER (WHERE amount > 0) AS orders, SUM(quantity) AS quantity,
                       SUM(amount) AS amount
                  FROM line GROUP BY 1, 2),
                 sold AS (
                SELECT product_id, SUM(quantity) AS sold_quantity, SUM(amount) AS sold_amount,
                       SUM(orders) AS order_count, COUNT(*) FILTER (WHERE orders > 0) AS buyer_count,
                       COUNT(*) FILTER (WHERE orders > 1) AS repeat_count
                  FROM buyer GROUP BY 1),
                 back AS (
                SELECT product_id, SUM(quantity) AS returned_quantity, SUM(amount_company) AS returned_amount,
                       mode() WITHIN GROUP (ORDER BY reason COLLATE "C") AS return_reason
                  FROM crm_fact_return
                 WHERE %(facts)s AND %(population)s AND kind = 'credit_note' AND product_id IS NOT NULL GROUP BY 1),
                 pair AS (
                SELECT product_id, COUNT(*) AS pair_count,
                       (array_agg(other_product_id ORDER BY lift DESC, together_count DESC))[1] AS best_product_id
                  FROM crm_basket_rule
                 WHERE %(rows)s AND level = 'product' AND kind = 'order' AND lift > 1 GROUP BY 1),
                 gap AS (
                SELECT product_id, COUNT(*) AS gap_count FROM crm_customer_gap WHERE %(rows)s GROUP BY 1)
            SELECT product_id, sold_quantity, sold_amount, order_count, buyer_count, repeat_count,
                   100.0 * repeat_count / NULLIF(buyer_count, 0) AS repeat_rate,
                   COALESCE(returned_quantity, 0) AS returned_quantity,
                   COALESCE(returned_amount, 0) AS returned_amount, return_reason,
                   CASE WHEN sold_amount > 0 THEN 100 * COALESCE(returned_amount, 0) / sold_amount END AS return_rate,
                   CASE WHEN sold_quantity > 0
                        THEN 100 * COALESCE(returned_quantity, 0) / sold_quantity END AS return_quantity_rate,
                   COALESCE(pair_count, 0) AS pair_count, best_product_id, COALESCE(gap_count, 0) AS gap_count
              FROM sold
              LEFT JOIN back USING (product_id)
              LEFT JOIN pair USING (product_id)
              LEFT JOIN gap USING (product_id)
             ORDER BY sold_amount DESC
            """,
            facts=facts,
            population=self._get_population(run),
            rows=SQL("company_id = %s AND period = %s", run.company_id.id, run.period),
        )
