from odoo import fields, models

from .fact_fields import FactMany2one


class CrmFactReceivable(models.Model):
    """What a customer owes by an invoice, from the day of the invoice on: one row per due date.

    What is open on a day is this amount less the payments (``crm.fact.payment``) up to that day: the same number
    whenever one asks, which the residual of a journal item is not.
    """

    _name = "crm.fact.receivable"
    _inherit = ["crm.fact.mixin"]
    _description = "Receivable (Fact)"
    _log_access = False
    _document_field = "move_id"

    move_id = FactMany2one(comodel_name="account.move", string="Invoice", readonly=True)
    amount = fields.Monetary(
        string="Amount (Document Currency)",
        readonly=True,
        currency_field="currency_id",
        aggregator=None,
        help="Amount due, with taxes, in the currency of the invoice.",
    )
    amount_company = fields.Monetary(
        string="Amount",
        readonly=True,
        currency_field="company_currency_id",
        help="Amount due, with taxes, in the currency of the company; payments are not deducted.",
    )
    date_due = fields.Date(string="Due Date", readonly=True)
