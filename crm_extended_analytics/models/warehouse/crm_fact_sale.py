from odoo import fields, models

from .fact_fields import FactMany2one

# numbers of invoices that are sales begin here: far above those of orders, as history is below zero
INVOICE_KEYS = 2**30


class CrmFactSale(models.Model):
    """A line of a confirmed sales order, of an invoice without an order, or of the history of another system.

    Only lines of orders have an order, and only lines of the history a batch.
    """

    _name = "crm.fact.sale"
    _inherit = ["crm.fact.product.mixin"]
    _description = "Sale (Fact)"
    _log_access = False
    _document_field = "order_id"

    order_id = FactMany2one(comodel_name="sale.order", readonly=True)
    order_key = fields.Integer(
        readonly=True,
        aggregator="count_distinct",
        string="Orders",
        help="One number per order: the id of the sales order, 2^30 + the id of an invoice without an order, or a "
        "negative number for an order of the history. Counting the different numbers counts the orders.",
    )
    date_time = fields.Datetime(
        string="Date and Time",
        readonly=True,
        help="Moment of the order; empty where the history knows the day only.",
    )
    channel = fields.Char(
        readonly=True,
        help="Way of the sale: 'website' for orders of the website, 'sales' for others, 'invoice' for invoices without "
        "an order, or what the history says.",
    )
    batch_id = FactMany2one(
        comodel_name="crm.history.batch",
        string="History",
        readonly=True,
        help="The imported file of which the line is; empty for lines of Odoo's own orders.",
    )
    line_ref = fields.Char(string="Line of the History", readonly=True)

    _history_uniq = models.UniqueIndex(
        "(company_id, document_name, line_ref) WHERE batch_id IS NOT NULL",
        "This line of the history is in the warehouse already.",
    )
    # the lines of an order side by side: the scoring adds them up without sorting them
    _customer_date_idx = models.Index("(company_id, commercial_partner_id, date, order_key)")
    _batch_idx = models.Index("(batch_id) WHERE batch_id IS NOT NULL")

    def _get_document(self):
        is_invoice = not self.order_id and not self.batch_id and self.res_model == "account.move.line"
        return ("account.move", self.order_key - INVOICE_KEYS) if is_invoice else super()._get_document()
