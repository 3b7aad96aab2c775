from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_run import DUE, RunCommon


@tagged("post_install", "-at_install")
class TestIssues(RunCommon):
    """Bad data: one sentence that names the record and the remedy, and the rest of the plan is made."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # what is always planned beside the bad data: 5 boxes
        cls._create_demand(cls.box, 5)

    def _plan_one(self, kind):
        """The one issue of `kind` after a run in which the rest was planned."""
        self._run_plan()
        self.assertEqual(self._get_total(self.box), 5)
        [issue] = self._get_issues(kind)
        return issue

    def test_workcenter_without_capacity(self):
        workcenter = self._add_operation(self.lamp_bom)
        workcenter.resource_calendar_id.attendance_ids.unlink()
        issue = self._plan_one("zero_capacity")
        self.assertEqual((issue.res_model, issue.res_id), ("mrp.workcenter", workcenter.id))
        self.assertIn("Work centre Bench has no capacity", issue.message)

    def test_workcenter_without_calendar(self):
        self._add_operation(self.lamp_bom).resource_calendar_id = False
        self.assertIn("Choose a working schedule", self._plan_one("no_calendar").message)

    def _add_operation(self, bom):
        calendar = self.env["resource.calendar"].create({"name": "Bench hours"})
        workcenter = self.env["mrp.workcenter"].create({"name": "Bench", "resource_calendar_id": calendar.id})
        bom.operation_ids = [Command.create({"name": "Assemble", "workcenter_id": workcenter.id})]
        return workcenter

    def test_circle_is_reported_and_left_out(self):
        """The module is made of lamps and the lamp of modules: both are left out, the chip is planned."""
        line = self.env["mrp.bom.line"].create(
            {"bom_id": self.module_bom.id, "product_id": self.box.id, "product_qty": 1}
        )
        # Odoo refuses circles that are typed in; imports and old data have them all the same
        self.env.flush_all()
        self.env.cr.execute("UPDATE mrp_bom_line SET product_id = %s WHERE id = %s", [self.lamp.id, line.id])
        self.env.invalidate_all()
        self._create_demand(self.lamp, 3)
        self._create_demand(self.chip, 8)
        self._run_plan()
        issues = self._get_issues("cyclic_bom")
        self.assertEqual(issues.product_id, self.lamp | self.module)
        self.assertIn("contain each other", issues[0].message)
        self.assertFalse(self._get_planned(self.lamp))
        self.assertEqual((self._get_total(self.chip), self._get_total(self.box)), (8, 5))

    def test_missing_vendor(self):
        self.chip_vendor.unlink()
        self._create_demand(self.module, 1)
        issue = self._plan_one("missing_vendor")
        self.assertEqual(issue.product_id, self.chip)
        self.assertIn("Add one on the tab Purchase", issue.message)

    def test_missing_bom(self):
        product = self._create_product("Shade", purchase_ok=False)
        rule = {
            "name": "Make",
            "action": "manufacture",
            "location_dest_id": self.warehouse.lot_stock_id.id,
            "picking_type_id": self.warehouse.manu_type_id.id,
            "warehouse_id": self.warehouse.id,
        }
        route = self.env["stock.route"].create({"name": "Make", "rule_ids": [Command.create(rule)]})
        product.route_ids = route
        self._create_parameters(product)
        self._create_demand(product, 1)
        self.assertEqual(self._plan_one("missing_bom").product_id, product)

    def test_no_rule(self):
        product = self._create_product("Gift", purchase_ok=False)
        self._create_parameters(product)
        self._create_demand(product, 1)
        self.assertIn("No route supplies product Gift in Lamps", self._plan_one("no_rule").message)

    def test_no_demand_no_complaint(self):
        """A product nobody needs may lack its vendor."""
        self.chip_vendor.unlink()
        self._run_plan()
        self.assertFalse(self._get_issues("missing_vendor"))

    def test_negative_stock(self):
        self._set_stock(self.chip, -4)
        issue = self._plan_one("negative_stock")
        self.assertEqual((issue.product_id, issue.params["quantity"]), (self.chip, -4))
        self.assertEqual(self._get_total(self.chip), 4)

    def test_line_in_a_unit_that_cannot_be_converted(self):
        self.module_bom.bom_line_ids.product_uom_id = self.env.ref("uom.product_uom_kgm")
        self._create_demand(self.module, 2)
        issue = self._plan_one("unit_mismatch")
        self.assertEqual((issue.product_id, issue.res_model), (self.chip, "mrp.bom"))
        self.assertIn("cannot be converted", issue.message)
        self.assertEqual(self._get_total(self.module), 2)

    def test_a_billion(self):
        """The billion is reported and not planned; the 3 beside it are."""
        self._create_demand(self.lamp, 1_000_000_000)
        self._create_demand(self.lamp, 3)
        self._run_plan()
        [issue] = self._get_issues("extreme_quantity")
        self.assertIn("1,000,000,000", issue.message)
        self.assertEqual(self._get_total(self.lamp), 3)

    def test_limit_is_configurable(self):
        self.env["ir.config_parameter"].set_param("crm_extended_erp_bridge.planning_quantity_limit", "4")
        self._run_plan()
        self.assertFalse(self._get_planned(self.box))
        self.assertEqual(self._get_issues("extreme_quantity").params, {"quantity": 5.0, "limit": 4.0})

    def test_late_release(self):
        """A lamp that takes 20 days and is due in 14 should have been started 6 days ago."""
        self.lamp_bom.produce_delay = 20
        self._create_demand(self.lamp, 1)
        self._run_plan()
        issue = self._get_issues("late_release").filtered(lambda issue: issue.product_id == self.lamp)
        self.assertEqual(issue.params, {"count": 1, "date": str(DUE - timedelta(days=20))})

    def test_component_to_order(self):
        self.lamp.product_tmpl_id.with_context(crm_planning_unchecked=True).planning_mode = "make_to_plan"
        self._set_mto(self.module)
        issue = self._plan_one("to_order_component")
        self.assertEqual(issue.product_id, self.module)
        self.assertIn("it would be ordered twice", issue.message)

    def test_automatic_orderpoint(self):
        self.lamp.product_tmpl_id.with_context(crm_planning_unchecked=True).planning_mode = "make_to_plan"
        orderpoint = self.env["stock.warehouse.orderpoint"].create(
            {
                "product_id": self.module.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "product_min_qty": 1,
                "product_max_qty": 2,
                "trigger": "auto",
            }
        )
        self.assertEqual(self._plan_one("automatic_orderpoint").res_id, orderpoint.id)

    def test_product_that_raises(self):
        """Whatever a product raises inside the netting, the others are planned."""
        Engine = self.env.registry["mrp.multi.level"]
        original = Engine._get_qty_to_order

        def get_qty(engine, param, *args):
            if param.product_id == self.lamp:
                raise UserError("no lot size")  # pylint: disable=translation-required
            return original(engine, param, *args)

        self._create_demand(self.lamp, 1)
        with patch.object(Engine, "_get_qty_to_order", get_qty):
            issue = self._plan_one("engine_error")
        self.assertEqual(issue.product_id, self.lamp)
        self.assertIn("no lot size", issue.message)

    # ------------------------------------------------------------
    # The model
    # ------------------------------------------------------------

    def test_run_replaces_issues(self):
        self._set_stock(self.chip, -4)
        self._run_plan()
        self._set_stock(self.chip, 4)
        self._run_plan()
        self.assertFalse(self._get_issues("negative_stock"))

    def test_report_outside_a_run(self):
        self.env["crm.planning.issue"]._report(self.area, "negative_stock", self.chip, product=self.chip, quantity=-1)
        self.assertEqual(self._get_issues().record_name, self.chip.display_name)

    def test_every_kind_has_a_sentence(self):
        for kind, _label in self.env["crm.planning.issue"]._fields["kind"].selection:
            self.env["crm.planning.issue"]._report(self.area, kind, self.chip, product=self.chip)
            self.assertTrue(self._get_issues(kind).message.endswith("."), kind)

    def test_open_record(self):
        self._set_stock(self.chip, -4)
        action = self._plan_one("negative_stock").action_open_record()
        self.assertEqual((action["res_model"], action["res_id"]), ("product.product", self.chip.id))

    def test_plain_user_is_refused(self):
        with self.assertRaises(AccessError):
            self.env["crm.planning.issue"].with_user(self.plain_user).search([])

    def test_company_rule(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1)
        area = self.env["mrp.area"].create(
            {"name": "Elsewhere", "warehouse_id": warehouse.id, "location_id": warehouse.lot_stock_id.id}
        )
        self.env["crm.planning.issue"]._report(area, "negative_stock", self.chip, product=self.chip)
        self.assertFalse(self.env["crm.planning.issue"].with_user(self.planner).search([("mrp_area_id", "=", area.id)]))
