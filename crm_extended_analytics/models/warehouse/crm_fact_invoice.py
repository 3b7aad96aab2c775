from odoo import fields, models

from .fact_fields import FactMany2one


class CrmFactInvoice(models.Model):
    """A product line of a posted customer invoice, receipt or credit note; credit notes are negative."""

    _name = "crm.fact.invoice"
    _inherit = ["crm.fact.product.mixin"]
    _description = "Invoiced Line (Fact)"
    _log_access = False
    _document_field = "move_id"

    move_id = FactMany2one(comodel_name="account.move", string="Invoice", readonly=True)
    account_id = FactMany2one(comodel_name="account.account", readonly=True)
    move_type = fields.Selection(
        selection=[
            ("out_invoice", "Customer Invoice"),
            ("out_refund", "Customer Credit Note"),
            ("out_receipt", "Sales Receipt"),
        ],
        readonly=True,
    )
    date_due = fields.Date(string="Due Date", readonly=True)
