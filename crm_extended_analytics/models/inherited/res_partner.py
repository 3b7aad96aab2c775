from odoo import api, fields, models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = [
        "res.partner",
        "res.partner.seven.p.mixin",
        "res.partner.comparison.mixin",
        "res.partner.profit.mixin",
        "res.partner.holdout.mixin",
        "crm.brought.by.mixin",
        "abc.class.mixin",
        "res.partner.segment.mixin",
        "res.partner.decision.mixin",
    ]

    crm_profiling_opt_out = fields.Boolean(
        string="No Profiling",
        tracking=True,
        help="The customer objects to being profiled: he gets no scores, and those he has are erased at once. "
        "His orders and invoices stay.",
    )

    crm_abc_class = fields.Char(
        string="ABC/XYZ Class",
        compute="_compute_crm_abc_class",
        help="By the first profile of customers, of the last month that was counted in the user's company.",
    )

    crm_profile_confirmed_on = fields.Date(
        string="Profile Confirmed On",
        copy=False,
        help="Day on which somebody last asked the customer whether what is written here is still right.",
    )

    crm_wallet = fields.Float(
        string="Wallet per Year",
        company_dependent=True,
        help="What the customer spends on our category with all suppliers, a year, in the currency of the company. "
        "Share of wallet = our net sales / this.",
    )
    crm_wallet_rank = fields.Float(
        string="Our Rank as a Supplier",
        company_dependent=True,
        help="1 is the supplier that the customer likes best; ties share the mean of their places (1.5).",
    )
    crm_wallet_vendors = fields.Integer(
        string="Suppliers of the Category",
        company_dependent=True,
        help="Number of suppliers of our category that the customer uses, we included.",
    )

    @api.depends_context("company", "lang", "uid")
    def _compute_crm_abc_class(self):
        items = self._get_abc_items("customer", self.commercial_partner_id.ids)
        for partner in self:
            item = items.get(partner.commercial_partner_id.id)
            partner.crm_abc_class = item.class_name if item else False

    def action_open_abc_history(self):
        """Show the classes of the customer month by month."""
        self.ensure_one()
        return self._get_abc_history_action([("partner_id", "=", self.commercial_partner_id.id)])

    def action_confirm_profile(self):
        """Note that the contact was asked today and that everything is right."""
        self.write({"crm_profile_confirmed_on": fields.Date.context_today(self)})

    def write(self, vals):
        result = super().write(vals)
        if vals.get("crm_profiling_opt_out"):
            # `sudo`: nobody may write scores, and whoever may edit the customer may note his objection
            self.env["crm.customer.score.month"].sudo()._erase(self)
            self.env["crm.pyramid.snapshot"].sudo()._erase(self)
            self.env["crm.abc.item"].sudo()._erase(self)
            self.env["crm.segment.member"].sudo()._erase(self)
        return result

    def unlink(self):
        gone = self.browse(self.ids)
        # `sudo`: as below; a deletion in the database would leave the size of segments as it was
        self.env["crm.segment.member"].sudo()._forget(self)
        result = super().unlink()
        # `sudo`: nobody may write scores; they have no foreign key that would take them along
        self.env["crm.customer.score.month"].sudo()._erase(gone)
        self.env["crm.pyramid.snapshot"].sudo()._erase(gone)
        self.env["crm.abc.item"].sudo()._erase(gone)
        return result
