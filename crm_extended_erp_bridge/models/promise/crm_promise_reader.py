from graphlib import CycleError, TopologicalSorter
from math import inf

from odoo import fields, models

from ...planner.promise import Item, Need, Promise, promise_dates

# Days of working hours that are read: few promises need more than the first, none gets more than the second
# (as long as Odoo looks ahead when it plans work orders).
HORIZONS = (91, 700)
MADE = ("normal", "phantom")


class CrmPromiseReader(models.AbstractModel):
    """Turns the lines of quotations into needs and their bills of materials into a network, and asks the schedule.

    All lines of a warehouse are read together, bills of materials level by level, so the number of queries grows
    with the depth of the bills and the number of calendars, not with the number of lines.
    """

    _name = "crm.promise.reader"
    _description = "Reader for Delivery Promises"
    _inherit = ["crm.promise.capacity.mixin", "crm.promise.availability.mixin"]

    def _get_promises(self, lines):
        """Return {order line: Promise}; earlier lines take stock and hours from later ones of the same order.

        Quotations do not compete with each other: each is promised as if it were won alone.
        """
        promises = {}
        # sudo: a salesperson may not read bills of materials, vendors and work centres, but is told the date
        groups = lines.sudo().grouped(lambda line: (line.company_id, line.warehouse_id or line.order_id.warehouse_id))
        for (company, warehouse), group in groups.items():
            if warehouse:
                promises.update(self.sudo().with_company(company)._get_warehouse_promises(group, warehouse))
            else:
                promises.update(dict.fromkeys(group, Promise(problem="missing_warehouse")))
        return promises

    def _get_warehouse_promises(self, lines, warehouse):
        now = fields.Datetime.now()
        needs = {line: self._get_need(line) for line in lines}
        boms = self._read_boms(lines.with_env(self.env).product_id)
        items = self._read_items(boms, warehouse, needs.values())
        centers = self.env["mrp.workcenter"].browse(
            {operation.workcenter for item in items.values() for operation in item.operations}
        )
        promises = {}
        for days in HORIZONS:
            workcenters = self._read_workcenters(centers, now, days)
            promises = {}
            for group in lines.grouped("order_id").values():
                answers = promise_dates([needs[line] for line in group], items=items, workcenters=workcenters, now=now)
                promises.update(zip(group, answers, strict=True))
            if all(promise.problem != "no_capacity" for promise in promises.values()):
                break
        return promises

    def _get_need(self, line):
        product = line.product_id
        return Need(
            item=product.id,
            quantity=line.product_uom_id._compute_quantity(line.product_uom_qty, product.uom_id, round=False),
            transport=max(line.customer_lead, 0.0) + max(line.company_id.security_lead, 0.0),
        )

    # ------------------------------------------------------------
    # Bills of materials
    # ------------------------------------------------------------

    def _read_boms(self, products):
        """Return {product: bill of materials, may be none} of `products` and everything below them."""
        boms = {}
        level = products
        while level:
            found = self.env["mrp.bom"]._bom_find(level, company_id=self.env.company.id)
            for product in level:
                bom = found[product]
                boms[product] = bom if bom.type in MADE else bom.browse()
            components = self.env["mrp.bom"].union(*(boms[product] for product in level)).bom_line_ids.product_id
            level = components.filtered(lambda product: product.type == "consu" and product not in boms)
        return self._share_prefetch(boms)

    def _share_prefetch(self, boms):
        """The same dict, so that what is read of one product or bill from here on is read of all levels at once."""
        product_ids = [product.id for product in boms]
        bom_ids = [bom.id for bom in boms.values() if bom]
        return {product.with_prefetch(product_ids): bom.with_prefetch(bom_ids) for product, bom in boms.items()}

    def _get_components(self, product, bom):
        """Pairs of component id and its quantity, in its own unit, for one unit of `product`."""
        made = bom.product_uom_id._compute_quantity(bom.product_qty, product.uom_id, round=False)
        components = []
        for line in bom.bom_line_ids:
            component = line.product_id
            if component.type != "consu" or line.product_qty <= 0 or line._skip_bom_line(product):
                continue
            quantity = line.product_uom_id._compute_quantity(line.product_qty, component.uom_id, round=False)
            components.append((component.id, quantity / (made or 1.0)))
        return tuple(components)

    # ------------------------------------------------------------
    # Items
    # ------------------------------------------------------------

    def _read_items(self, boms, warehouse, needs):
        products = self.env["product.product"].browse([product.id for product in boms])
        components = {product.id: self._get_components(product, bom) for product, bom in boms.items()}
        stock, receipts = self._read_availability(products, warehouse)
        missing = self._get_missing_quantities(components, stock, receipts, needs)
        return {
            product.id: Item(
                # goods that nobody counts are there
                stock=stock.get(product.id, 0.0) if product.is_storable else inf,
                receipts=receipts.get(product.id, ()),
                **self._get_source(product, bom, components[product.id], missing.get(product.id)),
            )
            for product, bom in boms.items()
        }

    def _get_missing_quantities(self, components, stock, receipts, needs):
        """Return {product id: quantity to buy or make} for all needs together; empty when the bills form a circle.

        It picks the vendor: many ask for minimum quantities.
        """
        parents = {key: set() for key in components}
        for key, parts in components.items():
            for part, _quantity in parts:
                parents[part].add(key)
        try:
            order = list(TopologicalSorter(parents).static_order())
        except CycleError:
            return {}
        missing = dict.fromkeys(components, 0.0)
        for need in needs:
            missing[need.item] += need.quantity
        for key in order:
            there = max(stock.get(key, 0.0), 0.0) + sum(quantity for _date, quantity in receipts.get(key, ()))
            missing[key] = max(missing[key] - there, 0.0)
            for part, quantity in components[key]:
                missing[part] += missing[key] * quantity
        return missing

    def _get_source(self, product, bom, components, quantity):
        if bom.type == "phantom":
            operations = self._get_operations(product, bom)
            return {"source": "kit", "components": components, "operations": operations}
        actions = set((product.route_ids | product.categ_id.total_route_ids).rule_ids.mapped("action"))
        if bom and ("manufacture" in actions or "buy" not in actions):
            return {
                "source": "make",
                "components": components,
                "operations": self._get_operations(product, bom),
                "delay": bom.produce_delay,
            }
        seller = self._get_seller(product, quantity)
        if seller and ("buy" in actions or "manufacture" not in actions):
            delay = seller.delay + self.env.company.days_to_purchase
            return {"source": "buy", "vendor": seller.partner_id.id, "delay": delay}
        if "manufacture" in actions:
            return {"problem": "missing_bom"}
        return {"problem": "missing_vendor" if "buy" in actions else "missing_supply"}

    def _get_seller(self, product, quantity):
        """The vendor of Odoo's rule to buy: by quantity, else the first one whatever their minimum."""
        seller = product._select_seller(quantity=quantity or None, uom_id=product.uom_id)
        company = self.env.company
        return (
            seller
            or product._prepare_sellers(False).filtered(lambda one: not one.company_id or one.company_id == company)[:1]
        )
