from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.crm_extended.models.customer_domain import has_row

from .crm_segment import FEATURE


class ResPartnerSegmentMixin(models.AbstractModel):
    """The segments of a customer; a contact is in those of his company."""

    _name = "res.partner.segment.mixin"
    _description = "Segments on the Customer"

    crm_segment_ids = fields.Many2many(
        comodel_name="crm.segment",
        string="Segments",
        compute="_compute_crm_segment_ids",
        search="_search_crm_segment_ids",
        groups="sales_team.group_sale_salesman",
        help="Segments of the user's company that the customer is in.",
    )
    crm_segment_count = fields.Integer(
        string="Segment Count", compute="_compute_crm_segment_ids", groups="sales_team.group_sale_salesman"
    )

    @api.depends_context("company", "uid")
    def _compute_crm_segment_ids(self):
        segments = self._get_segments()
        for partner in self:
            partner.crm_segment_ids = segments.get(partner.commercial_partner_id, False)
            partner.crm_segment_count = len(partner.crm_segment_ids)

    def _get_segments(self):
        """Return ``{customer: segments}`` of those that the user may read."""
        members, company = self.env["crm.segment.member"], self.env.company
        if not members.has_access("read") or not company._has_feature(FEATURE):
            return {}
        found = members.search_fetch(
            [
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "=", company.id),
                ("segment_id.active", "=", True),
            ],
            ["partner_id", "segment_id"],
        )
        return {customer: of_customer.segment_id for customer, of_customer in found.grouped("partner_id").items()}

    def _search_crm_segment_ids(self, operator, value):
        """Find customers and their contacts by segment; without one are those that are in no segment."""
        if operator not in ("in", "any", "any!"):
            return NotImplemented
        members = self.env["crm.segment.member"]
        named = [segment for segment in value if segment] if operator == "in" else value
        found = Domain.FALSE
        if operator != "in" or named:
            found = has_row(members, Domain("segment_id", operator, named))
        if operator == "in" and False in value:
            shown = Domain("company_id", "=", self.env.company.id) & Domain("segment_id.active", "=", True)
            found |= ~has_row(members, shown)
        return found

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_open_segments(self):
        """Show in which segments the customer is, and why."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_segment_member_action")
        customer = self.commercial_partner_id
        name = self.env._("Segments of %(customer)s", customer=customer.display_name)
        return action | {
            "name": name,
            "display_name": name,
            "domain": [("partner_id", "=", customer.id), ("segment_id.active", "=", True)],
            "context": {},
        }

    def action_create_segment(self):
        """Make a list of the selected customers, and open it."""
        day = format_date(self.env, fields.Date.context_today(self))
        name = self.env._("Customers chosen on %(day)s", day=day)
        return self.env["crm.segment"]._create_from_partners(name, self, self.env.company)._get_form_action()
