from odoo import api, models


class CrmPeggingTreeMixin(models.AbstractModel):
    """The rows as a tree: what serves an order, whose orders a supply serves."""

    _name = "crm.pegging.tree.mixin"
    _description = "Pegging: trees"

    @api.model
    def _get_order_tree(self, sale_line_ids):
        raise NotImplementedError

    @api.model
    def _get_supply_tree(self, res_model, res_id):
        raise NotImplementedError
