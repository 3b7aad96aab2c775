from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmHoldout(models.Model):
    """A test of what an action does: part of its customers, drawn at random before it begins, is left out of it.

    What happens to the others and not to these was caused by the action. Here are its life and its buttons; who is
    held out, what was measured and what that says are a mixin each.
    """

    _name = "crm.holdout"
    _description = "Hold-Out Test"
    _inherit = [
        "crm.holdout.draw.mixin",
        "crm.holdout.measure.mixin",
        "crm.holdout.verdict.mixin",
        "crm.treated.mixin",
        "mail.thread",
    ]
    _order = "date_start desc, id desc"
    _check_company_auto = True
    _members_action = "crm_extended_analytics.crm_holdout_member_action"
    _members_field = "holdout_id"

    name = fields.Char(required=True)
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    user_id = fields.Many2one(comodel_name="res.users", string="Responsible", default=lambda self: self.env.user)
    campaign_id = fields.Many2one(
        comodel_name="utm.campaign", index="btree_not_null", ondelete="restrict", help="The campaign that is tested."
    )
    state = fields.Selection(
        selection=[("draft", "Draft"), ("drawn", "Under way"), ("measured", "Measured"), ("cancelled", "Cancelled")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    date_start = fields.Date(
        string="From", required=True, default=lambda self: fields.Date.context_today(self), help="Day of the action."
    )
    date_end = fields.Date(
        string="To",
        required=True,
        default=lambda self: fields.Date.context_today(self) + relativedelta(days=29),
        help="Last day whose sales count.",
    )

    _share_between = models.Constraint(
        "CHECK (share_pct > 0 AND share_pct < 100)", "The share that is held out lies between 0 and 100 percent."
    )
    _period_order = models.Constraint("CHECK (date_end >= date_start)", "A test does not end before it begins.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_drawn(self):
        for holdout in self:
            if holdout.state in ("drawn", "measured"):
                raise UserError(
                    self.env._(
                        "%(holdout)s was drawn, and its customers may be under way. Cancel it instead.",
                        holdout=holdout.name,
                    )
                )

    def write(self, vals):
        fixed = {"audience_domain", "share_pct", "seed", "date_start", "company_id"}
        if fixed & set(vals):
            drawn = self.filtered(lambda holdout: holdout.state != "draft")
            if drawn:
                raise UserError(
                    self.env._(
                        "%(holdout)s was drawn: its audience, share, seed and start stay as they are. Copy it for "
                        "another test.",
                        holdout=drawn[0].name,
                    )
                )
        return super().write(vals)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_draw(self):
        """Draw the hold-out."""
        self.check_access("write")
        for holdout in self:
            holdout._draw()

    def action_measure(self):
        """Measure the effect up to today."""
        self.check_access("write")
        self._measure()

    def action_cancel(self):
        """Give the test up; nobody is held out any more."""
        self.write({"state": "cancelled"})

    # ------------------------------------------------------------------
    # Days
    # ------------------------------------------------------------------
    def _prolong(self, day):
        """Hold the same customers out up to a later day."""
        self.write({"state": "drawn", "date_end": day})

    def _end(self, day):
        """Hold nobody out any more after a day; what was measured stays."""
        for holdout in self.filtered(lambda holdout: holdout.state == "drawn" and holdout.date_end > day):
            holdout.date_end = max(day, holdout.date_start)
