from odoo import api, models

from ..planning.release_context import RELEASE_MEMORY


class MrpBom(models.Model):
    """While proposals are released, the bill of the same product is found once, not for each order and move."""

    _inherit = "mrp.bom"

    @api.model
    def _bom_find(self, products, picking_type=None, company_id=False, bom_type=False):
        memory = self.env.context.get(RELEASE_MEMORY)
        if memory is None:
            return super()._bom_find(products, picking_type, company_id, bom_type)
        company = company_id or self.env.company.id
        key = (products._ids, picking_type and picking_type.id, company, bom_type, self.env.uid, self.env.su)
        if key not in memory.boms:
            found = super()._bom_find(products, picking_type, company_id, bom_type)
            memory.boms[key] = {product.id: bom.id for product, bom in found.items()}
        known = memory.boms[key]
        return {product: self.browse(known.get(product.id)) for product in products}
