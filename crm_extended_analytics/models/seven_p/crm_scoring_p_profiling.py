from odoo import models
from odoo.tools import SQL


class CrmScoringPProfiling(models.AbstractModel):
    """Who he is as a customer: how he pays, how large his orders are, how regular and on which day they come."""

    _name = "crm.scoring.p.profiling"
    _inherit = ["crm.scoring.p"]
    _description = "Profiling (7P)"
    _p_code = "profiling"
    _p_sequence = 10

    def _get_label(self):
        return self.env._("Profiling")

    def _needs(self):
        return ("crm.fact.sale", "crm.fact.payment", "crm.fact.interaction")

    def _get_measures(self, scope):
        recent = SQL("FILTER (WHERE r.is_purchase AND r.date > %s)", scope.since)
        paid = SQL("SUM(r.amount) FILTER (WHERE r.amount > 0)")
        return {
            "order": {
                "basket_value": SQL("AVG(r.amount) %s", recent),
                "basket_lines": SQL("AVG(r.lines) %s", recent),
                "gap_deviation": SQL("STDDEV_POP(r.gap) FILTER (WHERE r.gap > 0)"),
                "rhythm_variation": SQL(
                    "CASE WHEN COUNT(*) FILTER (WHERE r.gap > 0) > 1"
                    " THEN STDDEV_POP(r.gap) FILTER (WHERE r.gap > 0) / AVG(r.gap) FILTER (WHERE r.gap > 0) END"
                ),
                # 2001-01-01 was a Monday
                "weekday": SQL("1 + mode() WITHIN GROUP (ORDER BY (r.date - '2001-01-01'::date) %% 7) %s", recent),
                "country_id": SQL(
                    "NULLIF(MAX((r.date - '2001-01-01'::date)::bigint * 10000000 + COALESCE(r.country_id, 0))"
                    " %% 10000000, 0)"
                ),
            },
            "payment": {
                "delay_days": SQL("SUM(r.amount * r.days_late) / %s", SQL("NULLIF(%s, 0)", paid)),
                "late_share": SQL(
                    "100 * COALESCE(SUM(r.amount) FILTER (WHERE r.days_late > 0), 0) / NULLIF(%s, 0)", paid
                ),
            },
            "interaction": {"interaction_count": SQL("COUNT(*)")},
        }

    def _get_missing(self, row):
        return "facts" if row and row["purchase_days"] else "purchase"

    def _explain(self, row):
        found = []
        if row["delay_days"] is not None:
            code = "pays_late" if row["delay_days"] > 0 else "pays_in_time"
            found.append((code, {"days": abs(round(row["delay_days"], 1)), "share": round(row["late_share"], 1)}))
        if row["basket_value"] is not None:
            found.append(("basket", {"value": row["basket_value"], "lines": round(row["basket_lines"], 1)}))
        if row["rhythm_variation"] is not None:
            code = "regular" if row["rhythm_variation"] < 0.5 else "irregular"
            found.append((code, {"days": round(row["rhythm_days"], 1), "spread": round(row["gap_deviation"], 1)}))
        return found

    def _get_sentences(self):
        return {
            "pays_late": self.env._(
                "Pays %(days)s days after the due date on average; %(share)s %% of the money came late."
            ),
            "pays_in_time": self.env._(
                "Pays %(days)s days before the due date on average; %(share)s %% of the money came late."
            ),
            "basket": self.env._("An order is worth %(value)s and has %(lines)s lines."),
            "regular": self.env._("Buys regularly: every %(days)s days, give or take %(spread)s."),
            "irregular": self.env._("Buys irregularly: every %(days)s days, give or take %(spread)s."),
        }
