from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..seven_p.known_float import KnownFloat

FEATURE = "decisions"
# days to start a decision, and days after that in which its effect is measured, unless the user says otherwise
START_DAYS, EFFECT_DAYS = 7, 60
OPEN = ("draft", "decided", "running", "measuring", "reopened")
# what describes the action and its comparison: fixed once it runs, or the measurement would speak of another one
FIXED = {
    "company_id",
    "segment_id",
    "kind",
    "measure",
    "expected_pct",
    "basis",
    "share_pct",
    "date_start",
    "date_end",
    "holdout_id",
}


class CrmDecision(models.Model):
    """What was found, what is done about it and for whom, what it is expected to bring, and what it brought.

    The customers are frozen and the hold-out is drawn when the action starts. Every night the sales of the treated are
    compared with those of the hold-out, or, where there is none, with the period before. The measurement proposes a
    verdict and the owner gives it. What is kept is measured again every month and comes back when its effect is gone.
    """

    _name = "crm.decision"
    _description = "Decision"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "crm.decision.size.mixin",
        "crm.decision.start.mixin",
        "crm.decision.measure.mixin",
        "crm.decision.verdict.mixin",
        "crm.treated.mixin",
    ]
    _order = "date_due, id"
    _check_company_auto = True
    _members_action = "crm_extended_analytics.crm_decision_member_action"
    _members_field = "decision_id"

    name = fields.Char(string="Decision", required=True, tracking=True)
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    state = fields.Selection(
        selection=[
            ("draft", "Finding"),
            ("decided", "Decided"),
            ("running", "Under way"),
            ("measuring", "Verdict due"),
            ("done", "Done"),
            ("reopened", "Reopened"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    finding = fields.Text(required=True, help="What was seen in the data, in words: the reason of the decision.")
    found_in = fields.Char(readonly=True, help="The analysis in which it was seen.")
    found_model = fields.Char(readonly=True)
    found_id = fields.Many2oneReference(model_field="found_model", readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        index=True,
        tracking=True,
        help="Gives the verdict.",
    )
    date_deadline = fields.Date(
        string="Start By",
        required=True,
        default=lambda self: self._get_day(START_DAYS),
        tracking=True,
        help="Day by which the action has started.",
    )
    date_end = fields.Date(
        string="Effect By",
        required=True,
        default=lambda self: self._get_day(START_DAYS + EFFECT_DAYS),
        tracking=True,
        help="Last day whose sales count: by then the effect is expected.",
    )
    date_due = fields.Date(
        string="Next Step By",
        compute="_compute_date_due",
        store=True,
        help="The start, the end of the measurement, or the verdict: whatever comes next.",
    )
    is_open = fields.Boolean(compute="_compute_is_open", search="_search_is_open")
    is_overdue = fields.Boolean(
        compute="_compute_is_open", search="_search_is_overdue", help="Open, and the day of the next step has passed."
    )

    kind = fields.Selection(
        selection="_selection_kind", string="Action", required=True, default="activity", tracking=True
    )
    kind_note = fields.Char(compute="_compute_kind_note", help="What happens at the start.")
    task_type_id = fields.Many2one(
        comodel_name="mail.activity.type",
        string="Activity",
        default=lambda self: self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False),
        domain="[('res_model', 'in', (False, 'res.partner'))]",
        ondelete="restrict",
        help="Activity that the salesperson of each customer gets.",
    )
    activity_note = fields.Text(string="To Do", help="What the salespeople shall do.")
    campaign_id = fields.Many2one(
        comodel_name="utm.campaign",
        ondelete="restrict",
        index="btree_not_null",
        help="Its costs are those of the action. Empty: one is made at the start.",
    )
    pricelist_id = fields.Many2one(
        comodel_name="product.pricelist",
        check_company=True,
        ondelete="restrict",
        help="The customers get it at the start, and what they had before when the action is stopped.",
    )
    tier_id = fields.Many2one(
        comodel_name="crm.tier",
        check_company=True,
        ondelete="restrict",
        help="The customers are served by the rules of this tier, and by those of the one before when it is stopped.",
    )
    kind_data = fields.Json(readonly=True, copy=False)

    planned_cost = fields.Monetary(help="What the action may cost.")
    actual_cost = fields.Monetary(
        copy=False,
        tracking=True,
        help="What the action cost. Costs of a campaign (CRM > Campaigns > Campaign Costs) are added to this.",
    )
    gain = KnownFloat(related="last_measurement_id.gain")
    member_ids = fields.One2many(comodel_name="crm.decision.member", inverse_name="decision_id", readonly=True)
    measurement_ids = fields.One2many(
        comodel_name="crm.decision.measurement", inverse_name="decision_id", readonly=True
    )
    parent_id = fields.Many2one(
        comodel_name="crm.decision",
        string="Replaces",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The earlier decision in whose place this one came.",
    )
    child_ids = fields.One2many(comodel_name="crm.decision", inverse_name="parent_id", string="Changed By")

    _share_between = models.Constraint(
        "CHECK (share_pct > 0 AND share_pct < 100)", "The share that is held out lies between 0 and 100 percent."
    )
    _cost_not_negative = models.Constraint("CHECK (planned_cost >= 0 AND actual_cost >= 0)", "A cost is not negative.")
    _some_effect = models.Constraint("CHECK (expected_pct > 0)", "Say which rise is expected, in percent above 0.")
    _period_order = models.Constraint(
        "CHECK (date_end > date_deadline)", "The effect shows after the start: choose a later day for it."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.model
    def _get_day(self, days):
        return fields.Date.add(fields.Date.context_today(self), days=days)

    @api.model
    def _selection_kind(self):
        return [(kind._kind, kind._get_label()) for kind in self.env["crm.decision.kind"]._get_all()]

    def _get_kind(self):
        """Return the model that does the action of the decision."""
        return self.env["crm.decision.kind"]._get(self.kind)

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_kind_note(self):
        for decision in self:
            decision.kind_note = decision._get_kind()._get_note() if decision.kind else False

    @api.depends("state", "verdict", "date_deadline", "date_end", "date_next", "date_step")
    def _compute_date_due(self):
        for decision in self:
            if decision.state in ("draft", "decided"):
                decision.date_due = decision.date_deadline
            elif decision.state == "running":
                decision.date_due = decision.date_end
            elif decision.state in ("measuring", "reopened"):
                decision.date_due = decision.date_step
            else:
                decision.date_due = decision.date_next

    @api.depends("state", "date_due")
    def _compute_is_open(self):
        today = fields.Date.context_today(self)
        for decision in self:
            decision.is_open = decision.state in OPEN
            decision.is_overdue = decision.is_open and bool(decision.date_due) and decision.date_due < today

    def _search_is_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "in" if True in value else "not in", OPEN)

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain("state", "in", OPEN) & Domain("date_due", "<", fields.Date.context_today(self))
        return overdue if True in value else ~overdue

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    def _get_fixed_fields(self):
        """Return the fields that stay as they are once the action runs; another addon adds those of its kind."""
        return FIXED | {"task_type_id", "campaign_id", "pricelist_id", "tier_id"}

    def write(self, vals):
        if self._get_fixed_fields() & set(vals):
            started = self.filtered(lambda decision: decision.state not in ("draft", "decided"))
            if started:
                raise UserError(
                    self.env._(
                        "%(decision)s has started: its customers, action and comparison stay as they are. Stop it, or "
                        'choose "Do It Differently" to make another decision of it.',
                        decision=started[0].name,
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        started = self.filtered("date_start")
        if started:
            raise UserError(
                self.env._(
                    "%(decision)s was started: what it brought is part of the history. Cancel it instead.",
                    decision=started[0].name,
                )
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_open_finding(self):
        """Show where it was found."""
        self.ensure_one()
        if self.found_id:
            return {
                "type": "ir.actions.act_window",
                "res_model": self.found_model,
                "res_id": self.found_id,
                "views": [[False, "form"]],
            }
        return {
            "type": "ir.actions.act_window",
            "name": self.found_in,
            "res_model": self.found_model,
            "views": [[False, "list"], [False, "form"]],
        }

    def action_open_measurements(self):
        """Show the history of the measurements."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_decision_measurement_action")
        return {**action, "domain": [("decision_id", "=", self.id)], "context": {}}

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [[False, "form"]],
        }

    def action_open_action(self):
        """Show what the start made: the activities, the campaign, the pricelist or the tier."""
        self.ensure_one()
        return self._get_kind()._open(self)
