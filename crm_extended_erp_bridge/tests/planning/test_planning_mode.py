from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

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
        self.lamp.product_tmpl_id.sudo().with_context(crm_planning_unchecked=True).planning_mode = "make_to_plan"
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
        self.module.product_tmpl_id.with_context(crm_planning_unchecked=True).planning_mode = "make_to_plan"
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
        self.env["crm.roadmap.feature.pin"].create(
            {
                "feature_id": self.env.ref("crm_extended_erp_bridge.crm_roadmap_feature_production_planning").id,
                "company_id": self.company.id,
                "state": "off",
            }
        )
        self.assertEqual(self._get_delivery_method(self.lamp), "make_to_stock")

    def test_make_to_order_needs_the_route(self):
        self.mto_route.active = False
        with self.assertRaisesRegex(ValidationError, "Table Lamp cannot be made to order.*Unarchive it"):
            self.lamp.planning_mode = "make_to_order"
