from odoo import models


class AccountMove(models.Model):
    """An invoice or credit note shows the deals of its lines."""

    _name = "account.move"
    _inherit = ["account.move", "crm.conversion.link.mixin"]
