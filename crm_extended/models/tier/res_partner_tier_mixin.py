from odoo import api, fields, models
from odoo.fields import Domain

from ..customer_domain import has_row
from .crm_tier import FEATURE


class ResPartnerTierMixin(models.AbstractModel):
    """The tier of the customer in the user's company; a contact is in the tier of his company."""

    _name = "res.partner.tier.mixin"
    _description = "Tier on the Customer"

    crm_tier_id = fields.Many2one(
        comodel_name="crm.tier",
        string="Tier",
        compute="_compute_crm_tier",
        inverse="_inverse_crm_tier_id",
        search="_search_crm_tier_id",
        domain="[('kind', '=', 'customer')]",
        help="Chosen by hand it is fixed: a value pyramid moves the customer again when 'Fixed' is taken away.",
    )
    crm_tier_locked = fields.Boolean(
        string="Fixed Tier",
        compute="_compute_crm_tier",
        inverse="_inverse_crm_tier_locked",
        help="A value pyramid leaves the customer in his tier.",
    )
    crm_response_hours = fields.Float(
        string="Response Within (Hours)",
        compute="_compute_crm_tier",
        help="Target of the tier: hours by the clock to the first answer.",
    )

    @api.depends_context("company", "uid")
    def _compute_crm_tier(self):
        stays = self._get_tier_stays()
        for partner in self:
            stay = stays.get(partner.commercial_partner_id.id)
            partner.crm_tier_id = stay.tier_id if stay else False
            partner.crm_tier_locked = stay.is_locked if stay else False
            partner.crm_response_hours = stay.tier_id.response_hours if stay else 0.0

    def _get_tier_stays(self):
        """Return ``{customer id: current stay}`` of those that the user may read."""
        stays, company = self.env["crm.tier.assignment"], self.env.company
        if not stays.has_access("read") or not company._has_feature(FEATURE):
            return {}
        found = stays.search(
            [
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "=", company.id),
                ("date_to", "=", False),
            ]
        )
        return {stay.partner_id.id: stay for stay in found}

    def _inverse_crm_tier_id(self):
        for tier, partners in self.grouped("crm_tier_id").items():
            self.env["crm.tier.assignment"]._assign(partners, tier, self.env.company)
        self.invalidate_recordset(["crm_tier_locked", "crm_response_hours"])

    def _inverse_crm_tier_locked(self):
        locked = {partner.id: partner.crm_tier_locked for partner in self}
        stays = self._get_tier_stays()
        for partner in self:
            stay = stays.get(partner.commercial_partner_id.id)
            if stay and stay.is_locked != locked[partner.id]:
                stay.is_locked = locked[partner.id]

    def _search_crm_tier_id(self, operator, value):
        """Find customers and their contacts by tier; without one are those that are in no tier today."""
        if operator not in ("in", "any", "any!"):
            return NotImplemented
        stays = self.env["crm.tier.assignment"]
        domain = Domain("company_id", "=", self.env.company.id) & Domain("date_to", "=", False)
        named = [tier for tier in value if tier] if operator == "in" else value
        found = Domain.FALSE
        if operator != "in" or named:
            found = has_row(stays, domain & Domain("tier_id", operator, named))
        if operator == "in" and False in value:
            found |= ~has_row(stays, domain)
        return found

    def action_open_tier_history(self):
        """Show in which tiers the customer was."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended.crm_tier_assignment_action")
        return action | {
            "domain": [("partner_id", "=", self.commercial_partner_id.id), ("company_id", "=", self.env.company.id)],
            "context": {},
        }
