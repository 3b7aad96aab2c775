from odoo import models


class AccountPayment(models.Model):
    """A payment shows the deals whose invoices it settles."""

    _name = "account.payment"
    _inherit = ["account.payment", "crm.conversion.link.mixin"]
