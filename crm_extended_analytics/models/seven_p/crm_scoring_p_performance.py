from odoo import models
from odoo.tools import SQL

from ...scoring.peers import LEAST_PEERS
from .scoring_scope import doubles


class CrmScoringPPerformance(models.AbstractModel):
    """How his sales go: growth and where it comes from, and his place among customers of the same country."""

    _name = "crm.scoring.p.performance"
    _inherit = ["crm.scoring.p"]
    _description = "Performance (7P)"
    _p_code = "performance"
    _p_sequence = 40
    _p_money = ("sales", "growth_price", "growth_volume", "growth_mix", "growth_new", "growth_lost")

    def _get_label(self):
        return self.env._("Performance")

    def _get_measures(self, scope):
        both = SQL("FILTER (WHERE r.quantity > 0 AND r.quantity_before > 0)")
        price = SQL("SUM(r.amount - r.amount_before / NULLIF(r.quantity_before, 0) * r.quantity) %s", both)
        volume = SQL(
            "(SUM(r.quantity) %(both)s - SUM(r.quantity_before) %(both)s)"
            " * SUM(r.amount_before) %(both)s / NULLIF(SUM(r.quantity_before) %(both)s, 0)",
            both=both,
        )
        before = SQL("SUM(r.amount_before)")
        new = SQL("SUM(r.amount) FILTER (WHERE r.quantity > 0 AND NOT r.quantity_before > 0)")
        lost = SQL("-SUM(r.amount_before) FILTER (WHERE r.quantity_before > 0 AND NOT r.quantity > 0)")
        return {
            "product": {
                "_bought_before": before,
                "growth_price": price,
                "growth_volume": volume,
                # the rest of all, amounts without a quantity included: the parts always add up to the change
                "growth_mix": SQL(
                    "SUM(r.amount - r.amount_before) - COALESCE(%s, 0) - COALESCE(%s, 0) - COALESCE(%s, 0)"
                    " - COALESCE(%s, 0)",
                    price,
                    volume,
                    new,
                    lost,
                ),
                "growth_new": new,
                "growth_lost": lost,
            },
            "return": {
                "_returned_before": SQL(
                    "SUM(r.amount) FILTER (WHERE r.date <= %s AND r.date > %s)", scope.since, scope.before
                )
            },
        }

    def _get_computed(self, scope):
        return [
            {"sales_before": SQL("_bought_before - COALESCE(_returned_before, 0)")},
            {},
            {
                "sales_change_pct": self._ratio(SQL("COALESCE(net_sales, 0) - sales_before"), SQL("sales_before")),
                # more than all of it: the wallet is out of date, and the share not known
                "wallet_share": SQL(
                    "CASE WHEN net_sales BETWEEN 0 AND _wallet THEN %s END",
                    self._ratio(SQL("net_sales"), SQL("_wallet")),
                ),
            },
        ]

    def _get_own_sql(self, scope):
        """Return the wallet of the window as far as it is known, and the share that our rank lets expect."""
        wallet, rank, vendors = (
            SQL("(p.%s ->> %s)::float8", SQL.identifier(name), str(scope.company.id))
            for name in ("crm_wallet", "crm_wallet_rank", "crm_wallet_vendors")
        )
        return ["_wallet", "wallet_expected"], SQL(
            """
            SELECT p.id AS partner_id, NULLIF(%(wallet)s, 0) * %(years)s::float8 AS _wallet,
                   CASE WHEN %(rank)s BETWEEN 1 AND %(vendors)s
                        THEN 100 * (1 - %(rank)s / (%(vendors)s + 1)) * 2 / %(vendors)s END AS wallet_expected
              FROM res_partner p
             WHERE (p.crm_wallet IS NOT NULL OR p.crm_wallet_vendors IS NOT NULL) AND %(partners)s
            """,
            wallet=wallet,
            rank=rank,
            vendors=vendors,
            years=scope.method.window_months / 12,
            partners=scope.partners(SQL("p.id")),
        )

    def _fit(self, run, parameters):
        """Return the percentiles of net sales by country, for countries with enough customers."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.country_id,
                       percentile_disc((SELECT array_agg(n / 100.0) FROM generate_series(1, 99) n))
                           WITHIN GROUP (ORDER BY m.net_sales)
                  FROM crm_customer_measure m
                 WHERE %s AND m.country_id IS NOT NULL AND m.net_sales IS NOT NULL
                 GROUP BY m.country_id HAVING COUNT(*) >= %s ORDER BY m.country_id
                """,
                run._get_scope().rows(),
                LEAST_PEERS,
            )
        )
        return {"peers": [[country, bounds] for country, bounds in rows]}

    def _get_derived(self, scope, parameters):
        arms = SQL(" ").join(
            SQL("WHEN %s THEN width_bucket(m.net_sales, %s)", country, doubles(bounds))
            for country, bounds in parameters["peers"]
        )
        return {"peer_percentile": SQL("CASE m.country_id %s END", arms) if arms else SQL("NULL::float8")}

    def _explain(self, row):
        if row["net_sales"] is None:
            return []
        if row["sales_change_pct"] is None:
            found = [("sales" if row["net_sales"] else "nothing", {"sales": row["net_sales"]})]
        else:
            code = "grew" if row["sales_change_pct"] >= 0 else "shrank"
            numbers = {"sales": row["net_sales"], "change": abs(round(row["sales_change_pct"], 1))}
            # who bought nothing any more lost all products: no news
            found = [(code, numbers)] + ([self._explain_growth(row)] if row["net_sales"] else [])
        if row["peer_percentile"] is not None:
            found.append(("peers", {"percentile": round(row["peer_percentile"])}))
        if row.get("wallet_share") is not None:
            found.append(("wallet", {"share": round(row["wallet_share"])}))
        if row.get("wallet_expected") is not None:
            found.append(("wallet_expected", {"share": round(row["wallet_expected"])}))
        return found

    def _explain_growth(self, row):
        parts = ("growth_price", "growth_volume", "growth_mix", "growth_new", "growth_lost")
        return "growth", {name: row[name] or 0.0 for name in parts}

    def _get_sentences(self):
        return {
            "nothing": self.env._("Bought nothing in the window of the scoring method, nor in the one before."),
            "sales": self.env._("Net sales %(sales)s; none in the window before."),
            "grew": self.env._("Net sales %(sales)s, %(change)s %% more than before."),
            "shrank": self.env._("Net sales %(sales)s, %(change)s %% less than before."),
            "growth": self.env._(
                "The change: price %(growth_price)s, volume %(growth_volume)s, mix %(growth_mix)s, new products "
                "%(growth_new)s, products no longer bought %(growth_lost)s."
            ),
            "wallet": self.env._("Spends %(share)s %% of the wallet with us."),
            "wallet_expected": self.env._(
                "By our rank among the suppliers %(share)s %% of the wallet can be expected."
            ),
            "peers": self.env._("Ahead of %(percentile)s %% of the comparable customers of the same country."),
        }
