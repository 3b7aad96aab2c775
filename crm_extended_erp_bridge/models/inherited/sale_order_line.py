from odoo import models


class SaleOrderLine(models.Model):
    _name = "sale.order.line"
    _inherit = ["sale.order.line", "sale.order.line.promise.mixin", "crm.pegging.link.mixin"]

    def write(self, vals):
        """Reducing a confirmed line records what it leaves without purpose."""
        if "product_uom_qty" not in vals:
            return super().write(vals)
        before = {
            line.id: line.product_uom_qty
            for line in self
            if line.state == "sale" and line.product_uom_qty > vals["product_uom_qty"]
        }
        if not before:
            return super().write(vals)
        # moves that Odoo cancels on the way are not looked at one by one
        result = super(SaleOrderLine, self.with_context(demand_change_later=True)).write(vals)
        # sudo: the reader of an order does not write pegging; the system does
        self.env["crm.demand.change"].sudo()._review_lines(self.browse(before), before)
        return result

    def _get_pegging_fields(self):
        return ["sale_line_id"]
