from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_pegging import PeggingCommon


@tagged("post_install", "-at_install")
class TestPegging(PeggingCommon):
    def _summary(self, rows, side="supply"):
        return [(row.product_id, row[f"{side}_type"], row.quantity) for row in rows]

    # ------------------------------------------------------------
    # Who gets what
    # ------------------------------------------------------------

    def test_three_levels_by_hand(self):
        """10 lamps for the 20th, 2 in stock, 6 chips in stock.

        8 lamps to make (20th, start 19th), 8 modules (19th, start 17th), 16 chips: 6 from stock, 10 bought (17th);
        8 boxes bought (19th). Nothing is late: everything can be there on its day.
        """
        self._set_stock(self.lamp, 2)
        self._set_stock(self.chip, 6)
        order = self._order_for(10, 20)
        self._plan()
        rows = self._rows(order)
        self.assertEqual(self._summary(rows), [(self.lamp, "stock", 2), (self.lamp, "planned", 8)])
        lamps = rows[1].planned_order_id
        parts = self.pegging.search([("demand_planned_order_id", "=", lamps.id)])
        self.assertCountEqual(self._summary(parts), [(self.module, "planned", 8), (self.box, "planned", 8)])
        modules = parts.filtered(lambda row: row.product_id == self.module).planned_order_id
        chips = self.pegging.search([("demand_planned_order_id", "=", modules.id)], order="id")
        self.assertEqual(self._summary(chips), [(self.chip, "stock", 6), (self.chip, "planned", 10)])
        self.assertEqual(chips.mapped("demand_date"), [self._day(17), self._day(17)])
        self.assertEqual(rows.mapped("feasible_date"), [self._day(2), self._day(20)])
        self.assertFalse(any(self.pegging.search([("mrp_area_id", "=", self.area.id)]).mapped("days_late")))
        self.assertEqual(self.pegging._get_pegged_share(self.area), 1.0)

    def test_late_through_the_levels(self):
        """Due on the 5th: chips can be there on the 7th, modules on the 9th, lamps on the 10th: 5 days late."""
        order = self._order_for(10, 5)
        self._plan()
        row = self._rows(order)
        self.assertEqual((row.feasible_date, row.days_late, row.is_short), (self._day(10), 5, False))

    def test_date_then_priority_then_level_then_number(self):
        """5 in stock. The order of the day before first, then the urgent one, then gold, then the number."""
        gold = self.env["res.partner.grade"].create({"name": "Gold", "sequence": 1})
        silver = self.env["res.partner.grade"].create({"name": "Silver", "sequence": 2})
        golden, silvern = self.env["res.partner"].create([{"name": "Gold Ltd"}, {"name": "Silver Ltd"}])
        golden.grade_id, silvern.grade_id = gold, silver
        plain = self._order_for(1, 12)
        second = self._order_for(1, 12)
        of_silver = self._order_for(1, 12, partner_id=silvern.id)
        of_gold = self._order_for(1, 12, partner_id=golden.id)
        urgent = self._order_for(1, 12)
        urgent.picking_ids.priority = "1"
        early = self._order_for(1, 11)
        self._set_stock(self.lamp, 5)
        self._plan()
        orders = self.pegging.search([("demand_type", "=", "order")], order="id").order_id
        self.assertEqual(orders, early | urgent | of_gold | of_silver | plain | second)
        self.assertEqual(self._rows(second).supply_type, "planned")
        self.assertEqual(self._rows(plain).supply_type, "stock")

    def test_tier_before_level(self):
        """The customer of the top tier first, then the small one, then the one with a level only, then the others."""
        top, small = self.env["crm.tier"].create([{"name": "Top", "sequence": 1}, {"name": "Small", "sequence": 9}])
        leveled, topmost, little, plain = self.env["res.partner"].create(
            [{"name": name} for name in ("Leveled Ltd", "Top Ltd", "Small Ltd", "Plain Ltd")]
        )
        leveled.grade_id = self.env["res.partner.grade"].create({"name": "Gold", "sequence": 0})
        stays = self.env["crm.tier.assignment"]
        stays._assign(topmost, top, self.area.company_id)
        stays._assign(little, small, self.area.company_id)
        self.env.flush_all()
        partners = [plain, leveled, little, topmost]
        ranks = self.pegging._get_tier_ranks({partner.id for partner in partners}, self.area.company_id)
        self.assertNotIn(plain.id, ranks)
        self.assertEqual(sorted(ranks, key=ranks.get), [topmost.id, little.id, leveled.id])
        orders = [self._order_for(1, 12, partner_id=partner.id) for partner in partners]
        self._plan()
        found = self.pegging.search([("demand_type", "=", "order")], order="id").order_id
        self.assertEqual(found.ids, [order.id for order in reversed(orders)])

    def test_shared_week(self):
        """Weekly grouping: one planned order of 10 for two orders (6 and 4); chips are shared 12 to 8."""
        self.area_lamp = self.env["product.mrp.area"].search([("product_id", "=", self.lamp.id)])
        self.area_lamp.mrp_nbr_days = 7
        first, second = self._order_for(6, 20), self._order_for(4, 22)
        self._plan()
        planned = self._rows(first).planned_order_id
        self.assertEqual(planned, self._rows(second).planned_order_id)
        self.assertEqual(planned.mrp_qty, 10)
        for order, chips, lamps in ((first, 12, 6), (second, 8, 4)):
            nodes = list(self._flatten(self.pegging._get_order_tree(order.order_line.ids)))
            self.assertEqual(sum(n["quantity"] for n in nodes if n["product"] == self.chip.display_name), chips)
            self.assertEqual(nodes[0]["quantity"], lamps)

    def test_shortage_is_a_row(self):
        """Lamps excluded from making (no rule): 10 ordered, 3 in stock, 7 short; 30 % is pegged."""
        self._set_stock(self.lamp, 3)
        order = self._order_for(10, 20)
        self._run_plan().unlink()
        self.pegging._rebuild(self.area)
        rows = self._rows(order)
        self.assertEqual(self._summary(rows), [(self.lamp, "stock", 3), (self.lamp, "shortage", 7)])
        self.assertEqual(rows.mapped("is_short"), [False, True])
        self.assertFalse(rows[1].feasible_date)
        self.assertAlmostEqual(self.pegging._get_pegged_share(self.area), 0.3)

    def test_shortage_below_is_told_above(self):
        order = self._order_for(10, 20)
        planned = self._run_plan()
        planned.filtered(lambda p: p.product_id == self.chip).unlink()
        self.pegging._rebuild(self.area)
        row = self._rows(order)
        self.assertEqual((row.supply_type, row.is_short), ("planned", True))

    def test_stock_below_zero_is_served_first(self):
        """4 below zero and 10 ordered: 14 to make, the first 4 for the hole."""
        self._set_stock(self.lamp, -4)
        order = self._order_for(10, 20)
        self._plan()
        hole = self.pegging.search([("product_id", "=", self.lamp.id), ("demand_type", "=", "other")])
        self.assertEqual(sum(hole.mapped("quantity")), 4)
        self.assertEqual(sum(self._rows(order).mapped("quantity")), 10)
        self.assertNotIn("shortage", self._rows(order).mapped("supply_type"))

    def test_safety_stock_is_served_last(self):
        parameters = self.env["product.mrp.area"].search([("product_id", "=", self.lamp.id)])
        parameters.mrp_minimum_stock = 3
        self._set_stock(self.lamp, 3)
        order = self._order_for(3, 20)
        self._plan()
        self.assertEqual(self._rows(order).supply_type, "stock")
        kept = self.pegging.search([("product_id", "=", self.lamp.id), ("demand_type", "=", "stock_rule")])
        self.assertEqual(self._summary(kept), [(self.lamp, "planned", 3)])

    def test_made_to_order_stays_with_its_order(self):
        """A production made for the later order serves it, though the earlier one has nothing."""
        self._set_mto(self.lamp)
        later = self._order_for(2, 25)
        self.lamp.route_ids -= self.mto_route
        earlier = self._order_for(2, 20)
        self._plan()
        production = later.mrp_production_ids
        self.assertTrue(production)
        self.assertEqual(self._rows(later).production_id, production)
        self.assertEqual(self._rows(earlier).supply_type, "planned")

    def test_rebuild_replaces(self):
        order = self._order_for(10, 20)
        self._plan()
        before = self._summary(self._rows(order))
        self._plan()
        self.assertEqual(self._summary(self._rows(order)), before)
        self.assertEqual(self.pegging.search_count([("product_id", "=", self.lamp.id)]), 1)

    def test_other_area_untouched(self):
        """Two companies: the run of one leaves the pegging of the other."""
        company = self.env["res.company"].create({"name": "Lamps Abroad"})
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)
        area = self.env["mrp.area"].create(
            {"name": "Abroad", "warehouse_id": warehouse.id, "location_id": warehouse.lot_stock_id.id}
        )
        foreign = self.pegging.create(
            {
                "mrp_area_id": area.id,
                "company_id": company.id,
                "product_id": self.lamp.id,
                "quantity": 1,
                "demand_type": "other",
                "supply_type": "shortage",
            }
        )
        self._order_for(10, 20)
        self._plan()
        self.assertTrue(foreign.exists())
        self.assertNotIn(foreign, self.pegging.with_user(self.planner).search([]))

    # ------------------------------------------------------------
    # Release and the next run
    # ------------------------------------------------------------

    def _attribution(self):
        """Order, product, document and quantity of all rows that end in a document."""
        return sorted(
            (row.demand_name, row.product_id.id, row.supply_name, row.quantity)
            for row in self.pegging.search([("mrp_area_id", "=", self.area.id)])
        )

    def test_release_and_next_run_keep_the_attribution(self):
        first, second = self._order_for(6, 20), self._order_for(4, 25)
        planned = self._plan()
        planned._release()
        released = self._attribution()
        self.assertFalse(self.pegging.search([("planned_order_id", "!=", False)]))
        self.assertFalse(self.pegging.search([("demand_planned_order_id", "!=", False)]))
        self.assertEqual(self._rows(first).production_id.product_qty, 6)
        self.assertEqual(self._rows(second).production_id.product_qty, 4)
        modules = self.pegging.search([("demand_production_id", "=", self._rows(first).production_id.id)])
        self.assertIn("production", modules.mapped("supply_type"))
        self.assertTrue(modules.demand_move_id)
        self.assertFalse(self._plan())
        self.assertEqual(self._attribution(), released)

    def test_part_released(self):
        """6 of 10 released: the row splits; the components too."""
        order = self._order_for(10, 20)
        planned = self._plan().filtered(lambda p: p.product_id == self.lamp)
        production = self.env["mrp.production"].create(
            {"product_id": self.lamp.id, "product_qty": 6, "bom_id": self.lamp_bom.id, "planned_order_id": planned.id}
        )
        production.action_confirm()
        planned.qty_released = 6
        self.pegging._follow_release(planned)
        self.assertCountEqual(
            [(row.supply_type, row.quantity) for row in self._rows(order)], [("production", 6), ("planned", 4)]
        )
        boxes = self.pegging.search([("product_id", "=", self.box.id)])
        self.assertCountEqual([(row.demand_type, row.quantity) for row in boxes], [("production", 6), ("planned", 4)])

    # ------------------------------------------------------------
    # Trees and access
    # ------------------------------------------------------------

    def test_order_tree(self):
        order = self._order_for(10, 20)
        self._plan()
        (line,) = self.pegging._get_order_tree(order.order_line.ids)
        self.assertEqual((line["res_model"], line["res_id"], line["status"]), ("sale.order", order.id, "ok"))
        self.assertEqual((line["date"], line["feasible_date"], line["is_late"]), ("2026-03-20", "2026-03-20", False))
        (lamps,) = line["children"]
        self.assertEqual(lamps["type"], "planned")
        self.assertEqual(
            {(child["product"], child["quantity"]) for child in lamps["children"]},
            {(self.module.display_name, 10), (self.box.display_name, 10)},
        )
        modules = next(child for child in lamps["children"] if child["product"] == self.module.display_name)
        self.assertEqual([child["quantity"] for child in modules["children"]], [20])
        keys = [node["key"] for node in self._flatten([line])]
        self.assertEqual(len(keys), len(set(keys)))

    def test_supply_tree_up_to_the_orders(self):
        """20 chips serve 10 modules, which serve 10 lamps, which serve 6 and 4: 12 and 8 chips."""
        self.env["product.mrp.area"].search([("product_id", "=", self.lamp.id)]).mrp_nbr_days = 7
        first, second = self._order_for(6, 20), self._order_for(4, 22)
        chips = self._plan().filtered(lambda p: p.product_id == self.chip)
        nodes = list(self._flatten(self.pegging._get_supply_tree("mrp.planned.order", chips.id)))
        ends = {node["res_id"]: node["attributed"] for node in nodes if node["type"] == "order"}
        self.assertEqual(ends, {first.id: 12, second.id: 8})

    def test_screen_of_a_production_has_both_sides(self):
        self._order_for(10, 20)
        self._plan()._release()
        lamps = self.env["mrp.production"].search([("product_id", "=", self.lamp.id)])
        tree = self.pegging.with_user(self.planner).get_tree("mrp.production", lamps.id)
        self.assertEqual(len(tree["supplies"]), 2)
        self.assertEqual([node["type"] for node in tree["serves"]], ["order"])

    def test_queries_do_not_grow_with_lines(self):
        one, many = self._order_for(1, 20), self.env["sale.order"]
        for day in range(10, 20):
            many |= self._order_for(1, day)
        self._plan()
        self._count_queries(one.order_line)
        single = self._count_queries(one.order_line)
        self.assertLessEqual(self._count_queries(many.order_line), single)

    def _count_queries(self, lines):
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        self.pegging._get_order_tree(lines.ids)
        return self.env.cr.sql_log_count - start

    def test_salesman_reads_his_orders_only(self):
        mine = self._order_for(1, 20)
        theirs = self._order_for(1, 21, user_id=self.other_salesman.id)
        self._plan()
        pegging = self.pegging.with_user(self.salesman)
        self.assertTrue(pegging._get_order_tree(mine.order_line.ids)[0]["children"])
        with self.assertRaises(AccessError):
            pegging._get_order_tree(theirs.order_line.ids)
        with self.assertRaises(AccessError):
            pegging.search([])

    def test_plain_user_is_refused(self):
        order = self._order_for(1, 20)
        planned = self._plan()
        pegging = self.pegging.with_user(self.plain_user)
        for call in (
            lambda: pegging.search([]),
            lambda: pegging.get_tree("sale.order", order.id),
            lambda: pegging.get_tree("mrp.planned.order", planned[0].id),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_buttons(self):
        order = self._order_for(1, 20)
        other = self._create_order([(self.lamp, 1, 100.0)])
        self._plan()._release()
        self.assertEqual((order | other).mapped("has_pegging"), [True, False])
        self.assertTrue(self._rows(order).production_id.has_pegging)
        bought = self.pegging.search([("supply_type", "=", "purchase")])
        self.assertTrue(all(bought.purchase_line_id.order_id.mapped("has_pegging")))
        action = order.with_user(self.salesman).action_open_pegging()
        self.assertEqual(action["context"], {"res_model": "sale.order", "res_id": order.id})
