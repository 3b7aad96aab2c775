from odoo import models


class CrmLead(models.Model):
    """An opportunity shows the chains of all its orders."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "crm.conversion.link.mixin"]
