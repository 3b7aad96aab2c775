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

    def _get_order_columns(self):
        """Return ``{column of the rows of orders: SQL from the lines of one}``, beside amount and known cost.

        Most lines have no discount: only what differs is added up.
        """
        return {
            "discount": SQL("COALESCE((SUM(discount_company) FILTER (WHERE discount_company <> 0))::float8, 0)"),
            "lines": SQL("COUNT(*)::float8"),
            "country_id": SQL("MAX(country_id)"),
            "channel": SQL('MAX(channel COLLATE "C")'),
            "moment": SQL("MAX(date_time)"),
            "campaign_id": SQL("MAX(campaign_id)"),
        }

    def _get_order_rows(self, scope, names=None):
        """Return one row per order, with the days since the purchase before; an order above 0 is a purchase.

        ``first_date`` is the day of the first purchase before the order, empty for the first one. Amounts are added
        up as they are, which is exact: turning each of them into a double first would take longer. So does the cost,
        of which sums are asked only: it stays numeric.

        :param names: those of `_get_order_columns` that are needed; all if not given
        """
        columns = self._get_order_columns()
        columns = {name: columns[name] for name in columns if names is None or name in names}
        gross = SQL(", %s AS gross", exact(SQL("amount + discount"))) if "discount" in columns else SQL("")
        return SQL(
            """
            SELECT o.*, MIN(CASE WHEN is_purchase THEN date END) OVER earlier AS first_date,
                   CASE WHEN is_purchase
                        THEN (date - MAX(CASE WHEN is_purchase THEN date END) OVER earlier)::float8 END AS gap
              FROM (SELECT line.*, amount > 0 AS is_purchase,
                           CASE WHEN cost IS NULL THEN NULL WHEN unknown IS NULL THEN amount ELSE %(known)s END AS known
                           %(gross)s
                      FROM (SELECT commercial_partner_id AS partner_id, date, order_key,
                                   SUM(amount_company)::float8 AS amount, SUM(cost_company) AS cost,
                                   (SUM(amount_company) FILTER (WHERE cost_company IS NULL))::float8 AS unknown
                                   %(columns)s
                              FROM crm_fact_sale WHERE %(facts)s
                             GROUP BY commercial_partner_id, date, order_key) line) o
            WINDOW earlier AS (PARTITION BY partner_id ORDER BY date, order_key
                               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            """,
            columns=SQL("").join(SQL(", %s AS %s", sql, SQL.identifier(name)) for name, sql in columns.items()),
            gross=gross,
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
