from odoo import api, fields, models


class ProductProduct(models.Model):
    _name = "product.product"
    _inherit = ["product.product", "abc.class.mixin"]

    crm_abc_class = fields.Char(
        string="ABC/XYZ Class",
        compute="_compute_crm_abc_class",
        help="By the first profile of products, of the last month that was counted in the user's company.",
    )

    @api.depends_context("company", "lang", "uid")
    def _compute_crm_abc_class(self):
        items = self._get_abc_items("product", self.ids)
        for product in self:
            item = items.get(product._origin.id)
            product.crm_abc_class = item.class_name if item else False

    def action_open_abc_history(self):
        """Show the classes of the product month by month."""
        return self._get_abc_history_action([("product_id", "in", self.ids)])
