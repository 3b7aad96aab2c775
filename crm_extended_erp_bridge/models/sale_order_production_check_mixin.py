from odoo import models

from ..chain import find_cycle

# Rules that turn a need into another order instead of taking from stock.
TO_ORDER = ("make_to_order", "mts_else_mto")


class SaleOrderProductionCheckMixin(models.AbstractModel):
    """What is wrong with the production data of a quotation that is about to be won.

    Bills of materials are read level by level for all products at once, so the number of queries grows with the
    depth, not with the number of lines; a product is looked at once, so a circle ends the walk.
    """

    _name = "sale.order.production.check.mixin"
    _description = "Quotation That Can Be Produced"

    def _get_production_problems(self):
        """Return sentences that name the record and the remedy; empty when all can be made or bought."""
        problems = []
        # sudo: a salesperson may not read bills of materials, routes and vendors, but must be told what is missing
        for company, orders in self.sudo().grouped("company_id").items():
            problems += orders.with_company(company)._get_company_production_problems(company)
        return problems

    def _get_company_production_problems(self, company):
        lines = self.order_line.filtered(
            lambda line: not line.display_type and line.product_id.type == "consu" and line.product_uom_qty > 0
        )
        sold = lines.product_id
        boms = self._walk_boms(sold, company)
        line_routes = {
            product: product_lines.route_ids for product, product_lines in lines.grouped("product_id").items()
        }
        problems = self._get_cycle_problems(boms, sold)
        for product, bom in boms.items():
            routes = product.route_ids | product.categ_id.total_route_ids
            routes |= line_routes.get(product, routes.browse())
            problems += self._get_component_problems(product, bom)
            problems += self._get_route_problems(product, bom, routes, company, is_sold=product in sold)
        return problems

    def _walk_boms(self, products, company):
        """Return ``{product: its bill of materials or none}`` of `products` and everything they are made of."""
        boms = {}
        level = products
        while level:
            found = self.env["mrp.bom"]._bom_find(level, company_id=company.id)
            components = level.browse()
            for product in level:
                boms[product] = found[product]
                components |= self._get_components(product, found[product])
            level = components.filtered(lambda component: component not in boms)
        return boms

    def _get_components(self, product, bom):
        lines = bom.bom_line_ids.filtered(lambda line: not line._skip_bom_line(product))
        return lines.product_id.filtered(lambda component: component.type == "consu")

    def _get_cycle_problems(self, boms, sold):
        children = {product.id: self._get_components(product, bom).ids for product, bom in boms.items()}
        cycle = self.env["product.product"].browse(find_cycle(children, sold.ids))
        if not cycle:
            return []
        names = [*cycle.mapped("display_name"), cycle[0].display_name]
        return [
            self.env._(
                "The bills of materials of %(products)s contain each other, so production would never end. Remove "
                "one of these products from the bill of materials of another.",
                products=" > ".join(names),
            )
        ]

    def _get_component_problems(self, product, bom):
        archived = self._get_components(product, bom).filtered(lambda component: not component.active)
        return [
            self.env._(
                "Component %(component)s in the bill of materials of %(product)s is archived. Unarchive it or "
                "replace it in the bill of materials.",
                component=component.display_name,
                product=product.display_name,
            )
            for component in archived
        ]

    def _get_route_problems(self, product, bom, routes, company, *, is_sold):
        """Check whether the routes of `product` end in something that makes or buys it.

        A component that is taken from stock is no obstacle to the order; one that is made or bought to order is.
        """
        rules = routes.rule_ids.filtered(lambda rule: not rule.company_id or rule.company_id == company)
        actions = set(rules.mapped("action"))
        is_to_order = any(rule.procure_method in TO_ORDER for rule in rules)
        if bom.type == "phantom" or not (is_to_order or (is_sold and "manufacture" in actions)):
            return []
        can_make = "manufacture" in actions and bom
        can_buy = "buy" in actions and self._has_vendor(product, company)
        if can_make or can_buy:
            return []
        return [self._get_route_sentence(product, actions)]

    def _has_vendor(self, product, company):
        return any(not seller.company_id or seller.company_id == company for seller in product.seller_ids)

    def _get_route_sentence(self, product, actions):
        _ = self.env._
        if "manufacture" in actions:
            return _(
                "Product %(product)s is to be manufactured but has no bill of materials. Create one, or take the "
                "route Manufacture off the product.",
                product=product.display_name,
            )
        if "buy" in actions:
            return _(
                "Product %(product)s is to be bought to order but has no vendor. Add a vendor on the tab Purchase of "
                "the product.",
                product=product.display_name,
            )
        return _(
            "Product %(product)s is supplied to order but none of its routes makes or buys it. Add the route "
            "Manufacture or Buy on the tab Inventory of the product.",
            product=product.display_name,
        )
