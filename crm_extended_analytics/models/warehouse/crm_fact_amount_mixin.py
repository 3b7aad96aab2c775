from odoo import fields, models

from .fact_fields import FactMany2one


class CrmFactAmountMixin(models.AbstractModel):
    """A quantity and its money in the currency of the company: gross, discount, net, cost."""

    _name = "crm.fact.amount.mixin"
    _inherit = ["crm.fact.dimension.mixin"]
    _description = "Amounts of the Sales Warehouse"
    _log_access = False

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
