from odoo import models
from odoo.tools import SQL


class CrmScoringPPromotion(models.AbstractModel):
    """How he answers to campaigns, and how much he depends on discounts."""

    _name = "crm.scoring.p.promotion"
    _inherit = ["crm.scoring.p"]
    _description = "Promotion (7P)"
    _p_code = "promotion"
    _p_sequence = 70

    def _get_label(self):
        return self.env._("Promotion")

    def _needs(self):
        return ("crm.fact.sale", "crm.fact.touch")

    def _get_measures(self, scope):
        mailed = SQL("COUNT(*) FILTER (WHERE r.kind = 'mailing')")
        return {
            "touch": {
                "touch_count": SQL("COUNT(*) FILTER (WHERE NOT r.is_conversion)"),
                "conversion_count": SQL("COUNT(*) FILTER (WHERE r.is_conversion)"),
                "mailing_count": mailed,
                "response_pct": SQL(
                    "100.0 * COUNT(*) FILTER ("
                    "WHERE r.kind = 'mailing' AND (r.is_opened OR r.is_clicked OR r.is_replied))"
                    " / NULLIF(%s, 0)",
                    mailed,
                ),
            },
            "order": {
                "_discounted": SQL("SUM(r.amount) FILTER (WHERE r.discount > 0 AND r.date > %s)", scope.since),
            },
        }

    def _get_computed(self, scope):
        return [
            {
                "discount_pct": self._ratio(SQL("discounts"), SQL("gross_sales")),
                "discounted_share": self._ratio(SQL("COALESCE(_discounted, 0)"), SQL("_sold")),
            }
        ]

    def _explain(self, row):
        found = []
        if row["discount_pct"] is not None:
            numbers = {"share": round(row["discounted_share"], 1), "discount": round(row["discount_pct"], 1)}
            found.append(("discount" if row["discounts"] else "no_discount", numbers))
        if row["mailing_count"]:
            found.append(("mailings", {"share": round(row["response_pct"], 1), "count": row["mailing_count"]}))
        if row["touch_count"] or row["conversion_count"]:
            found.append(("touches", {"touches": row["touch_count"] or 0, "conversions": row["conversion_count"] or 0}))
        return found

    def _get_sentences(self):
        return {
            "discount": self.env._(
                "%(share)s %% of sales were at a discount; discounts took %(discount)s %% of gross sales."
            ),
            "no_discount": self.env._("Buys without discounts."),
            "mailings": self.env._("Answered %(share)s %% of %(count)s mailings."),
            "touches": self.env._(
                "%(touches)s campaign touches, %(conversions)s orders that name a campaign or source."
            ),
        }
