from odoo import api, fields, models

from .crm_tier import FEATURE


class CrmLeadTierMixin(models.AbstractModel):
    """New leads and opportunities go to the owner of the customer's tier when nobody is named; and have a target."""

    _name = "crm.lead.tier.mixin"
    _description = "Service Rules on Opportunities"

    crm_tier_id = fields.Many2one(comodel_name="crm.tier", string="Tier", compute="_compute_crm_tier_id")
    crm_response_deadline = fields.Datetime(
        string="Answer Until",
        compute="_compute_crm_tier_id",
        help="Creation of the lead + response hours of the customer's tier, by the clock.",
    )

    @api.depends_context("company")
    def _compute_crm_tier_id(self):
        """Who works on the lead sees how it is to be served, also where the customer is a colleague's."""
        tiers = self._get_partner_tiers()
        for lead in self:
            tier = lead.crm_tier_id = tiers.get(lead)
            hours = tier.response_hours if tier and lead.won_status == "pending" else 0
            start = lead.create_date or fields.Datetime.now()
            lead.crm_response_deadline = fields.Datetime.add(start, hours=hours) if hours else False

    def _get_partner_tiers(self):
        """Return ``{lead: tier of its customer}``; a query per company."""
        found = {}
        by_company = self.filtered("partner_id").grouped(lambda lead: lead.company_id or self.env.company)
        for company, leads in by_company.items():
            if company._has_feature(FEATURE):
                tiers = self.env["crm.tier.assignment"]._get_tiers(leads.partner_id, company)
                customers = {lead: lead.partner_id.commercial_partner_id.id for lead in leads}
                found |= {lead: tiers[customers[lead]] for lead in leads if customers[lead] in tiers}
        return found

    @api.model
    def _prepare_tier_owners(self, vals_list):
        """Name the owner and the team of the tier in the values of new leads that name nobody.

        A user or team in the values, or proposed by the context, is a choice, an empty one too; so is the customer's
        own salesperson.
        """
        partner_ids = [self._get_tier_partner_id(vals) for vals in vals_list]
        partners = self.env["res.partner"].browse({partner_id for partner_id in partner_ids if partner_id})
        found, prepared = {}, []
        for vals, partner_id in zip(vals_list, partner_ids, strict=True):
            company = self.env["res.company"].browse(vals.get("company_id") or self.env.company.id)
            if partner_id and company not in found:
                has_feature = company._has_feature(FEATURE)
                found[company] = self.env["crm.tier.assignment"]._get_tiers(partners, company) if has_feature else {}
            customer = partners.browse(partner_id).commercial_partner_id
            tier = found[company].get(customer.id) if customer and not customer.user_id else None
            prepared.append(vals | self._get_tier_owner_values(tier, vals) if tier else vals)
        return prepared

    @api.model
    def _get_tier_partner_id(self, vals):
        """Return the contact of a new lead that names no salesperson, else None."""
        if "user_id" in vals or self.env.context.get("default_user_id"):
            return None
        return vals.get("partner_id") or self.env.context.get("default_partner_id")

    @api.model
    def _get_tier_owner_values(self, tier, vals):
        values = {}
        if tier.user_id:
            values["user_id"] = tier.user_id.id
        if tier.team_id and not vals.get("team_id"):
            values["team_id"] = tier.team_id.id
        return values

    @api.onchange("partner_id")
    def _onchange_partner_tier(self):
        """Propose the owner of the tier on a new lead that is still with the user who makes it, where he sees it."""
        if self._origin or self.user_id != self.env.user or self.partner_id.commercial_partner_id.user_id:
            return
        tier = self._get_partner_tiers().get(self)
        if tier:
            self.update(self._get_tier_owner_values(tier, {}))
