from odoo import models

from .crm_sales_month_mixin import DIMENSIONS
from .fact_fields import FactMany2one


class CrmSalesMonthProduct(models.Model):
    """Sales by month and product, of all customers together."""

    _name = "crm.sales.month.product"
    _inherit = ["crm.sales.month.total.mixin"]
    _description = "Sales by Month and Product"
    _log_access = False

    _dimensions = (*DIMENSIONS, "product_id")

    product_id = FactMany2one(comodel_name="product.product", readonly=True)
