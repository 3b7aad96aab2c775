from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...scoring import romi
from ...scoring.uplift import Group, TwoGroups
from ..customer_sales import MEASURES, means_of_sales, sales_per_customer
from ..known_margin import known_factor
from ..seven_p.known_float import KnownFloat


class CrmHoldoutMeasureMixin(models.AbstractModel):
    """What an action caused: the sales of both groups from the first to the last day, compared.

    Whoever of them really was reached: leaving out the unreached would compare other customers.
    """

    _name = "crm.holdout.measure.mixin"
    _description = "Measurement of a Hold-Out Test"

    currency_id = fields.Many2one(comodel_name="res.currency")
    date_measured = fields.Date(string="Measured up to", readonly=True, copy=False)
    treated_converted = fields.Integer(
        string="Treated Who Bought", readonly=True, copy=False, help="Treated customers with an order in the window."
    )
    held_out_converted = fields.Integer(
        string="Held Out Who Bought", readonly=True, copy=False, help="Held-out customers with an order in the window."
    )
    treated_pct = KnownFloat(
        string="Bought: Treated (%)", readonly=True, copy=False, help="In percent.", digits=(16, 2)
    )
    held_out_pct = KnownFloat(
        string="Bought: Held Out (%)", readonly=True, copy=False, help="In percent.", digits=(16, 2)
    )
    difference = KnownFloat(
        string="Effect (Points)",
        readonly=True,
        copy=False,
        digits=(16, 2),
        help="Share of the treated who bought - share of the held out who bought, in percentage points.",
    )
    difference_low = KnownFloat(
        string="From (Points)", readonly=True, copy=False, digits=(16, 2), help="Newcombe's 95 % interval: lower end."
    )
    difference_high = KnownFloat(
        string="To (Points)", readonly=True, copy=False, digits=(16, 2), help="Newcombe's 95 % interval: upper end."
    )
    p_value = KnownFloat(
        string="p-Value",
        readonly=True,
        copy=False,
        digits=(16, 4),
        help="Chance of so large a difference when the action does nothing: two-sided test of two proportions.",
    )
    is_significant = fields.Boolean(string="Significant", readonly=True, copy=False, help="p-value below 0.05.")
    is_testable = fields.Boolean(
        string="Large Enough for the Test",
        readonly=True,
        copy=False,
        help="At least five buyers and five non-buyers are expected in each group.",
    )
    incremental_conversions = KnownFloat(
        string="Caused Buyers", readonly=True, copy=False, digits=(16, 1), help="Effect x treated customers."
    )
    revenue_difference = KnownFloat(
        string="Net Sales per Customer", readonly=True, copy=False, help="Mean of the treated - mean of the held out."
    )
    revenue_low = KnownFloat(string="Sales From", readonly=True, copy=False, help="95 % interval: lower end.")
    revenue_high = KnownFloat(string="Sales To", readonly=True, copy=False, help="95 % interval: upper end.")
    margin_difference = KnownFloat(
        string="Margin per Customer",
        readonly=True,
        copy=False,
        help="Mean of the treated - mean of the held out; in each group known margin x net sales / net sales of known "
        "cost.",
    )
    margin_low = KnownFloat(string="Margin From", readonly=True, copy=False, help="95 % interval: lower end.")
    margin_high = KnownFloat(string="Margin To", readonly=True, copy=False, help="95 % interval: upper end.")
    incremental_revenue = fields.Monetary(
        string="Caused Net Sales", readonly=True, copy=False, help="Net sales per customer, difference x treated."
    )
    incremental_margin = KnownFloat(
        string="Caused Margin",
        readonly=True,
        copy=False,
        digits=(16, 2),
        help="Margin per customer, difference x treated customers. Not measurable, and empty, where the cost of less "
        "of what a group bought is known than the scoring method asks for.",
    )
    other_spend = fields.Monetary(help="Spend of the action that is not among the costs of the campaign.")
    spend = fields.Monetary(
        readonly=True, copy=False, help="Costs of the campaign on the days of the test + other spend."
    )
    romi_pct = KnownFloat(
        string="ROMI, Incremental (%)",
        readonly=True,
        copy=False,
        digits=(16, 1),
        help="(Caused margin - spend) / spend, in percent: 0 when the money came back; empty where the caused margin "
        "is not measurable.",
    )

    def _measure(self):
        """Compare the sales of both groups up to today; after the last day the result is final."""
        today = fields.Date.context_today(self)
        for holdout in self.filtered(lambda holdout: holdout.state in ("drawn", "measured")):
            last = min(today, holdout.date_end)
            if last < holdout.date_start:
                raise UserError(
                    self.env._(
                        "%(holdout)s begins on %(day)s: there is nothing to measure yet.",
                        holdout=holdout.name,
                        day=holdout.date_start,
                    )
                )
            groups = holdout._get_groups(last)
            values = {**holdout._prepare_rates(groups), **holdout._prepare_amounts(groups)}
            values |= holdout._prepare_return(values, last)
            holdout.write(
                values | {"date_measured": last, "state": "measured" if today > holdout.date_end else "drawn"}
            )

    def _get_groups(self, last, first=None):
        """Return what both groups bought up to a day, to be compared.

        :param first: first day whose sales count, by default that of the test
        """
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT member.is_held_out, COUNT(*) AS count, COUNT(*) FILTER (WHERE sold.buyers > 0) AS converted,
                       %(means)s
                  FROM crm_holdout_member member
                  JOIN res_partner customer ON customer.id = member.partner_id
                  LEFT JOIN (%(sales)s) sold ON sold.commercial_partner_id = member.partner_id
                 WHERE member.holdout_id = %(holdout)s AND customer.crm_profiling_opt_out IS NOT TRUE
                 GROUP BY member.is_held_out
                """,
                means=means_of_sales("sold"),
                sales=sales_per_customer(self.company_id, first or self.date_start, last),
                holdout=self.id,
            )
        )
        least = self.env["crm.scoring.method"]._get_least_known_pct(self.company_id)
        groups = {row["is_held_out"]: self._prepare_group(row, least) for row in rows}
        nobody = Group(0, 0, dict.fromkeys(MEASURES, 0.0), dict.fromkeys(MEASURES, 0.0))
        return TwoGroups(treated=groups.get(False, nobody), held_out=groups.get(True, nobody))

    def _prepare_group(self, row, least):
        """Return a group; its margin is None where too little of the cost of what it bought is known."""
        factor = known_factor(sold=row["revenue"], known=row["known"], least=least)
        margins = {name: None if factor is None else factor * row[name] for name in ("margin", "margin_deviation")}
        row = {**row, **margins}
        return Group(
            count=row["count"],
            converted=row["converted"],
            means={measure: row[measure] for measure in MEASURES},
            deviations={measure: row[f"{measure}_deviation"] for measure in MEASURES},
        )

    def _prepare_rates(self, groups):
        found = groups.compare_buyers()
        if not found:
            raise UserError(self.env._("%(holdout)s has an empty group: its customers are gone.", holdout=self.name))
        return {
            "treated_count": groups.treated.count,
            "held_out_count": groups.held_out.count,
            "treated_converted": groups.treated.converted,
            "held_out_converted": groups.held_out.converted,
            "treated_pct": 100 * found.rate_treated,
            "held_out_pct": 100 * found.rate_holdout,
            "difference": 100 * found.difference,
            "difference_low": 100 * found.low,
            "difference_high": 100 * found.high,
            "p_value": found.p_value,
            "is_significant": found.is_significant,
            "is_testable": found.is_testable,
            "incremental_conversions": found.incremental,
        }

    def _prepare_amounts(self, groups):
        """Return the differences of sales and margin per customer, with their intervals, and the caused sums."""
        values = {}
        for measure in ("revenue", "margin"):
            difference, low, high, _p_value = groups.compare_means(measure) or (None,) * 4
            values |= {f"{measure}_difference": difference, f"{measure}_low": low, f"{measure}_high": high}
            values[f"incremental_{measure}"] = groups.get_caused(measure)
        return values

    def _prepare_return(self, values, last):
        costs = self.env["crm.campaign.cost"]._sum_campaign(self.company_id, self.campaign_id, self.date_start, last)
        spend = costs + self.other_spend
        rate = romi.romi(values["incremental_margin"], spend)
        return {"spend": spend, "romi_pct": None if rate is None else 100 * rate}
