from odoo import fields, models


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "sale.order.segment.mixin", "crm.brought.by.mixin"]

    # not in `sudo`: a salesperson sees the segments of the customers whom he may see
    crm_segment_ids = fields.Many2many(
        related="partner_id.crm_segment_ids", related_sudo=False, groups="sales_team.group_sale_salesman"
    )

    def _compute_pricelist_id(self):
        result = super()._compute_pricelist_id()
        self._apply_segment_pricelist()
        return result
