from odoo import api, fields, models

from ..warehouse.fact_fields import FactMany2one


class CrmSegmentMember(models.Model):
    """A customer in a segment, since when."""

    _name = "crm.segment.member"
    _description = "Customer in a Segment"
    _log_access = False
    _order = "segment_id, since desc, id desc"
    _rec_name = "partner_id"

    segment_id = fields.Many2one(comodel_name="crm.segment", required=True, ondelete="cascade")
    company_id = FactMany2one(related="segment_id.company_id", store=True, precompute=True, index=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", required=True, ondelete="cascade", index=True
    )
    since = fields.Date(
        required=True, readonly=True, default=fields.Date.context_today, help="Day on which the customer came in."
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")

    reason = fields.Text(
        string="Why",
        compute="_compute_reason",
        help="Each rule of the segment with the customer's own number of the last scored month.",
    )

    _partner_uniq = models.UniqueIndex("(segment_id, partner_id)", "This customer is in the segment already.")

    @api.depends("segment_id.method", "segment_id.is_dynamic", "segment_id.rule_ids.sentence", "partner_id")
    @api.depends_context("lang")
    def _compute_reason(self):
        reasons = self.env["crm.segment.reason"]._explain(self)
        for member in self:
            member.reason = reasons.get(member, False)

    @api.model_create_multi
    def create(self, vals_list):
        """Add customers to lists by hand; whoever meets rules or is in a cluster is found, not added."""
        members = super().create(vals_list)
        members.segment_id._check_is_list()
        members.flush_recordset()
        for segment, added in members.grouped("segment_id").items():
            segment._note_size(fields.Date.context_today(self), joined=len(added))
        return members

    def unlink(self):
        """Take customers out of lists by hand, or, as superuser, out of any segment."""
        if not self.env.su:
            self.segment_id._check_is_list()
        counts = {segment: len(removed) for segment, removed in self.grouped("segment_id").items()}
        result = super().unlink()
        for segment, count in counts.items():
            segment._note_size(fields.Date.context_today(self), left=count)
        return result

    @api.model
    def _erase(self, partners):
        """Take customers who object to profiling out of segments that rest on what they buy; for superusers."""
        members = self.search([("partner_id", "in", partners.ids)])
        members.filtered(lambda member: member.segment_id._is_profiling()).unlink()

    @api.model
    def _forget(self, partners):
        """Take out customers who are being deleted; for superusers."""
        self.search([("partner_id", "in", partners.ids)]).unlink()

    @api.model
    def _follow_merge(self, source_ids, destination):
        """Give the places of merged contacts to the one that remains; where he is in already, they are dropped.

        For superusers.
        """
        customer = destination.commercial_partner_id
        members = self.search([("partner_id", "in", [*source_ids, customer.id])])
        surplus = self.browse()
        for _segment, of_segment in members.grouped("segment_id").items():
            kept = of_segment.filtered(lambda member: member.partner_id == customer)[:1] or of_segment[:1]
            kept.partner_id = customer
            surplus |= of_segment - kept
        surplus.unlink()
        self.flush_model()

    def action_open_partner(self):
        """Show the customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [[False, "form"]],
        }
