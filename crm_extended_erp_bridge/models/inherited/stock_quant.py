from odoo import models

from ..planning.release_context import RELEASE_MEMORY


class StockQuant(models.Model):
    """While proposals are released, stock is looked for only where a product has any."""

    _inherit = "stock.quant"

    def _gather(self, product_id, location_id, lot_id=None, package_id=None, owner_id=None, strict=False, qty=0):
        memory = self.env.context.get(RELEASE_MEMORY)
        if memory is not None and not self._is_stocked(memory, product_id):
            return self.browse()
        return super()._gather(product_id, location_id, lot_id, package_id, owner_id, strict, qty)

    def _is_stocked(self, memory, product):
        """A release reserves stock but brings none in, so a product without any stays without."""
        if product.id not in memory.stocked:
            # sudo: stock that the user may not see is still stock
            memory.stocked[product.id] = bool(self.sudo().search_count([("product_id", "=", product.id)], limit=1))
        return memory.stocked[product.id]
