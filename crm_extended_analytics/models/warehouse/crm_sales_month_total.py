from odoo import models


class CrmSalesMonthTotal(models.Model):
    """Sales by month without customers and products: the rows that answer most pivots."""

    _name = "crm.sales.month.total"
    _inherit = ["crm.sales.month.total.mixin"]
    _description = "Sales by Month without Customers and Products"
    _log_access = False

    _finer = "crm.sales.month.product"
