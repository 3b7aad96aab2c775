from collections import defaultdict

from odoo import api, models

from ...planner.pegging import EPSILON, allocate


class CrmPeggingReleaseMixin(models.AbstractModel):
    """The pegging outlives a release: what pointed to a planned order points to what was made of it."""

    _name = "crm.pegging.release.mixin"
    _description = "Pegging: release of planned orders"

    @api.model
    def _follow_release(self, planned_orders):
        """Point the rows of released planned orders to the manufacturing orders or purchase lines made of them.

        Both sides follow: who was served by the planned order is served by what was made of it, and the components
        it needed are now needed by the manufacturing order. What is not released stays with the planned order.
        """
        # sudo: rows are written by the system only; the caller has checked the right to release
        orders = planned_orders.sudo()
        productions = self.env["mrp.production"].sudo().search([("planned_order_id", "in", orders.ids)], order="id")
        by_order = productions.grouped("planned_order_id")
        self._follow_supply(orders, by_order)
        self._follow_components(orders, by_order)

    @api.model
    def _follow_supply(self, orders, productions):
        rows = self.sudo().search([("planned_order_id", "in", orders.ids)], order="id")
        for order, order_rows in rows.grouped("planned_order_id").items():
            targets = self._get_supply_targets(order, productions.get(order))
            self._distribute(order_rows, targets)

    @api.model
    def _get_supply_targets(self, order, productions):
        """(quantity, values of the row) of everything made of `order`, and of what is left of it."""
        targets = [self._get_production_target(order, production) for production in productions or ()]
        left = order.qty_released
        for line in order.purchase_line_ids.sorted("id"):
            quantity = min(left, line.product_uom_qty)
            left -= quantity
            targets.append((quantity, self._get_purchase_values(order, line)))
        if targets and order.mrp_qty - order.qty_released > EPSILON:
            targets.append((order.mrp_qty - order.qty_released, {}))
        return targets

    @api.model
    def _get_production_target(self, order, production):
        move = production.move_finished_ids.filtered(lambda m: m.product_id == order.product_id and m.state != "cancel")
        quantity = sum(move.mapped("product_qty"))
        values = {
            "supply_type": "production",
            "production_id": production.id,
            "planned_order_id": False,
            "supply_move_id": move[:1].id,
            "supply_date": order.mrp_area_id._datetime_to_date_tz(production.date_finished),
            "supply_quantity": quantity,
        }
        return quantity, values

    @api.model
    def _get_purchase_values(self, order, line):
        return {
            "supply_type": "purchase",
            "purchase_line_id": line.id,
            "planned_order_id": False,
            "supply_date": order.mrp_area_id._datetime_to_date_tz(line.date_planned),
            "supply_quantity": line.product_uom_qty,
        }

    @api.model
    def _follow_components(self, orders, productions):
        rows = self.sudo().search([("demand_planned_order_id", "in", orders.ids)], order="id")
        for order, order_rows in rows.grouped("demand_planned_order_id").items():
            if order not in productions:
                continue
            moves = productions[order].move_raw_ids.filtered(lambda move: move.state != "cancel")
            by_product = moves.sorted("id").grouped("product_id")
            for product, product_rows in order_rows.grouped("product_id").items():
                self._distribute(
                    product_rows,
                    self._get_component_targets(order, productions[order], by_product.get(product, moves.browse())),
                )

    @api.model
    def _get_component_targets(self, order, productions, moves):
        targets = [
            (move.product_qty, self._get_component_values(move.raw_material_production_id, move)) for move in moves
        ]
        if order.mrp_qty - order.qty_released > EPSILON:
            # the part that is not released needs its components too; it comes last
            return [*targets, (float("inf"), {})]
        # a bill of materials changed since the run: the production still is who needs it
        return [*targets, (float("inf"), self._get_component_values(productions[:1], moves.browse()))]

    @api.model
    def _get_component_values(self, production, move):
        values = {
            "demand_type": "production",
            "demand_production_id": production.id,
            "demand_planned_order_id": False,
            "demand_move_id": move.id,
        }
        return {**values, "demand_quantity": move.product_qty} if move else values

    @api.model
    def _distribute(self, rows, targets):
        """Give `rows` in their order to `targets` in theirs; a row over two targets becomes two rows."""
        if not targets:
            return
        pairs = allocate(
            [((row.id,), row.quantity) for row in rows],
            [((index,), quantity) for index, (quantity, _values) in enumerate(targets)],
        )
        parts = defaultdict(list)
        for row, target, quantity in pairs:
            parts[rows[row]].append((quantity, targets[-1 if target is None else target][1]))
        for row, pieces in parts.items():
            for quantity, values in pieces[1:]:
                row.copy({**values, "quantity": quantity})
            quantity, values = pieces[0]
            row.write({**values, "quantity": quantity} if len(pieces) > 1 else values)
