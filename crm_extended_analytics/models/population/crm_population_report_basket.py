import math

from odoo import models
from odoo.tools import SQL

from ...scoring.basket import LARGEST_BASKET

# a pair must be in so many baskets, and in such a share of them: two baskets of a million prove nothing
LEAST_TOGETHER = 2
LEAST_SHARE = 0.0001
# more baskets than these are drawn from, always the same ones; unit: baskets
SAMPLE = {"order": 200_000, "customer": 50_000}
# pairs that are kept, those farthest from chance; unit: pairs per kind of basket and of item
KEPT_PAIRS = 1_000
ITEMS = {"product": "product_id", "category": "categ_id"}


class CrmPopulationReportBasket(models.AbstractModel):
    """What is bought together, in one order or by one customer, as `scoring.basket` defines it."""

    _name = "crm.population.report.basket"
    _inherit = ["crm.population.report"]
    _description = "Basket Rules (Analysis)"
    _report_code = "basket"
    _report_sequence = 30

    def _rebuild(self, run):
        rules = self.env["crm.basket.rule"]
        rules._forget_rows(run)
        self._make_bought(run)
        for kind in SAMPLE:
            for level in ITEMS:
                self._make_baskets(kind, level)
                rules._add(run, self._get_rules(kind, level))
                self.env.cr.execute("DROP TABLE crm_tmp_basket")
        self.env.cr.execute("DROP TABLE crm_tmp_bought")

    def _make_bought(self, run):
        """Keep what was bought in the window, each product of an order once."""
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMP TABLE crm_tmp_bought ON COMMIT DROP AS
                SELECT commercial_partner_id AS customer, order_key AS "order", product_id, categ_id
                  FROM crm_fact_sale
                 WHERE %(facts)s AND %(population)s AND amount_company > 0 AND product_id IS NOT NULL
                 GROUP BY 1, 2, 3, 4
                """,
                facts=run._get_scope().facts(since=run._get_scope().since),
                population=self._get_population(run),
            )
        )
        self.env.cr.execute("ANALYZE crm_tmp_bought")

    def _make_baskets(self, kind, level):
        """Make the table of (basket, item): of all baskets, or of a sample of them."""
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMP TABLE crm_tmp_basket ON COMMIT DROP AS
                  WITH drawn AS MATERIALIZED (
                SELECT %(basket)s AS basket FROM crm_tmp_bought GROUP BY 1
                 ORDER BY hashint4(%(basket)s), 1 LIMIT %(sample)s)
                SELECT basket, %(item)s AS item FROM drawn JOIN crm_tmp_bought ON %(basket)s = basket
                 WHERE %(item)s IS NOT NULL GROUP BY 1, 2
                """,
                basket=SQL.identifier(kind),
                item=SQL.identifier(ITEMS[level]),
                sample=SAMPLE[kind],
            )
        )
        self.env.cr.execute("ANALYZE crm_tmp_basket")

    def _get_least_together(self, baskets):
        """Return in how many of the baskets a pair must be."""
        return max(LEAST_TOGETHER, math.ceil(LEAST_SHARE * baskets))

    def _get_rules(self, kind, level):
        """Return SQL of both directions of the pairs farthest from chance."""
        ((baskets,),) = self.env.execute_query(SQL("SELECT COUNT(DISTINCT basket) FROM crm_tmp_basket"))
        least = self._get_least_together(baskets)
        return SQL(
            """
            WITH single AS MATERIALIZED (
                SELECT item, COUNT(*) AS found FROM crm_tmp_basket GROUP BY 1 HAVING COUNT(*) >= %(least)s),
                 small AS MATERIALIZED (
                SELECT basket FROM crm_tmp_basket GROUP BY 1 HAVING COUNT(*) BETWEEN 2 AND %(largest)s),
                 usable AS MATERIALIZED (
                SELECT basket, item FROM crm_tmp_basket JOIN small USING (basket) JOIN single USING (item)),
                 pair AS (
                SELECT one.item, other.item AS other, COUNT(*) AS found
                  FROM usable one JOIN usable other ON one.basket = other.basket AND one.item < other.item
                 GROUP BY 1, 2 HAVING COUNT(*) >= %(least)s),
                 measured AS (
                SELECT pair.item, pair.other, pair.found, one.found AS one, two.found AS two,
                       pair.found / %(baskets)s::float8 AS support,
                       pair.found / %(baskets)s::float8
                       - (one.found / %(baskets)s::float8) * (two.found / %(baskets)s::float8) AS leverage
                  FROM pair JOIN single one ON one.item = pair.item JOIN single two ON two.item = pair.other
                 ORDER BY abs(pair.found * %(baskets)s::float8 - one.found::float8 * two.found) DESC, 1, 2
                 LIMIT %(kept)s),
                 directed AS (
                SELECT item, other, found, one, two, support, leverage FROM measured
                 UNION ALL SELECT other, item, found, two, one, support, leverage FROM measured)
            SELECT %(kind)s AS kind, %(level)s AS level, item AS %(item)s, other AS %(other)s,
                   found AS together_count, one AS antecedent_count, two AS consequent_count,
                   %(baskets)s AS basket_count, %(least)s AS least_count,
                   100 * support AS support,
                   100 * found / one::float8 AS confidence,
                   100 * two / %(baskets)s::float8 AS expected_confidence,
                   found * %(baskets)s::float8 / (one::float8 * two) AS lift,
                   100 * leverage AS leverage,
                   CASE WHEN found < one
                        THEN (1 - two / %(baskets)s::float8) / (1 - found / one::float8) END AS conviction
              FROM directed
            """,
            least=least,
            largest=LARGEST_BASKET,
            baskets=baskets or 1,
            kept=KEPT_PAIRS,
            kind=kind,
            level=level,
            item=SQL.identifier(ITEMS[level]),
            other=SQL.identifier(f"other_{ITEMS[level]}"),
        )

    def _get_customers(self, rule):
        """Return the ids of the customers who bought the first item in the window and never the second one."""
        item = ITEMS[rule.level]
        column = SQL.identifier(item)
        scored = self._get_scored(rule.company_id, rule.period)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT commercial_partner_id FROM crm_fact_sale
                 WHERE company_id = %(company)s AND date <= %(as_of)s AND amount_company > 0
                   AND commercial_partner_id IN (%(scored)s) AND %(column)s IN (%(one)s, %(other)s)
                 GROUP BY 1 HAVING bool_or(%(column)s = %(one)s) AND NOT bool_or(%(column)s = %(other)s)
                """,
                company=rule.company_id.id,
                as_of=rule.as_of,
                scored=scored,
                column=column,
                one=rule[item].id,
                other=rule[f"other_{item}"].id,
            )
        )
        return [partner for (partner,) in rows]
