from odoo import models


class StockPicking(models.Model):
    """A delivery or receipt shows the deals it belongs to."""

    _name = "stock.picking"
    _inherit = ["stock.picking", "crm.conversion.link.mixin"]
