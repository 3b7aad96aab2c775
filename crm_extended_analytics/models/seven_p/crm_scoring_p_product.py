from odoo import models
from odoo.tools import SQL


class CrmScoringPProduct(models.AbstractModel):
    """What he buys: how wide, how much hangs on one product, and how much comes back."""

    _name = "crm.scoring.p.product"
    _inherit = ["crm.scoring.p"]
    _description = "Product (7P)"
    _p_code = "product"
    _p_sequence = 60

    def _get_label(self):
        return self.env._("Product")

    def _needs(self):
        return ("crm.fact.sale", "crm.fact.return")

    def _get_measures(self, scope):
        bought = SQL("FILTER (WHERE r.amount > 0)")
        return {
            "product": {
                "product_count": SQL("COUNT(*) %s", bought),
                "category_count": SQL("COUNT(DISTINCT r.categ_id) %s", bought),
                "top_product_share": SQL(
                    "100 * MAX(r.amount) %(bought)s / NULLIF(SUM(r.amount) %(bought)s, 0)", bought=bought
                ),
            },
            "return": {
                # what came back without a reason is not counted: the mode passes NULL over
                "return_reason": SQL(
                    'mode() WITHIN GROUP (ORDER BY r.reason COLLATE "C") FILTER (WHERE r.date > %s)', scope.since
                ),
            },
        }

    def _get_computed(self, scope):
        return [
            {
                "product_count": SQL("COALESCE(product_count, 0)"),
                "category_count": SQL("COALESCE(category_count, 0)"),
                "return_share": self._ratio(SQL("COALESCE(returns, 0)"), SQL("_sold")),
            }
        ]

    def _complete(self, rows):
        gaps = self.env["crm.customer.gap"]._get_largest(rows)
        for row in rows:
            row["gap"] = gaps.get((row["company_id"], row["partner_id"], row["period"]))

    def _explain_supply(self, row):
        """Return ``[(code, {number})]`` about what he may have to wait for.

        Here nothing is known of the supply. The addon that knows lead times and backlog inherits this P: it adds its
        measures in `_get_measures` or `_get_own_sql`, says what they mean here, and its sentences in `_get_sentences`.
        """
        return []

    def _explain(self, row):
        if not row["product_count"]:
            return [("nothing", {})]
        numbers = {"products": row["product_count"], "categories": row["category_count"]}
        found = [("range", numbers | {"share": round(row["top_product_share"], 1)})]
        if row["return_share"]:
            found.append(("returns", {"share": round(row["return_share"], 1)}))
        if row["return_reason"]:
            found.append(("reason", {"reason": row["return_reason"]}))
        if row.get("gap"):
            product, share = row["gap"]
            found.append(("gap", {"product": product, "share": round(share)}))
        return found + self._explain_supply(row)

    def _get_sentences(self):
        return {
            "nothing": self.env._("Bought nothing in the window of the scoring method."),
            "range": self.env._(
                "Products: %(products)s, categories: %(categories)s; the main product makes %(share)s %% of sales."
            ),
            "gap": self.env._("%(share)s %% of comparable customers buy %(product)s, this one never did."),
            "returns": self.env._("%(share)s %% of what was sold came back."),
            "reason": self.env._("What came back, mostly for this reason: %(reason)s."),
        }
