from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    crm_win_policy = fields.Selection(related="company_id.crm_win_policy", readonly=False)
    crm_win_without_quotation = fields.Selection(related="company_id.crm_win_without_quotation", readonly=False)
    crm_confirm_policy = fields.Selection(related="company_id.crm_confirm_policy", readonly=False)
    crm_lost_policy = fields.Selection(related="company_id.crm_lost_policy", readonly=False)
    crm_amount_policy = fields.Selection(related="company_id.crm_amount_policy", readonly=False)
