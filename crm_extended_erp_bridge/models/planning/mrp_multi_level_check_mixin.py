from datetime import date

from odoo import api, models
from odoo.fields import Domain

from .product_planning_mode_mixin import MAKE_TO_PLAN


class MrpMultiLevelCheckMixin(models.AbstractModel):
    """What is wrong with the data: one issue names the record and the remedy, and the rest is planned."""

    _name = "mrp.multi.level.check.mixin"
    _description = "Planning: Checks of the Data"

    @api.model
    def _report(self, param, kind, record, product=None, **params):
        self.env["crm.planning.issue"]._report(
            param.mrp_area_id, kind, record, product=product or param.product_id, **params
        )

    # ------------------------------------------------------------
    # Before the netting
    # ------------------------------------------------------------

    @api.model
    def _check_area(self, area, session, children):
        """Look at everything that does not need the netting.

        :param children: {product id: component ids} of what the plan explodes
        """
        self._check_circles(area, session, children)
        self._check_stock(session)
        self._check_workcenters(area, session, children)
        self._check_orderpoints(area, session, children)
        self._check_to_order(session, children)

    @api.model
    def _check_circles(self, area, session, children):
        for circle in session.circles:
            products = self.env["product.product"].browse(circle)
            param = session.params[circle[0]]
            names = products.mapped("display_name")
            path = " > ".join([*names, names[0]])
            for product in products:
                bom = self._get_bom_to_explode(session.params[product.id])
                self._report(param, "cyclic_bom", bom, product=product, path=path)

    @api.model
    def _check_stock(self, session):
        for param in session.params.values():
            if param.supply_method == "phantom":
                continue
            quantity = param.qty_available
            if param.product_id.uom_id.compare(quantity, 0.0) < 0:
                self._report(param, "negative_stock", param.product_id, quantity=quantity)

    @api.model
    def _check_workcenters(self, area, session, children):
        """The work centres of the bills of materials that the plan uses."""
        boms = self.env["mrp.bom"].browse(self._get_bom_to_explode(session.params[product]).id for product in children)
        for workcenter in boms.operation_ids.workcenter_id:
            calendar = workcenter.resource_calendar_id
            kind = False
            if not calendar:
                kind = "no_calendar"
            elif not any(line.hour_to > line.hour_from for line in calendar.attendance_ids):
                kind = "zero_capacity"
            if kind:
                self.env["crm.planning.issue"]._report(area, kind, workcenter)

    @api.model
    def _check_orderpoints(self, area, session, children):
        """Reordering rules that order on their own what the plan orders too."""
        domain = Domain("trigger", "=", "auto") & Domain("product_id", "in", self._get_plan_products(session, children))
        domain &= Domain("location_id", "child_of", area._get_locations().ids)
        for orderpoint in self.env["stock.warehouse.orderpoint"].search(domain):
            self._report(session.params[orderpoint.product_id.id], "automatic_orderpoint", orderpoint)

    @api.model
    def _check_to_order(self, session, children):
        """Components of make-to-plan products that a route supplies to order in this company."""
        planned = set(self._get_plan_products(session, children))
        components = {component_id for product_id in planned for component_id in children.get(product_id, ())}
        to_order = self.env["product.product"].browse(components & session.params.keys())
        to_order = set(to_order._filter_to_order(session.area.company_id).ids)
        for product_id in planned:
            for component_id in children.get(product_id, ()):
                if component_id in to_order:
                    param = session.params[component_id]
                    parent = session.params[product_id].product_id
                    self._report(param, "to_order_component", param.product_id, parent=parent.display_name)

    @api.model
    def _get_plan_products(self, session, children):
        """The make-to-plan products of the area, and everything below them in their bills of materials."""
        found = []
        pending = [
            product_id
            for product_id, param in session.params.items()
            if param.product_id.product_tmpl_id.planning_mode == MAKE_TO_PLAN
        ]
        seen = set(pending)
        while pending:
            product_id = pending.pop()
            if product_id in session.params:
                found.append(product_id)
            below = set(children.get(product_id, ())) - seen
            seen |= below
            pending.extend(below)
        return found

    # ------------------------------------------------------------
    # On the way
    # ------------------------------------------------------------

    @api.model
    def _is_extreme(self, param, quantity, record):
        """Report and leave out a quantity that can only be a mistake."""
        session = self.env.context["crm_planning_session"]
        if abs(quantity) <= session.limit:
            return False
        self._report(param, "extreme_quantity", record, quantity=abs(quantity), limit=session.limit)
        return True

    @api.model
    def _is_mismatch(self, param, unit, record):
        """Report a document that counts the product in a unit that its own unit cannot be reached from."""
        own = param.product_id.uom_id
        if unit == own or unit._has_common_reference(own):
            return False
        self._report(param, "unit_mismatch", record, unit=unit.display_name, product_unit=own.display_name)
        return True

    @api.model
    def _note_supply(self, param, release_date, session):
        """Called for each need that the netting orders: is there a way to supply it, and is it in time?"""
        method = param.supply_method
        if method == "none" and self._lacks_vendor(param):
            self._report(param, "missing_vendor", param.product_id)
        elif method == "none" and "manufacture" in param.product_id.route_ids.rule_ids.mapped("action"):
            self._report(param, "missing_bom", param.product_id)
        elif method == "none":
            self._report(param, "no_rule", param.product_id)
        elif method == "manufacture" and not param.supply_bom_id:
            self._report(param, "missing_bom", param.product_id)
        elif method == "buy" and not param.main_supplierinfo_id:
            self._report(param, "missing_vendor", param.product_id)
        if release_date < date.today() and method != "phantom":
            count, earliest = session.late_releases.get(param.product_id.id, (0, release_date))
            session.late_releases[param.product_id.id] = (count + 1, min(earliest, release_date))

    @api.model
    def _lacks_vendor(self, param):
        """Whether the product is one to buy; without any vendor Odoo passes over the warehouse's route Buy."""
        product = param.product_id
        rules = param.mrp_area_id.warehouse_id.route_ids.rule_ids
        return (
            product.purchase_ok and not product.bom_ids and not product.seller_ids and "buy" in rules.mapped("action")
        )

    @api.model
    def _report_late_releases(self, area, session):
        """One issue per product: how many planned orders are late to start, and since when."""
        for product_id, (count, earliest) in session.late_releases.items():
            param = session.params[product_id]
            self._report(param, "late_release", param.product_id, count=count, date=earliest)
