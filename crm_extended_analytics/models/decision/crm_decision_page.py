from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import format_amount, format_date, formatLang

from ...scoring import decision as scoring
from ...scoring import romi
from .crm_decision import FEATURE, OPEN

# decisions whose results are shown, the last ones first
RESULTS = 12
WEEKDAYS = 7


class CrmDecisionPage(models.AbstractModel):
    """What the page of the decisions shows: which are open, what the last ones brought, and all of this year.

    Everything is counted from the decisions that the reader may read.
    """

    _name = "crm.decision.page"
    _description = "Page of the Decisions"

    @api.model
    def get_page(self):
        """Return the page of the user's company."""
        company, decisions = self.env.company, self.env["crm.decision"]
        decisions.check_access("read")
        mine = [("company_id", "=", company.id)]
        open_ones = decisions.search([*mine, ("state", "in", OPEN)], order="date_due, id")
        measured = decisions.search([*mine, ("state", "in", ("measuring", "done", "reopened"))], order="id desc")
        return {
            "company": company.name,
            "currency_id": company.currency_id.id,
            "today": format_date(self.env, fields.Date.context_today(self)),
            "has_feature": company._has_feature(FEATURE),
            "can_create": decisions.has_access("create"),
            "is_partial": not self.env.user.has_group("sales_team.group_sale_salesman_all_leads"),
            "open": [self._prepare_open(decision) for decision in open_ones],
            "results": self._prepare_results(measured.filtered("last_measurement_id")),
            "totals": self._prepare_totals(company),
        }

    # ------------------------------------------------------------------
    # Open decisions
    # ------------------------------------------------------------------
    def _prepare_open(self, decision):
        measurement = decision.last_measurement_id
        return {
            "id": decision.id,
            "name": decision.name,
            "state": decision.state,
            "state_label": self._get_label(decision, "state"),
            "kind_label": self._get_label(decision, "kind"),
            "owner": decision.user_id.name,
            "is_mine": decision.user_id == self.env.user,
            "customers": decision.segment_id.name,
            "treated": decision.treated_count,
            "held_out": decision.held_out_count,
            "expected": self._get_expected(decision),
            "due": format_date(self.env, decision.date_due),
            "is_overdue": decision.is_overdue,
            "is_soon": not decision.is_overdue
            and decision.date_due <= fields.Date.context_today(self) + relativedelta(days=WEEKDAYS),
            "next": self._get_next_step(decision),
            "so_far": self._get_so_far(measurement) if measurement else "",
            "proposal": self._get_label(measurement, "proposal") if decision.state in ("measuring", "reopened") else "",
        }

    def _get_label(self, record, name):
        return dict(record._fields[name]._description_selection(self.env)).get(record[name], "")

    def _get_expected(self, decision):
        return self.env._(
            "%(measure)s +%(expected)s %% by %(day)s",
            measure=self._get_label(decision, "measure"),
            expected=formatLang(self.env, decision.expected_pct, digits=0),
            day=format_date(self.env, decision.date_end),
        )

    def _get_next_step(self, decision):
        return {
            "draft": self.env._("Decide what is done"),
            "decided": self.env._("Start the action"),
            "running": self.env._("Wait: it is measured every night"),
            "measuring": self.env._("Give the verdict"),
            "reopened": self.env._("Its effect is gone: give the verdict"),
        }[decision.state]

    def _get_so_far(self, row):
        if row.effect_pct is False:
            return self.env._("not measurable in percent")
        return self.env._(
            "%(effect)s %% (%(low)s to %(high)s)",
            effect=self._signed(row.effect_pct),
            low=self._signed(row.pct_low),
            high=self._signed(row.pct_high),
        )

    def _signed(self, value):
        return ("+" if value > 0 else "") + formatLang(self.env, value, digits=0)

    # ------------------------------------------------------------------
    # Results
    # ------------------------------------------------------------------
    def _prepare_results(self, decisions):
        """Return the last measurements, the latest first."""
        latest = decisions.sorted(lambda decision: decision.last_measurement_id.date_last, reverse=True)
        return [self._prepare_result(decision, decision.last_measurement_id) for decision in latest[:RESULTS]]

    def _prepare_result(self, decision, row):
        """Return the last effect of a decision, and what it brought and cost over all complete periods."""
        complete = decision.measurement_ids.filtered(lambda found: found.stage != "interim") or row
        gains, cost = complete.mapped("gain"), sum(complete.mapped("cost"))
        gain = None if any(found is False for found in gains) else sum(gains)
        rate = romi.romi(gain, cost)
        return {
            "id": decision.id,
            "name": decision.name,
            "state": decision.state,
            "state_label": self._get_label(decision, "state"),
            "verdict": decision.verdict or "",
            "verdict_label": self._get_label(decision, "verdict"),
            "measure": self._get_label(decision, "measure"),
            "expected": decision.expected_pct,
            "until": format_date(self.env, row.date_last),
            "basis": row.basis,
            "effect": row._known("effect_pct"),
            "low": row._known("pct_low"),
            "high": row._known("pct_high"),
            "text": self._get_so_far(row),
            "is_proved": row.is_testable and row.basis == "holdout" and (row.effect_low > 0 or row.effect_high < 0),
            "gain": self.env._("not measurable") if gain is None else format_amount(self.env, gain, row.currency_id),
            "cost": format_amount(self.env, cost, row.currency_id),
            "romi": "" if rate is None else f"{formatLang(self.env, 100 * rate, digits=0)} %",
            "note": row.note,
        }

    def _prepare_totals(self, company):
        """Return what whole periods and months brought this year: against hold-outs, and, weaker, against before."""
        first = fields.Date.context_today(self).replace(month=1, day=1)
        rows = self.env["crm.decision.measurement"].search(
            [("company_id", "=", company.id), ("stage", "!=", "interim"), ("date_last", ">=", first)]
        )
        totals = {"year": first.year}
        for basis in ("holdout", "prior"):
            # what is not measurable did not bring 0, nor may its cost stand beside what others brought
            mine = rows.filtered(lambda row, basis=basis: row.basis == basis and row.gain is not False)
            found = scoring.sum_gains([(row.gain, row.gain_low, row.gain_high) for row in mine])
            gain, low, high = found or (0.0, 0.0, 0.0)
            totals[basis] = {
                "decisions": len(mine.decision_id),
                "gain": format_amount(self.env, gain, company.currency_id),
                "low": format_amount(self.env, low, company.currency_id),
                "high": format_amount(self.env, high, company.currency_id),
                "cost": format_amount(self.env, sum(mine.mapped("cost")), company.currency_id),
            }
        return totals
