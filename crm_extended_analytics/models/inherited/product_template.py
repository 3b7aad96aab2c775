from odoo import api, fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    crm_abc_class = fields.Char(
        string="ABC/XYZ Class",
        compute="_compute_crm_abc_class",
        help="Of its variant that is worth most, by the first profile of products, of the last month that was counted "
        "in the user's company.",
    )

    @api.depends_context("company", "lang", "uid")
    def _compute_crm_abc_class(self):
        variants = self.product_variant_ids
        items = variants._get_abc_items("product", variants.ids)
        for template in self:
            found = [items[variant.id] for variant in template.product_variant_ids if variant.id in items]
            best = min(found, key=lambda item: item.place, default=None)
            template.crm_abc_class = best.class_name if best else False

    def action_open_abc_history(self):
        """Show the classes of the variants month by month."""
        return self.product_variant_ids.action_open_abc_history()
