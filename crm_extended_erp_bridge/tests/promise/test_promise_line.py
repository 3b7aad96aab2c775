from datetime import date, datetime

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common_promise import PromiseCommon


@tagged("post_install", "-at_install")
class TestPromiseLine(PromiseCommon):
    """The promise on the lines of a quotation, from real bills, stock, vendors and calendars."""

    def _promise(self, product, quantity, **values):
        order = self._create_order([(product, quantity, 100)], **values)
        return order.order_line

    # ------------------------------------------------------------
    # The golden example
    # ------------------------------------------------------------

    def test_three_levels(self):
        """The example of the planner's test, read from the database: ready Monday 9 March 10:10, chips decide."""
        self._create_planned_lamp()
        self._add_leave(self.smt, "2026-03-05 13:00:00", "2026-03-06 12:00:00")
        line = self._promise(self.lamp, 10)
        self.assertEqual(line.promise_date, datetime(2026, 3, 9, 10, 10))
        self.assertEqual(line.promise_cause, "Waits for component Chip from vendor Chips Ltd until 03/05/2026.")
        self.assertEqual(line.promise_state, "late")
        line.customer_lead = 2
        self.env.company.security_lead = 1
        line.invalidate_recordset()
        self.assertEqual(line.promise_date, datetime(2026, 3, 12, 10, 10))

    def test_days_to_purchase(self):
        """Vendor 3 days and 2 days to send the order."""
        self._create_planned_lamp()
        self.env.company.days_to_purchase = 2
        self.assertEqual(self._promise(self.chip, 1).promise_date, self._days(5))

    def test_in_stock(self):
        """What lies free in stock is there now and not late, with or without security days."""
        self._create_planned_lamp()
        self.env.company.security_lead = 1
        line = self._promise(self.lamp, 2)
        self.assertEqual((line.promise_date, line.promise_state), (self._days(1), "in_time"))
        self.assertEqual(line.promise_cause, "In stock.")

    def test_lines_share_stock(self):
        """The second line of an order finds the stock that the first one left."""
        product = self._create_product("Bulb")
        self._add_vendor(product, delay=4)
        self._set_stock(product, 5)
        order = self._create_order([(product, 4, 1), (product, 2, 1)])
        self.assertEqual(order.order_line.mapped("promise_date"), [self.now, self._days(4)])
        self.assertEqual(order.promise_date, self._days(4))
        self.assertEqual(order.promise_cause, "Waits for Bulb from vendor Chips Ltd until 03/06/2026.")

    # ------------------------------------------------------------
    # Who else wants it
    # ------------------------------------------------------------

    def test_reserved_stock(self):
        """Stock reserved for another order is not promised again."""
        self._create_planned_lamp()
        other = self._create_order([(self.box, 99, 1)])
        other.action_confirm()
        other.picking_ids.action_assign()
        self.assertEqual(self._promise(self.box, 1).promise_date, self.now)
        self.assertEqual(self._promise(self.box, 2).promise_date, self._days(30))

    def test_pegged_stock(self):
        """Stock that the plan gives to another order is not promised, though nothing reserves it."""
        self._create_planned_lamp()
        self._peg(self._get_area(), self.box, 99)
        self.assertEqual(self._promise(self.box, 1).promise_date, self.now)
        self.assertEqual(self._promise(self.box, 2).promise_date, self._days(30))

    def _order_boxes(self, quantity, days):
        purchase = self.env["purchase.order"].create(
            {
                "partner_id": self.vendor.id,
                "order_line": [
                    Command.create(
                        {"product_id": self.box.id, "product_qty": quantity, "date_planned": self._days(days)}
                    )
                ],
            }
        )
        purchase.button_confirm()
        return purchase

    def test_receipt(self):
        """A confirmed purchase arrives before a new one would."""
        self._create_planned_lamp()
        self._order_boxes(20, days=5)
        line = self._promise(self.box, 120)
        self.assertEqual(line.promise_date, self._days(5))
        self.assertEqual(line.promise_cause, "Waits for Box, which arrives on 03/07/2026.")
        self.assertEqual(self._promise(self.box, 121).promise_date, self._days(30))

    def test_pegged_receipt(self):
        """Of a receipt of 20, the plan gives 15 to others."""
        self._create_planned_lamp()
        purchase = self._order_boxes(20, days=5)
        self._peg(self._get_area(), self.box, 15, supply_type="purchase", purchase_line_id=purchase.order_line.id)
        self.assertEqual(self._promise(self.box, 105).promise_date, self._days(5))
        self.assertEqual(self._promise(self.box, 106).promise_date, self._days(30))

    def test_receipt_wanted_by_another_order(self):
        """Without a plan, an order that waits for goods takes the receipt first."""
        self._create_planned_lamp()
        self._order_boxes(20, days=5)
        self._create_order([(self.box, 115, 1)]).action_confirm()
        self.env["stock.picking"].search([("picking_type_code", "=", "outgoing")]).action_assign()
        self.assertEqual(self._promise(self.box, 5).promise_date, self._days(5))
        self.assertEqual(self._promise(self.box, 6).promise_date, self._days(30))

    def test_open_production(self):
        """Five lamps on a manufacturing order that nobody waits for are promised when it ends."""
        self._create_planned_lamp()
        production = self.env["mrp.production"].create({"product_id": self.lamp.id, "product_qty": 5})
        production.action_confirm()
        production.move_finished_ids.date = self._days(1)
        self.assertEqual(self._promise(self.lamp, 7).promise_date, self._days(1))

    def test_planned_load(self):
        """24 h of Assembly are taken this week by the plan: the first free hour is Thursday 9:00.

        Monday from 9 to 17 gives 7 h, Tuesday and Wednesday 8 h each: 23 h; Thursday 8-9 the last one. The lamp
        (module in stock) then takes until 10:00.
        """
        self._create_planned_lamp()
        self.env["crm.workcenter.load.line"].create(
            {
                "mrp_area_id": self._get_area().id,
                "company_id": self.company.id,
                "workcenter_id": self.assembly.id,
                "week_start": date(2026, 3, 2),
                "hours": 24,
            }
        )
        line = self._promise(self.lamp, 3)
        self.assertEqual(line.promise_date, datetime(2026, 3, 5, 10))
        self.assertEqual(line.promise_cause, "Work centre Assembly is booked until 03/05/2026; then it makes Lamp.")

    # ------------------------------------------------------------
    # Bills of materials
    # ------------------------------------------------------------

    def test_produce_delay(self):
        """Without operations the manufacturing lead time counts from the last component."""
        part, made = self._create_product("Part"), self._create_product("Made")
        self._add_vendor(part, delay=4)
        self._create_bom(made, [(part, 1)], produce_delay=3)
        line = self._promise(made, 1)
        self.assertEqual(line.promise_date, self._days(7))

    def test_kit_in_dozens(self):
        """A kit of 2 dozen boxes: 4 kits need 96 of the 100 in stock, 5 need 120."""
        self._create_planned_lamp()
        kit = self._create_product("Kit")
        bom = self._create_bom(kit, [(self.box, 2)], type="phantom")
        bom.bom_line_ids.product_uom_id = self.env.ref("uom.product_uom_dozen")
        self.assertEqual(self._promise(kit, 4).promise_date, self.now)
        self.assertEqual(self._promise(kit, 5).promise_date, self._days(30))

    def test_sold_in_dozens(self):
        """9 dozens are 108 of 100 boxes."""
        self._create_planned_lamp()
        line = self._promise(self.box, 8)
        line.product_uom_id = self.env.ref("uom.product_uom_dozen")
        self.assertEqual(line.promise_date, self.now)
        line.product_uom_qty = 9
        self.assertEqual(line.promise_date, self._days(30))

    def test_vendor_by_quantity(self):
        """A faster vendor with a minimum is chosen only for what is really to be bought."""
        product = self._create_product("Bulb")
        self._add_vendor(product, delay=20, price=10)
        fast = self._add_vendor(product, delay=2, price=5)
        fast.write({"min_qty": 50, "partner_id": self.partner.id, "sequence": 0})
        self._set_stock(product, 10)
        self.assertEqual(self._promise(product, 59).promise_date, self._days(20))
        self.assertEqual(self._promise(product, 60).promise_date, self._days(2))

    # ------------------------------------------------------------
    # What makes it impossible
    # ------------------------------------------------------------

    def _assertImpossible(self, line, *words):
        self.assertFalse(line.promise_date)
        self.assertEqual(line.promise_state, "unknown")
        self.assertFalse(line.promise_is_late)
        for word in ("No date", *words):
            self.assertIn(word, line.promise_cause)

    def test_missing_vendor_below(self):
        """A component without vendor and bill is named; the part in stock does not hide it."""
        self._create_planned_lamp()
        self.chip.seller_ids.unlink()
        self._assertImpossible(self._promise(self.lamp, 10), "Chip", "vendor")
        self.assertEqual(self._promise(self.lamp, 2).promise_date, self.now)

    def test_cycle(self):
        one, two = self._create_product("One"), self._create_product("Two")
        self._create_bom(one, [(two, 1)])
        # Odoo forbids the circle only in the same company's active bills: an archived one comes back by SQL
        bom = self._create_bom(two, [(one, 1)], active=False)
        self.env.flush_all()
        self.env.cr.execute("UPDATE mrp_bom SET active = TRUE WHERE id = %s", [bom.id])
        self.env.invalidate_all()
        self._assertImpossible(self._promise(one, 1), "One > Two > One")

    def test_workcenter_without_calendar(self):
        self._create_planned_lamp()
        self.smt.resource_calendar_id = False
        self._assertImpossible(self._promise(self.lamp, 10), "SMT", "working hours")

    def test_zero_efficiency(self):
        self._create_planned_lamp()
        self.env.flush_all()
        self.env.cr.execute("UPDATE mrp_workcenter SET time_efficiency = 0 WHERE id = %s", [self.smt.id])
        self.env.invalidate_all()
        self._assertImpossible(self._promise(self.lamp, 10), "SMT", "efficiency")

    def test_a_billion(self):
        """A billion lamps take longer than anybody plans: a sentence, no traceback."""
        self._create_planned_lamp()
        self._assertImpossible(self._promise(self.lamp, 1e9), "SMT", "free hours")

    # ------------------------------------------------------------
    # Where it is computed
    # ------------------------------------------------------------

    def test_nothing_for_services_and_sections(self):
        order = self._create_order([(self._create_service(), 1, 1)])
        order.order_line = [Command.create({"display_type": "line_section", "name": "Section"})]
        self.assertFalse(any(order.order_line.mapped("promise_state")))
        self.assertFalse(order.promise_state)

    def test_feature_off(self):
        """Switched off it is neither shown nor computed nor kept, and costs no query."""
        self._create_planned_lamp()
        order = self._create_order([(self.lamp, 10, 1)])
        self._set_feature("delivery_promise", False)
        order.order_line.mapped("product_id.type")
        self.env.company._has_feature("delivery_promise")
        with self.assertQueryCount(0):
            self.assertFalse(order.order_line.promise_date)
        self.assertFalse(order.has_delivery_promise)
        order.action_confirm()
        self.assertFalse(order.order_line.promised_date)

    def _set_feature(self, key, is_on):
        self.env["crm.roadmap.feature.pin"].create(
            {
                "feature_id": self.env["crm.roadmap.feature"].search([("key", "=", key)]).id,
                "company_id": self.company.id,
                "state": "on" if is_on else "off",
            }
        )

    def test_new_line_in_form(self):
        """The date follows the quantity in a form that is not saved yet."""
        self._create_planned_lamp()
        with Form(self.env["sale.order"]) as form:
            form.partner_id = self.partner
            with form.order_line.new() as line:
                line.product_id = self.box
                line.product_uom_qty = 100
                self.assertEqual(line.promise_date, self.now)
                line.product_uom_qty = 101
                self.assertEqual(line.promise_date, self._days(30))
            self.assertEqual(form.promise_state, "late")
            self.assertEqual(form.promise_date, self._days(30))

    def test_agreed_date(self):
        """Late or not is told against the delivery date of the order."""
        self._create_planned_lamp()
        line = self._promise(self.box, 101, commitment_date=self._days(29))
        self.assertEqual(line.promise_state, "late")
        line.order_id.commitment_date = self._days(30)
        self.assertEqual(line.promise_state, "in_time")

    # ------------------------------------------------------------
    # Keeping it
    # ------------------------------------------------------------

    def test_promise_this_date(self):
        self._create_planned_lamp()
        order = self._create_order([(self.box, 101, 1), (self.lamp, 1, 1)])
        order.action_promise_date()
        self.assertEqual(order.commitment_date, self._days(30))
        self.assertEqual(order.promise_state, "in_time")
        order.action_confirm()
        self.assertEqual(order.order_line.mapped("promised_date"), [self._days(30)] * 2)
        self.assertIn("Waits for Box", order.order_line[0].promised_cause)

    def test_promise_without_date(self):
        """Where there is no date, the button says what is missing."""
        order = self._create_order([(self._create_product("Orphan"), 1, 1)])
        with self.assertRaisesRegex(UserError, "Orphan"):
            order.action_promise_date()

    def test_kept_at_confirmation(self):
        """Without a delivery date the promise of that moment is kept, and is no longer computed afterwards."""
        self._create_planned_lamp()
        order = self._create_order([(self.box, 101, 1)])
        order.action_confirm()
        line = order.order_line
        self.assertEqual(line.promised_date, self._days(30))
        self.assertEqual(line.promised_cause, "Waits for Box from vendor Chips Ltd until 04/01/2026.")
        self.assertFalse(line.promise_date)

    def test_language_of_the_reader(self):
        """The sentence is made when it is read: the names follow too."""
        self._create_planned_lamp()
        order = self._create_order([(self.box, 101, 1)])
        order.action_confirm()
        self.vendor.name = "New Chips"
        order.order_line.invalidate_recordset()
        self.assertIn("New Chips", order.order_line.promised_cause)

    # ------------------------------------------------------------
    # Rights, companies, queries
    # ------------------------------------------------------------

    def test_salesman_reads(self):
        """A salesperson sees date and cause without rights on bills and vendors; a plain user sees no order."""
        self._create_planned_lamp()
        line = self._promise(self.lamp, 10)
        mine = line.with_user(self.salesman)
        self.assertEqual(mine.promise_date, line.promise_date)
        self.assertIn("Chip", mine.promise_cause)
        with self.assertRaises(AccessError):
            line.with_user(self.plain_user).read(["promise_date"])
        with self.assertRaises(AccessError):
            line.order_id.with_user(self.plain_user).action_promise_date()

    def test_two_companies(self):
        """Stock, bills and vendors of another company do not help."""
        other = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids |= other
        self._create_planned_lamp()
        self._add_vendor(self.box, delay=1).company_id = other
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1)
        foreign = (
            self.env["sale.order"]
            .with_company(other)
            .create(
                {
                    "partner_id": self.partner.id,
                    "company_id": other.id,
                    "warehouse_id": warehouse.id,
                    "order_line": [Command.create({"product_id": self.box.id, "product_uom_qty": 1})],
                }
            )
        )
        own = self._promise(self.box, 101)
        lines = own | foreign.order_line
        lines.invalidate_recordset()
        self.assertEqual(own.promise_date, self._days(30))
        self.assertIn(foreign.order_line.promise_date, (self._days(1), self._days(30)))
        self.assertFalse(foreign.order_line.promise_date == self.now)

    def _count_queries(self, lines):
        lines = self.env["sale.order.line"].browse(lines.ids)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        lines.mapped("promise_date")
        return self.env.cr.sql_log_count - before

    def test_queries_do_not_grow(self):
        """Two lines or twenty over three levels: the same queries; with one, Odoo's search of bills saves two."""
        self._create_planned_lamp()
        others = []
        for number in range(20):
            part, module, lamp = (self._create_product(f"{name} {number}") for name in ("Part", "Sub", "Top"))
            self._add_vendor(part)
            bom = self._create_bom(module, [(part, 2)])
            self._add_operation(bom, self.smt, 5)
            self._add_operation(self._create_bom(lamp, [(module, 1)]), self.assembly, 5)
            others.append((lamp, 1, 1))
        orders = [self._create_order(others[:number]) for number in (1, 2, 20)]
        self._count_queries(orders[0].order_line)
        one, two, twenty = (self._count_queries(order.order_line) for order in orders)
        self.assertEqual(two, twenty)
        self.assertLessEqual(two - one, 2)
        self.assertLess(twenty, 55)

    def test_confirmation_queries(self):
        """Confirming an order with an agreed date costs two statements more than without the feature."""
        self._create_planned_lamp()

        def confirm(**values):
            order = self._create_order([(self.box, 1, 1)] * 3, **values)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            order._keep_promises()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        agreed = self._days(9)
        confirm(commitment_date=agreed)
        cheap, full = confirm(commitment_date=agreed), confirm()
        self.assertLessEqual(cheap, 8)
        self.assertLessEqual(full, 45)
