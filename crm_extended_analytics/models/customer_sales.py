"""What each customer bought on the days of a period: the same numbers for hold-outs and for decisions."""

from odoo.tools import SQL

# per customer: net sales, margin, orders, and 100 where he bought at all, so that the mean is the share in percent
MEASURES = ("revenue", "margin", "orders", "buyers")


def sales_per_customer(company, first, last):
    """Return SQL of `commercial_partner_id`, the measures, and the net sales whose cost is ``known``.

    The margin is that of the known part; who bought nothing is in no row.
    """
    return SQL(
        """
        SELECT commercial_partner_id, SUM(amount_company) AS revenue, SUM(margin_company) AS margin,
               COALESCE(SUM(amount_company) FILTER (WHERE margin_company IS NOT NULL), 0) AS known,
               COUNT(DISTINCT order_key) FILTER (WHERE amount_company > 0) AS orders,
               CASE WHEN bool_or(amount_company > 0) THEN 100.0 ELSE 0.0 END AS buyers
          FROM crm_fact_sale
         WHERE company_id = %s AND date BETWEEN %s AND %s
         GROUP BY commercial_partner_id
        """,
        company.id,
        first,
        last,
    )


def means_of_sales(alias):
    """Return SQL of the mean and the sample deviation of each measure; who bought nothing counts as 0.

    The margin is that of the known part: see `known_factor` for what it tells of all.
    """
    return SQL(", ").join(
        SQL(
            "AVG(COALESCE(%(value)s, 0))::float8 AS %(mean)s,"
            " COALESCE(stddev_samp(COALESCE(%(value)s, 0)), 0)::float8 AS %(deviation)s",
            value=SQL.identifier(alias, measure),
            mean=SQL.identifier(measure),
            deviation=SQL.identifier(f"{measure}_deviation"),
        )
        for measure in (*MEASURES, "known")
    )
