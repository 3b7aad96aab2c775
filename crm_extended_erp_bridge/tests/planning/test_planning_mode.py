from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .common_planning import PlanningModeCommon


@tagged("post_install", "-at_install")
class TestPlanningMode(PlanningModeCommon):
    """Which rules supply a product: as its routes say, to order or to plan."""

    def _get_delivery_method(self, product, company=None, **values):
        customers = self.env.ref("stock.stock_location_customers")
        values = {"warehouse_id": self.warehouse, "company_id": company or self.company, **values}
        return self.env["stock.rule"]._get_rule(product, customers, values).procure_method

    def test_empty_is_as_the_routes_say(self):
        self.assertEqual(self._get_delivery_method(self.lamp), "make_to_stock")
        self._set_mto(self.lamp)
        self.assertEqual(self._get_delivery_method(self.lamp), "make_to_order")

    def test_make_to_order_acts_like_the_route(self):
        """One order of a lamp: the delivery and the order for the lamp, with no route on the product."""
        self.lamp.planning_mode = "make_to_order"
        order = self._create_order([(self.lamp, 3, 100)])
        order.action_confirm()
        self.assertEqual(order.picking_ids.move_ids.procure_method, "make_to_order")
        self.assertEqual(order.mrp_production_ids.product_qty, 3)
        self.assertFalse(self.lamp.route_ids)

    def test_make_to_order_component_is_made_for_its_order(self):
        self.lamp.planning_mode = "make_to_order"
        self.module.planning_mode = "make_to_order"
        order = self._create_order([(self.lamp, 3, 100)])
        order.action_confirm()
        modules = order.mrp_production_ids.move_raw_ids.move_orig_ids.production_id
        self.assertEqual((modules.product_id, modules.product_qty), (self.module, 3))

    def test_make_to_plan_takes_from_stock(self):
        """Routes say to order on the product and the category, the mode says to plan: nothing is made."""
        self._set_mto(self.lamp)
        self.lamp.categ_id.route_ids = self.mto_route
        self.lamp.planning_mode = "make_to_plan"
        order = self._create_order([(self.lamp, 3, 100)])
        order.action_confirm()
        self.assertEqual(order.picking_ids.move_ids.procure_method, "make_to_stock")
        self.assertFalse(order.mrp_production_ids)

    def test_make_to_plan_outweighs_the_route_of_the_line(self):
        self.lamp.planning_mode = "make_to_plan"
        self.assertEqual(self._get_delivery_method(self.lamp, route_ids=self.mto_route), "make_to_stock")

    def test_make_to_plan_component_of_a_lamp_made_to_order(self):
        """The lamp is made for its order, its module comes from stock though the route says otherwise."""
        self._set_mto(self.lamp | self.module)
        self.module.planning_mode = "make_to_plan"
        order = self._create_order([(self.lamp, 3, 100)])
        order.action_confirm()
        self.assertEqual(order.mrp_production_ids.product_id, self.lamp)

    def test_other_routes_keep_their_say(self):
        """Make to plan leaves out only what makes an order of its own; a route that takes from stock stays."""
        self.lamp.planning_mode = "make_to_plan"
        express = self.env["stock.route"].create(
            {
                "name": "Express",
                "sale_selectable": True,
                "rule_ids": [
                    Command.create(
                        {
                            "name": "Express",
                            "action": "pull",
                            "procure_method": "make_to_stock",
                            "location_src_id": self.warehouse.lot_stock_id.id,
                            "location_dest_id": self.env.ref("stock.stock_location_customers").id,
                            "picking_type_id": self.warehouse.out_type_id.id,
                        }
                    )
                ],
            }
        )
        values = {"warehouse_id": self.warehouse, "company_id": self.company, "route_ids": express}
        customers = self.env.ref("stock.stock_location_customers")
        self.assertEqual(self.env["stock.rule"]._get_rule(self.lamp, customers, values).route_id, express)

    def test_the_returned_rule_carries_no_marker(self):
        """Else the rules of other products in the same run would be narrowed too."""
        self.lamp.planning_mode = "make_to_plan"
        customers = self.env.ref("stock.stock_location_customers")
        rule = self.env["stock.rule"]._get_rule(self.lamp, customers, {"warehouse_id": self.warehouse})
        self.assertNotIn("crm_planning_skip_mto", rule.env.context)

    def test_two_companies(self):
        """The same product to order in one company and to plan in the other."""
        other = self.env["res.company"].create({"name": "Lamps South"})
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1)
        self.lamp.planning_mode = "make_to_order"
        self.lamp.with_company(other).planning_mode = "make_to_plan"
        self.assertEqual(self._get_delivery_method(self.lamp), "make_to_order")
        self.assertEqual(self._get_delivery_method(self.lamp, other, warehouse_id=warehouse), "make_to_stock")

    def test_feature_off_means_no_effect(self):
        self.lamp.planning_mode = "make_to_order"
        self._switch_planning_off()
        self.assertEqual(self._get_delivery_method(self.lamp), "make_to_stock")

    def test_one_menu_for_proposals(self):
        """Ours while a company of the user plans, that of mrp_multi_level where none does."""
        ours = self.env.ref("crm_extended_erp_bridge.mrp_planned_order_menu")
        theirs = self.env.ref("mrp_multi_level.menu_mrp_planned_order")
        menus = self.env["ir.ui.menu"].with_user(self.planner)
        self.assertEqual((ours | theirs) & menus.browse(menus._visible_menu_ids()), ours)
        self._switch_planning_off()
        self.assertEqual((ours | theirs) & menus.browse(menus._visible_menu_ids()), theirs)

    def test_make_to_order_needs_the_route(self):
        self.mto_route.active = False
        with self.assertRaisesRegex(ValidationError, "Table Lamp cannot be made to order.*Unarchive it"):
            self.lamp.planning_mode = "make_to_order"

    def test_line_says_what_the_rules_do(self):
        self._set_mto(self.lamp)
        order = self._create_order([(self.lamp, 1, 100), (self.box, 1, 5)])
        self.assertEqual(order.order_line.mapped("is_mto"), [True, False])
        self.lamp.planning_mode = "make_to_plan"
        self.box.planning_mode = "make_to_order"
        order.order_line.invalidate_recordset(["is_mto"])
        self.assertEqual(order.order_line.mapped("is_mto"), [False, True])

    def test_no_mode_costs_no_query(self):
        """Finding a rule takes as many queries with our override as Odoo's own method alone."""
        customers = self.env.ref("stock.stock_location_customers")
        values = {"warehouse_id": self.warehouse, "company_id": self.company}
        rules = self.env["stock.rule"]
        methods = [
            vars(cls)["_get_rule"]
            for cls in type(rules).mro()
            if "_get_rule" in vars(cls) and cls.__module__ == "odoo.addons.stock.models.stock_rule"
        ]
        counts = []
        rules._get_rule(self.lamp, customers, dict(values))
        for find in (methods[0], type(rules)._get_rule):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            find(rules, self.lamp, customers, dict(values))
            counts.append(self.env.cr.sql_log_count - start)
        self.assertEqual(counts[1], counts[0])

    def test_order_without_mode_costs_what_it_costs_without_planning(self):
        """A lamp and its module made to order by their routes, and a box from stock: with planning on and off."""
        self._set_mto(self.lamp | self.module)
        orders = [self._create_order([(self.lamp, 3, 100), (self.box, 1, 5)]) for _number in range(6)]
        # the first ones also read what is kept for all: sequences, defaults, the features of the company
        with_planning = [self._count_queries(order.action_confirm) for order in orders[:3]][-1]
        self._switch_planning_off()
        without = [self._count_queries(order.action_confirm) for order in orders[3:]][-1]
        self.assertEqual(with_planning, without)


@tagged("post_install", "-at_install")
class TestPlanningSwitch(PlanningModeCommon):
    """Switching to the plan: what is refused, and the wizard that sets everything."""

    def _create_rule(self, product, **values):
        return self.env["stock.warehouse.orderpoint"].create(
            {"product_id": product.id, "warehouse_id": self.warehouse.id, "trigger": "auto", **values}
        )

    def _switch(self, products=None):
        products = products or self.lamp
        wizard = self.env["crm.planning.mode.switch"].create(
            {"product_tmpl_ids": [Command.set(products.product_tmpl_id.ids)]}
        )
        return wizard, {line.product_id: line for line in wizard.line_ids}

    def test_component_to_order_two_levels_down(self):
        self._set_mto(self.chip)
        with self.assertRaisesRegex(ValidationError, "Chip is made or bought to order.*Set its planning mode"):
            self.lamp.planning_mode = "make_to_plan"

    def test_component_with_the_mode_to_order(self):
        self.module.planning_mode = "make_to_order"
        with self.assertRaisesRegex(ValidationError, "Module is made or bought to order"):
            self.lamp.planning_mode = "make_to_plan"

    def test_component_with_automatic_rule(self):
        self._create_rule(self.module)
        with self.assertRaisesRegex(ValidationError, "Module has the automatic reordering rule.*Manual"):
            self.lamp.planning_mode = "make_to_plan"

    def test_one_sentence_per_record(self):
        self._set_mto(self.module | self.chip)
        with self.assertRaises(ValidationError) as refused:
            self.lamp.planning_mode = "make_to_plan"
        self.assertEqual(len(str(refused.exception).splitlines()), 2)

    def test_rule_of_another_company_does_not_matter(self):
        other = self.env["res.company"].create({"name": "Lamps South"})
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1)
        self._create_rule(self.module, warehouse_id=warehouse.id, company_id=other.id)
        self.lamp.planning_mode = "make_to_plan"
        self.assertEqual(self.lamp.planning_mode, "make_to_plan")

    def test_automatic_rule_cannot_come_later(self):
        self.lamp.planning_mode = "make_to_plan"
        with self.assertRaises(ValidationError) as refused:
            self._create_rule(self.lamp)
        self.assertRegex(str(refused.exception), "Table Lamp is made to plan.*Set the trigger of the rule to Manual")
        rule = self._create_rule(self.lamp, trigger="manual")
        with self.assertRaises(ValidationError):
            rule.trigger = "auto"

    def test_wizard_lists_all_levels(self):
        self._set_mto(self.chip)
        self.box_vendor.unlink()
        _wizard, lines = self._switch()
        self.assertEqual(set(lines), set(self.products))
        self.assertIn("to order until now", lines[self.chip].note)
        self.assertIn("neither a bill of materials nor a vendor", lines[self.box].note)
        self.assertEqual([line.product_id for line in lines.values() if line.is_open], [self.box])
        after = {product: line.mode_after for product, line in lines.items()}
        expected = {self.lamp: "make_to_plan", self.module: "make_to_plan", self.chip: "make_to_plan", self.box: False}
        self.assertEqual(after, expected, "a bought component changes only when it is bought to order")

    def test_wizard_switches_all_levels(self):
        """Modes, reordering rules, and parameters with weekly lots for the 4 products in the one area."""
        self._set_mto(self.lamp | self.module | self.chip)
        rule = self._create_rule(self.box)
        wizard, lines = self._switch()
        self.assertEqual(lines[self.box].note, f"The automatic reordering rule {rule.name} becomes manual.")
        wizard.action_switch()
        self.assertEqual((self.lamp | self.module | self.chip).mapped("planning_mode"), ["make_to_plan"] * 3)
        self.assertFalse(self.box.planning_mode)
        self.assertEqual(rule.trigger, "manual")
        parameters = self.env["product.mrp.area"].search([("product_id", "in", self.products.ids)])
        self.assertEqual(parameters.product_id, self.products)
        self.assertEqual(set(parameters.mapped("mrp_nbr_days")), {7})
        self.assertEqual(self.lamp.route_ids, self.mto_route, "routes are shared by all companies and stay")

    def test_wizard_keeps_parameters(self):
        """Own values stay, archived parameters come back, nothing is doubled."""
        kept = self._create_parameters(self.lamp, mrp_nbr_days=14)
        archived = self._create_parameters(self.chip, active=False)
        wizard, _lines = self._switch()
        wizard.action_switch()
        self._switch()[0].action_switch()
        self.assertEqual(kept.mrp_nbr_days, 14)
        self.assertTrue(archived.active)
        domain = [("product_id", "in", self.products.ids), ("mrp_area_id", "=", self.area.id)]
        self.assertEqual(self.env["product.mrp.area"].search_count(domain), 4)

    def test_wizard_creates_the_area(self):
        self.area.unlink()
        self.env["mrp.area"].search([("warehouse_id", "=", self.warehouse.id)]).active = False
        wizard, _lines = self._switch()
        wizard.action_switch()
        area = self.env["mrp.area"].search([("warehouse_id", "=", self.warehouse.id)])
        self.assertEqual(area.location_id, self.warehouse.lot_stock_id)

    def test_wizard_of_a_manufacturing_manager(self):
        action = self.lamp.with_user(self.mrp_manager).action_plan_products()
        wizard = self.env["crm.planning.mode.switch"].with_user(self.mrp_manager)
        wizard = wizard.with_context(**action["context"]).create({})
        self.assertEqual(wizard.product_tmpl_ids, self.lamp.product_tmpl_id)
        wizard.action_switch()
        self.assertEqual(self.lamp.planning_mode, "make_to_plan")

    def test_wizard_refuses_others(self):
        for user in (self.plain_user, self.planner):
            with self.assertRaises(AccessError):
                self.env["crm.planning.mode.switch"].with_user(user).create({})
            with self.assertRaises(AccessError):
                self.env["crm.planning.mode.switch.line"].with_user(user).create({})

    def test_kit_is_passed_through(self):
        """A set of a lamp and a box: what it consists of is planned."""
        bundle = self._create_product("Lamp Set", is_storable=False)
        self._create_bom(bundle, [(self.lamp, 1)], type="phantom")
        self.assertEqual(bundle.product_tmpl_id._get_planning_tree(self.company), self.products)

    def _make_circle(self):
        """Put the lamp into its own module behind Odoo's back, as an import by SQL would."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE mrp_bom_line SET product_id = %s, product_tmpl_id = %s WHERE id = %s",
                self.lamp.id,
                self.lamp.product_tmpl_id.id,
                self.module_bom.bom_line_ids.id,
            )
        )
        self.env.invalidate_all()

    def test_circle_is_refused(self):
        self._make_circle()
        message = "Table Lamp > Module > Table Lamp contain each other.*Remove one of these products"
        with self.assertRaisesRegex(ValidationError, message):
            self.lamp.planning_mode = "make_to_plan"

    def test_wizard_tells_of_a_circle(self):
        """The walk ends, and what is in the circle says so; what is not is listed as ever."""
        self._make_circle()
        wizard, lines = self._switch()
        self.assertEqual(set(lines), {self.lamp, self.module, self.box})
        for product in (self.lamp, self.module):
            self.assertIn("Table Lamp > Module > Table Lamp contain each other", lines[product].note)
        self.assertFalse(lines[self.box].note)
        with self.assertRaisesRegex(ValidationError, "contain each other"):
            wizard.action_switch()

    def test_tree_costs_by_level(self):
        """As many queries for 30 lamps as for 1."""
        lamps = self.lamp
        for number in range(29):
            lamp = self._create_product(f"Lamp {number}")
            self._create_bom(lamp, [(self.module, 1), (self.box, 1)])
            lamps |= lamp
        counts = []
        for products in (self.lamp, lamps):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            products.product_tmpl_id._get_planning_tree(self.company)
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(counts[1], counts[0] + 2)
