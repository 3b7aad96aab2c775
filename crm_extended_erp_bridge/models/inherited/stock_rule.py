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
        key = self._get_need_key(product_id, location_id, values)
        rule = self._recall(key)
        if rule is not None:
            return rule
        warehouse = values.get("warehouse_id") or location_id.warehouse_id
        company = values.get("company_id") or warehouse.company_id or location_id.company_id
        mode = product_id.product_tmpl_id._get_planning_mode(company[:1] or self.env.company)
        rules = self.with_context(**{SKIP_MTO: True}) if mode == MAKE_TO_PLAN else self
        rule = super(StockRule, rules)._get_rule(product_id, location_id, values).with_env(self.env)
        if mode == MAKE_TO_ORDER:
            explicit = self._get_explicit_routes(values.get("route_ids"), values.get("packaging_uom_id"))
            route = self._get_missing_mto_route(product_id, warehouse, rule, explicit)
            if route:
                rule = super()._get_rule(product_id, location_id, dict(values, route_ids=route)) or rule
        return self._keep(key, rule)

    @api.model
    def _get_need_key(self, product, location, values):
        """All that the rule of a need depends on."""
        records = ((values.get(name) or self).ids for name in ("warehouse_id", "company_id", "route_ids"))
        packaging = values.get("packaging_uom_id")
        return ("need", product.id, location.id, *map(tuple, records), packaging and packaging.id)

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
        records = (tuple((records or self).ids) for records in (route_ids, packaging_uom_id, warehouse_id))
        key = ("move", product_id.id, *records, str(domain))
        rule = self._recall(key)
        if rule is not None:
            return rule
        warehouse = warehouse_id or self.env["stock.warehouse"]
        mode = product_id.product_tmpl_id._get_planning_mode(warehouse.company_id or self.env.company)
        if mode == MAKE_TO_PLAN:
            domain = self._without_mto_rules(domain, product_id, warehouse)
        rule = super()._search_rule(route_ids, packaging_uom_id, product_id, warehouse, domain)
        if mode == MAKE_TO_ORDER:
            explicit = self._get_explicit_routes(route_ids, packaging_uom_id)
            route = self._get_missing_mto_route(product_id, warehouse, rule, explicit)
            if route:
                rule = super()._search_rule(route, packaging_uom_id, product_id, warehouse, domain) or rule
        return self._keep(key, rule)

    @api.model
    def _recall(self, key):
        """Return the rule that was found in this release already; None when it was not, or outside of a release."""
        memory = self.env.context.get(RELEASE_MEMORY)
        if memory is None:
            return None
        known = memory.rules.get((*key, self.env.uid, self.env.su, self.env.company.id))
        return None if known is None else self.browse(known)

    @api.model
    def _keep(self, key, rule):
        """Remember that `rule` (may be none) was found in this release, and return it."""
        memory = self.env.context.get(RELEASE_MEMORY)
        if memory is not None:
            memory.rules[(*key, self.env.uid, self.env.su, self.env.company.id)] = rule.ids
        return rule

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
