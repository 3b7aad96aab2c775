from odoo import models


class PurchaseOrder(models.Model):
    """A purchase shows the deals it is bought for."""

    _name = "purchase.order"
    _inherit = ["purchase.order", "crm.conversion.link.mixin", "crm.pegging.link.mixin"]

    def _get_pegging_fields(self):
        return ["purchase_line_id.order_id"]
