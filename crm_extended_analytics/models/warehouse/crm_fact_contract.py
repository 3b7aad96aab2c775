from odoo import fields, models


class CrmFactContract(models.Model):
    """A contract of a customer from its start, which is the date of the fact, to its end where that is known."""

    _name = "crm.fact.contract"
    _inherit = ["crm.fact.mixin"]
    _description = "Contract (Fact)"

    date = fields.Date(string="Start")
    date_end = fields.Date(
        string="End",
        readonly=True,
        help="Last day of the contract: the day on which it was terminated, else the last end of its lines. Empty "
        "while a line runs on without an end or is renewed by itself.",
    )
