from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ..common import BridgeCommon


@tagged("post_install", "-at_install")
class TestProduction(BridgeCommon):
    """A won quotation of a made product leads to production and purchases of all levels."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_lamp()

    def _win(self, **values):
        """Win an opportunity whose quotation sells five lamps; return its conversion."""
        self.company.crm_win_policy = "confirm"
        lead = self.env["crm.lead"].create({"name": "Lobby", "type": "opportunity", "partner_id": self.partner.id})
        order = self._create_order([(self.lamp, 5, 100)], opportunity_id=lead.id, **values)
        lead.action_set_won()
        self.assertEqual(order.state, "sale")
        return order.conversion_ids

    # ------------------------------------------------------------
    # The chain
    # ------------------------------------------------------------

    def test_all_levels_and_the_purchase_are_in_the_chain(self):
        conversion = self._win(commitment_date="2026-03-20 12:00:00")
        self.assertState(conversion, "production")
        self.assertEqual(conversion.production_ids.product_id, self.lamp | self.module)
        self.assertEqual(conversion.purchase_ids.order_line.product_id, self.chip | self.box)
        self.assertEqual(conversion.purchase_ids.partner_id, self.vendor)
        self.assertEqual(conversion.picking_ids, conversion.order_id.picking_ids)
        self.assertEqual(conversion.production_count, 2)
        self.assertTrue(all(conversion.production_ids.mapped("date_finished")))
        self.assertTrue(all(conversion.purchase_ids.mapped("date_planned")))

    def test_chain_goes_on_as_the_documents_do(self):
        conversion = self._win()
        purchase = conversion.purchase_ids
        self.assertIn(f"Waits for {purchase.name} to be ordered from Chips Ltd", conversion.waiting_for)
        purchase.button_confirm()
        conversion.invalidate_recordset()
        self.assertIn(f"Waits for purchase {purchase.name} from Chips Ltd, expected", conversion.waiting_for)
        self._receive(purchase)
        module = conversion.production_ids.filtered(lambda mo: mo.product_id == self.module)
        lamp = conversion.production_ids - module
        conversion.invalidate_recordset()
        self.assertIn(f"Waits for {module.name} (LED module, planned", conversion.waiting_for)
        self._produce(module)
        self.assertState(conversion, "production")
        self.assertEqual(conversion.produced_pct, 50)
        self.assertIn(f"Waits for {lamp.name}", conversion.waiting_for)
        self._produce(lamp)
        self.assertState(conversion, "ready")
        self.assertEqual(conversion.produced_pct, 100)
        self._deliver(conversion.order_id)
        self.assertState(conversion, "delivered")
        self.assertEqual(conversion.waiting_for, "Waits for an invoice to be made.")

    def test_from_every_document_back_to_the_chain(self):
        conversion = self._win()
        self._receive(conversion.purchase_ids)
        for production in conversion.production_ids.sorted("id", reverse=True):
            self._produce(production)
        self._deliver(conversion.order_id)
        payment = self._pay(self._invoice(conversion.order_id))
        conversion.invalidate_recordset()
        documents = [
            conversion.order_id,
            conversion.opportunity_id,
            *conversion.production_ids,
            conversion.purchase_ids,
            *conversion.picking_ids,
            conversion.invoice_ids,
            payment,
        ]
        self.assertEqual(len(conversion.picking_ids), 2, "the delivery and the receipt")
        for document in documents:
            with self.subTest(document=document):
                self.assertEqual(document.chain_conversion_ids, conversion)
                self.assertEqual(document.action_view_conversions()["res_id"], conversion.id)
        steps = [step["step"] for step in conversion.timeline if step["documents"]]
        self.assertEqual(
            steps,
            ["opportunity", "order", "purchase", "receipt", "production", "delivery", "invoice", "payment"],
        )

    def test_sub_assembly_made_by_hand_belongs_to_the_chain(self):
        """A manufacturing order linked by its group only, without the order's reference."""
        conversion = self._win()
        parent = conversion.production_ids.filtered(lambda mo: mo.product_id == self.module)
        child = self.env["mrp.production"].create({"product_id": self.chip.id, "product_qty": 1, "bom_id": False})
        parent.production_group_id.child_ids |= child.production_group_id
        # a circle of groups must not hang the walk
        child.production_group_id.child_ids |= parent.production_group_id
        conversion.invalidate_recordset()
        self.assertIn(child, conversion.production_ids)
        self.assertEqual(child.chain_conversion_ids, conversion)

    def test_plan_after_the_promise_is_late(self):
        conversion = self._win(commitment_date="2026-03-06 12:00:00")
        self.assertFalse(conversion.is_planned_late)
        conversion.production_ids[0].date_finished = "2026-03-09 12:00:00"
        self.env.flush_all()
        self.assertTrue(conversion.is_planned_late)
        self.assertEqual(conversion.days_late, 3)
        self.assertIn(conversion, conversion.search([("is_late", "=", True)]))
        rows = [row for step in conversion.timeline for row in step["documents"] if row["late"]]
        self.assertIn("3 days after the promise", [row["late"] for row in rows])

    def test_salesman_is_told_but_may_not_open(self):
        conversion = self._win().with_user(self.salesman)
        rows = {row["model"]: row for step in conversion.timeline for row in step["documents"]}
        self.assertTrue(rows["sale.order"]["can_open"])
        self.assertFalse(rows["purchase.order"]["can_open"])
        self.assertTrue(rows["purchase.order"]["name"])
        self.assertEqual(conversion.purchase_count, 1)

    def test_cancelled_order_is_cancelled_whatever_production_does(self):
        conversion = self._win()
        conversion.order_id._action_cancel()
        self.assertState(conversion, "cancelled")
        self.assertEqual(conversion.days_late, 0)

    # ------------------------------------------------------------
    # What cannot be produced
    # ------------------------------------------------------------

    def _get_problems(self, product):
        return self._create_order([(product, 1, 100)])._get_conversion_problems()

    def test_lamp_is_fine(self):
        self.assertEqual(self._get_problems(self.lamp), [])

    def test_missing_bill_of_materials(self):
        route = self.warehouse.manufacture_pull_id.route_id
        product = self._create_product("Shade", route_ids=[(6, 0, (self.mto_route | route).ids)])
        problems = self._get_problems(product)
        self.assertEqual(len(problems), 1)
        self.assertIn("Product Shade is to be manufactured but has no bill of materials.", problems[0])

    def test_made_to_stock_without_bill_of_materials(self):
        product = self._create_product("Shade", route_ids=[(6, 0, self.warehouse.manufacture_pull_id.route_id.ids)])
        self.assertIn("has no bill of materials", self._get_problems(product)[0])

    def test_buy_route_without_vendor(self):
        route = self.warehouse.buy_pull_id.route_id
        product = self._create_product("Bulb", route_ids=[(6, 0, (self.mto_route | route).ids)])
        self.assertIn("Product Bulb is to be bought to order but has no vendor.", self._get_problems(product)[0])

    def test_to_order_with_nothing_behind_it(self):
        problems = self._get_problems(self._create_to_order("Glass"))
        self.assertIn("has neither a bill of materials nor a vendor", problems[0])

    def test_missing_route(self):
        product = self._create_to_order("Glass")
        self._add_vendor(product)
        self.assertEqual(self._get_problems(product), [])
        self.warehouse.route_ids -= self.warehouse.buy_pull_id.route_id | self.warehouse.manufacture_pull_id.route_id
        problems = self._get_problems(product)
        self.assertIn("no route of it or of its warehouse makes or buys it", problems[0])

    def test_problem_of_a_component(self):
        """The chip, two levels down, is bought to order and lost its vendor."""
        self.chip.seller_ids.unlink()
        problems = self._get_problems(self.lamp)
        self.assertEqual(len(problems), 1)
        self.assertIn("LED chip", problems[0])

    def test_archived_component(self):
        self.chip.active = False
        problems = self._get_problems(self.lamp)
        self.assertEqual(len(problems), 1)
        self.assertIn("Component LED chip in the bill of materials of LED module is archived.", problems[0])

    def test_made_to_plan_is_not_to_order(self):
        """The mode outweighs the route, on the product and on the line: stock delivers, whatever supplies it."""
        glass = self._create_to_order("Glass", planning_mode="make_to_plan")
        self.assertEqual(self._get_problems(glass), [])
        order = self._create_order([(glass, 1, 100)])
        order.order_line.route_ids = self.mto_route
        self.assertEqual(order._get_production_problems(), [])

    def test_component_made_to_plan_is_not_to_order(self):
        self.chip.seller_ids.unlink()
        self.chip.planning_mode = "make_to_plan"
        self.assertEqual(self._get_problems(self.lamp), [])

    def test_made_to_plan_still_needs_its_bill(self):
        """The route Manufacture on a product that is sold promises that it can be made, planned or not."""
        route = self.warehouse.manufacture_pull_id.route_id
        product = self._create_product("Shade", route_ids=[Command.set(route.ids)], planning_mode="make_to_plan")
        self.assertIn("has no bill of materials", self._get_problems(product)[0])

    def test_made_to_order_without_the_route(self):
        glass = self._create_product("Glass", planning_mode="make_to_order")
        problems = self._get_problems(glass)
        self.assertEqual(len(problems), 1)
        self.assertIn("Glass is supplied to order but has neither a bill of materials nor a vendor", problems[0])
        self._add_vendor(glass)
        self.assertEqual(self._get_problems(glass), [])

    def test_component_made_to_order_without_the_route(self):
        glass = self._create_product("Glass", planning_mode="make_to_order")
        vase = self._create_product("Vase")
        self._create_bom(vase, [(glass, 1)])
        self.assertIn("Glass is supplied to order", self._get_problems(vase)[0])

    def test_route_of_the_line_outweighs_made_to_order(self):
        """Odoo prefers the route of the line; this one takes from stock."""
        glass = self._create_product("Glass", planning_mode="make_to_order")
        order = self._create_order([(glass, 1, 100)])
        order.order_line.route_ids = self.warehouse.delivery_route_id
        self.assertEqual(order._get_production_problems(), [])

    def test_mode_counts_only_where_planning_is_on(self):
        glass = self._create_to_order("Glass", planning_mode="make_to_plan")
        self._switch_planning_off()
        self.assertIn("Glass is supplied to order", self._get_problems(glass)[0])

    def _switch_planning_off(self):
        feature = self.env.ref("crm_extended_erp_bridge.crm_roadmap_feature_production_planning")
        self.env["crm.roadmap.feature.pin"].create(
            {"feature_id": feature.id, "company_id": self.company.id, "state": "off"}
        )

    def _make_cycle(self):
        """Put the lamp into its own module behind Odoo's back, as an import by SQL would."""
        line = self.module.bom_ids.bom_line_ids
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE mrp_bom_line SET product_id = %s, product_tmpl_id = %s WHERE id = %s",
                self.lamp.id,
                self.lamp.product_tmpl_id.id,
                line.id,
            )
        )
        self.env.invalidate_all()

    def test_cyclic_bill_of_materials(self):
        self._make_cycle()
        problems = self._get_problems(self.lamp)
        self.assertEqual(len(problems), 1)
        self.assertIn("Lamp > LED module > Lamp contain each other", problems[0])

    def test_nothing_half_done_stays(self):
        self._make_cycle()
        self.company.crm_win_policy = "confirm"
        lead = self.env["crm.lead"].create({"name": "Lobby", "type": "opportunity", "partner_id": self.partner.id})
        order = self._create_order([(self.lamp, 5, 100)], opportunity_id=lead.id)
        productions = self.env["mrp.production"].search_count([])
        with self.assertRaises(UserError), self.cr.savepoint():
            lead.action_set_won()
        self.env.invalidate_all()
        self.assertEqual(order.state, "draft")
        self.assertEqual(lead.won_status, "pending")
        self.assertFalse(order.conversion_ids)
        self.assertEqual(self.env["mrp.production"].search_count([]), productions)

    def test_checks_do_not_grow_with_the_lines(self):
        """Twenty lines of twenty lamps cost as many queries as one line."""
        lamps = self.env["product.product"]
        for number in range(20):
            lamp = self._create_to_order(f"Lamp {number}")
            self._create_bom(lamp, [(self.module, 1), (self.box, 1)])
            lamps |= lamp
        one = self._create_order([(self.lamp, 1, 100)])
        many = self._create_order([(lamp, 1, 100) for lamp in lamps])
        counts = []
        for order in (one, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(order._get_production_problems(), [])
            counts.append(self.cr.sql_log_count - before)
        # fetching one bill and searching the bills of several are two ways in Odoo's _bom_find
        self.assertLessEqual(counts[1], counts[0] + 3)
