from odoo import fields, models


class CrmHistoryBatchColumn(models.Model):
    """A column of a file of past sales and what it means."""

    _name = "crm.history.batch.column"
    _description = "Column of a History File"
    _order = "batch_id, position"
    _rec_name = "header"

    batch_id = fields.Many2one(comodel_name="crm.history.batch", required=True, index=True, ondelete="cascade")
    position = fields.Integer(required=True, readonly=True)
    header = fields.Char(readonly=True)
    sample = fields.Char(string="First Values", readonly=True)
    target = fields.Selection(
        selection=[
            ("order_ref", "Order reference"),
            ("line_ref", "Line number"),
            ("date", "Date"),
            ("customer_ref", "Customer: reference"),
            ("customer_vat", "Customer: VAT number"),
            ("customer_name", "Customer: name"),
            ("product_ref", "Product: internal reference"),
            ("product_barcode", "Product: barcode"),
            ("product_name", "Product: name"),
            ("quantity", "Quantity"),
            ("price", "Unit price without taxes"),
            ("discount", "Discount in percent"),
            ("amount", "Net amount of the line"),
            ("cost", "Cost of the line"),
            ("currency", "Currency"),
            ("rate", "Currency rate"),
            ("salesperson", "Salesperson"),
            ("team", "Sales team"),
            ("channel", "Channel"),
            ("country", "Country"),
        ],
        string="Meaning",
        help="A column without a meaning is left out.",
    )

    _target_uniq = models.Constraint(
        "UNIQUE (batch_id, target)",
        "Two columns of the file have the same meaning: empty the meaning of one of them.",
    )
