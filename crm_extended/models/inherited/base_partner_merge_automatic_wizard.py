from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Two merged customers are in one tier."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # `sudo`: the stays of all companies follow, as Odoo's own update of the foreign keys does
        self.env["crm.tier.assignment"].sudo()._follow_merge(src_partners.ids, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)
