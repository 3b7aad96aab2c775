from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmConversionDecision(models.TransientModel):
    """Asks which of the open quotations of an opportunity are won; the others are cancelled with a reason."""

    _name = "crm.conversion.decision"
    _description = "Choice of the Won Quotations"

    lead_ids = fields.Many2many(
        comodel_name="crm.lead",
        string="Opportunities",
        required=True,
    )
    stage_id = fields.Many2one(
        comodel_name="crm.stage",
        string="Won Stage",
        help="The stage that was asked for; empty means the next won stage.",
    )
    line_ids = fields.One2many(
        comodel_name="crm.conversion.decision.line",
        inverse_name="decision_id",
        string="Quotations",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    cancel_reason_id = fields.Many2one(
        comodel_name="crm.lost.reason",
        string="Reason for the Others",
        default=lambda self: self.env.ref("crm_extended.crm_lost_reason_other_quotation", raise_if_not_found=False),
        help="Why the quotations that are not chosen are cancelled.",
    )
    cancel_feedback = fields.Text(string="Note")
    lead_count = fields.Integer(compute="_compute_lead_count")
    has_rejected = fields.Boolean(compute="_compute_has_rejected")

    @api.depends("lead_ids")
    def _compute_line_ids(self):
        for decision in self:
            quotations_by_lead = decision.lead_ids._origin._get_quotations_by_lead()
            quotations = self.env["sale.order"].union(*quotations_by_lead.values())
            decision.line_ids = [fields.Command.clear()] + [
                fields.Command.create({"order_id": order.id})
                for order in quotations._filtered_access("read").sorted("opportunity_id")
            ]

    @api.depends("lead_ids")
    def _compute_lead_count(self):
        for decision in self:
            decision.lead_count = len(decision.lead_ids)

    @api.depends("line_ids.is_won")
    def _compute_has_rejected(self):
        for decision in self:
            decision.has_rejected = not all(decision.line_ids.mapped("is_won"))

    def action_win(self):
        """Confirm the chosen quotations, cancel the others, and set the opportunities won.

        :raise UserError: an opportunity has no chosen quotation, or was decided meanwhile
        """
        self.ensure_one()
        leads = self.lead_ids
        leads._lock_for_conversion()
        self._check_up_to_date()
        won = self.line_ids.filtered("is_won").order_id
        undecided = leads - won.opportunity_id
        if undecided:
            raise UserError(
                self.env._(
                    "Choose at least one won quotation for %(opportunities)s, or close this dialog and mark the "
                    "opportunity as lost.",
                    opportunities=", ".join(undecided.mapped("name")),
                )
            )
        won._confirm_for_won_opportunity(leads)
        (self.line_ids.order_id - won)._refuse(self.cancel_reason_id, self.cancel_feedback)
        return self._win_leads()

    def _check_up_to_date(self):
        """A quotation may have come or gone since the dialog was opened; then nothing is decided on its behalf."""
        quotations_by_lead = self.lead_ids._get_quotations_by_lead()
        if self.env["sale.order"].union(*quotations_by_lead.values()) != self.line_ids.order_id:
            raise UserError(
                self.env._(
                    "The quotations of %(opportunities)s have changed meanwhile, or some of them belong to a "
                    "colleague. Close this dialog and open it again; if it says the same, ask the colleague or a "
                    "team leader.",
                    opportunities=", ".join(self.lead_ids.mapped("name")),
                )
            )

    def _win_leads(self):
        leads = self.lead_ids._with_winning()
        if self.stage_id:
            # the dialog came out of a refused drag or edit: the view below still shows how it was before
            leads.write({"stage_id": self.stage_id.id, "probability": 100})
            return {"type": "ir.actions.client", "tag": "soft_reload"}
        if len(leads) == 1:
            return leads.action_set_won_rainbowman()
        return leads.action_set_won()
