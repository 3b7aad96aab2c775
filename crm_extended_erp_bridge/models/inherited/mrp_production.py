from odoo import models


class MrpProduction(models.Model):
    """A manufacturing order of any level shows the deals it is made for."""

    _name = "mrp.production"
    _inherit = ["mrp.production", "crm.conversion.link.mixin"]
