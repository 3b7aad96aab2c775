from odoo import models
from odoo.tools import SQL

# What makes a customer like another: plain measures that everybody who bought has
LIKENESS = ("recency_days", "rfm_orders", "rfm_money", "tenure_days")


class CrmScoringPProspecting(models.AbstractModel):
    """What to expect of him: purchases and sales of the next year, likeness to the best, chance to win."""

    _name = "crm.scoring.p.prospecting"
    _inherit = ["crm.scoring.p"]
    _description = "Prospecting (7P)"
    _p_code = "prospecting"
    _p_sequence = 50
    _p_money = ("sales",)

    def _get_label(self):
        return self.env._("Prospecting")

    def _needs(self):
        return ("crm.fact.sale", "crm.fact.opportunity")

    def _get_measures(self, scope):
        won = SQL("COUNT(*) FILTER (WHERE r.outcome = 'won')")
        return {
            "opportunity": {
                "won_count": won,
                "lost_count": SQL("COUNT(*) FILTER (WHERE r.outcome = 'lost')"),
                "win_rate": SQL("100.0 * %s / COUNT(*)", won),
            }
        }

    def _fit(self, run, parameters):
        """Return the middle of the best tenth by money, and the mean and spread of all customers."""
        names = [SQL.identifier("m", name) for name in LIKENESS]
        parts = SQL(", ").join(
            SQL(
                "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(name)s) FILTER (WHERE m.rfm_money >= best.least)"
                ", stddev_pop(%(name)s)::float8",
                name=name,
            )
            for name in names
        )
        (row,) = self.env.execute_query(
            SQL(
                """
                SELECT %(parts)s FROM crm_customer_measure m, (
                    SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY m.rfm_money) AS least
                      FROM crm_customer_measure m WHERE %(rows)s) best
                 WHERE %(rows)s AND m.recency_days IS NOT NULL
                """,
                parts=parts,
                rows=run._get_scope().rows(),
            )
        )
        pairs = zip(LIKENESS, zip(row[::2], row[1::2], strict=True), strict=True)
        return {"best": {name: list(pair) for name, pair in pairs if pair[0] is not None and pair[1]}}

    def _get_derived(self, scope, parameters):
        return {
            "expected_orders": SQL("m._expected"),
            "expected_sales": SQL("m._expected * m._value"),
            "lookalike": self._get_likeness_sql(parameters["best"]),
        }

    def _get_likeness_sql(self, best):
        """Return 100 / (1 + root mean square distance in standard deviations), as `similarity.distances`."""
        if not best:
            return SQL("NULL::float8")
        squares = SQL(" + ").join(
            SQL("power((%s - %s) / %s::float8, 2)", SQL.identifier("m", name), centre, deviation)
            for name, (centre, deviation) in best.items()
        )
        return SQL("100 / (1 + sqrt((%s) / %s))", squares, len(best))

    def _get_missing(self, row):
        return "facts" if row and row["purchase_days"] else "purchase"

    def _explain(self, row):
        found = []
        if row["expected_orders"] is not None:
            numbers = {"orders": round(row["expected_orders"], 1), "sales": row["expected_sales"] or 0.0}
            found.append(("expected" if row["expected_sales"] is not None else "expected_orders", numbers))
        if row["lookalike"] is not None:
            found.append(("alike", {"share": round(row["lookalike"])}))
        if row["win_rate"] is not None:
            total = row["won_count"] + row["lost_count"]
            found.append(("wins", {"won": row["won_count"], "total": total}))
        return found

    def _get_sentences(self):
        return {
            "expected": self.env._("%(orders)s purchases worth %(sales)s are to be expected in the next 12 months."),
            "expected_orders": self.env._("%(orders)s purchases are to be expected in the next 12 months."),
            "alike": self.env._("Is %(share)s %% like the best tenth of the customers."),
            "wins": self.env._("%(won)s of %(total)s opportunities were won."),
        }
