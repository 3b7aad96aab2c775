from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

VARIABLES = [("people", "People"), ("technology", "Technology"), ("process", "Process")]


class CrmRoadmapImprovement(models.Model):
    """Something that is done better: what it was before, what was done, and what it is after.

    With a criterion, before and after are what it measured when the work began and when it ended; the words say what
    the figures do not.
    """

    _name = "crm.roadmap.improvement"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Improvement"
    _order = "state, date_start DESC, id DESC"

    name = fields.Char(required=True, string="Improvement", tracking=True)
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, default=lambda self: self.env.company, index=True, ondelete="cascade"
    )
    unit_id = fields.Many2one(
        comodel_name="crm.roadmap.unit",
        string="Department or Region",
        domain="[('company_id', '=', company_id)]",
        ondelete="set null",
    )
    variable = fields.Selection(selection=VARIABLES, required=True, default="process", help="What is made better.")
    criterion_id = fields.Many2one(comodel_name="crm.roadmap.criterion", ondelete="set null", index="btree_not_null")
    owner_id = fields.Many2one(
        comodel_name="res.users", default=lambda self: self.env.user, domain="[('share', '=', False)]"
    )
    state = fields.Selection(
        selection=[("idea", "Idea"), ("running", "In Progress"), ("done", "Done"), ("dropped", "Dropped")],
        required=True,
        default="idea",
        tracking=True,
        group_expand=True,
    )
    before = fields.Text(help="How it is done today, and what is wrong with it.")
    after = fields.Text(help="How it is done now, and what became better.")
    value_before = fields.Float(aggregator=None, readonly=True, help="What the criterion measured when the work began.")
    value_after = fields.Float(aggregator=None, readonly=True, help="What the criterion measured when the work ended.")
    change = fields.Char(compute="_compute_change", help="Before and after, as the criterion measured them.")
    date_start = fields.Date(string="Begun", readonly=True)
    date_deadline = fields.Date(string="Deadline")
    date_done = fields.Date(string="Ended", readonly=True)
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")

    @api.depends("criterion_id", "value_before", "value_after", "state", "date_start")
    def _compute_change(self):
        for improvement in self:
            criterion = improvement.criterion_id
            if not criterion or not improvement.date_start:
                improvement.change = False
                continue
            before = criterion._format_value(improvement.value_before)
            after = criterion._format_value(improvement.value_after) if improvement.state == "done" else "…"
            improvement.change = f"{before} → {after}"

    @api.depends("state", "date_deadline")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for improvement in self:
            deadline = improvement.date_deadline
            improvement.is_late = bool(deadline and deadline < today and improvement.state in ("idea", "running"))

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("date_deadline", "<", fields.Date.context_today(self)) & Domain(
            "state", "in", ("idea", "running")
        )
        return late if True in value else ~late

    def action_start(self):
        """Begin: what the criterion measures now is the figure before."""
        for improvement in self:
            if improvement.state != "idea":
                raise UserError(self.env._("%(name)s has begun already.", name=improvement.name))
            improvement.write(
                {
                    "state": "running",
                    "date_start": fields.Date.context_today(self),
                    "value_before": improvement._measure(),
                }
            )
        return True

    def action_done(self):
        """End: what the criterion measures now is the figure after."""
        for improvement in self:
            if improvement.state != "running":
                raise UserError(
                    self.env._("Begin %(name)s first, so that there is a figure before.", name=improvement.name)
                )
            improvement.write(
                {"state": "done", "date_done": fields.Date.context_today(self), "value_after": improvement._measure()}
            )
        return True

    def action_drop(self):
        """Give it up; what was written stays."""
        self.state = "dropped"
        return True

    def _measure(self):
        """Return what the criterion measures now for the company or its department, 0 where there is none."""
        if not self.criterion_id:
            return 0
        teams = self.unit_id.team_ids if self.unit_id and self.criterion_id._is_by_team() else None
        return self.criterion_id._measure_safely(self.company_id, teams).value or 0
