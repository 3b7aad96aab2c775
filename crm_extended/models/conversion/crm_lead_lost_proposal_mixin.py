from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import plaintext2html, split_every

from .order_states import OPEN_STATES, ORDERED_STATE

ACTIVITY_TYPE = "crm_extended.mail_activity_type_lost_proposal"
CRON_BATCH = 200


class CrmLeadLostProposalMixin(models.AbstractModel):
    """When all quotations of an opportunity are refused or expired, its salesperson is asked whether it is lost."""

    _name = "crm.lead.lost.proposal.mixin"
    _description = "Opportunity Proposed as Lost"

    lost_proposal = fields.Selection(
        selection=[
            ("proposed", "Proposed"),
            ("declined", "Kept Open"),
        ],
        copy=False,
        readonly=True,
        index="btree_not_null",
        help="Proposed: every quotation was refused or has expired. Kept open: somebody decided to go on.",
    )
    lost_proposal_note = fields.Text(
        string="What Became of the Quotations",
        compute="_compute_lost_proposal_note",
    )

    @api.depends_context("lang")
    @api.depends("lost_proposal", "order_ids.cancel_feedback", "order_ids.cancel_reason_id", "order_ids.state")
    def _compute_lost_proposal_note(self):
        for lead in self:
            notes = [order._get_refusal_note() for order in lead.order_ids] if lead.lost_proposal else []
            lead.lost_proposal_note = "\n".join(filter(None, notes)) or False

    # ------------------------------------------------------------
    # Proposing
    # ------------------------------------------------------------

    def _update_lost_proposal(self):
        """Propose lost, or take the proposal back, as the quotations of these opportunities now stand."""
        refused = self._filter_all_refused()
        (self - refused).filtered("lost_proposal")._withdraw_lost_proposal()
        refused.filtered(lambda lead: not lead.lost_proposal)._propose_lost()

    def _filter_all_refused(self):
        """Open opportunities that have quotations, of which none is open and valid or ordered any more."""
        candidates = self.filtered(lambda lead: lead.type == "opportunity" and lead.won_status == "pending")
        groups = self.env["sale.order"]._read_group(
            [("opportunity_id", "in", candidates.ids)],
            ["opportunity_id"],
            ["id:recordset"],
        )
        refused_ids = [
            lead.id
            for lead, orders in groups
            if all(order.state == "cancel" or order.is_expired for order in orders)
            and lead._get_conversion_policy("crm_lost_policy", orders.company_id[:1]) == "propose"
        ]
        return self.browse(refused_ids)

    def _propose_lost(self):
        if not self:
            return
        self.write({"lost_proposal": "proposed"})
        for lead in self:
            assignee = lead.user_id or self.env.user
            # the job runs in a language of its own; what it writes is for the assignee
            lead = lead.with_context(lang=assignee.lang)
            text = lead.env._(
                "All quotations were refused or have expired. Mark the opportunity as lost, or keep it open."
            )
            lead.activity_schedule(
                ACTIVITY_TYPE,
                note=Markup("<p>%s</p>%s") % (text, plaintext2html(lead.lost_proposal_note or "")),
                user_id=assignee.id,
            )

    def _withdraw_lost_proposal(self):
        if not self:
            return
        self.write({"lost_proposal": False})
        self.activity_unlink([ACTIVITY_TYPE])

    @api.model
    def _cron_propose_lost(self):
        """Daily: no event fires when a quotation expires, so look for opportunities whose last one did."""
        expired = Domain("state", "in", OPEN_STATES) & Domain("validity_date", "<", fields.Date.today())
        leads = self.search(
            Domain("type", "=", "opportunity")
            & Domain("won_status", "=", "pending")
            & Domain("lost_proposal", "=", False)
            & Domain("order_ids", "any", expired)
            & Domain("order_ids", "not any", [("state", "=", ORDERED_STATE)])
        )
        remaining = len(leads)
        for ids in split_every(CRON_BATCH, leads.ids):
            self.browse(ids)._update_lost_proposal()
            remaining -= len(ids)
            if not self.env["ir.cron"]._commit_progress(len(ids), remaining=remaining):
                break

    # ------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------

    def action_accept_lost_proposal(self):
        """Open Odoo's own dialog, filled with the reason of the refusal that came last."""
        self.ensure_one()
        refused = self.order_ids.filtered(lambda order: order.state == "cancel").sorted("write_date")
        action = self.env["ir.actions.act_window"]._for_xml_id("crm.crm_lead_lost_action")
        action["context"] = {
            "default_lead_ids": self.ids,
            "default_lost_reason_id": refused.cancel_reason_id[-1:].id,
            "default_lost_feedback": plaintext2html(self.lost_proposal_note or ""),
        }
        return action

    def action_decline_lost_proposal(self):
        """Keep the opportunity open; it is proposed again only after a further quotation was refused."""
        self.write({"lost_proposal": "declined"})
        self.activity_unlink([ACTIVITY_TYPE])
        return True
