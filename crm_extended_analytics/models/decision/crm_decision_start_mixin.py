from odoo import fields, models
from odoo.exceptions import LockError, UserError
from odoo.tools import SQL


class CrmDecisionStartMixin(models.AbstractModel):
    """From a finding to an action under way: decided, its customers frozen, the hold-out drawn, the action done."""

    _name = "crm.decision.start.mixin"
    _description = "Start of a Decision"

    date_decided = fields.Date(string="Decided On", readonly=True, copy=False)
    date_start = fields.Date(string="Started On", readonly=True, copy=False)
    holdout_id = fields.Many2one(
        comodel_name="crm.holdout",
        string="Hold-Out Test",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    treated_count = fields.Integer(string="Treated", readonly=True, copy=False, help="Customers of the action.")
    held_out_count = fields.Integer(string="Held Out", readonly=True, copy=False, help="Customers left out.")

    def action_decide(self):
        """Decide to do it: whatever the action needs must be there."""
        self.check_access("write")
        for decision in self.filtered(lambda decision: decision.state == "draft"):
            decision._check_can_start()
            decision.write({"state": "decided", "date_decided": fields.Date.context_today(self)})

    def action_start(self):
        """Freeze the customers, draw the hold-out, and do the action."""
        self.check_access("write")
        for decision in self:
            decision._start()

    def _check_can_start(self):
        if not self.company_id._has_feature("decisions"):
            raise UserError(
                self.env._(
                    "%(company)s does not use decisions. Switch the feature on under CRM > Configuration > Features.",
                    company=self.company_id.name,
                )
            )
        if not self.population_count:
            raise UserError(self.env._("%(decision)s has no customers. Choose them first.", decision=self.name))
        if self.date_end <= fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "The effect of %(decision)s was expected by %(day)s. Choose a later day.",
                    decision=self.name,
                    day=self.date_end,
                )
            )
        self._get_kind()._check(self)

    def _start(self):
        """Start the action once: whoever presses the button at the same time finds it started.

        :raises UserError: when it has started, or something lacks
        """
        self.ensure_one()
        try:
            self.lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._("Somebody else is starting %(decision)s just now.", decision=self.name)
            ) from error
        self.invalidate_recordset(["state"])
        if self.state not in ("draft", "decided"):
            raise UserError(self.env._("%(decision)s has started already.", decision=self.name))
        self._check_can_start()
        # `sudo`: who may write a decision may have its action done, whatever it touches: pricelists, tiers, campaigns
        decision = self.sudo()
        decision._freeze()
        treated = decision.member_ids.filtered(lambda member: not member.is_held_out)
        decision._get_kind()._start(decision, treated)
        decision.holdout_id.campaign_id = decision.campaign_id
        decision.write(
            {
                "state": "running",
                "date_decided": decision.date_decided or fields.Date.context_today(self),
                "date_start": fields.Date.context_today(self),
                "actual_cost": decision.actual_cost or decision.planned_cost,
                "treated_count": len(treated),
                "held_out_count": len(decision.member_ids) - len(treated),
            }
        )

    def _freeze(self):
        """Keep who is treated and who is held out."""
        population = self._get_population()
        if self.basis == "holdout":
            self.holdout_id = self.env["crm.holdout"].create(self._prepare_holdout())
            ids = [partner_id for (partner_id,) in self.env.execute_query(population)]
            self.holdout_id._draw(self.env["res.partner"].browse(ids))
            population = SQL(
                "SELECT partner_id, is_held_out FROM crm_holdout_member WHERE holdout_id = %s", self.holdout_id.id
            )
        else:
            population = SQL("SELECT id, FALSE FROM (%s) population", population)
        self.env["crm.decision.member"]._freeze(self, population)

    def _prepare_holdout(self):
        metrics = {"revenue": "revenue", "margin": "margin", "buyers": "conversion", "orders": "revenue"}
        return {
            "name": self.name,
            "company_id": self.company_id.id,
            "user_id": self.user_id.id,
            "share_pct": self.share_pct,
            # another one for each decision, or always the same customers would be left out
            "seed": self.id,
            "date_start": fields.Date.context_today(self),
            "date_end": self.date_end,
            "metric": metrics[self.measure],
            "other_spend": self.planned_cost,
        }

    def action_cancel(self):
        """Give it up; an action under way is taken back."""
        self.check_access("write")
        for decision in self.filtered("is_open"):
            # `sudo`: as at the start
            decision.sudo()._take_back()
            decision.state = "cancelled"

    def _take_back(self):
        """Take the action back and hold nobody out any more; say in the history what was taken back."""
        self.ensure_one()
        if not self.date_start:
            return
        treated = self.member_ids.filtered(lambda member: not member.is_held_out)
        count = self._get_kind()._undo(self, treated)
        self.holdout_id._end(fields.Date.context_today(self))
        self.message_post(
            body=self.env._(
                "Taken back for %(count)s of %(total)s customers; the others were changed by somebody since, or there "
                "was nothing to take back.",
                count=count,
                total=len(treated),
            )
        )

    def action_back_to_draft(self):
        """Reconsider what has not started."""
        self.check_access("write")
        self.filtered(lambda decision: decision.state in ("decided", "cancelled") and not decision.date_start).write(
            {"state": "draft", "date_decided": False}
        )
