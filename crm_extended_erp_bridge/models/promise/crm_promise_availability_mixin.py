from collections import defaultdict
from datetime import datetime, time

from odoo import models
from odoo.fields import Domain

OPEN_MOVES = ("waiting", "confirmed", "partially_available", "assigned")


class CrmPromiseAvailabilityMixin(models.AbstractModel):
    """What of a product is in a warehouse or on its way there and serves nobody else yet.

    Quantities in the unit of the product. "Serves somebody" is what the plan pegs (crm.pegging) and what Odoo has
    reserved; a product that the plan does not know is judged by its open transfers.
    """

    _name = "crm.promise.availability.mixin"
    _description = "Goods for a Delivery Promise"

    def _read_availability(self, products, warehouse):
        """Return two dicts by product id: the free stock and the free receipts [(date, quantity)] by date."""
        pegged, planned_for = self._read_pegging(products, warehouse)
        stock = self._read_free_stock(products, warehouse, pegged)
        receipts = defaultdict(list)
        demand = defaultdict(float)
        self._read_moves(products, warehouse, pegged, receipts, demand)
        self._read_planned_orders(products, warehouse, pegged, receipts)
        for product, quantity in demand.items():
            if product not in planned_for:
                receipts[product] = self._take_first(sorted(receipts[product]), quantity)
        return stock, {product: tuple(sorted(found)) for product, found in receipts.items()}

    def _take_first(self, receipts, quantity):
        """The receipts that are left when `quantity` of the earliest is spoken for."""
        left = []
        for date, arriving in receipts:
            taken = min(arriving, quantity)
            quantity -= taken
            if arriving > taken:
                left.append((date, arriving - taken))
        return left

    def _read_pegging(self, products, warehouse):
        """Return {supply: quantity promised to others} and the ids of the products that the plan pegs.

        Supply is a pair: ("stock", product id), or the model and id of the supplying document.
        """
        pegged = defaultdict(float)
        planned = set()
        links = ["supply_move_id", "production_id", "purchase_line_id", "planned_order_id"]
        for product, supply_type, *records, quantity in self.env["crm.pegging"]._read_group(
            [("mrp_area_id.warehouse_id", "=", warehouse.id), ("product_id", "in", products.ids)],
            ["product_id", "supply_type", *links],
            ["quantity:sum"],
        ):
            planned.add(product.id)
            if supply_type == "stock":
                pegged["stock", product.id] += quantity
                continue
            supply = next((record for record in records if record), None)
            if supply:
                pegged[supply._name, supply.id, product.id] += quantity
        return pegged, planned

    def _read_free_stock(self, products, warehouse, pegged):
        stock = {}
        for product, quantity, reserved in self.env["stock.quant"]._read_group(
            [
                ("product_id", "in", products.ids),
                ("location_id.warehouse_id", "=", warehouse.id),
                ("location_id.usage", "=", "internal"),
            ],
            ["product_id"],
            ["quantity:sum", "reserved_quantity:sum"],
        ):
            # reserved since the last plan, or pegged by the plan and not reserved yet
            stock[product.id] = quantity - max(reserved, pegged["stock", product.id])
        return stock

    def _read_moves(self, products, warehouse, pegged, receipts, demand):
        """Add what comes into the warehouse to `receipts` and what leaves it without reservation to `demand`."""
        comes = Domain("location_dest_id.warehouse_id", "=", warehouse.id)
        leaves = Domain("location_id.warehouse_id", "=", warehouse.id)
        domain = Domain("product_id", "in", products.ids) & Domain("state", "in", OPEN_MOVES)
        names = ["product_id", "product_qty", "product_uom", "quantity", "date", "location_id", "location_dest_id"]
        names += ["production_id", "purchase_line_id"]
        moves = self.env["stock.move"].search_fetch(
            domain & ((comes & ~leaves) | (leaves & ~comes)), names, order="date, id"
        )
        for move in moves:
            product = move.product_id
            if move.location_dest_id.warehouse_id == warehouse:
                quantity = self._take_pegged(move, pegged)
                if quantity > 0:
                    receipts[product.id].append((move.date, quantity))
            else:
                reserved = move.product_uom._compute_quantity(move.quantity, product.uom_id, round=False)
                demand[product.id] += max(move.product_qty - reserved, 0.0)

    def _take_pegged(self, move, pegged):
        """The quantity of a move that nobody waits for; what is pegged is taken off so that it counts once."""
        quantity = move.product_qty
        product = move.product_id.id
        for supply in (move, move.production_id, move.purchase_line_id):
            key = (supply._name, supply.id, product)
            if supply and pegged.get(key):
                taken = min(pegged[key], quantity)
                pegged[key] -= taken
                quantity -= taken
        return quantity

    def _read_planned_orders(self, products, warehouse, pegged, receipts):
        domain = [
            ("product_id", "in", products.ids),
            ("mrp_area_id.warehouse_id", "=", warehouse.id),
            ("mrp_action", "in", ("manufacture", "buy")),
        ]
        names = ["product_id", "mrp_qty", "qty_released", "due_date"]
        for order in self.env["mrp.planned.order"].search_fetch(domain, names):
            product = order.product_id.id
            quantity = order.mrp_qty - order.qty_released - pegged[order._name, order.id, product]
            if quantity > 0:
                receipts[product].append((datetime.combine(order.due_date, time.min), quantity))
