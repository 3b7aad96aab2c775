from odoo import api, models


class CrmPeggingReadMixin(models.AbstractModel):
    """Reads demand and supply of an area in a few statements and writes who gets what."""

    _name = "crm.pegging.read.mixin"
    _description = "Pegging: reading the plan"

    @api.model
    def _rebuild(self, area):
        """Make the rows of `area` anew from the plan that mrp_multi_level has just written."""
        raise NotImplementedError

    @api.model
    def _follow_release(self, planned_orders):
        """Point the rows of released planned orders to what was made of them."""
        raise NotImplementedError
