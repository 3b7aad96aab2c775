from odoo import fields, models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "res.partner.tier.mixin", "crm.roadmap.features.mixin"]

    sale_blocked = fields.Boolean(
        string="Blocked for Sales",
        tracking=True,
        help="No quotation of this customer can be confirmed, signed or paid. The whole company is blocked with it.",
    )
    sale_block_reason = fields.Char(
        string="Reason of the Block",
        help="Told to the salesperson whose quotation is held up.",
    )
