from odoo import api, fields, models


class CrmWarehouseDifference(models.Model):
    """A document whose facts do not add up to what Odoo's report says."""

    _name = "crm.warehouse.difference"
    _description = "Document that Causes a Difference"
    _order = "reconciliation_id, document_id"
    _rec_name = "document_name"

    reconciliation_id = fields.Many2one(
        comodel_name="crm.warehouse.reconciliation", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="reconciliation_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    document_model = fields.Char(readonly=True)
    document_id = fields.Many2oneReference(
        string="Document Id", model_field="document_model", readonly=True, aggregator=None
    )
    document_name = fields.Char(string="Document", compute="_compute_document")
    amount_fact = fields.Monetary(string="Facts", readonly=True, help="Sum of the facts of the document.")
    amount_report = fields.Monetary(
        string="Report of Odoo", readonly=True, help="What the report of Odoo says for the document."
    )
    difference = fields.Monetary(readonly=True, help="Facts - report of Odoo.")
    cause = fields.Char(compute="_compute_document", help="What is wrong, and what puts it right.")

    @api.depends("document_model", "document_id", "amount_fact", "amount_report")
    def _compute_document(self):
        for difference in self:
            # `sudo`: the name of a document that makes a total wrong is no secret to who may read the total
            document = self.env[difference.document_model].sudo().browse(difference.document_id).exists()
            difference.document_name = document.display_name or self.env._(
                "Deleted (%(id)s)", id=difference.document_id
            )
            difference.cause = difference._get_cause(document)

    def _get_cause(self, document):
        if not document:
            return self.env._("The document was deleted: the next load removes its facts.")
        if not self.amount_fact:
            return self.env._("The document is not in the warehouse yet: start a load.")
        if not self.amount_report:
            return self.env._("The document is no longer confirmed, or has moved to another month: start a load.")
        return self.env._(
            "The document was changed after the last load: start a load, if it stays one of all documents."
        )

    def action_open_document(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.document_model,
            "res_id": self.document_id,
            "views": [[False, "form"]],
        }
