from odoo import fields, models

from .fact_fields import FactMany2one


class CrmFactProductMixin(models.AbstractModel):
    """A fact about a quantity of a product and its money: gross, discount, net, cost.

    Amounts are without taxes. Those in the currency of the company are the document's amounts at the rate of the
    document, not rounded, so that their sums are Odoo's own to the cent.
    """

    _name = "crm.fact.product.mixin"
    _inherit = ["crm.fact.mixin"]
    _description = "Fact about a Product"

    _as_then = {
        "commercial_partner_id": "partner_id",
        "grade_id": "partner_id",
        "country_id": "partner_id",
        "categ_id": "product_id",
    }

    product_id = FactMany2one(comodel_name="product.product", readonly=True)
    categ_id = FactMany2one(
        comodel_name="product.category",
        string="Product Category Then",
        readonly=True,
        help="Category of the product when the document came into the warehouse.",
    )
    quantity = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="Quantity in the unit of the product; negative on credit notes among the invoices.",
    )
    amount = fields.Monetary(
        string="Net (Document Currency)",
        readonly=True,
        currency_field="currency_id",
        aggregator=None,
        help="Net amount of the line after discount, without taxes, in the currency of the document.",
    )
    gross_company = fields.Monetary(
        string="Gross",
        readonly=True,
        currency_field="company_currency_id",
        help="Amount before discount, without taxes: net / (1 - discount / 100). In the currency of the company.",
    )
    discount_company = fields.Monetary(
        string="Discount",
        readonly=True,
        currency_field="company_currency_id",
        help="Gross - net, in the currency of the company.",
    )
    amount_company = fields.Monetary(
        string="Net",
        readonly=True,
        currency_field="company_currency_id",
        help="Net amount / rate of the document, in the currency of the company.",
    )
    cost_company = fields.Monetary(
        string="Cost",
        readonly=True,
        currency_field="company_currency_id",
        help="Cost of the quantity, in the currency of the company; empty where it is not known.",
    )
    margin_company = fields.Monetary(
        string="Margin",
        readonly=True,
        currency_field="company_currency_id",
        help="Net - cost, in the currency of the company; empty where the cost is not known.",
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
