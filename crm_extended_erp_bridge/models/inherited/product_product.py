from odoo import models
from odoo.fields import Domain

from ...chain import find_cycle
from ..planning.product_planning_mode_mixin import MAKE_TO_PLAN


class ProductProduct(models.Model):
    """What of a product's data would order outside of the plan, and what the plan will miss."""

    _inherit = "product.product"

    def action_plan_products(self):
        return self.product_tmpl_id.action_plan_products()

    def _get_planning_problems(self, company):
        """Return (product, sentence) of what would still order these products outside of the plan of `company`."""
        automatic = self._get_automatic_orderpoints(company).grouped("product_id")
        to_order = self._filter_to_order(company)
        problems = []
        for product in self.with_company(company):
            if product in to_order:
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

    def _filter_to_order(self, company):
        """The products for which a route makes orders of their own; the mode Make to Plan leaves such routes out."""
        # sudo: planners need not be able to read warehouses and rules
        warehouses = self.env["stock.warehouse"].sudo().search([("company_id", "=", company.id)])
        domain = self.env["product.template"]._get_mto_rule_domain(warehouses)
        domain &= Domain("company_id", "in", [False, company.id])

        def is_to_order(product):
            if product.planning_mode:
                return product.planning_mode != MAKE_TO_PLAN
            rules = (product.route_ids | product.categ_id.total_route_ids).sudo().rule_ids
            return bool(rules.filtered_domain(domain))

        return self.filtered(lambda product: is_to_order(product.with_company(company)))

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

    # ------------------------------------------------------------
    # What a product is made of
    # ------------------------------------------------------------

    def _walk_boms(self, company):
        """Return the bill of materials and the components of these products and of everything they are made of.

        All bills of a level are searched at once; a product is looked at once, so a circle ends the walk.

        :return: two dicts by product: its bill (may be none), its physical components
        """
        Bom = self.env["mrp.bom"].with_company(company)
        boms, components = {}, {}
        level = self
        while level:
            found = Bom._bom_find(level, company_id=company.id)
            # read the lines of the whole level at once
            Bom.union(*found.values()).bom_line_ids.mapped("product_id.type")
            for product in level:
                boms[product] = found[product]
                components[product] = product._get_physical_components(found[product])
            level = level.union(*components.values()).filtered(lambda product: product not in boms)
        return boms, components

    def _get_physical_components(self, bom):
        lines = bom.bom_line_ids.filtered(lambda line: not line._skip_bom_line(self))
        return lines.product_id.filtered(lambda component: component.type == "consu")

    def _find_bom_cycle(self, components):
        """Return the products of one circle below these products, in walking order; none when all is well.

        :param components: products by product, as `_walk_boms` returns them
        """
        children = {product.id: parts.ids for product, parts in components.items()}
        return self.browse(find_cycle(children, self.ids))

    def _get_cycle_sentence(self):
        names = [*self.mapped("display_name"), self[0].display_name]
        return self.env._(
            "The bills of materials of %(products)s contain each other, so production would never end. Remove "
            "one of these products from the bill of materials of another.",
            products=" > ".join(names),
        )
