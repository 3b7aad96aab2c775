from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools import SQL

from ..customer_scope import could_buy
from ..seven_p.scoring_scope import exact


class CrmPyramidPopulationCustomer(models.AbstractModel):
    """Customers by what they buy.

    Active: bought (an order above 0) in the months of the pyramid. Inactive: bought before. Prospect: never bought,
    and has or had a lead or an opportunity. Suspect: any other active contact of the company that could buy: no
    employee, no company of ours, no mere supplier. The values are those of the measures of the 7P, where the day was
    scored; net sales are read from the sales themselves otherwise, by the same formula.
    """

    _name = "crm.pyramid.population.customer"
    _inherit = ["crm.pyramid.population"]
    _description = "Customers in a Value Pyramid"
    _kind = "customer"
    _measures = ("net_sales", "margin_1", "net_profit", "clv")

    def _get_label(self):
        return self.env._("Customers")

    def _get_words(self):
        return {
            "many": self.env._("customers"),
            "one": self.env._("Customer"),
            "active": self.env._("Bought lately"),
            "inactive": self.env._("Bought before, not lately"),
            "prospect": self.env._("Never bought, has or had a lead"),
            "suspect": self.env._("Contact without orders and leads"),
        }

    def _has_service_tiers(self):
        return True

    def _count_opt_outs(self, company):
        """Return the customers with sales who object."""
        ((count,),) = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*) FROM res_partner customer
                 WHERE customer.crm_profiling_opt_out AND EXISTS (
                       SELECT FROM crm_fact_sale fact
                        WHERE fact.company_id = %s AND fact.commercial_partner_id = customer.id)
                """,
                company.id,
            )
        )
        return count

    def _get_source(self, pyramid, company, as_of):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT run.method_id
                  FROM crm_customer_measure measure JOIN crm_scoring_run run ON run.id = measure.run_id
                 WHERE measure.company_id = %s AND measure.period = %s AND measure.as_of = %s LIMIT 1
                """,
                company.id,
                as_of.replace(day=1),
                as_of,
            )
        )
        method = self.env["crm.scoring.method"].browse(rows[0][0] if rows else [])
        if pyramid.measure != "net_sales":
            return "scores" if method else None
        return "scores" if method and method.window_months == pyramid.window_months else "facts"

    def _get_members_sql(self, pyramid, company, as_of, source):
        since = as_of - relativedelta(months=pyramid.window_months)
        buyers = self._get_scored_sql(pyramid, company, as_of) if source == "scores" else None
        return SQL(
            """
            WITH bought AS (SELECT * FROM (%(buyers)s) buyers WHERE last_date IS NOT NULL),
            asked AS (
                SELECT DISTINCT contact.commercial_partner_id AS partner_id
                  FROM crm_lead lead JOIN res_partner contact ON contact.id = lead.partner_id
                 WHERE (lead.company_id IS NULL OR lead.company_id = %(company)s)
                   AND lead.create_date::date <= %(as_of)s)
            SELECT customer.id AS partner_id,
                   CASE WHEN bought.last_date > %(since)s THEN 'active'
                        WHEN bought.partner_id IS NOT NULL THEN 'inactive'
                        WHEN asked.partner_id IS NOT NULL THEN 'prospect' ELSE 'suspect' END AS role,
                   CASE WHEN bought.last_date > %(since)s THEN %(exact)s END AS value
              FROM res_partner customer
              LEFT JOIN bought ON bought.partner_id = customer.id
              LEFT JOIN asked ON asked.partner_id = customer.id
             WHERE customer.crm_profiling_opt_out IS NOT TRUE
               AND (bought.partner_id IS NOT NULL OR (
                    customer.id = customer.commercial_partner_id
                    AND (customer.company_id IS NULL OR customer.company_id = %(company)s)
                    AND customer.create_date::date <= %(as_of)s
                    AND (asked.partner_id IS NOT NULL OR %(could_buy)s)))
            """,
            buyers=buyers or self._get_buyers_sql(company, as_of, since),
            company=company.id,
            as_of=as_of,
            since=since,
            exact=exact(SQL("bought.value")),
            could_buy=could_buy("customer"),
        )

    def _get_scored_sql(self, pyramid, company, as_of):
        return SQL(
            "SELECT partner_id, last_date, %s::float8 AS value FROM crm_customer_measure"
            " WHERE company_id = %s AND period = %s",
            SQL.identifier(pyramid.measure),
            company.id,
            as_of.replace(day=1),
        )

    def _get_buyers_sql(self, company, as_of, since):
        """Return who bought: in the window with the last purchase and the net sales, as the 7P measure them, or before.

        Most facts are older than the window. Of who bought nothing in it one old order is enough: it is looked up in
        the index, and the day before the window stands for its date, which nobody asks for.
        """
        return SQL(
            """
            WITH sold AS MATERIALIZED (
                SELECT partner_id, MAX(date) FILTER (WHERE amount > 0) AS last_date, SUM(amount)::float8 AS value
                  FROM (SELECT commercial_partner_id AS partner_id, date, order_key, SUM(amount_company) AS amount
                          FROM crm_fact_sale
                         WHERE company_id = %(company)s AND date <= %(as_of)s AND date > %(since)s
                           AND commercial_partner_id IS NOT NULL
                         GROUP BY commercial_partner_id, date, order_key) orders
                 GROUP BY partner_id)
            SELECT sold.partner_id, sold.last_date, sold.value - COALESCE(returned.value, 0) AS value
              FROM sold
              LEFT JOIN (SELECT commercial_partner_id AS partner_id, SUM(amount_company)::float8 AS value
                           FROM crm_fact_return
                          WHERE company_id = %(company)s AND date <= %(as_of)s AND date > %(since)s
                            AND kind = 'credit_note'
                          GROUP BY commercial_partner_id) returned ON returned.partner_id = sold.partner_id
             WHERE sold.last_date IS NOT NULL
             UNION ALL
            SELECT customer.id, %(since)s::date, NULL
              FROM (SELECT id FROM res_partner
                    EXCEPT ALL SELECT partner_id FROM sold WHERE last_date IS NOT NULL) customer
             WHERE EXISTS (
                   SELECT FROM crm_fact_sale old
                    WHERE old.company_id = %(company)s AND old.commercial_partner_id = customer.id
                      AND old.date <= %(since)s
                    GROUP BY old.date, old.order_key HAVING SUM(old.amount_company) > 0)
            """,
            company=company.id,
            as_of=as_of,
            since=since,
        )
