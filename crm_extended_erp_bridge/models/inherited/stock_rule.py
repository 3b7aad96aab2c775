from odoo import api, models
from odoo.fields import Domain

from ..planning.product_planning_mode_mixin import MAKE_TO_ORDER, MAKE_TO_PLAN

# Set only while a rule of one make-to-plan product is looked for, never on what is returned.
SKIP_MTO = "crm_planning_skip_mto"


class StockRule(models.Model):
    """The planning mode of a product decides which rules are looked at, in the company that has the need."""

    _inherit = "stock.rule"

    @api.model
    def _get_rule(self, product_id, location_id, values):
        if not (product_id and location_id):
            return super()._get_rule(product_id, location_id, values)
        warehouse = values.get("warehouse_id") or location_id.warehouse_id
        company = values.get("company_id") or warehouse.company_id or location_id.company_id
        mode = product_id.product_tmpl_id._get_planning_mode(company[:1] or self.env.company)
        if mode == MAKE_TO_PLAN:
            lean = self.with_context(**{SKIP_MTO: True})
            return super(StockRule, lean)._get_rule(product_id, location_id, values).with_env(self.env)
        rule = super()._get_rule(product_id, location_id, values)
        if mode != MAKE_TO_ORDER:
            return rule
        explicit = self._get_explicit_routes(values.get("route_ids"), values.get("packaging_uom_id"))
        route = self._get_missing_mto_route(product_id, warehouse, rule, explicit)
        if not route:
            return rule
        return super()._get_rule(product_id, location_id, dict(values, route_ids=route)) or rule

    @api.model
    def _search_rule_for_warehouses(self, route_ids, packaging_uom_id, product_id, warehouse_ids, domain):
        if self.env.context.get(SKIP_MTO):
            domain = self._without_mto_rules(domain, product_id, warehouse_ids)
        return super()._search_rule_for_warehouses(route_ids, packaging_uom_id, product_id, warehouse_ids, domain)

    @api.model
    def _search_rule(self, route_ids, packaging_uom_id, product_id, warehouse_id, domain):
        """Components of manufacturing orders and rules that push come here, without a company in their values."""
        company = warehouse_id.company_id if warehouse_id else self.env.company
        mode = product_id.product_tmpl_id._get_planning_mode(company or self.env.company) if product_id else False
        if mode == MAKE_TO_PLAN:
            domain = self._without_mto_rules(domain, product_id, warehouse_id)
        rule = super()._search_rule(route_ids, packaging_uom_id, product_id, warehouse_id, domain)
        if mode != MAKE_TO_ORDER:
            return rule
        explicit = self._get_explicit_routes(route_ids, packaging_uom_id)
        warehouse = warehouse_id or self.env["stock.warehouse"]
        route = self._get_missing_mto_route(product_id, warehouse, rule, explicit)
        if not route:
            return rule
        return super()._search_rule(route, packaging_uom_id, product_id, warehouse_id, domain) or rule

    @api.model
    def _without_mto_rules(self, domain, product, warehouses):
        warehouses = warehouses or self.env["stock.warehouse"]
        return Domain(domain) & ~product.product_tmpl_id._get_mto_rule_domain(warehouses)

    @api.model
    def _get_explicit_routes(self, routes, packaging):
        """The routes that Odoo prefers to those of the product: of the need itself, then of its packaging."""
        explicit = routes or self.env["stock.route"]
        return explicit | packaging.package_type_id.route_ids if packaging else explicit

    @api.model
    def _get_missing_mto_route(self, product, warehouse, rule, explicit):
        """Return the route that a make-to-order product lacks, in the order of precedence that it would have if it
        stood on the product: after the routes of the need, among those of the product by sequence."""
        routes = product.product_tmpl_id._get_mto_routes(warehouse)
        own = product.route_ids | product.categ_id.total_route_ids
        if not routes or routes & (own | explicit):
            return self.env["stock.route"]
        used = rule.route_id
        is_ahead = used in explicit or (used in product.route_ids and used.sequence < routes[0].sequence)
        return self.env["stock.route"] if is_ahead else routes.with_env(self.env)
