from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_promise import PromiseCommon


@tagged("post_install", "-at_install")
class TestOrderRisk(PromiseCommon):
    """Orders at risk, from rows of the pegging as a planning run writes them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.area = cls._get_area()
        cls._create_planned_lamp()
        cls.planner = cls._create_user("risk_planner", "mrp.group_mrp_user")

    def _confirm_order(self, days=4, quantity=10, **values):
        """A confirmed order of lamps, promised in `days` days."""
        order = self._create_order([(self.lamp, quantity, 100)], commitment_date=self._days(days), **values)
        order.action_confirm()
        return order

    def _peg_order(self, order, **values):
        move = order.order_line.move_ids[:1]
        return self._peg(
            self.area,
            self.lamp,
            **{
                "quantity": order.order_line.product_uom_qty,
                "demand_type": "order",
                "demand_move_id": move.id,
                "sale_line_id": order.order_line.id,
                "demand_date": order.commitment_date,
                **values,
            },
        )

    def _create_production(self, product, quantity=10):
        return self.env["mrp.production"].create({"product_id": product.id, "product_qty": quantity})

    def _peg_component(self, production, product, **values):
        return self._peg(self.area, product, 1, demand_type="production", demand_production_id=production.id, **values)

    def _rebuild(self):
        self.env["crm.order.risk"]._rebuild(self.area)
        return self.env["crm.order.risk"].search([("mrp_area_id", "=", self.area.id)])

    # ------------------------------------------------------------
    # Who is at risk
    # ------------------------------------------------------------

    def test_in_time(self):
        """Possible on the promised day: no risk."""
        self._peg_order(self._confirm_order(days=4), feasible_date=date(2026, 3, 6))
        self.assertFalse(self._rebuild())

    def test_days_late(self):
        """Promised for Friday 6 March, possible on the 9th, 2 days of transport: 5 days late."""
        order = self._confirm_order(days=4)
        order.order_line.customer_lead = 2
        self._peg_order(order, feasible_date=date(2026, 3, 9))
        risk = self._rebuild()
        self.assertEqual(risk.order_id, order)
        self.assertEqual((risk.date_promised, risk.date_expected), (date(2026, 3, 6), date(2026, 3, 11)))
        self.assertEqual(risk.days_late, 5)
        self.assertEqual((order.has_risk, order.risk_days_late), (True, 5))
        feature = self.env["crm.roadmap.feature"].search([("key", "=", "delivery_promise")])
        self.env["crm.roadmap.feature.pin"].create(
            {"feature_id": feature.id, "company_id": order.company_id.id, "state": "off"}
        )
        order.invalidate_recordset()
        self.assertFalse(order.has_risk, "what was found stays, and is not shown")

    def test_deadline_of_odoo(self):
        """Without any promise the deadline of the delivery holds, and transport is not part of it."""
        order = self._create_order([(self.lamp, 10, 100)])
        order.order_line.customer_lead = 4
        order.action_confirm()
        order.order_line.promised_date = False
        self._peg_order(order, feasible_date=date(2026, 3, 8))
        risk = self._rebuild()
        self.assertEqual(
            (risk.date_promised, risk.date_expected, risk.days_late), (date(2026, 3, 6), date(2026, 3, 8), 2)
        )

    def test_latest_of_two_supplies(self):
        """Part from stock, the rest late: the line is late."""
        order = self._confirm_order()
        self._peg_order(order, quantity=2, feasible_date=date(2026, 3, 2))
        production = self._create_production(self.lamp)
        self._peg_order(
            order,
            quantity=8,
            feasible_date=date(2026, 3, 10),
            supply_type="production",
            production_id=production.id,
        )
        self.assertEqual(self._rebuild().days_late, 4)

    def test_replaced_by_the_next_run(self):
        """What is solved is no longer listed; another area is left alone."""
        row = self._peg_order(self._confirm_order(), feasible_date=date(2026, 3, 9))
        self.assertEqual(len(self._rebuild()), 1)
        row.feasible_date = date(2026, 3, 5)
        self.assertFalse(self._rebuild())

    # ------------------------------------------------------------
    # Why
    # ------------------------------------------------------------

    def test_vendor_on_the_third_level(self):
        """Lamp <- module <- chips on a purchase that comes on the 12th: the chips and their vendor decide."""
        order = self._confirm_order()
        lamps, modules = self._create_production(self.lamp), self._create_production(self.module)
        purchase = self.env["purchase.order"].create(
            {
                "partner_id": self.vendor.id,
                "order_line": [(0, 0, {"product_id": self.chip.id, "product_qty": 20})],
            }
        )
        self._peg_order(order, supply_type="production", production_id=lamps.id, feasible_date=date(2026, 3, 14))
        self._peg_component(lamps, self.box, feasible_date=date(2026, 3, 2))
        self._peg_component(
            lamps,
            self.module,
            supply_type="production",
            production_id=modules.id,
            feasible_date=date(2026, 3, 13),
        )
        self._peg_component(
            modules,
            self.chip,
            supply_type="purchase",
            purchase_line_id=purchase.order_line.id,
            feasible_date=date(2026, 3, 12),
        )
        risk = self._rebuild()
        self.assertEqual((risk.days_late, risk.cause_type), (8, "vendor"))
        self.assertEqual((risk.cause_product_id, risk.cause_partner_id), (self.chip, self.vendor))
        self.assertEqual(risk.cause, "Waits for component Chip from vendor Chips Ltd until 03/12/2026.")

    def test_shortage_below(self):
        """A component that nothing supplies puts the order at risk even before its day."""
        order = self._confirm_order(days=60)
        lamps = self._create_production(self.lamp)
        self._peg_order(
            order,
            supply_type="production",
            production_id=lamps.id,
            feasible_date=date(2026, 3, 4),
            is_short=True,
        )
        self._peg_component(lamps, self.box, supply_type="shortage", is_short=True)
        risk = self._rebuild()
        self.assertEqual((risk.cause_type, risk.cause_product_id), ("shortage", self.box))
        self.assertEqual((risk.date_expected, risk.days_late), (False, 0))
        self.assertIn("Box is short", risk.cause)

    def test_overloaded_workcenter(self):
        """The parts are there, the production itself takes until the 12th in an overloaded week."""
        order = self._confirm_order()
        lamps = self._create_production(self.lamp)
        self._peg_order(order, supply_type="production", production_id=lamps.id, feasible_date=date(2026, 3, 12))
        self._peg_component(lamps, self.box, feasible_date=date(2026, 3, 2))
        self._add_load(lamps, hours=90)
        risk = self._rebuild()
        self.assertEqual((risk.cause_type, risk.cause_workcenter_id), ("workcenter", self.assembly))
        self.assertIn("Assembly", risk.cause)

    def _add_load(self, production, hours):
        week = date(2026, 3, 2)
        self.env["crm.workcenter.availability"].create(
            {
                "mrp_area_id": self.area.id,
                "company_id": self.company.id,
                "workcenter_id": self.assembly.id,
                "week_start": week,
                "hours": 40,
            }
        )
        line = self.env["crm.workcenter.load.line"]
        line.create(
            {
                "mrp_area_id": self.area.id,
                "company_id": self.company.id,
                "workcenter_id": self.assembly.id,
                "load_id": line._get_load_id(self.assembly.id, week),
                "week_start": week,
                "production_id": production.id,
                "hours": hours,
            }
        )
        self.env.flush_all()
        self.env["crm.workcenter.load"].invalidate_model()

    def test_production_itself(self):
        """Without overload the production that ends late is named."""
        order = self._confirm_order()
        lamps = self._create_production(self.lamp)
        self._peg_order(order, supply_type="production", production_id=lamps.id, feasible_date=date(2026, 3, 12))
        risk = self._rebuild()
        self.assertEqual((risk.cause_type, risk.cause), ("component", "Production of Lamp takes until 03/12/2026."))

    def test_not_shipped(self):
        """In stock, promised for yesterday: somebody has to ship it."""
        self._peg_order(self._confirm_order(days=-1), feasible_date=date(2026, 3, 2))
        risk = self._rebuild()
        self.assertEqual((risk.days_late, risk.cause_type), (1, "none"))
        self.assertIn("shipped", risk.cause)

    # ------------------------------------------------------------
    # Buttons, rights, speed
    # ------------------------------------------------------------

    def test_buttons(self):
        order = self._confirm_order()
        self._peg_order(order, feasible_date=date(2026, 3, 9))
        risk = self._rebuild()
        self.assertEqual(risk.action_open_order()["res_id"], order.id)
        self.assertEqual(risk.action_open_pegging()["params"]["res_id"], order.order_line.id)
        context = risk.action_schedule_activity()["context"]
        wizard = self.env["mail.activity.schedule"].with_context(**context).create({})
        wizard.action_schedule_activities()
        self.assertEqual(order.activity_ids.user_id, self.salesman)
        self.assertEqual(order.action_view_risks()["domain"], [("order_id", "=", order.id)])

    def test_rights(self):
        """Planners see all, salespeople their own, a plain user none; nobody writes."""
        self._peg_order(self._confirm_order(), feasible_date=date(2026, 3, 9))
        risk = self._rebuild()
        for user in (self.planner, self.salesman, self.manager):
            self.assertTrue(risk.with_user(user).search([("id", "=", risk.id)]).cause, user.login)
        self.assertFalse(risk.with_user(self.other_salesman).search([]))
        with self.assertRaises(AccessError):
            risk.with_user(self.plain_user).read(["cause"])
        with self.assertRaises(AccessError):
            risk.with_user(self.manager).unlink()
        self.assertFalse(risk.order_id.with_user(self.accountant).has_risk)

    def test_company_rule(self):
        """A risk of another company is not listed."""
        self._peg_order(self._confirm_order(), feasible_date=date(2026, 3, 9))
        risk = self._rebuild()
        other = self.env["res.company"].create({"name": "Other"})
        self.planner.write({"company_ids": [(4, other.id)]})
        model = self.env["crm.order.risk"].with_user(self.planner)
        self.assertFalse(model.with_context(allowed_company_ids=other.ids).search([("id", "=", risk.id)]))

    def test_queries_do_not_grow(self):
        """One order or thirty at risk: the same statements."""

        def count(number):
            for _index in range(number):
                self._peg_order(self._confirm_order(), feasible_date=date(2026, 3, 9))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["crm.order.risk"]._rebuild(self.area)
            return self.env.cr.sql_log_count - before

        count(1)
        one = count(1)
        # a cache of the registry that another test emptied costs a query or two, not one per order
        self.assertLess(count(30) - one, 5)
