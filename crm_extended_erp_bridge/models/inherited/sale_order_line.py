from odoo import api, models

from ..planning.product_planning_mode_mixin import MAKE_TO_ORDER, MAKE_TO_PLAN


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

    @api.depends("product_id.planning_mode")
    def _compute_is_mto(self):
        """The line says what the rules will do: the planning mode outweighs the routes."""
        res = super()._compute_is_mto()
        for line in self.filtered("display_qty_widget"):
            template = line.product_id.product_tmpl_id
            mode = template._get_planning_mode(line.company_id or self.env.company)
            if mode == MAKE_TO_ORDER and not line.route_ids:
                line.is_mto = True
            elif mode == MAKE_TO_PLAN and line.is_mto:
                routes = line.route_ids or line.product_id.route_ids | line.product_id.categ_id.total_route_ids
                line.is_mto = not routes & template._get_mto_routes(line.warehouse_id)
        return res

    def _get_pegging_fields(self):
        return ["sale_line_id"]
