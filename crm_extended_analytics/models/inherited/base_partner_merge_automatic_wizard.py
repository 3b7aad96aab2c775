from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Facts follow a merge of contacts, which Odoo does in SQL and along foreign keys that facts do not have.

    A place in a segment has one, but must not be there twice.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # `sudo`: the segments of all companies follow, as Odoo's own update of the foreign keys does
        self.env["crm.segment.member"].sudo()._follow_merge(src_partners.ids, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        for name in self.env["crm.fact.mixin"]._get_fact_models():
            self.env[name]._follow_merge(src_partners.ids, dst_partner)
        # `sudo`: as above; the sales by month are counted again in a job
        self.env["crm.sales.month.build"].sudo()._follow_changes()
        return result
