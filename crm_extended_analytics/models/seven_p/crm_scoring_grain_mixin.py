from odoo import models
from odoo.tools import SQL

from .scoring_scope import exact

# columns of facts that rows have under another meaning, or not at all
NOT_IN_ROWS = {"id", "amount", "partner_id", "create_uid", "create_date", "write_uid", "write_date"}


class CrmScoringGrainMixin(models.AbstractModel):
    """The rows that all P share, with the customer as ``partner_id``: each fact is read once for all of them."""

    _name = "crm.scoring.grain.mixin"
    _description = "Rows of the Scoring Engine"

    def _get_grains(self, scope):
        """Return ``{grain: SQL of its rows}``; the rows of an order are the base: who has none is no customer."""
        return {
            "order": self._get_order_rows(scope),
            "product": self._get_product_rows(scope),
            "payment": self._get_fact_rows("crm.fact.payment", scope, scope.since, SQL("AND kind = 'payment'")),
            "return": self._get_fact_rows("crm.fact.return", scope, None, SQL("AND kind = 'credit_note'")),
            "opportunity": self._get_fact_rows("crm.fact.opportunity", scope, scope.since),
            "touch": self._get_fact_rows("crm.fact.touch", scope, scope.since),
            "interaction": self._get_fact_rows("crm.fact.interaction", scope, scope.since),
            "service": self._get_fact_rows("crm.fact.service", scope, scope.since),
        }

    def _get_fact_rows(self, model, scope, since, condition=None):
        """Return the facts of a model as they are, their amounts being doubles."""
        money = [name for name in ("amount_company", "cost_company") if name in self.env[model]._fields]
        kept = [
            name
            for name, field in self.env[model]._fields.items()
            if field.store and field.column_type and name not in NOT_IN_ROWS
        ]
        columns = [SQL.identifier(name) for name in kept]
        columns += [SQL("%s::float8 AS %s", SQL.identifier(name), SQL.identifier(name[:-8])) for name in money]
        return SQL(
            "SELECT commercial_partner_id AS partner_id, %s FROM %s WHERE %s %s",
            SQL(", ").join(columns),
            SQL.identifier(self.env[model]._table),
            scope.facts(since=since),
            condition or SQL(""),
        )

    def _get_order_rows(self, scope):
        """Return one row per order, with the days since the purchase before; an order above 0 is a purchase.

        ``first_date`` is the day of the first purchase before the order, empty for the first one. Most lines have no
        discount and a known cost: only what differs is added up.
        """
        return SQL(
            """
            SELECT o.*, MIN(date) FILTER (WHERE is_purchase) OVER earlier AS first_date,
                   CASE WHEN is_purchase THEN (date - MAX(date) FILTER (WHERE is_purchase) OVER earlier)::float8
                        END AS gap
              FROM (SELECT line.*, amount > 0 AS is_purchase, %(gross)s AS gross,
                           CASE WHEN cost IS NULL THEN NULL WHEN unknown IS NULL THEN amount ELSE %(known)s END AS known
                      FROM (SELECT commercial_partner_id AS partner_id, date, order_key, %(amount)s AS amount,
                                   COALESCE(%(discount)s, 0) AS discount, %(cost)s AS cost,
                                   SUM(amount_company::float8) FILTER (WHERE cost_company IS NULL) AS unknown,
                                   COUNT(*)::float8 AS lines, MAX(country_id) AS country_id,
                                   MAX(channel COLLATE "C") AS channel, MAX(date_time) AS moment,
                                   MAX(campaign_id) AS campaign_id
                              FROM crm_fact_sale WHERE %(facts)s
                             GROUP BY commercial_partner_id, date, order_key) line) o
            WINDOW earlier AS (PARTITION BY partner_id ORDER BY date, order_key
                               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            """,
            amount=exact(SQL("SUM(amount_company::float8)")),
            cost=exact(SQL("SUM(cost_company::float8)")),
            discount=exact(SQL("SUM(discount_company::float8) FILTER (WHERE discount_company <> 0)")),
            gross=exact(SQL("amount + discount")),
            known=exact(SQL("amount - unknown")),
            facts=scope.facts(),
        )

    def _get_product_rows(self, scope):
        """Return one row per product: amount and quantity in the window and in the one before."""
        windows = {"": SQL("date > %s", scope.since), "_before": SQL("date <= %s", scope.since)}
        sums = [
            SQL(
                "COALESCE(%s, 0) AS %s",
                exact(SQL("SUM(%s::float8) FILTER (WHERE %s)", SQL.identifier(column), window)),
                SQL.identifier(f"{name}{suffix}"),
            )
            for name, column in (("amount", "amount_company"), ("quantity", "quantity"))
            for suffix, window in windows.items()
        ]
        return SQL(
            """
            SELECT commercial_partner_id AS partner_id, product_id, MAX(categ_id) AS categ_id, %s
              FROM crm_fact_sale WHERE %s
             GROUP BY commercial_partner_id, product_id
            """,
            SQL(", ").join(sums),
            scope.facts(since=scope.before),
        )
