from odoo import api, fields, models


class CrmProfitTieLine(models.Model):
    """A document that is not the same in the facts and in the ledger, and why."""

    _name = "crm.profit.tie.line"
    _description = "Document that Differs from the Ledger"
    _log_access = False
    _order = "tie_id, cause, id"
    _rec_name = "document_name"

    tie_id = fields.Many2one(
        comodel_name="crm.profit.tie", string="Comparison", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    month = fields.Date(required=True, readonly=True)
    basis = fields.Selection(related="tie_id.basis")
    step = fields.Selection(related="tie_id.step")
    account_id = fields.Many2one(related="tie_id.account_id")
    document_model = fields.Char(readonly=True)
    document_id = fields.Many2oneReference(
        string="Document (ID)", model_field="document_model", readonly=True, aggregator=None
    )
    document_name = fields.Char(string="Document", compute="_compute_document_name")
    amount_fact = fields.Monetary(string="Facts", readonly=True, help="Sum of the facts of the document in the month.")
    amount_ledger = fields.Monetary(
        string="Ledger", readonly=True, help="Posted lines of the document on the account in the month."
    )
    difference = fields.Monetary(readonly=True, help="Facts - ledger, rounded.")
    cause = fields.Selection(
        selection=[
            ("not_invoiced", "Ordered, not invoiced"),
            ("other_month", "Ordered and invoiced in different months"),
            ("other_amount", "Invoiced with another amount than ordered"),
            ("currency", "Other exchange rate"),
            ("not_loaded", "Not loaded yet"),
            ("not_posted", "No longer posted"),
            ("other_date", "Invoice date and accounting date in different months, or another account"),
            ("changed", "Changed after the load, or a line without a product"),
            ("manual_entry", "Journal entry without an invoice"),
            ("other_document", "Document that is no customer invoice"),
            ("cost_not_posted", "Cost known from orders or deliveries, not posted"),
            ("history", "History of another system"),
            ("rounding", "Rounding"),
        ],
        readonly=True,
    )

    @api.depends("document_model", "document_id")
    def _compute_document_name(self):
        for model, lines in self.grouped("document_model").items():
            if not model:
                lines.document_name = self.env._("All documents")
                continue
            # `sudo`: the name of a document that makes a total differ is no secret to who may read the total
            documents = self.env[model].sudo().browse(lines.mapped("document_id")).exists()
            names = {document.id: document.display_name for document in documents}
            for line in lines:
                line.document_name = names.get(line.document_id) or self.env._("Deleted (%(id)s)", id=line.document_id)

    def action_open_document(self):
        """Open the document; its own rights decide who may read it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.document_model,
            "res_id": self.document_id,
            "views": [[False, "form"]],
        }
