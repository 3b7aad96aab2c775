from odoo import fields, models

from .fact_fields import FactMany2one


class CrmFactPayment(models.Model):
    """A customer's debt settled in part or whole: one reconciliation of a receivable with what pays it."""

    _name = "crm.fact.payment"
    _inherit = ["crm.fact.mixin"]
    _description = "Payment (Fact)"
    _log_access = False
    _document_field = "move_id"

    move_id = FactMany2one(comodel_name="account.move", string="Invoice", readonly=True)
    kind = fields.Selection(
        selection=[
            ("payment", "Payment"),
            ("credit_note", "Credit note"),
            ("other", "Other entry"),
        ],
        readonly=True,
        help="What settles the debt. Only payments say how a customer pays.",
    )
    amount = fields.Monetary(
        string="Amount (Document Currency)",
        readonly=True,
        currency_field="currency_id",
        aggregator=None,
        help="Settled amount of the invoice, with taxes, in the currency of the invoice.",
    )
    amount_company = fields.Monetary(
        string="Amount",
        readonly=True,
        currency_field="company_currency_id",
        help="Settled amount, with taxes, in the currency of the company.",
    )
    date_invoice = fields.Date(string="Invoice Date", readonly=True)
    date_due = fields.Date(string="Due Date", readonly=True)
    days_late = fields.Integer(
        readonly=True,
        aggregator="avg",
        help="Days from the due date to the date of payment; negative when paid early.",
    )
    days_to_pay = fields.Integer(
        readonly=True,
        aggregator="avg",
        help="Days from the date of the invoice to the date of payment.",
    )
