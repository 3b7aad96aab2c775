from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common_planning import PlanningModeCommon

# The deliveries of the tests are due three weeks after "today", Monday 2 March 2026.
DUE = date(2026, 3, 23)


@tagged("post_install", "-at_install")
class TestRelease(PlanningModeCommon):
    """From the proposals of a plan to confirmed orders, and back: what is ordered is not proposed again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products.product_tmpl_id.planning_mode = "make_to_plan"
        cls.module_bom.produce_delay = 2
        cls.lamp_bom.produce_delay = 3
        cls._create_parameters(cls.products, mrp_nbr_days=7)

    def _order_lamps(self, qty, due=DUE):
        order = self._create_order([(self.lamp, qty, 100)], commitment_date=datetime.combine(due, datetime.min.time()))
        order.action_confirm()
        return order

    def _plan_lamps(self, qty=10):
        self._order_lamps(qty)
        return self._run_plan()

    def _get_open(self):
        return self.env["mrp.planned.order"].search([("mrp_area_id", "=", self.area.id), ("is_released", "=", False)])

    def test_plan_of_one_order(self):
        """10 lamps need 10 modules, 20 chips and 10 boxes."""
        proposals = self._plan_lamps()
        self.assertEqual(
            {order.product_id: order.mrp_qty for order in proposals},
            {self.lamp: 10, self.module: 10, self.chip: 20, self.box: 10},
        )

    def test_release_makes_confirmed_orders(self):
        result = self._plan_lamps()._release()
        self.assertEqual(result.productions.mapped("state"), ["confirmed"] * 2)
        self.assertEqual(
            {production.product_id: production.product_qty for production in result.productions},
            {self.lamp: 10, self.module: 10},
        )
        self.assertEqual(result.purchases.mapped("state"), ["purchase"])
        self.assertEqual(
            {line.product_id: line.product_qty for line in result.purchases.order_line},
            {self.chip: 20, self.box: 10},
        )
        self.assertFalse(result.skipped)

    def test_production_ends_by_the_due_date(self):
        """Lamp: due on 23 March, 3 days, so from 20 March; its module is due then, 2 days, so from 18 March."""
        proposals = self._plan_lamps()
        result = proposals._release()
        for production, start, end in zip(
            result.productions.sorted("date_finished", reverse=True),
            (date(2026, 3, 20), date(2026, 3, 18)),
            (date(2026, 3, 23), date(2026, 3, 20)),
            strict=True,
        ):
            self.assertEqual(production.date_start.date(), start)
            self.assertEqual(production.date_finished.date(), end)
            self.assertEqual(
                production.move_raw_ids.mapped("date"), [production.date_start] * len(production.move_raw_ids)
            )
            self.assertLessEqual(production.date_finished.date(), production.planned_order_id.due_date)

    def test_run_after_release_proposes_nothing(self):
        self._plan_lamps()._release()
        self._run_plan()
        self.assertFalse(self._get_open())

    def test_same_in_a_time_zone_behind(self):
        """Midnight in Greenwich is the day before in New York."""
        self.warehouse.calendar_id = self.env["resource.calendar"].create({"name": "NY", "tz": "America/New_York"})
        self._plan_lamps()._release()
        self._run_plan()
        self.assertFalse(self._get_open())

    def test_no_lead_time(self):
        """An order that starts and ends on one day must not need its components the day before."""
        (self.module_bom | self.lamp_bom).produce_delay = 0
        self.area.warehouse_id.calendar_id = False
        self._plan_lamps()._release()
        self._run_plan()
        self.assertFalse(self._get_open())

    def test_request_for_quotation_is_supply(self):
        result = self._plan_lamps()._release(confirm=False)
        self.assertEqual(result.purchases.mapped("state"), ["draft"])
        self._run_plan()
        self.assertFalse(self._get_open())

    def test_weeks_stay_apart_on_the_purchase(self):
        """Two weeks of lamps: chips for each week in a line of its own date; merged, the plan would propose again."""
        self._order_lamps(10)
        self._order_lamps(4, DUE + timedelta(days=14))
        result = self._run_plan()._release()
        lines = result.purchases.order_line.filtered(lambda line: line.product_id == self.chip)
        self.assertEqual(sorted(lines.mapped("product_qty")), [8, 20])
        self.assertEqual(len(set(lines.mapped("date_planned"))), 2)
        self._run_plan()
        self.assertFalse(self._get_open())

    def test_line_knows_its_proposals(self):
        proposals = self._plan_lamps()
        result = proposals._release()
        chips = proposals.filtered(lambda order: order.product_id == self.chip)
        self.assertEqual(chips.purchase_line_ids.order_id, result.purchases)
        self.assertEqual(chips.purchase_line_ids.planned_order_ids, chips)

    def test_merged_line_knows_all_its_proposals(self):
        """Two proposals of one day for one product become one line."""
        proposals = self._plan_lamps()
        chips = proposals.filtered(lambda order: order.product_id == self.chip)
        twin = chips.copy({"mrp_qty": 7})
        (chips | twin)._release()
        self.assertEqual(chips.purchase_line_ids, twin.purchase_line_ids)
        self.assertEqual(chips.purchase_line_ids.product_qty, 27)

    def test_request_of_a_buyer_is_left_alone(self):
        """Confirming the plan must not confirm what a buyer is still working on, nor add to it."""
        request = self.env["purchase.order"].create(
            {
                "partner_id": self.vendor.id,
                "order_line": [Command.create({"product_id": self.box.id, "product_qty": 500})],
            }
        )
        proposals = self._plan_lamps()
        proposals.filtered(lambda order: order.product_id == self.chip)._release()
        self.assertEqual(request.state, "draft")
        self.assertEqual(request.order_line.product_qty, 500)

    def test_nothing_is_released_twice(self):
        proposals = self._plan_lamps()
        proposals._release()
        result = proposals._release()
        self.assertFalse(result.released)
        self.assertEqual(len(result.skipped), 4)
        self.assertEqual(self.env["mrp.production"].search_count([("product_id", "=", self.lamp.id)]), 1)

    def test_rest_of_a_partial_release(self):
        """4 of 10 lamps released with the addon's own wizard: the rest is 6."""
        lamps = self._plan_lamps().filtered(lambda order: order.product_id == self.lamp)
        wizard = (
            self.env["mrp.inventory.procure"]
            .with_context(active_model="mrp.planned.order", active_ids=lamps.ids)
            .create({})
        )
        wizard.item_ids.qty = 4
        wizard.make_procurement()
        self.assertEqual(lamps.qty_to_release, 6)
        self.assertEqual(lamps._release().productions.product_qty, 6)
        self._run_plan()
        self.assertFalse(self._get_open().filtered(lambda order: order.product_id == self.lamp))

    def test_half_done_production_is_supply(self):
        """4 of 10 lamps are made: 4 in stock, 6 on the back order, nothing to propose."""
        result = self._plan_lamps()._release()
        self._set_stock(self.module, 10)
        self._set_stock(self.box, 10)
        lamps = result.productions.filtered(lambda production: production.product_id == self.lamp)
        lamps.qty_producing = 4
        lamps._set_qty_producing()
        lamps.move_raw_ids.picked = True
        lamps.with_context(skip_backorder=True, mo_ids_to_backorder=lamps.ids).button_mark_done()
        self._run_plan()
        self.assertFalse(self._get_open())

    def test_what_cannot_be_released_is_left_with_its_reason(self):
        proposals = self._plan_lamps()
        self.chip_vendor.unlink()
        self.module_bom.active = False
        chips = proposals.filtered(lambda order: order.product_id == self.chip)
        (proposals - chips)[0].mrp_qty = 0
        empty = (proposals - chips)[0]
        result = proposals._release()
        reasons = dict(result.skipped)
        self.assertIn("Chip has no vendor. Add one on the tab Purchase", reasons[chips])
        self.assertIn("asks for nothing", reasons[empty])
        self.assertEqual(len(result.released) + len(result.skipped), 4)
        self.assertFalse(chips.qty_released)

    def test_refusal_of_odoo_leaves_the_others(self):
        """No rule leads to the place of one proposal: it is left, the other is made."""
        proposals = self._plan_lamps()
        lamps = proposals.filtered(lambda order: order.product_id == self.lamp)
        other = proposals.filtered(lambda order: order.product_id == self.module)
        nowhere = self.env["stock.location"].create({"name": "Nowhere", "usage": "internal"})
        lamps.product_mrp_area_id.location_proc_id = nowhere
        result = (lamps | other)._release()
        self.assertEqual(result.released, other)
        self.assertEqual(len(result.skipped), 1)
        self.assertIn("No rule has been found", result.skipped[0][1])

    def test_planner_releases_without_being_buyer(self):
        proposals = self._plan_lamps().with_user(self.planner)
        action = proposals.action_release_selected()
        self.assertEqual(action["params"]["type"], "success")
        self.assertIn("4 proposals released: 2 manufacturing orders, 1 purchase orders", action["params"]["title"])

    def test_plain_user_is_refused(self):
        proposals = self._plan_lamps().with_user(self.plain_user)
        with self.assertRaises(AccessError):
            proposals.action_release_selected()
        with self.assertRaises(AccessError):
            self.env["mrp.planned.order"].with_user(self.salesman).action_release_all()

    def test_all_within_the_horizon(self):
        """Chips are to be ordered 5 days before 18 March, boxes 5 days before 20 March; lamps start on the 20th."""
        self._plan_lamps()
        self.env["mrp.planned.order"].action_release_all(self.area.id, horizon_days=12)
        self.assertEqual(self._get_open().product_id, self.lamp | self.module | self.box)

    def test_many_are_released_by_one_job(self):
        proposals = self._plan_lamps()
        before = self.env["queue.job"].search([])
        target = "odoo.addons.crm_extended_erp_bridge.models.planning.mrp_planned_order_release_mixin.BACKGROUND_FROM"
        with patch(target, 3):
            proposals.action_release_selected()
            proposals.action_release_selected()
        job = self.env["queue.job"].search([]) - before
        self.assertEqual(len(job), 1)
        message = proposals._release_in_background(True)
        self.assertEqual(message, "Nothing was left over.")

    def test_value(self):
        """20 chips at the vendor's 3 = 60; 10 lamps at the standard cost of 60 = 600."""
        proposals = self._plan_lamps()
        self.assertEqual(proposals.filtered(lambda order: order.product_id == self.chip).value, 60)
        self.assertEqual(proposals.filtered(lambda order: order.product_id == self.lamp).value, 600)

    def _copy_proposal(self, product, count, first_day):
        """Return so many proposals for `product`, each due a day after the one before."""
        proposal = self.env["mrp.planned.order"].search([("product_id", "=", product.id)], limit=1)
        days = range(first_day, first_day + count)
        return proposal.union(*(proposal.copy({"due_date": DUE + timedelta(days=day)}) for day in days)) - proposal

    def _count_per_proposal(self, product):
        """Queries that each of 49 more proposals costs, beside those of the first."""
        self._plan_lamps()
        self._copy_proposal(product, 1, 1)._release()
        few, many = self._copy_proposal(product, 1, 2), self._copy_proposal(product, 50, 3)
        counts = [self._count_queries(orders._release) for orders in (few, many)]
        return (counts[1] - counts[0]) / 49

    def test_cost_of_one_more_production(self):
        """Measured: 4.0, a manufacturing order with two components."""
        self.assertLess(self._count_per_proposal(self.lamp), 4.5)

    def test_cost_of_one_more_purchase(self):
        """Measured: 1.0, a line of a purchase order that is confirmed."""
        self.assertLess(self._count_per_proposal(self.chip), 1.5)
