from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, formatLang

from ...scoring import decision as scoring
from ...scoring import romi
from ...scoring.uplift import MeanDifference
from ..customer_sales import MEASURES, sales_per_customer
from ..known_margin import known_factor
from ..seven_p.known_float import KnownFloat

# days in which the owner gives his verdict
VERDICT_DAYS = 7
YEAR = relativedelta(years=1)


class CrmDecisionMeasureMixin(models.AbstractModel):
    """What the action brings: measured every night against the hold-out, or against the period before."""

    _name = "crm.decision.measure.mixin"
    _description = "Measurement of a Decision Under Way"

    date_next = fields.Date(
        string="Measured Again On", readonly=True, copy=False, help="Day after the month that is measured next."
    )
    last_measurement_id = fields.Many2one(
        comodel_name="crm.decision.measurement",
        readonly=True,
        copy=False,
        ondelete="set null",
    )
    effect_pct = KnownFloat(related="last_measurement_id.effect_pct", string="Effect (%)")
    romi_pct = KnownFloat(related="last_measurement_id.romi_pct", string="ROMI (%)")
    proposal = fields.Selection(related="last_measurement_id.proposal")
    result = fields.Text(related="last_measurement_id.note", string="Result")

    # ------------------------------------------------------------------
    # Entry
    # ------------------------------------------------------------------
    @api.model
    def _cron_measure(self):
        """Every night: measure what is under way, and what was kept once its month is over."""
        companies = self.env["res.company"].search([("active", "=", True)])
        companies = companies.filtered(lambda company: company._has_feature("decisions"))
        today = fields.Date.context_today(self)
        due = self.search(
            [
                ("company_id", "in", companies.ids),
                "|",
                ("state", "=", "running"),
                "&",
                ("state", "=", "done"),
                ("date_next", "<=", today),
            ]
        )
        for number, decision in enumerate(due, start=1):
            if decision.try_lock_for_update():
                decision._measure()
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(due) - number):
                break

    def action_measure(self):
        """Measure up to today."""
        self.check_access("read")
        for decision in self:
            # `sudo`: whoever may read the decision may ask what it brings; nobody may write measurements
            if not decision.sudo()._measure():
                raise UserError(decision._get_why_unmeasured())

    def _get_why_unmeasured(self):
        """Return what a measurement needs that is not there."""
        reason = self.env._(
            "%(decision)s cannot be measured: it has not started, or fewer than two of its customers are "
            "left in a group.",
            decision=self.name,
        )
        if self.measure != "margin":
            return reason
        least = self.env["crm.scoring.method"]._get_least_known_pct(self.company_id)
        needed = self.env._(
            "It is judged by the margin: of what these customers bought, the cost of at least %(least)s %% must be "
            'known. Enter the costs of the products, or choose "Do It Differently" to judge by revenue.',
            least=formatLang(self.env, least, digits=0),
        )
        return f"{reason}\n{needed}"

    def _measure(self, as_of=None):
        """Measure up to a day, by default today; return the measurements that were made."""
        today = as_of or fields.Date.context_today(self)
        made = self.env["crm.decision.measurement"]
        for decision in self:
            if decision.state in ("running", "measuring"):
                made |= decision._measure_action(today)
            elif decision.state in ("done", "reopened") and decision.date_next:
                made |= decision._measure_months(today)
        return made

    def _measure_action(self, today):
        """Measure from the start; after the last day the result is final, and the owner's verdict is due."""
        is_final = today > self.date_end
        made = self._write_measurement(
            self.date_start, min(today, self.date_end), "final" if is_final else "interim", today
        )
        if is_final and self.state == "running":
            self.write({"state": "measuring", "date_step": today + timedelta(days=VERDICT_DAYS)})
            if self.holdout_id:
                # who was held out stays so until the verdict, or nothing could be compared afterwards
                self.holdout_id._prolong(today + relativedelta(months=1))
            self._ask_owner(self.env._("%(decision)s: keep, change or stop?", decision=self.name), today)
        return made

    def _measure_months(self, today):
        """Measure the months since the verdict, each for itself, until one shows that the effect is gone."""
        made = self.env["crm.decision.measurement"]
        while self.state == "done" and self.date_next <= today:
            first = self.date_next - relativedelta(months=1)
            made |= self._write_measurement(first, self.date_next - timedelta(days=1), "monitor", today)
            self._follow_up(made[-1:], today)
        if not made:
            first = self.date_next - relativedelta(months=1)
            last = min(today, self.date_next - timedelta(days=1))
            made |= self._write_measurement(first, last, "interim", today) if last >= first else made
        return made

    def _write_measurement(self, first, last, stage, today):
        values = self._prepare_measurement(first, last, stage)
        rows = self.env["crm.decision.measurement"]
        if not values:
            return rows
        domain = [("decision_id", "=", self.id), ("date_first", "=", first), ("date_last", "=", last)]
        values |= {"stage": stage, "date_measured": today}
        row = rows.search(domain)
        if row:
            row.write(values)
        else:
            row = rows.create({**values, "decision_id": self.id, "date_first": first, "date_last": last})
        self.last_measurement_id = row
        return row

    # ------------------------------------------------------------------
    # Numbers
    # ------------------------------------------------------------------
    def _prepare_measurement(self, first, last, stage):
        """Return the values of a measurement, or nothing when a group has fewer than two customers."""
        compare = self._compare_holdout if self.holdout_id else self._compare_prior
        found = compare(first, last)
        if not found:
            return {}
        effect, margin, values = found
        cost = self._get_kind()._get_cost(self, first, last)
        if stage != "monitor" and self.state != "done":
            cost += self.actual_cost
        treated, base = values["treated_count"], values["base_value"]
        gains = [None if margin is None else margin[place] * treated for place in range(3)]
        rate = romi.romi(gains[0], cost)
        # what is not fit for the test proves nothing
        low = effect.low if values["is_testable"] else min(effect.low, 0)
        percent = 100 / base if base and base > 0 else None
        return values | {
            "basis": self.basis,
            "effect": effect.difference,
            "effect_low": effect.low,
            "effect_high": effect.high,
            "effect_pct": percent and percent * effect.difference,
            "pct_low": percent and percent * effect.low,
            "pct_high": percent and percent * effect.high,
            "p_value": effect.p_value,
            **dict(zip(("gain", "gain_low", "gain_high"), gains, strict=True)),
            "cost": cost,
            "romi_pct": None if rate is None else 100 * rate,
            "proposal": scoring.propose_verdict(
                low=low, high=effect.high, expected=(base or 0) * self.expected_pct / 100, romi=rate
            ),
        }

    def _compare_holdout(self, first, last):
        """Return the effect on the measure and on margin per customer, and what describes the groups.

        There is no effect on the margin where too little of the cost of the goods is known.
        """
        groups = self.holdout_id._get_groups(last, first)
        effect, margin = groups.compare_means(self.measure), groups.compare_means("margin")
        if not effect:
            return None
        values = {
            "treated_count": groups.treated.count,
            "held_out_count": groups.held_out.count,
            "treated_value": groups.treated.means[self.measure],
            "base_value": groups.held_out.means[self.measure],
            "is_testable": True,
        }
        if self.measure == "buyers":
            # a share has a test and an interval of its own
            found = groups.compare_buyers()
            effect = MeanDifference(100 * found.difference, 100 * found.low, 100 * found.high, found.p_value)
            values["is_testable"] = found.is_testable
        return effect, margin, values

    def _compare_prior(self, first, last):
        """Compare the treated with themselves in as many days before the start; see `_compare_holdout`."""
        days = last - first
        before = self.date_start - timedelta(days=1)
        changes = self._get_changes(first, last, before - days, before)
        effect, margin = self._get_change(changes, self.measure), self._get_change(changes, "margin")
        if not effect:
            return None
        a_year_ago = self._get_changes(first - YEAR, last - YEAR, before - days - YEAR, before - YEAR)
        then, now = a_year_ago[f"{self.measure}_before"], a_year_ago[self.measure]
        values = {
            "treated_count": changes["count"],
            "held_out_count": 0,
            "treated_value": changes[self.measure],
            "base_value": changes[f"{self.measure}_before"],
            "is_testable": True,
            "season_pct": 100 * (now - then) / then if then and then > 0 else None,
        }
        return effect, margin, values

    def _get_change(self, changes, measure):
        if changes["count"] and changes[measure] is None:
            return None
        return scoring.change_of_means(
            count=changes["count"],
            before=changes[f"{measure}_before"] or 0.0,
            after=changes[measure] or 0.0,
            deviation=changes[f"{measure}_deviation"] or 0.0,
        )

    def _get_changes(self, first, last, before_first, before_last):
        """Return the means of the measures in two periods and the deviation of their changes, of the same customers."""
        self.env.flush_all()
        columns = SQL(", ").join(
            SQL(
                "AVG(COALESCE(%(now)s, 0))::float8 AS %(measure)s, AVG(COALESCE(%(then)s, 0))::float8 AS %(before)s,"
                " stddev_samp(COALESCE(%(now)s, 0) - COALESCE(%(then)s, 0))::float8 AS %(deviation)s",
                now=SQL.identifier("sold", measure),
                then=SQL.identifier("earlier", measure),
                measure=SQL.identifier(measure),
                before=SQL.identifier(f"{measure}_before"),
                deviation=SQL.identifier(f"{measure}_deviation"),
            )
            for measure in (*MEASURES, "known")
        )
        (row,) = self.env.execute_query_dict(
            SQL(
                """
                SELECT COUNT(*) AS count, %(columns)s
                  FROM crm_decision_member member
                  JOIN res_partner customer ON customer.id = member.partner_id
                  LEFT JOIN (%(sold)s) sold ON sold.commercial_partner_id = member.partner_id
                  LEFT JOIN (%(earlier)s) earlier ON earlier.commercial_partner_id = member.partner_id
                 WHERE member.decision_id = %(decision)s AND member.is_held_out IS NOT TRUE
                   AND customer.crm_profiling_opt_out IS NOT TRUE
                """,
                columns=columns,
                sold=sales_per_customer(self.company_id, first, last),
                earlier=sales_per_customer(self.company_id, before_first, before_last),
                decision=self.id,
            )
        )
        return self._add_unknown_margin(row)

    def _add_unknown_margin(self, row):
        """Let the margin of known cost stand for all, or be None; see `known_factor`."""
        least = self.env["crm.scoring.method"]._get_least_known_pct(self.company_id)
        factors = {
            end: known_factor(sold=row[f"revenue{end}"] or 0.0, known=row[f"known{end}"] or 0.0, least=least)
            for end in ("", "_before")
        }
        if None in factors.values():
            return row | {"margin": None, "margin_before": None, "margin_deviation": None}
        return row | {
            **{f"margin{end}": (row[f"margin{end}"] or 0.0) * factor for end, factor in factors.items()},
            # of a change there is one deviation: the larger factor gives the wider interval
            "margin_deviation": (row["margin_deviation"] or 0.0) * max(factors.values()),
        }
