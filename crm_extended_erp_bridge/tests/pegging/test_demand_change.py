from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_pegging import PeggingCommon


@tagged("post_install", "-at_install")
class TestDemandChange(PeggingCommon):
    def _changes(self, order):
        return self.env["crm.demand.change"].search([("order_id", "=", order.id)])

    def _by_product(self, changes):
        return {change.product_id: change.quantity for change in changes}

    def test_cancel_over_all_levels(self):
        """10 lamps cancelled: 10 lamps, 10 modules, 10 boxes and 20 chips are left without purpose."""
        order = self._order_for(10, 20)
        self._plan()
        clerk = self._create_user("bridge_clerk", "sales_team.group_sale_salesman_all_leads,stock.group_stock_user")
        order.with_user(clerk)._action_cancel()
        changes = self._changes(order)
        self.assertEqual(self._by_product(changes), {self.lamp: 10, self.module: 10, self.box: 10, self.chip: 20})
        self.assertEqual(set(changes.mapped("action")), {"cancel"})
        self.assertEqual(changes.mapped("qty_before")[0], 10)
        self.assertEqual(changes.mapped("qty_after")[0], 0)
        self.assertEqual(changes.changed_by_id, clerk)
        self.assertFalse(self._rows(order))
        self.assertIn("without purpose", order.message_ids[0].body)

    def test_reduce(self):
        """10 to 4 lamps: 6 lamps, 6 modules, 6 boxes and 12 chips."""
        order = self._order_for(10, 20)
        self._plan()
        order.order_line.product_uom_qty = 4
        changes = self._changes(order)
        self.assertEqual(self._by_product(changes), {self.lamp: 6, self.module: 6, self.box: 6, self.chip: 12})
        self.assertEqual((changes[0].qty_before, changes[0].qty_after), (10, 4))
        self.assertEqual(set(changes.mapped("action")), {"reduce"})
        self.assertEqual(sum(self._rows(order).mapped("quantity")), 4)

    def test_reduce_to_nothing_is_told_once(self):
        order = self._order_for(10, 20)
        self._plan()
        order.order_line.product_uom_qty = 0
        self.assertEqual(len(self._changes(order)), 4)

    def test_more_is_no_change(self):
        order = self._order_for(10, 20)
        self._plan()
        order.order_line.product_uom_qty = 12
        self.assertFalse(self._changes(order))

    def test_stock_is_just_free(self):
        """Of 10 lamps 8 come from stock: only the 2 to make are left."""
        self._set_stock(self.lamp, 8)
        order = self._order_for(10, 20)
        self._plan()
        order._action_cancel()
        self.assertEqual(self._by_product(self._changes(order))[self.lamp], 2)

    def test_shared_week_loses_its_part(self):
        self.env["product.mrp.area"].search([("product_id", "=", self.lamp.id)]).mrp_nbr_days = 7
        first, second = self._order_for(6, 20), self._order_for(4, 22)
        self._plan()
        second._action_cancel()
        changes = self._changes(second)
        self.assertEqual(self._by_product(changes), {self.lamp: 4, self.module: 4, self.box: 4, self.chip: 8})
        first._action_cancel()
        self.assertEqual(self._by_product(self._changes(first))[self.lamp], 6 + 4)

    def test_unknown_to_the_plan_costs_one_query(self):
        """No pegging: nothing is written, and the change is found out by one query."""
        order = self._order_for(10, 20)
        moves = order.picking_ids.move_ids
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.env["crm.demand.change"].sudo()._review_moves(moves)
        order._action_cancel()
        self.assertFalse(self._changes(order))

    def test_apply_to_productions_and_purchases(self):
        """Released and cancelled: productions are cancelled; the vendors have their orders, so the buyer is told."""
        order = self._order_for(10, 20)
        self._plan()._release()
        order._action_cancel()
        changes = self._changes(order).with_user(self.planner)
        made = changes.filtered("production_id")
        bought = changes.filtered("purchase_line_id")
        self.assertEqual((set(made.mapped("action")), set(bought.mapped("action"))), ({"cancel"}, {"note"}))
        changes.action_apply()
        self.assertEqual(set(made.production_id.mapped("state")), {"cancel"})
        self.assertTrue(all(bought.purchase_line_id.order_id.sudo().mapped("activity_ids")))
        self.assertEqual(set(changes.mapped("state")), {"done"})
        self.assertEqual(changes.decided_by_id, self.planner)

    def test_apply_reduces_a_production(self):
        order = self._order_for(10, 20)
        self._plan()._release()
        order.order_line.product_uom_qty = 4
        change = self._changes(order).filtered(lambda c: c.product_id == self.lamp).with_user(self.planner)
        self.assertEqual(change.action, "reduce")
        change.action_apply()
        self.assertEqual(change.production_id.product_qty, 4)

    def test_started_production_goes_to_stock(self):
        order = self._order_for(10, 20)
        self._plan()._release()
        production = self._rows(order).production_id
        production.qty_producing = 1
        production._set_qty_producing()
        self.assertEqual(production.state, "progress")
        order._action_cancel()
        change = self._changes(order).filtered(lambda c: c.product_id == self.lamp)
        self.assertEqual(change.action, "keep")

    def test_apply_to_a_proposal(self):
        order = self._order_for(10, 20)
        self._plan()
        order._action_cancel()
        change = self._changes(order).filtered(lambda c: c.product_id == self.lamp)
        planned = change.planned_order_id
        change.with_user(self.planner).action_apply()
        self.assertFalse(planned.exists())

    def test_given_to_another_demand(self):
        """The other order lacks lamps: what is left over is offered to it, and given on one click."""
        order = self._order_for(10, 20)
        self._plan()
        late = self._order_for(4, 21)
        self.pegging.create(
            {
                "mrp_area_id": self.area.id,
                "company_id": self.company.id,
                "product_id": self.lamp.id,
                "quantity": 4,
                "demand_type": "order",
                "sale_line_id": late.order_line.id,
                "demand_date": self._day(21),
                "supply_type": "shortage",
                "is_short": True,
            }
        )
        order._action_cancel()
        change = self._changes(order).filtered(lambda c: c.product_id == self.lamp)
        self.assertEqual((change.action, change.other_name), ("reassign", late.name))
        change.with_user(self.planner).action_apply()
        row = self._rows(late)
        self.assertEqual((row.supply_type, row.planned_order_id), ("planned", change.planned_order_id))
        rest = self._changes(order).filtered(lambda c: c.product_id == self.lamp and c.state == "open")
        self.assertEqual(rest.quantity, 6)

    def test_needed_again(self):
        """New demand takes over what was left: the next run closes the change."""
        order = self._order_for(10, 20)
        self._plan()._release()
        order._action_cancel()
        change = self._changes(order).filtered(lambda c: c.product_id == self.lamp)
        self._order_for(10, 20)
        self._plan()
        self.assertEqual(change.state, "used")

    def test_ignore(self):
        order = self._order_for(10, 20)
        self._plan()
        order._action_cancel()
        changes = self._changes(order).with_user(self.planner)
        changes.action_ignore()
        self.assertEqual(set(changes.mapped("state")), {"ignored"})

    def test_rights(self):
        order = self._order_for(10, 20)
        self._plan()
        order._action_cancel()
        changes = self._changes(order)
        self.assertTrue(changes.with_user(self.salesman).mapped("supply_name"))
        others = self.env["crm.demand.change"].with_user(self.other_salesman)
        self.assertFalse(others.search([("id", "in", changes.ids)]))
        with self.assertRaises(AccessError):
            changes.with_user(self.salesman).action_apply()
        with self.assertRaises(AccessError):
            self.env["crm.demand.change"].with_user(self.plain_user).search([])
