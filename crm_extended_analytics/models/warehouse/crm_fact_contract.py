from odoo import fields, models

from .fact_fields import FactMany2one


class CrmFactContract(models.Model):
    """A contract of a customer from its start, which is the date of the fact, to its end where that is known."""

    _name = "crm.fact.contract"
    _inherit = ["crm.fact.mixin"]
    _description = "Contract (Fact)"
    _log_access = False

    _as_then = {
        "commercial_partner_id": "partner_id",
        "grade_id": "partner_id",
        "country_id": "partner_id",
        "categ_id": "product_id",
    }

    date = fields.Date(string="Start")
    date_end = fields.Date(
        string="End",
        readonly=True,
        help="Last day of the contract: the day on which it was terminated, else the last end of its lines. Empty "
        "while a line runs on without an end or is renewed by itself.",
    )
    product_id = FactMany2one(
        comodel_name="product.product", readonly=True, help="Product of the first line that has one."
    )
    categ_id = FactMany2one(
        comodel_name="product.category",
        string="Product Category Then",
        readonly=True,
        help="Category of the product when the contract came into the warehouse.",
    )

    def _get_document(self):
        """Return the contract; its customer where the module of the contracts is not installed any more."""
        if self.res_model not in self.env:
            return self.commercial_partner_id._name, self.commercial_partner_id.id
        return super()._get_document()
