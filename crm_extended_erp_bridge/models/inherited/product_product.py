from odoo import models
from odoo.fields import Domain

from ..planning.product_planning_mode_mixin import MAKE_TO_PLAN


class ProductProduct(models.Model):
    """What of a product's data would order outside of the plan, and what the plan will miss."""

    _inherit = "product.product"

    def action_plan_products(self):
        return self.product_tmpl_id.action_plan_products()

    def _get_planning_problems(self, company):
        """Return (product, sentence) of what would still order these products outside of the plan of `company`."""
        automatic = self._get_automatic_orderpoints(company).grouped("product_id")
        problems = []
        for product in self.with_company(company):
            if product._is_to_order(company):
                problems.append((product, product._get_to_order_sentence(company)))
            if product in automatic:
                problems.append((product, product._get_automatic_sentence(automatic[product])))
        return problems

    def _get_automatic_orderpoints(self, company):
        # sudo: planners need not be able to read reordering rules, but must be told of them
        return (
            self.env["stock.warehouse.orderpoint"]
            .sudo()
            .search(
                Domain("product_id", "in", self.ids)
                & Domain("company_id", "=", company.id)
                & Domain("trigger", "=", "auto")
            )
        )

    def _is_to_order(self, company):
        """Whether a route makes orders of their own for the product; the mode Make to Plan leaves such routes out."""
        self.ensure_one()
        mode = self.with_company(company).planning_mode
        if mode:
            return mode != MAKE_TO_PLAN
        rules = (self.route_ids | self.categ_id.total_route_ids).sudo().rule_ids
        warehouses = self.env["stock.warehouse"].sudo().search([("company_id", "=", company.id)])
        to_order = rules.filtered_domain(self.product_tmpl_id._get_mto_rule_domain(warehouses))
        return any(not rule.company_id or rule.company_id == company for rule in to_order)

    def _get_to_order_sentence(self, company):
        return self.env._(
            "%(product)s is made or bought to order in %(company)s, so its orders would be made outside of the plan. "
            "Set its planning mode to Make to Plan, or take the route Replenish on Order off it.",
            product=self.display_name,
            company=company.display_name,
        )

    def _get_automatic_sentence(self, orderpoints):
        return self.env._(
            "%(product)s has the automatic reordering rule %(rules)s, which would order next to the plan. Set its "
            "trigger to Manual, or archive it.",
            product=self.display_name,
            rules=", ".join(orderpoints.mapped("name")),
        )

    def _get_planning_warnings(self, company):
        """Return (product, sentence) of what does not stand in the way of the switch but of the plan."""
        boms = self.env["mrp.bom"].with_company(company)._bom_find(self, company_id=company.id)
        warnings = []
        for product in self.with_company(company):
            sellers = product.seller_ids.filtered(lambda seller: not seller.company_id or seller.company_id == company)
            if not boms.get(product) and not sellers:
                sentence = self.env._(
                    "%(product)s has neither a bill of materials nor a vendor: the plan cannot propose how to supply "
                    "it. Create a bill of materials, or add a vendor on the tab Purchase.",
                    product=product.display_name,
                )
                warnings.append((product, sentence))
        return warnings
