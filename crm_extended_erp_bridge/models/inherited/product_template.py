from odoo import models


class ProductTemplate(models.Model):
    """The planning mode stands on the template: variants share their routes too."""

    _name = "product.template"
    _inherit = ["product.planning.mode.mixin", "product.template"]
