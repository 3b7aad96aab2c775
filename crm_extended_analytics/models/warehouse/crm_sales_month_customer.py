from odoo import models

from .crm_sales_month_mixin import DIMENSIONS
from .fact_fields import FactMany2one


class CrmSalesMonthCustomer(models.Model):
    """Sales by month and customer, of all products of a category together."""

    _name = "crm.sales.month.customer"
    _inherit = ["crm.sales.month.total.mixin"]
    _description = "Sales by Month and Customer"
    _log_access = False

    _dimensions = (*DIMENSIONS, "commercial_partner_id")

    commercial_partner_id = FactMany2one(comodel_name="res.partner", string="Customer", readonly=True)
