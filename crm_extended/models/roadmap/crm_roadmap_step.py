from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, format_list

MOVERS = "crm_extended.crm_extended_group_implementer"
ACTIVITY = "crm_extended.mail_activity_type_roadmap_slip"


class CrmRoadmapStep(models.Model):
    """The place of a company on the road: one row for each time that it entered a stage.

    A company without any row has not started: it has every feature as shipped. From the first stage on it has the
    features of the stages it entered, and those that were decided for it one by one. A stage that was left keeps its
    row, so that the road of a company can be told.
    """

    _name = "crm.roadmap.step"
    _inherit = ["mail.thread", "mail.activity.mixin", "crm.roadmap.cached.mixin"]
    _description = "Stage of a Company"
    _mail_post_access = "read"
    _order = "company_id, sequence, id"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    stage_id = fields.Many2one(comodel_name="crm.roadmap.stage", required=True, readonly=True, ondelete="restrict")
    sequence = fields.Integer(related="stage_id.sequence", store=True)
    entered_on = fields.Date(readonly=True, tracking=True)
    entered_by = fields.Many2one(comodel_name="res.users", readonly=True)
    is_override = fields.Boolean(
        string="Gate Overridden", readonly=True, help="The stage was entered though its gate was closed."
    )
    override_reason = fields.Text(readonly=True, tracking=True)
    signed_on = fields.Date(string="Signed Off On", readonly=True, tracking=True)
    signed_by = fields.Many2one(comodel_name="res.users", string="Signed Off By", readonly=True, tracking=True)
    slipped_on = fields.Date(
        readonly=True,
        tracking=True,
        help="Since when a criterion that closed the gate of this stage fails again. Nothing is switched off by it.",
    )

    left_on = fields.Date(readonly=True, tracking=True, help="When the company went back to the stage before.")
    left_by = fields.Many2one(comodel_name="res.users", readonly=True)

    _company_stage_uniq = models.UniqueIndex(
        "(company_id, stage_id) WHERE left_on IS NULL", "The company entered this stage already. Reload the page."
    )

    @api.depends("company_id", "stage_id")
    def _compute_display_name(self):
        for step in self:
            step.display_name = self.env._(
                "%(company)s: %(stage)s", company=step.company_id.name, stage=step.stage_id.name
            )

    def _get_switched_companies(self, vals_list=()):
        return self._get_own_companies(vals_list)

    # ------------------------------------------------------------------
    # Where a company is
    # ------------------------------------------------------------------
    @api.model
    def _get_current(self, company):
        """Return the last step of a company, or an empty record before the first."""
        return self.search(
            [("company_id", "=", company.id), ("left_on", "=", False)], order="sequence DESC, stage_id DESC", limit=1
        )

    @api.model
    def _get_next_stage(self, company):
        """Return the stage that a company could enter, or an empty record at the end."""
        current = self._get_current(company)
        return current.stage_id._get_next() if current else self.env["crm.roadmap.stage"].search([], limit=1)

    @api.model
    def _start(self, companies):
        """Put companies that are not on the road at its beginning: they have the features of the first stage."""
        stage = self.env["crm.roadmap.stage"].search([], limit=1)
        # `sudo`: companies that the user does not work in have their place too
        placed = self.sudo().search([("company_id", "in", companies.ids)]).company_id
        for company in companies - placed if stage else ():
            self._enter(company, stage)

    # ------------------------------------------------------------------
    # Gate
    # ------------------------------------------------------------------
    @api.model
    def _get_gate(self, company, stage):
        """Return the criteria of the gate of a stage and those of them that do not hold.

        :rtype: tuple of two recordsets of ``crm.roadmap.criterion``
        """
        criteria = stage._get_before().criterion_ids.filtered(
            lambda criterion: criterion.is_gate and criterion.company_id in (company, company.browse())
        )
        last = self.env["crm.roadmap.result"]._get_last(criteria, company)
        holds = {key[0] for key, result in last.items() if result.state in ("passed", "tolerated")}
        return criteria, criteria.filtered(lambda criterion: criterion.id not in holds)

    @api.model
    def enter_next(self, reason="", stage_id=None):
        """Enter the next stage for the company one works in; with a reason also through a closed gate.

        Features of the stage come on at once, for every user from the next page on.

        :param stage_id: the stage that the user means; when somebody entered it meanwhile nothing is entered
        """
        self._check_may_move()
        company = self.env.company
        stage = self._get_next_stage(company)
        if stage_id and stage_id != stage.id:
            raise UserError(
                self.env._(
                    "%(company)s has moved on the road since this page was loaded. Reload it.", company=company.name
                )
            )
        if not stage:
            raise UserError(self.env._("%(company)s is at the end of the road.", company=company.name))
        stage._get_before().criterion_ids._measure_and_store(company)
        _criteria, closed = self._get_gate(company, stage)
        if closed and not (reason or "").strip():
            raise UserError(
                self.env._(
                    "The gate of %(stage)s is closed by: %(criteria)s. Reach the targets, or override the gate with a "
                    "reason.",
                    stage=stage.name,
                    criteria=format_list(self.env, closed.mapped("name")),
                )
            )
        return self._enter(company, stage, reason if closed else "")

    def _enter(self, company, stage, reason=""):
        # `sudo`: nobody writes the road but these methods; who may call them was asked before
        return self.sudo().create(
            {
                "company_id": company.id,
                "stage_id": stage.id,
                "entered_on": fields.Date.context_today(self),
                "entered_by": self.env.uid,
                "is_override": bool(reason),
                "override_reason": reason,
            }
        )

    def _check_may_move(self):
        """Refuse everybody but implementers, and the companies they do not work in."""
        if not self.env.su and not self.env.user.has_group(MOVERS):
            raise AccessError(self.env._("Stages are entered, left and signed by implementers. Ask one of them."))
        self.check_access("read")

    def action_sign_off(self):
        """Sign that the stage is reached: date and person are kept."""
        self._check_may_move()
        for step in self:
            if step.signed_on:
                raise UserError(
                    self.env._(
                        "%(step)s was signed off on %(date)s.",
                        step=step.display_name,
                        date=format_date(self.env, step.signed_on),
                    )
                )
        # `sudo`: see `_enter`
        self.sudo().write({"signed_on": fields.Date.context_today(self), "signed_by": self.env.uid})
        return True

    def action_go_back(self):
        """Leave the last stage: its features are off, nothing that was made with them is lost."""
        self._check_may_move()
        for step in self:
            if step != self._get_current(step.company_id):
                raise UserError(
                    self.env._("Go back from the last stage first: %(step)s is not it.", step=step.display_name)
                )
            # `sudo`: see `_enter`
            step.sudo().write({"left_on": fields.Date.context_today(self), "left_by": self.env.uid})
        return {"type": "ir.actions.client", "tag": "reload"}

    # ------------------------------------------------------------------
    # Slipping
    # ------------------------------------------------------------------
    @api.model
    def _watch(self, company):
        """Warn the owner once when a criterion of an entered stage's gate fails again; nothing is switched."""
        for step in self.search([("company_id", "=", company.id), ("left_on", "=", False)]):
            closed = self._get_gate(company, step.stage_id)[1].filtered(
                lambda criterion: criterion.with_company(company).last_state == "failed"
            )
            if closed and not step.slipped_on and not step.is_override:
                step._warn(closed)
            elif not closed and step.slipped_on:
                step.slipped_on = False
                step.activity_feedback([ACTIVITY])

    def _warn(self, closed):
        self.slipped_on = fields.Date.context_today(self)
        owners = closed.owner_id or self.entered_by or self.env.user
        for owner in owners:
            mine = closed.filtered(lambda criterion, owner=owner: criterion.owner_id in (owner, owner.browse()))
            self.activity_schedule(
                ACTIVITY,
                user_id=owner.id,
                summary=self.env._("Lost again: %(criteria)s", criteria=format_list(self.env, mine.mapped("name"))),
            )
