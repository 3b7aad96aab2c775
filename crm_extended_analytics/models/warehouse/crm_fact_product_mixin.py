from odoo import fields, models

from .fact_fields import FactMany2one


class CrmFactProductMixin(models.AbstractModel):
    """A fact about a quantity of a product and its money: gross, discount, net, cost.

    Amounts are without taxes. Those in the currency of the company are the document's amounts at the rate of the
    document, not rounded, so that their sums are Odoo's own to the cent.
    """

    _name = "crm.fact.product.mixin"
    _inherit = ["crm.fact.mixin", "crm.fact.amount.mixin"]
    _description = "Fact about a Product"

    _as_then = {
        "commercial_partner_id": "partner_id",
        "grade_id": "partner_id",
        "country_id": "partner_id",
        "categ_id": "product_id",
    }

    product_id = FactMany2one(comodel_name="product.product", readonly=True)
    amount = fields.Monetary(
        string="Net (Document Currency)",
        readonly=True,
        currency_field="currency_id",
        aggregator=None,
        help="Net amount of the line after discount, without taxes, in the currency of the document.",
    )
    cost_origin = fields.Selection(
        selection=[
            ("cogs", "Posted cost of goods"),
            ("stock", "Value of the delivery"),
            ("order", "Cost on the order line"),
            ("history", "Imported with the history"),
            ("unknown", "Unknown"),
        ],
        readonly=True,
        help="Where the cost comes from: the first of this list that has one.",
    )
