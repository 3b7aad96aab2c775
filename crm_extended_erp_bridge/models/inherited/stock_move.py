from odoo import models

from ..planning.release_context import RELEASE_MEMORY


class StockMove(models.Model):
    """Cancelling a delivery records what it leaves without purpose.

    While proposals are released, reordering rules are looked for only where a product has one at all.
    """

    _inherit = "stock.move"

    def _action_cancel(self):
        sold = self.filtered(lambda move: move.sale_line_id and move.state not in ("done", "cancel"))
        result = super()._action_cancel()
        if sold and not self.env.context.get("demand_change_later"):
            # sudo: who may cancel a delivery need not see the plan that it leaves without purpose
            self.env["crm.demand.change"].sudo()._review_moves(sold)
        return result

    def _trigger_scheduler(self):
        return super(StockMove, self._filter_reordered())._trigger_scheduler()

    def _update_orderpoints(self):
        return super(StockMove, self._filter_reordered())._update_orderpoints()

    def _filter_reordered(self):
        """Outside of a release all moves, as Odoo does; in one, those of products that have a reordering rule."""
        memory = self.env.context.get(RELEASE_MEMORY)
        if memory is None:
            return self
        unknown = self.product_id.filtered(lambda product: product.id not in memory.reordered)
        if unknown:
            # sudo: as Odoo, which looks for the rules of all companies and users here
            rules = self.env["stock.warehouse.orderpoint"].sudo()
            found = rules._read_group([("product_id", "in", unknown.ids)], ["product_id"])
            reordered = {product.id for (product,) in found}
            memory.reordered.update({product.id: product.id in reordered for product in unknown})
        return self.filtered(lambda move: memory.reordered.get(move.product_id.id))
