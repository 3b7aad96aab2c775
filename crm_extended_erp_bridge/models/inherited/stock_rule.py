from odoo import api, models
from odoo.fields import Command, Domain

from ..planning.product_planning_mode_mixin import MAKE_TO_ORDER, MAKE_TO_PLAN
from ..planning.release_context import NEW_PURCHASES, RELEASE_MEMORY

# Set only while a rule of one make-to-plan product is looked for, never on what is returned.
SKIP_MTO = "crm_planning_skip_mto"


class StockRule(models.Model):
    """The planning mode of a product decides which rules are looked at, in the company that has the need."""

    _inherit = "stock.rule"

    # ------------------------------------------------------------
    # Which rule
    # ------------------------------------------------------------

    @api.model
    def _get_rule(self, product_id, location_id, values):
        if not (product_id and location_id):
            return super()._get_rule(product_id, location_id, values)
        key = (
            "need",
            product_id.id,
            location_id.id,
            *(tuple((values.get(name) or self).ids) for name in ("warehouse_id", "company_id", "route_ids")),
            values.get("packaging_uom_id") and values["packaging_uom_id"].id,
        )
        return self._remember(key, self._get_rule_by_mode, product_id, location_id, values)

    @api.model
    def _get_rule_by_mode(self, product, location, values):
        warehouse = values.get("warehouse_id") or location.warehouse_id
        company = values.get("company_id") or warehouse.company_id or location.company_id
        mode = product.product_tmpl_id._get_planning_mode(company[:1] or self.env.company)
        if mode == MAKE_TO_PLAN:
            lean = self.with_context(**{SKIP_MTO: True})
            return super(StockRule, lean)._get_rule(product, location, values).with_env(self.env)
        rule = super()._get_rule(product, location, values)
        if mode != MAKE_TO_ORDER:
            return rule
        explicit = self._get_explicit_routes(values.get("route_ids"), values.get("packaging_uom_id"))
        route = self._get_missing_mto_route(product, warehouse, rule, explicit)
        if not route:
            return rule
        return super()._get_rule(product, location, dict(values, route_ids=route)) or rule

    @api.model
    def _search_rule_for_warehouses(self, route_ids, packaging_uom_id, product_id, warehouse_ids, domain):
        if self.env.context.get(SKIP_MTO):
            domain = self._without_mto_rules(domain, product_id, warehouse_ids)
        return super()._search_rule_for_warehouses(route_ids, packaging_uom_id, product_id, warehouse_ids, domain)

    @api.model
    def _search_rule(self, route_ids, packaging_uom_id, product_id, warehouse_id, domain):
        """Components of manufacturing orders and rules that push come here, without a company in their values."""
        if not product_id:
            return super()._search_rule(route_ids, packaging_uom_id, product_id, warehouse_id, domain)
        key = (
            "move",
            product_id.id,
            *(tuple((records or self).ids) for records in (route_ids, packaging_uom_id, warehouse_id)),
            str(domain),
        )
        return self._remember(
            key, self._search_rule_by_mode, route_ids, packaging_uom_id, product_id, warehouse_id, domain
        )

    @api.model
    def _search_rule_by_mode(self, routes, packaging, product, warehouse, domain):
        warehouse = warehouse or self.env["stock.warehouse"]
        mode = product.product_tmpl_id._get_planning_mode(warehouse.company_id or self.env.company)
        if mode == MAKE_TO_PLAN:
            domain = self._without_mto_rules(domain, product, warehouse)
        rule = super()._search_rule(routes, packaging, product, warehouse, domain)
        if mode != MAKE_TO_ORDER:
            return rule
        explicit = self._get_explicit_routes(routes, packaging)
        route = self._get_missing_mto_route(product, warehouse, rule, explicit)
        if not route:
            return rule
        return super()._search_rule(route, packaging, product, warehouse, domain) or rule

    @api.model
    def _remember(self, key, find, *args):
        """Find a rule once in a release; outside of one, find it each time as Odoo does."""
        memory = self.env.context.get(RELEASE_MEMORY)
        if memory is None:
            return find(*args)
        key += (self.env.uid, self.env.su, self.env.company.id)
        if key not in memory.rules:
            memory.rules[key] = find(*args).id
        return self.browse(memory.rules[key])

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

    # ------------------------------------------------------------
    # Orders made from proposals of the plan
    # ------------------------------------------------------------

    def _should_auto_confirm_procurement_mo(self, p):
        # the release confirms all its manufacturing orders together
        if self.env.context.get(RELEASE_MEMORY) and p.planned_order_id:
            return False
        return super()._should_auto_confirm_procurement_mo(p)

    def _prepare_mo_vals(
        self, product_id, product_qty, product_uom, location_dest_id, name, origin, company_id, values, bom
    ):
        """The order starts and ends when the plan says: Odoo counts calendar days where the plan counts working
        days, and an hour before midnight is a day earlier to the next run."""
        res = super()._prepare_mo_vals(
            product_id, product_qty, product_uom, location_dest_id, name, origin, company_id, values, bom
        )
        if values.get("planning_date_start"):
            res["date_start"] = values["planning_date_start"]
            res["date_finished"] = res["date_deadline"] = values["date_planned"]
        if values.get("planning_release_rule_id"):
            res["planning_release_rule_id"] = values["planning_release_rule_id"]
        return res

    def _make_mo_get_domain(self, procurement, bom):
        domain = super()._make_mo_get_domain(procurement, bom)
        # a proposal is an order of its own: it never makes another order larger, and none has to be looked for
        return (*domain, ("id", "=", False)) if procurement.values.get("planned_order_id") else domain

    def _make_po_get_domain(self, company_id, values, partner):
        """What is confirmed at once must not carry along the request for quotation that a buyer is working on."""
        domain = super()._make_po_get_domain(company_id, values, partner)
        return (*domain, ("id", "=", False)) if values.get(NEW_PURCHASES) else domain

    @api.model
    def _get_procurements_to_merge_groupby(self, procurement):
        """One line per date: quantities of different weeks in one line would all arrive with the first or the last,
        and the next run would propose the rest again."""
        group = super()._get_procurements_to_merge_groupby(procurement)
        if procurement.values.get("planned_order_id"):
            return (*group, procurement.values["date_planned"], procurement.values.get("planning_release_rule_id"))
        return group

    @api.model
    def _merge_procurements(self, procurements_to_merge):
        merged = super()._merge_procurements(procurements_to_merge)
        for procurements, procurement in zip(procurements_to_merge, merged, strict=True):
            orders = [p.values["planned_order_id"] for p in procurements if p.values.get("planned_order_id")]
            if orders:
                procurement.values["planned_order_ids"] = orders
        return merged

    def _update_purchase_order_line(self, product_id, product_qty, product_uom, company_id, values, line):
        res = super()._update_purchase_order_line(product_id, product_qty, product_uom, company_id, values, line)
        if values.get("planned_order_ids"):
            res["planned_order_ids"] = [Command.link(order) for order in values["planned_order_ids"]]
        return res
