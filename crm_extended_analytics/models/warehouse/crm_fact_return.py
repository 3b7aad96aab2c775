from odoo import fields, models


class CrmFactReturn(models.Model):
    """A quantity that came back: on a credit note, or into the stock.

    The two kinds describe the same goods from two sides, so a report uses one of them.
    """

    _name = "crm.fact.return"
    _inherit = ["crm.fact.product.mixin"]
    _description = "Return (Fact)"
    _log_access = False

    kind = fields.Selection(
        selection=[("credit_note", "Credit note"), ("stock", "Goods received back")],
        readonly=True,
    )
    reason = fields.Char(
        readonly=True,
        help="What was given as the reason when the invoice was reversed; empty on other credit notes and deliveries.",
    )
    document_model = fields.Char(readonly=True, help="Technical name of the model of the document that opens.")
    document_id = fields.Many2oneReference(
        string="Document to Open", model_field="document_model", readonly=True, aggregator=None
    )

    def _get_document(self):
        return self.document_model, self.document_id
