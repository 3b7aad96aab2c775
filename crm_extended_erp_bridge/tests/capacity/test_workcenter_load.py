from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import RecordCapturer, tagged

from .common_capacity import WEEK_1, WEEK_2, WEEK_3, CapacityCommon


@tagged("post_install", "-at_install")
class TestWorkcenterLoad(CapacityCommon):
    """What orders ask of a work centre, against what it has."""

    # ------------------------------------------------------------
    # Hours of an order
    # ------------------------------------------------------------

    def test_planned_order_takes_what_its_work_order_would(self):
        """10 loaves, 4 at a time: 15 + 5 + 3 x 30 minutes = 110 minutes, and Odoo's work order says the same."""
        self._create_planned(self.bread, 10, WEEK_1, WEEK_1)
        production = self._create_production(self.bread, 10, "2026-03-03 08:00:00")
        self._rebuild()
        planned, ordered = self.Line.search([("workcenter_id", "=", self.oven.id)], order="is_planned desc")
        self.assertAlmostEqual(planned.hours, 110 / 60)
        self.assertAlmostEqual(planned.hours, ordered.hours)
        self.assertAlmostEqual(production.workorder_ids.duration_expected, 110)

    def test_efficiency_and_batch_of_the_bill_as_odoo_has_them(self):
        """A slower oven and a bill of 6: 2 cycles x 45 / 0.8 = 112.5 minutes; Odoo rounds to the same."""
        slow = self._create_workcenter("Slow oven", time_efficiency=80)
        rolls = self._create_product("Rolls")
        self._create_operation_bom(rolls, slow, 45, product_qty=6)
        self._create_planned(rolls, 10, WEEK_1, WEEK_1)
        production = self._create_production(rolls, 10, "2026-03-03 08:00:00")
        self._rebuild()
        hours = self.Line.search([("workcenter_id", "=", slow.id)]).mapped("hours")
        self.assertEqual([round(value, 6) for value in hours], [1.875, 1.875])
        self.assertEqual(production.workorder_ids.duration_expected, 112.5)

    def test_operations_of_a_kit_count(self):
        """Odoo makes a work order for the operation of a kit below: so do we."""
        kit, cake = self._create_product("Filling"), self._create_product("Cake")
        self._create_operation_bom(kit, self.oven, 12, type="phantom")
        self._create_operation_bom(cake, self.oven, 60, components=[(kit, 1)])
        production = self._create_production(cake, 2, "2026-03-03 08:00:00")
        planned = self._create_planned(cake, 2, WEEK_1, WEEK_1)
        self._rebuild()
        # 2 x 60 and 2 x 12 minutes
        self.assertEqual(sorted(self._get_lines(planned_order_id=planned.id).mapped("hours")), [0.4, 2.0])
        self.assertEqual(sorted(production.workorder_ids.mapped("duration_expected")), [24.0, 120.0])

    def test_work_that_is_done_is_no_load(self):
        """60 of 110 minutes are on the clock: 50 are left."""
        production = self._create_production(self.bread, 10, "2026-03-03 08:00:00")
        production.workorder_ids.duration = 60
        self._rebuild()
        self.assertAlmostEqual(self._get_lines(production_id=production.id).hours, 50 / 60)

    def test_cancelled_orders_and_released_quantities_are_no_load(self):
        self._create_production(self.bread, 4, "2026-03-03 08:00:00").action_cancel()
        self._create_planned(self.bread, 4, WEEK_1, WEEK_1).qty_released = 4
        self._rebuild()
        self.assertFalse(self._get_lines(workcenter_id=self.oven.id))

    def test_order_without_work_orders_counts_by_its_bill(self):
        """Somebody deleted them before the start: 15 + 5 + 30 minutes are still to be baked."""
        production = self._create_production(self.bread, 4, "2026-03-03 08:00:00")
        production.workorder_ids.unlink()
        self._rebuild()
        self.assertAlmostEqual(self._get_lines(production_id=production.id).hours, 50 / 60)

    # ------------------------------------------------------------
    # Weeks
    # ------------------------------------------------------------

    def test_order_over_two_weeks_is_shared_out(self):
        """From Thursday to Tuesday are two working days of 8 hours in each week: half and half."""
        planned = self._create_planned(self.bread, 40, date(2026, 3, 5), date(2026, 3, 10))
        self._rebuild()
        hours = {line.week_start: line.hours for line in self._get_lines(planned_order_id=planned.id)}
        # 15 + 5 + 10 x 30 minutes
        self.assertEqual({week: round(value * 60) for week, value in hours.items()}, {WEEK_1: 160, WEEK_2: 160})

    def test_overdue_work_waits_for_today(self):
        planned = self._create_planned(self.bread, 4, date(2026, 2, 2), date(2026, 2, 6))
        self._rebuild()
        self.assertEqual(self._get_lines(planned_order_id=planned.id).week_start, WEEK_1)

    def test_week_has_its_calendar_without_leaves(self):
        """40 hours; one day of leave of the oven and half a day of the whole calendar leave 28."""
        leaves = self.env["resource.calendar.leaves"]
        leaves.create(
            {
                "name": "Repair",
                "calendar_id": self.calendar.id,
                "resource_id": self.oven.resource_id.id,
                "date_from": "2026-03-10 00:00:00",
                "date_to": "2026-03-10 23:59:59",
                "time_type": "leave",
            }
        )
        leaves.create(
            {
                "name": "Fair",
                "calendar_id": self.calendar.id,
                "date_from": "2026-03-12 13:00:00",
                "date_to": "2026-03-12 17:00:00",
                "time_type": "leave",
            }
        )
        self._create_planned(self.bread, 4, WEEK_3, WEEK_3)
        self._rebuild()
        self.assertEqual(self._get_load(WEEK_1).hours_available, 40)
        self.assertEqual(self._get_load(WEEK_2).hours_available, 28)
        self.assertEqual(self._get_load(WEEK_3).hours_available, 40)

    def test_week_begins_in_the_time_zone_of_the_calendar(self):
        """Monday 00:00 to 04:00 in Auckland is Sunday in UTC: it belongs to the Monday, and so does its order."""
        self.oven.resource_calendar_id = self._create_calendar("Night", "Pacific/Auckland", hours=((0, 4),))
        production = self._create_production(self.bread, 4, "2026-03-08 11:30:00")
        self._rebuild()
        self.assertEqual(self._get_lines(production_id=production.id).week_start, WEEK_2)
        self.assertEqual(self._get_load(WEEK_2).hours_available, 20)

    def test_current_week_has_only_the_days_that_are_left(self):
        self._create_planned(self.bread, 4, WEEK_2, WEEK_2)
        with freeze_time("2026-03-05 09:00:00"):
            self._rebuild()
        self.assertEqual(self._get_load(WEEK_1).hours_available, 16)

    # ------------------------------------------------------------
    # Sums
    # ------------------------------------------------------------

    def test_week_sums_orders_and_proposals(self):
        """330 loaves ordered (83 cycles), 4 proposed: 41.8 + 0.8 hours of 40."""
        self._create_production(self.bread, 330, "2026-03-03 08:00:00")
        self._create_planned(self.bread, 4, WEEK_1, WEEK_1)
        self._rebuild()
        load = self._get_load(WEEK_1)
        self.assertAlmostEqual(load.hours_orders, (20 + 83 * 30) / 60)
        self.assertAlmostEqual(load.hours_planned, 50 / 60)
        self.assertAlmostEqual(load.hours_total, 2560 / 60)
        self.assertAlmostEqual(load.hours_over, 160 / 60)
        self.assertAlmostEqual(load.load_pct, 100 * 2560 / 60 / 40)
        self.assertTrue(load.is_overloaded)

    def test_areas_share_the_work_centre_and_keep_their_rows(self):
        """Two areas ask for 50 minutes each: 100 of 40 hours, and planning one leaves the other's rows."""
        other = self.env["mrp.area"].create(
            {
                "name": "Second",
                "warehouse_id": self.warehouse.id,
                "location_id": self.env["stock.location"].create({"name": "Other place"}).id,
            }
        )
        self._create_planned(self.bread, 4, WEEK_1, WEEK_1)
        self._create_planned(self.bread, 4, WEEK_1, WEEK_1, area=other)
        self._rebuild()
        self._rebuild(other)
        self._rebuild()
        load = self._get_load(WEEK_1)
        self.assertAlmostEqual(load.hours_total, 100 / 60)
        self.assertEqual(load.hours_available, 40)
        self.assertEqual(
            len(self.env["crm.workcenter.availability"].search([("week_start", "=", WEEK_1)]).mrp_area_id), 2
        )

    def test_the_week_keeps_its_id_over_runs(self):
        self._create_planned(self.bread, 4, WEEK_1, WEEK_1)
        self._rebuild()
        before = self._get_load(WEEK_1)
        self._rebuild()
        self.assertEqual(self._get_load(WEEK_1), before)
        self.assertEqual(before.line_ids.load_id, before)

    # ------------------------------------------------------------
    # Causes and what can move
    # ------------------------------------------------------------

    def test_order_with_slack_out_of_the_week_can_move(self):
        """Ends on Friday 6 March, needed on 20 March: 14 days. The one needed on the day it ends has none."""
        free = self._create_planned(self.bread, 40, date(2026, 3, 5), date(2026, 3, 6))
        tight = self._create_planned(self.bread, 4, date(2026, 3, 5), date(2026, 3, 6))
        self._create_peg(free, date(2026, 3, 25))
        self._create_peg(free, date(2026, 3, 20))
        self._create_peg(tight, date(2026, 3, 6))
        self._rebuild()
        lines = self._get_load(WEEK_1).line_ids
        self.assertEqual(lines.mapped("planned_order_id"), free | tight)
        self.assertEqual(lines.mapped("slack_days"), [14, 0])
        self.assertEqual(lines.mapped("can_move"), [True, False])
        self.assertAlmostEqual(self._get_load(WEEK_1).hours_movable, 320 / 60)

    def test_what_comes_late_anyhow_has_less_slack(self):
        """Planned to end on the 6th, but its parts let it end only on the 18th: of 14 days 2 are left."""
        planned = self._create_planned(self.bread, 4, date(2026, 3, 5), date(2026, 3, 6))
        self._create_peg(planned, date(2026, 3, 20), feasible=date(2026, 3, 18))
        self._rebuild()
        line = self._get_lines(planned_order_id=planned.id)
        self.assertEqual((line.slack_days, line.can_move), (2, False))

    def test_started_order_cannot_move(self):
        production = self._create_production(self.bread, 4, "2026-03-03 08:00:00")
        production.workorder_ids.button_start()
        self._rebuild()
        line = self._get_lines(production_id=production.id)
        self.assertEqual((line.slack_days, line.can_move), (365, False))

    def test_customer_orders_are_found_over_the_levels(self):
        """Dough for bread for two customers: both names stand on the dough."""
        dough = self._create_product("Dough")
        self._create_operation_bom(dough, self.oven, 10)
        order = self._create_order([(self.bread, 4, 3.0)])
        other = self._create_order([(self.bread, 1, 3.0)], partner_id=self.vendor.id)
        bread = self._create_planned(self.bread, 5, WEEK_2, WEEK_2)
        planned = self._create_planned(dough, 5, WEEK_1, WEEK_1)
        self._create_peg(bread, WEEK_2, line=order.order_line)
        self._create_peg(bread, WEEK_2, line=other.order_line)
        self._create_peg(planned, WEEK_2, demand_type="planned", demand_planned_order_id=bread.id)
        self._rebuild()
        line = self._get_lines(planned_order_id=planned.id).with_user(self.planner)
        self.assertEqual(line.customer_orders, f"{order.name} Hotel Sofia, {other.name} Chips Ltd")

    def test_verdict_says_what_can_be_done(self):
        planned = self._create_planned(self.bread, 400, WEEK_1, WEEK_1)
        self._create_peg(planned, WEEK_1)
        self._rebuild()
        self.assertIn("no order can wait", self._get_load(WEEK_1).verdict)
        self.env["crm.pegging"].search([]).unlink()
        self._rebuild()
        # 20 + 100 x 30 minutes = 50.3 hours
        self.assertEqual(self._get_load(WEEK_1).verdict, "10.3 hours too many; 50.3 hours can move to a later week.")

    def test_released_proposal_becomes_the_load_of_its_order(self):
        planned = self._create_planned(self.bread, 10, WEEK_2, WEEK_2)
        self._rebuild()
        planned._release()
        lines = self._get_load(WEEK_2).line_ids
        self.assertEqual(lines.production_id, planned.mrp_production_ids)
        self.assertFalse(lines.planned_order_id)
        self.assertAlmostEqual(self._get_load(WEEK_2).hours_orders, 110 / 60)

    # ------------------------------------------------------------
    # No capacity
    # ------------------------------------------------------------

    def test_work_centre_without_hours_is_a_problem_not_a_percentage(self):
        never = self._create_calendar("Never", "UTC", hours=())
        for kind, calendar in (("zero_capacity", never.id), ("no_calendar", False)):
            with self.subTest(kind):
                idle = self._create_workcenter("Idle", resource_calendar_id=calendar)
                cake = self._create_product("Cake")
                self._create_operation_bom(cake, idle, 60)
                self._create_planned(cake, 2, WEEK_1, WEEK_1)
                with RecordCapturer(self.env["crm.planning.issue"], []) as capture:
                    self._rebuild()
                self.assertEqual(capture.records.mapped("kind"), [kind])
                self.assertEqual(capture.records.res_id, idle.id)
                load = self._get_load(WEEK_1, idle)
                self.assertEqual((load.hours_total, load.load_pct, load.load_label), (2, 0, "No capacity"))
                self.assertTrue(load.is_overloaded)
                self.env["mrp.planned.order"].search([]).unlink()

    def test_a_quantity_of_a_billion_is_only_a_large_number(self):
        self._create_planned(self.bread, 1e9, WEEK_1, WEEK_1)
        self._rebuild()
        self.assertAlmostEqual(self._get_load(WEEK_1).hours_total, (20 + 250e6 * 30) / 60)

    def test_what_lies_beyond_the_horizon_waits_for_its_time(self):
        self._create_planned(self.bread, 4, date(2999, 1, 1), date(2999, 1, 2))
        self._rebuild()
        self.assertFalse(self._get_lines(workcenter_id=self.oven.id))

    # ------------------------------------------------------------
    # Speed and rights
    # ------------------------------------------------------------

    def _count_queries(self, count):
        for number in range(count):
            product = self._create_product(f"Loaf {count} {number}")
            self._create_operation_bom(product, self.oven, 30)
            self._create_planned(product, 5, WEEK_1 + timedelta(days=number % 60), WEEK_1 + timedelta(days=number % 60))
        self.env.flush_all()
        self.env.invalidate_all()
        # The user is read once by whoever asks first: not a matter of the load
        self.env.user.mapped("partner_id.tz")
        before = self.env.cr.sql_log_count
        self.Line._rebuild(self.area)
        return self.env.cr.sql_log_count - before

    def test_queries_do_not_grow_with_the_orders(self):
        self._count_queries(1)
        self.assertLessEqual(self._count_queries(60), self._count_queries(1))

    def test_plain_user_is_refused(self):
        self._create_planned(self.bread, 4, WEEK_1, WEEK_1)
        self._rebuild()
        for model in (
            "crm.workcenter.load",
            "crm.workcenter.load.line",
            "crm.workcenter.availability",
            "crm.workcenter.load.move",
        ):
            with self.subTest(model), self.assertRaises(AccessError):
                self.env[model].with_user(self.plain_user).search([])

    def test_planner_reads_and_changes_nothing_by_hand(self):
        self._create_planned(self.bread, 4, WEEK_1, WEEK_1)
        self._rebuild()
        line = self._get_load(WEEK_1).with_user(self.planner).line_ids
        self.assertAlmostEqual(line.hours, 50 / 60)
        with self.assertRaises(AccessError):
            line.write({"hours": 1})

    def test_other_company_is_not_seen(self):
        company = self.env["res.company"].create({"name": "Other bakery"})
        self._create_planned(self.bread, 4, WEEK_1, WEEK_1)
        self._rebuild()
        self.planner.write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
        for model in ("crm.workcenter.load", "crm.workcenter.load.line", "crm.workcenter.availability"):
            with self.subTest(model):
                self.assertFalse(self.env[model].with_user(self.planner).search([]))
