from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..common import TODAY
from .common_run import DUE, RunCommon


@tagged("post_install", "-at_install")
class TestEngineFaults(RunCommon):
    """What mrp_multi_level gets wrong and is mended on our side; where the feature is off, it is as it was."""

    def test_lead_time_is_that_of_the_bill_in_use(self):
        """Two bills of 2 and 10 days: the first is made, so the lead time is 2 days and not 12."""
        self.lamp_bom.write({"produce_delay": 2, "sequence": 1})
        self._create_bom(self.lamp, [(self.box, 1)], sequence=99, produce_delay=10)
        param = self.params.filtered(lambda param: param.product_id == self.lamp)
        self.assertEqual(param.mrp_lead_time, 2)
        self._create_demand(self.lamp, 3)
        [order] = self._run_plan().filtered(lambda order: order.product_id == self.lamp)
        self.assertEqual(order.order_release_date, DUE - timedelta(days=2))

    def test_lead_time_without_the_feature(self):
        self.lamp_bom.write({"produce_delay": 2, "sequence": 1})
        self._create_bom(self.lamp, [(self.box, 1)], sequence=99, produce_delay=10)
        self._switch_off()
        self.params.invalidate_recordset()
        self.assertEqual(self.params.filtered(lambda param: param.product_id == self.lamp).mrp_lead_time, 12)

    def test_lines_in_another_unit_are_converted(self):
        """3 modules of a dozen chips each: 36 chips."""
        self.module_bom.bom_line_ids.write(
            {"product_uom_id": self.env.ref("uom.product_uom_dozen").id, "product_qty": 1}
        )
        self._create_demand(self.module, 3)
        self._run_plan()
        self.assertEqual(self._get_planned(self.chip), {DUE: 36.0})

    def test_small_quantities_of_a_line(self):
        """The precision is that of Product Unit: 0.001 is a quantity when it has three digits."""
        precision = self.env["decimal.precision"].search([("name", "=", "Product Unit")])
        precision.digits = 3
        self.module_bom.bom_line_ids.product_qty = 0.001
        self._create_demand(self.module, 1000)
        self._run_plan()
        self.assertEqual(self._get_total(self.chip), 1.0)

    def test_component_without_parameters_is_reported(self):
        self.params.filtered(lambda param: param.product_id == self.chip).unlink()
        self._create_demand(self.lamp, 5)
        self._run_plan()
        [issue] = self._get_issues("missing_parameters")
        self.assertEqual((issue.product_id, issue.severity), (self.chip, "blocking"))
        self.assertIn("Chip of Module has no planning parameters in Lamps", issue.message)
        self.assertEqual(self._get_total(self.box), 5)

    def test_move_without_picking_and_origin(self):
        move = self._create_demand(self.lamp, 4, origin=False)
        self.assertFalse(move.picking_id or move.origin)
        self._run_plan()
        self.assertEqual(self._get_planned(self.lamp), {DUE: 4.0})
        demand = self.env["mrp.move"].search([("stock_move_id", "=", move.id)])
        self.assertTrue(demand.mrp_order_number)
        self.assertEqual(demand.current_qty, -4)

    def test_demand_in_the_past_keeps_its_date(self):
        """Due last Monday: planned for today, and the date is neither lost nor silent."""
        past = fields.Date.to_date(TODAY) - timedelta(days=7)
        move = self._create_demand(self.lamp, 2, date=past)
        self._run_plan()
        demand = self.env["mrp.move"].search([("stock_move_id", "=", move.id)])
        self.assertEqual((str(demand.mrp_date), demand.current_date), (TODAY, past))
        [issue] = self._get_issues("past_demand")
        self.assertEqual(issue.params["date"], "2026-02-23")
        self.assertEqual(issue.severity, "warning")

    def test_demand_of_late_production_keeps_its_date(self):
        """A lamp that takes 30 days and is due in 14: its module is needed 16 days ago."""
        self.lamp_bom.produce_delay = 30
        self._create_demand(self.lamp, 1)
        self._run_plan()
        demand = self.env["mrp.move"].search([("product_id", "=", self.module.id), ("mrp_origin", "=", "mrp")])
        self.assertEqual(demand.current_date, DUE - timedelta(days=30))
        self.assertEqual(str(demand.mrp_date), TODAY)

    def test_reordering_nothing_twice(self):
        """The same demand planned twice: the same proposals, not twice as many."""
        self._create_demand(self.lamp, 5)
        self._run_plan()
        first = {product: self._get_planned(product) for product in self.products}
        self._run_plan()
        self.assertEqual({product: self._get_planned(product) for product in self.products}, first)

    def test_batched_plan_equals_the_one_of_the_addon(self):
        """Grouping, safety stock, lot sizes, stock and split orders: the same plan with the feature and without."""
        self._set_stock(self.chip, 7)
        for param, values in zip(
            self.params,
            (
                {"mrp_nbr_days": 7},
                {"mrp_minimum_stock": 3, "mrp_qty_multiple": 5},
                {"mrp_maximum_order_qty": 20, "mrp_qty_multiple": 1},
                {"mrp_minimum_order_qty": 50},
            ),
            strict=True,
        ):
            param.write(values)
        for days, qty in ((3, 4), (5, 2), (20, 9), (21, 6)):
            self._create_demand(self.lamp, qty, date=fields.Date.to_date(TODAY) + timedelta(days=days))
        ours = self._read_plan()
        self._switch_off()
        self.assertEqual(ours, self._read_plan())
        self.assertTrue(ours["mrp.planned.order"])

    def _read_plan(self):
        self._run_plan()
        names = {
            "mrp.planned.order": ["product_id", "due_date", "order_release_date", "mrp_qty", "mrp_action", "name"],
            "mrp.move": ["product_id", "mrp_date", "mrp_qty", "mrp_type", "mrp_origin", "parent_product_id", "name"],
            "mrp.inventory": [
                "product_id",
                "date",
                "demand_qty",
                "supply_qty",
                "initial_on_hand_qty",
                "final_on_hand_qty",
                "running_availability",
                "to_procure",
                "main_supplier_id",
                "order_release_date",
            ],
        }
        return {
            model: sorted(
                str([str(record[name]) for name in fnames])
                for record in self.env[model].search([("mrp_area_id", "=", self.area.id)])
            )
            for model, fnames in names.items()
        }
