from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ...scoring import decision as scoring
from ..seven_p.known_float import KnownFloat
from .crm_decision_measure_mixin import VERDICT_DAYS

ACTIVITY_TYPE = "crm_extended_analytics.mail_activity_type_decision"


class CrmDecisionVerdictMixin(models.AbstractModel):
    """Keep, change or stop: proposed by the measurement, given by the owner, and reopened when the effect is gone."""

    _name = "crm.decision.verdict.mixin"
    _description = "Verdict on a Decision"

    verdict = fields.Selection(
        selection=[("keep", "Kept"), ("change", "Changed"), ("stop", "Stopped")],
        readonly=True,
        copy=False,
        tracking=True,
        help="Given by the owner; the measurement only proposes it.",
    )
    date_verdict = fields.Date(string="Verdict On", readonly=True, copy=False)
    date_step = fields.Date(string="Next Step On", readonly=True, copy=False)
    effect_then = KnownFloat(
        string="Effect When Kept", readonly=True, copy=False, help="Below half of it the decision is reopened."
    )
    reopened_note = fields.Text(string="Why It Is Open Again", readonly=True, copy=False)

    def action_keep(self):
        """Go on with the action, and measure it again every month."""
        for decision in self._for_verdict():
            last = decision.last_measurement_id
            if not last:
                raise UserError(
                    self.env._(
                        "%(decision)s is not measured yet: nothing speaks for keeping it.", decision=decision.name
                    )
                )
            decision._close("keep")
            first = max(last.date_last, decision.date_end) + timedelta(days=1)
            today = fields.Date.context_today(self)
            if decision.holdout_id and decision.holdout_id.date_end < min(first, today):
                # nobody was held out in between
                first = today
            decision.write({"effect_then": last.effect, "date_next": first + relativedelta(months=1)})
            decision._hold_out_longer()

    def action_change(self):
        """End the action and open a decision in its place."""
        self.ensure_one()
        decision = self._for_verdict()
        successor = decision._make_successor()
        decision._take_back()
        decision._close("change")
        return successor._get_form_action()

    def action_stop(self):
        """End the action and take it back."""
        for decision in self._for_verdict():
            decision._take_back()
            decision._close("stop")

    def _for_verdict(self):
        """Return the decisions on which the user may give his verdict now.

        :raises AccessError: when he is neither the owner nor may write the decision
        :raises UserError: when there is nothing to judge
        """
        for decision in self:
            if decision.user_id != self.env.user:
                decision.check_access("write")
            else:
                decision.check_access("read")
            if decision.state not in ("running", "measuring", "reopened") and not decision.date_next:
                raise UserError(
                    self.env._("%(decision)s is not under way: there is nothing to judge.", decision=decision.name)
                )
        # `sudo`: the owner gives the verdict, though a salesperson may not edit decisions
        return self.sudo()

    def _close(self, verdict):
        self.write(
            {
                "state": "done",
                "verdict": verdict,
                "date_verdict": fields.Date.context_today(self),
                "date_next": False,
                "reopened_note": False,
            }
        )
        self.activity_unlink([ACTIVITY_TYPE])

    def _make_successor(self):
        today = fields.Date.context_today(self)
        days = self.date_end - self.date_start
        return self.copy(
            {
                "name": self.env._("%(decision)s, changed", decision=self.name),
                "finding": "\n".join(filter(None, [self.finding, self.result])),
                "parent_id": self.id,
                "date_deadline": today + timedelta(days=VERDICT_DAYS),
                "date_end": today + timedelta(days=VERDICT_DAYS) + days,
            }
        )

    def _hold_out_longer(self):
        """Leave the same customers out as long as the decision is measured."""
        if self.holdout_id:
            self.holdout_id._prolong(self.date_next - timedelta(days=1))

    # ------------------------------------------------------------------
    # After the verdict
    # ------------------------------------------------------------------
    def _follow_up(self, measurement, today):
        """Go on to the next month, or open the decision again when the effect is gone."""
        self.date_next += relativedelta(months=1)
        self._hold_out_longer()
        if not measurement or not scoring.has_decayed(
            effect=measurement.effect,
            low=measurement.effect_low,
            high=measurement.effect_high,
            effect_then=self.effect_then or 0.0,
        ):
            return
        note = self.env._(
            "The effect was %(then)s when it was kept.\n%(now)s",
            then=measurement._format(self.effect_then or 0.0, signed=True),
            now=measurement.note,
        )
        self.write({"state": "reopened", "reopened_note": note, "date_step": today + timedelta(days=VERDICT_DAYS)})
        summary = self.env._("%(decision)s: its effect is gone. Keep, change or stop?", decision=self.name)
        self._ask_owner(summary, today)

    def _ask_owner(self, summary, today):
        self.activity_schedule(
            ACTIVITY_TYPE,
            date_deadline=today + timedelta(days=VERDICT_DAYS),
            summary=summary,
            note=self.last_measurement_id.note,
            user_id=self.user_id.id,
        )
