from odoo import fields, models


class CrmFactEventMixin(models.AbstractModel):
    """A fact that is a moment with a customer rather than money: what happened, how, and from which side."""

    _name = "crm.fact.event.mixin"
    _inherit = ["crm.fact.mixin"]
    _description = "Fact about a Moment with a Customer"

    date_time = fields.Datetime(string="Date and Time", readonly=True)
    direction = fields.Selection(
        selection=[("in", "From the customer"), ("out", "To the customer"), ("both", "Together")],
        readonly=True,
    )
    channel = fields.Char(readonly=True, help="Way of the contact, such as email, meeting or website.")
    document_model = fields.Char(readonly=True, help="Technical name of the model of the document that opens.")
    document_id = fields.Many2oneReference(
        string="Document to Open", model_field="document_model", readonly=True, aggregator=None
    )

    def _get_document(self):
        if self.document_model in self.env and self.document_id:
            return self.document_model, self.document_id
        return super()._get_document()
