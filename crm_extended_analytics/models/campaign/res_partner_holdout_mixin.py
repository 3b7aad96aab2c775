from odoo import api, fields, models
from odoo.fields import Domain


class ResPartnerHoldoutMixin(models.AbstractModel):
    """Whether a contact must be left out of campaigns now: a filter for mailings and lists."""

    _name = "res.partner.holdout.mixin"
    _description = "Hold-Outs of a Contact"

    crm_holdout_member_ids = fields.One2many(
        comodel_name="crm.holdout.member",
        inverse_name="partner_id",
        string="Hold-Outs",
        groups="sales_team.group_sale_manager,crm_extended.crm_extended_group_analyst",
    )
    crm_is_held_out = fields.Boolean(
        string="Held Out Now",
        compute="_compute_crm_is_held_out",
        search="_search_crm_is_held_out",
        help="The customer is held out of a campaign that is measured now, so nobody may address him with it. "
        "Add 'Held Out Now is not set' to the recipients of a mailing.",
    )

    @api.depends_context("allowed_company_ids")
    def _compute_crm_is_held_out(self):
        domain = self._get_held_out_domain() & Domain("id", "in", self.commercial_partner_id.ids)
        # `sudo`: whoever writes to customers has to know whom to leave out, not which tests there are
        held_out = set(self.sudo().with_context(active_test=False)._search(domain))
        for partner in self:
            partner.crm_is_held_out = partner.commercial_partner_id.id in held_out

    def _search_crm_is_held_out(self, operator, value):
        if operator != "in":
            return NotImplemented
        # `sudo`: as above
        held_out = self.sudo().with_context(active_test=False)._search(self._get_held_out_domain())
        return Domain("commercial_partner_id", "in" if True in value else "not in", held_out)

    def _get_held_out_domain(self):
        """Return the domain of the commercial entities that are held out of something now."""
        return Domain(
            "crm_holdout_member_ids",
            "any",
            [
                ("is_held_out", "=", True),
                ("holdout_id.state", "=", "drawn"),
                ("holdout_id.company_id", "in", self.env.companies.ids),
                ("holdout_id.date_end", ">=", fields.Date.context_today(self)),
            ],
        )
