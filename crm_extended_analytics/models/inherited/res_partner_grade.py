from odoo import fields, models


class ResPartnerGrade(models.Model):
    _inherit = "res.partner.grade"

    crm_commission_pct = fields.Float(
        string="Commission (%)",
        help="Commission of partners of this level, in percent of the net sales that they bring. Commissions that are "
        "entered under Partner Costs come on top of it.",
    )
