from odoo import models
from odoo.tools import SQL

from ...scoring.clv import choose_method
from . import scoring_models

# standard errors on each side of a mean between which 80 % of a normal distribution lie
NORMAL_80 = 1.2816


class CrmScoringPProfitability(models.AbstractModel):
    """What he brings: the ladder from gross sales to net profit, and his lifetime value in three ways.

    Sales are booked ones, which is what a history of another system has too; returns are credit notes. What came
    back without a known cost is a loss of its whole amount.
    """

    _name = "crm.scoring.p.profitability"
    _inherit = ["crm.scoring.p"]
    _description = "Profitability (7P)"
    _p_code = "profitability"
    _p_sequence = 30
    _p_money = (
        *("net_sales", "margin_1", "net_profit", "returns", "clv", "risk", "low", "high"),
        *("historic_margin", "clv_present", "clv_model"),
    )

    def _get_label(self):
        return self.env._("Profitability")

    def _needs(self):
        return ("crm.fact.sale", "crm.fact.return", "crm.fact.payment", "crm.fact.touch", "crm.fact.service")

    def _get_measures(self, scope):
        recent = SQL("FILTER (WHERE r.date > %s)", scope.since)
        return {
            "order": {
                "gross_sales": SQL("SUM(r.gross) %s", recent),
                "discounts": SQL("SUM(r.discount) %s", recent),
                "_sold": SQL("SUM(r.amount) %s", recent),
                "_sold_cost": SQL("SUM(r.cost) %s", recent),
                "_sold_known": SQL("SUM(r.known) %s", recent),
                # the campaign of the first purchase: its id in the last digits of the day
                "first_campaign_id": SQL(
                    "NULLIF(MIN((r.date - '2001-01-01'::date)::bigint * 10000000 + COALESCE(r.campaign_id, 0))"
                    " FILTER (WHERE r.is_purchase) %% 10000000, 0)"
                ),
                "_ever": SQL("SUM(r.amount)"),
                "_ever_cost": SQL("SUM(r.cost)"),
                "_ever_known": SQL("SUM(r.known)"),
            },
            "return": {
                "returns": SQL("SUM(r.amount) %s", recent),
                "_return_cost": SQL("SUM(r.cost) %s", recent),
                "_return_ever": SQL("SUM(r.amount)"),
                "_return_cost_ever": SQL("SUM(r.cost)"),
            },
            "payment": {"_terms": SQL("SUM(r.amount * r.days_to_pay)")},
            "touch": {"_touches": SQL("COUNT(*) FILTER (WHERE NOT r.is_conversion)")},
            "interaction": {"_meetings": SQL("COUNT(*) FILTER (WHERE r.kind = 'meeting')")},
            "service": {"_cases": SQL("COUNT(*)")},
        }

    def _get_computed(self, scope):
        """Return measures made of the aggregates of all grains, step by step: each sees those before."""
        method = scope.method
        least = method.min_cost_known_pct
        interest = method.interest_rate / 100 / 365
        return [
            {
                # who bought nothing in the window has sales of 0, which is known
                "gross_sales": SQL("COALESCE(gross_sales, 0)"),
                "discounts": SQL("COALESCE(discounts, 0)"),
                "returns": SQL("COALESCE(returns, 0)"),
                "net_sales": SQL("COALESCE(_sold, 0) - COALESCE(returns, 0)"),
                "cost_known_pct": self._ratio(SQL("_sold_known"), SQL("_sold")),
                "cost_rate": self._ratio(SQL("_sold_cost"), SQL("_sold_known")),
                "campaign_cost": SQL("COALESCE(_touches, 0) * %s::float8", method.touch_cost),
                "care_cost": SQL(
                    "COALESCE(_cases, 0) * %s::float8 + COALESCE(_meetings, 0) * %s::float8",
                    method.service_cost,
                    method.visit_cost,
                ),
                "terms_cost": SQL("COALESCE(_terms, 0) * %s::float8", interest),
                "_margin_ever": SQL(
                    "CASE WHEN 100 * COALESCE(_ever_known, 0) >= %s * _ever AND _ever_known > 0"
                    " THEN (_ever_known - _ever_cost) * (_ever / _ever_known)"
                    " - COALESCE(_return_ever, 0) + COALESCE(_return_cost_ever, 0) END",
                    least,
                ),
            },
            {
                # the known part stands for the little that is not known
                "goods_cost": SQL(
                    "CASE WHEN _sold IS NULL THEN -COALESCE(_return_cost, 0)"
                    " WHEN cost_known_pct >= %s AND _sold_known > 0"
                    " THEN _sold_cost * (_sold / _sold_known) - COALESCE(_return_cost, 0) END",
                    least,
                ),
                "service_costs": SQL(
                    "net_sales * %s + campaign_cost + care_cost + terms_cost",
                    (method.delivery_pct + method.commission_pct) / 100,
                ),
                "historic_margin": SQL("_margin_ever"),
            },
            {"margin_1": SQL("net_sales - goods_cost")},
            {
                "margin_2": SQL("margin_1 - service_costs"),
                "net_profit": SQL("margin_1 - service_costs - net_sales * %s", method.overhead_pct / 100),
                "margin_rate": self._ratio(SQL("margin_1"), SQL("net_sales")),
            },
        ]

    def _fit(self, run, parameters):
        """Return the retention: customers of the window before last who bought in the last one too."""
        ((before, both),) = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*), COUNT(*) FILTER (WHERE m.gross_sales > 0)
                  FROM crm_customer_measure m WHERE %s AND m.sales_before > 0
                """,
                run._get_scope().rows(),
            )
        )
        found = {"retention": both / before if before else None, "retention_of": before}
        found |= self._choose(run, parameters, before, found["retention"])
        found["acquisition"] = self._fit_acquisition(run)
        return found | {"cards": [*parameters.get("cards", []), self._make_card(run, parameters, found)]}

    def _fit_acquisition(self, run):
        """Return ``[(campaign, cost of a customer)]``: the spend so far by the customers whom it brought.

        Companies and persons share it: a campaign is paid for once.
        """
        # `sudo`: a run reads the costs of its company whoever asked for it
        costs = (
            self.env["crm.campaign.cost"]
            .sudo()
            .search(
                [("company_id", "=", run.company_id.id), ("campaign_id", "!=", False), ("date_from", "<=", run.as_of)]
            )
        )
        if not costs:
            return []
        brought = dict(
            self.env.execute_query(
                SQL(
                    "SELECT m.first_campaign_id, COUNT(*) FROM crm_customer_measure m"
                    " WHERE %s AND m.first_campaign_id = ANY(%s) GROUP BY m.first_campaign_id",
                    run.with_context(crm_customer_kind=False)._get_scope().rows(),
                    costs.campaign_id.ids,
                )
            )
        )
        return [
            [campaign.id, spend._sum_days(min(spend.mapped("date_from")), run.as_of) / brought[campaign.id]]
            for campaign, spend in costs.grouped("campaign_id").items()
            if campaign.id in brought
        ]

    def _get_acquisition_sql(self, parameters):
        """Return what it cost to win the customer, empty where no campaign with a cost brought him."""
        arms = [
            SQL("WHEN %s THEN %s::float8", campaign, cost) for campaign, cost in parameters.get("acquisition") or []
        ]
        return SQL("CASE m.first_campaign_id %s END", SQL(" ").join(arms)) if arms else SQL("NULL::float8")

    def _make_card(self, run, parameters, found):
        """Return the card of the lifetime value: the method, why, its interval, and the back-test of its money."""
        is_model = found["clv_method"] == "bg_nbd_gamma_gamma"
        tests = {card["model"]: card.get("grade") for card in parameters.get("cards", [])}
        interval = parameters.get("clv_interval") or {}
        return {
            "model": "clv",
            "fit": {
                **{name: found[name] for name in ("clv_method", "clv_reason", "clv_numbers", "retention")},
                "customers": found["clv_customers"],
                "coverage": interval.get("coverage") if is_model else None,
                "within": interval.get("within") if is_model else None,
            },
            "grade": tests.get("gamma_gamma") if is_model else None,
            "refused": None,
        }

    def _choose(self, run, parameters, at_start, retention):
        """Return the method of the lifetime value that the data carry, and what a better one would need."""
        ((customers, repeat, tenure),) = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*), COUNT(*) FILTER (WHERE m.purchase_days > 1), COALESCE(MAX(m.tenure_days), 0)
                  FROM crm_customer_measure m WHERE %s AND m.purchase_days > 0
                """,
                run._get_scope().rows(),
            )
        )
        rhythm = parameters.get("median_rhythm")
        choice = choose_method(
            customers=customers,
            repeat_buyers=repeat,
            history_intervals=tenure / rhythm if rhythm else None,
            at_start=at_start,
            periods=int(tenure // 365),
        )
        method = choice.method
        if method == "bg_nbd_gamma_gamma" and not self._has_good_models(parameters):
            method = "present_value"
        if method == "present_value" and scoring_models.present_multiple(parameters | {"retention": retention}) is None:
            method = "historic_margin"
        return {
            "clv_method": method,
            "clv_reason": choice.reason,
            "clv_numbers": choice.numbers,
            "clv_customers": customers,
        }

    def _has_good_models(self, parameters):
        """Return whether both models are fitted and were not worse in the back-test than carrying on the past."""
        fitted = parameters.get("bg_nbd") and parameters.get("gamma_gamma")
        return bool(fitted) and not any(scoring_models.is_beaten(card) for card in parameters.get("cards", []))

    def _get_steps(self, scope, parameters):
        years = scope.method.window_months / 12
        multiple = scoring_models.present_multiple(parameters)
        method = parameters.get("clv_method")
        chosen = {"bg_nbd_gamma_gamma": "_clv_model", "present_value": "_clv_present"}.get(method, "historic_margin")
        first = {
            "_clv_present": SQL("m.margin_1 / %s * %s::float8", years, multiple),
            "_acquisition": self._get_acquisition_sql(parameters),
        }
        one, other = self._get_clv_ends(parameters, years)
        last = {"_clv": SQL.identifier("m", chosen), "_low": SQL("LEAST(%s, %s)", one, other)}
        return [first, {}, last | {"_high": SQL("GREATEST(%s, %s)", one, other)}]

    def _get_derived(self, scope, parameters):
        # an interval beside its value says that the model does not fit this customer: it has none
        fits = SQL("m._clv BETWEEN m._low AND m._high")
        return {
            "clv_present": SQL("m._clv_present"),
            "clv_model": SQL("m._clv_model"),
            "clv": SQL("m._clv"),
            "value_at_risk": SQL("GREATEST(m._clv, 0) * (1 - m._alive)"),
            "clv_low": SQL("CASE WHEN %s THEN m._low END", fits),
            "clv_high": SQL("CASE WHEN %s THEN m._high END", fits),
            "acquisition_cost": SQL("m._acquisition"),
            "clv_after_acquisition": SQL("m._clv - m._acquisition"),
            "clv_method": SQL("%s::varchar", parameters.get("clv_method")),
        }

    def _get_clv_ends(self, parameters, years):
        """Return both ends of the interval of the chosen value; what was earned already has none.

        That of the models is the error of their back-test for a single customer. That of the present value is the
        error of the retention alone, which is that of all customers: it says nothing of the single one.
        """
        method = parameters.get("clv_method")
        if method == "bg_nbd_gamma_gamma":
            return [SQL("m._clv_model * (%s)", ratio) for ratio in scoring_models.error_sql(parameters)]
        if method == "present_value":
            multiples = [scoring_models.present_multiple(parameters, side * NORMAL_80) for side in (-1, 1)]
            return [SQL("m.margin_1 / %s * %s::float8", years, multiple) for multiple in multiples]
        return [SQL("NULL::float8"), SQL("NULL::float8")]

    def _get_missing(self, row):
        return "cost" if row and row["net_sales"] is not None else "facts"

    def _explain(self, row):
        if row["margin_1"] is None:
            return []
        if row["gross_sales"] or row["returns"]:
            found = [("ladder", {name: row[name] for name in ("net_sales", "margin_1", "net_profit")})]
        else:
            found = [("nothing", {})]
        if row["margin_rate"] is not None:
            code = "rate_and_returns" if row["returns"] else "rate"
            found.append((code, {"rate": round(row["margin_rate"], 1), "returns": row["returns"]}))
        if row["clv"] is not None:
            # less than half a unit of money is no risk worth a word
            code = "value_at_risk" if round(row["value_at_risk"] or 0) else "value"
            found.append(("loss" if row["clv"] < 0 else code, {"clv": row["clv"], "risk": row["value_at_risk"] or 0.0}))
            found += self._explain_ways(row)
        return found

    def _explain_ways(self, row):
        """Return the three values side by side as far as there are any, and the interval of the chosen one."""
        ways = {name: row[name] for name in ("historic_margin", "clv_present", "clv_model") if row[name] is not None}
        found, low, high = [], row["clv_low"], row["clv_high"]
        if low is not None and low < high:
            found.append(("interval", {"low": low, "high": high}))
        if len(ways) == 3 and row["clv_method"]:
            found.append((f"ways_{row['clv_method']}", ways))
        return found

    def _get_sentences(self):
        return {
            "nothing": self.env._("Bought nothing in the window of the scoring method."),
            "ladder": self.env._(
                "Net sales %(net_sales)s, contribution margin %(margin_1)s, net profit %(net_profit)s."
            ),
            "rate": self.env._("Margin rate %(rate)s %%."),
            "rate_and_returns": self.env._("Margin rate %(rate)s %%; goods worth %(returns)s came back."),
            "value": self.env._("Lifetime value %(clv)s."),
            "loss": self.env._("Lifetime value %(clv)s: the customer costs more than comes in."),
            "value_at_risk": self.env._("Lifetime value %(clv)s, of which %(risk)s is at risk."),
            "interval": self.env._("With 80 %% certainty it lies between %(low)s and %(high)s."),
            "ways_bg_nbd_gamma_gamma": self.env._(
                "Margin so far %(historic_margin)s, present value %(clv_present)s, by the models %(clv_model)s: the "
                "models count, because the data carry them."
            ),
            "ways_present_value": self.env._(
                "Margin so far %(historic_margin)s, present value %(clv_present)s, by the models %(clv_model)s: the "
                "present value counts, because the data are too few for the models or their forecast was poor."
            ),
            "ways_historic_margin": self.env._(
                "Margin so far %(historic_margin)s, present value %(clv_present)s, by the models %(clv_model)s: the "
                "margin so far counts, because the data are too few for a forecast."
            ),
        }
