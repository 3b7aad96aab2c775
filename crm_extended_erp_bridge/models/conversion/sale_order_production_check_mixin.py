from odoo import models

from ..planning.product_planning_mode_mixin import MAKE_TO_ORDER, MAKE_TO_PLAN, PULL_ACTIONS, TO_ORDER_METHODS


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
        for (company, warehouse), orders in self.sudo().grouped(lambda o: (o.company_id, o.warehouse_id)).items():
            problems += orders.with_company(company)._get_warehouse_production_problems(warehouse)
        return problems

    def _get_warehouse_production_problems(self, warehouse):
        lines = self.order_line.filtered(
            lambda line: not line.display_type and line.product_id.type == "consu" and line.product_uom_qty > 0
        )
        lines_by_product = lines.grouped("product_id")
        sold = lines.product_id
        boms, components = sold._walk_boms(self.env.company)
        problems = self._get_cycle_problems(components, sold)
        for product, bom in boms.items():
            problems += self._get_component_problems(product, components[product])
            problems += self._get_route_problems(product, bom, warehouse, lines_by_product.get(product))
        return problems

    def _get_cycle_problems(self, components, sold):
        cycle = sold._find_bom_cycle(components)
        return [cycle._get_cycle_sentence()] if cycle else []

    def _get_component_problems(self, product, components):
        return [
            self.env._(
                "Component %(component)s in the bill of materials of %(product)s is archived. Unarchive it or "
                "replace it in the bill of materials.",
                component=component.display_name,
                product=product.display_name,
            )
            for component in components
            if not component.active
        ]

    def _get_route_problems(self, product, bom, warehouse, lines):
        """Check whether the routes of `product` and then of its warehouse end in something that supplies it.

        A component that is taken from stock is no obstacle to the order; one that is supplied to order is.

        :param lines: the order lines that sell the product; None when it is only a component
        """
        if bom.type == "phantom":
            return []
        own_rules = self._filter_rules(self._get_product_routes(product, warehouse, lines))
        to_order = self._get_to_order_rules(product, warehouse, own_rules)
        is_made = lines and "manufacture" in own_rules.mapped("action")
        if not (to_order or is_made):
            return []
        supply = own_rules | self._filter_rules(warehouse.route_ids)
        if to_order:
            supply = self._get_rules_into(to_order.location_src_id, supply) - to_order
        else:
            supply = supply.filtered(lambda rule: rule.action not in PULL_ACTIONS)
        if any(self._is_usable(rule, product, bom) for rule in supply):
            return []
        return [self._get_route_sentence(product, set(own_rules.mapped("action")), set(supply.mapped("action")))]

    def _get_product_routes(self, product, warehouse, lines):
        """The routes of `product` and its lines; made to order is as if the route Replenish on Order stood on it,
        unless each line has a route of its own, which Odoo prefers."""
        routes = product.route_ids | product.categ_id.total_route_ids
        if lines:
            routes |= lines.route_ids
        template = product.product_tmpl_id
        has_own_route = lines and all(line.route_ids for line in lines)
        if not has_own_route and template._get_planning_mode(self.env.company) == MAKE_TO_ORDER:
            routes |= template._get_mto_routes(warehouse)
        return routes

    def _get_to_order_rules(self, product, warehouse, rules):
        """Those of `rules` that make an order of its own out of a need; none of the stock when made to plan."""
        to_order = rules.filtered(lambda r: r.action in PULL_ACTIONS and r.procure_method in TO_ORDER_METHODS)
        template = product.product_tmpl_id
        if to_order and template._get_planning_mode(self.env.company) == MAKE_TO_PLAN:
            return to_order.filtered_domain(~template._get_mto_rule_domain(warehouse))
        return to_order

    def _filter_rules(self, routes):
        return routes.rule_ids.filtered(lambda rule: not rule.company_id or rule.company_id == self.env.company)

    def _get_rules_into(self, locations, rules):
        """The rules that bring goods to one of `locations` or to a place around it."""
        paths = [location.parent_path for location in locations]
        return rules.filtered(
            lambda rule: any(path.startswith(rule.location_dest_id.parent_path or "-") for path in paths)
        )

    def _is_usable(self, rule, product, bom):
        """Whether a rule leads to an order; Odoo passes over making without bill and buying without vendor."""
        if rule.action == "manufacture":
            return bool(bom)
        if rule.action == "buy":
            company = self.env.company
            return any(not seller.company_id or seller.company_id == company for seller in product.seller_ids)
        return rule.action in PULL_ACTIONS

    def _get_route_sentence(self, product, own_actions, actions):
        name = product.display_name
        if "manufacture" in own_actions:
            return self.env._(
                "Product %(product)s is to be manufactured but has no bill of materials. Create one, or take the "
                "route Manufacture off the product.",
                product=name,
            )
        if "buy" in own_actions:
            return self.env._(
                "Product %(product)s is to be bought to order but has no vendor. Add one on the tab Purchase of the "
                "product.",
                product=name,
            )
        if {"manufacture", "buy"} & actions:
            return self.env._(
                "Product %(product)s is supplied to order but has neither a bill of materials nor a vendor. Create a "
                "bill of materials or add a vendor on the tab Purchase of the product.",
                product=name,
            )
        return self.env._(
            "Product %(product)s is supplied to order but no route of it or of its warehouse makes or buys it. Add "
            "such a route on the tab Inventory of the product.",
            product=name,
        )
