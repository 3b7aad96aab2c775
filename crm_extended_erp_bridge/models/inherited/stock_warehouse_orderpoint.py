from odoo import api, models
from odoo.exceptions import ValidationError

from ..planning.product_planning_mode_mixin import MAKE_TO_PLAN


class StockWarehouseOrderpoint(models.Model):
    """What is made to plan is not reordered next to the plan."""

    _inherit = "stock.warehouse.orderpoint"

    @api.constrains("trigger", "product_id", "company_id", "active")
    def _check_made_to_plan(self):
        for rule in self.filtered(lambda rule: rule.trigger == "auto" and rule.active):
            if rule.product_id.product_tmpl_id._get_planning_mode(rule.company_id) == MAKE_TO_PLAN:
                raise ValidationError(
                    self.env._(
                        "%(product)s is made to plan in %(company)s: an automatic reordering rule would order next to "
                        "the plan. Set the trigger of the rule to Manual, or enter a safety stock in the MRP area "
                        "parameters of the product.",
                        product=rule.product_id.display_name,
                        company=rule.company_id.display_name,
                    )
                )
