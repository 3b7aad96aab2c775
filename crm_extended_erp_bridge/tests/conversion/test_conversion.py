from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import BridgeCommon


@tagged("post_install", "-at_install")
class TestConversion(BridgeCommon):
    """One conversion per order, whose state is proved by the documents."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = cls._create_product("Table")
        cls._set_stock(cls.table, 100)

    # ------------------------------------------------------------
    # One per order
    # ------------------------------------------------------------

    def test_confirming_creates_one(self):
        lead = self.env["crm.lead"].create({"name": "Lobby", "type": "opportunity", "partner_id": self.partner.id})
        conversion = self._confirm([(self.table, 2, 50)], opportunity_id=lead.id)
        self.assertEqual(len(conversion), 1)
        self.assertEqual(conversion.opportunity_id, lead)
        self.assertEqual(conversion.user_id, self.salesman)
        self.assertEqual(conversion.team_id, self.team)
        self.assertEqual(conversion.partner_id, self.partner)

    def test_quotation_has_none(self):
        self.assertFalse(self._create_order([(self.table, 2, 50)]).conversion_ids)

    def test_opportunity_is_optional(self):
        self.assertFalse(self._confirm([(self.table, 2, 50)]).opportunity_id)

    def test_repeated_call_finds_the_first(self):
        conversion = self._confirm([(self.table, 2, 50)])
        self.assertEqual(self.env["crm.conversion"]._create_for_orders(conversion.order_id), conversion)
        self.assertEqual(conversion.order_id._action_confirm(), None)
        self.assertEqual(conversion.order_id.conversion_ids, conversion)

    def test_order_shows_where_it_stands(self):
        order = self._create_order([(self.table, 2, 50)], commitment_date="2026-02-27 12:00:00")
        self.assertFalse(order.conversion_state)
        order.action_confirm()
        self.assertEqual(order.conversion_state, "ready")
        self.assertTrue(order.conversion_is_late)
        self.assertEqual(order.conversion_waiting_for, order.conversion_ids.waiting_for)

    @mute_logger("odoo.sql_db")
    def test_unique_in_the_database(self):
        conversion = self._confirm([(self.table, 2, 50)])
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            self.env["crm.conversion"].create({"order_id": conversion.order_id.id})

    def test_confirmed_again_keeps_its_conversion(self):
        conversion = self._confirm([(self.table, 2, 50)])
        order = conversion.order_id
        order._action_cancel()
        self.assertState(conversion, "cancelled")
        order.action_draft()
        self.assertState(conversion, "cancelled")
        order.action_confirm()
        self.assertEqual(order.conversion_ids, conversion)
        self.assertState(conversion, "ready")

    def test_imported_confirmed_order_has_one(self):
        order = self._create_order([(self.table, 2, 50)], state="sale")
        self.assertEqual(len(order.conversion_ids), 1)

    def test_deleted_with_its_order(self):
        conversion = self._confirm([(self.table, 2, 50)])
        order = conversion.order_id
        order._action_cancel()
        order.unlink()
        self.assertFalse(conversion.exists())

    def test_salesman_confirms_without_rights_on_conversions(self):
        order = self._create_order([(self.table, 2, 50)])
        order.with_user(self.salesman).action_confirm()
        self.assertEqual(len(order.conversion_ids), 1)

    def test_backfill_fills_what_is_missing(self):
        """An order confirmed before the addon came gets the same values as one confirmed today."""
        first, second = self._confirm([(self.table, 2, 50)]), self._confirm([(self.table, 2, 50)])
        order = first.order_id
        first.unlink()
        self.env["crm.conversion"]._backfill(self.company)
        created = order.conversion_ids
        self.assertEqual(len(created), 1)
        self.env.flush_all()
        self.env.invalidate_all()
        stored = [name for name, field in created._fields.items() if field.store and field.compute]
        left, right = created.read(stored, load=None)[0], second.read(stored, load=None)[0]
        for values in (left, right):
            for name in ("id", "name"):
                values.pop(name)
        self.assertEqual(left, right)
        self.assertEqual(self.env["crm.conversion"]._backfill(self.company), 0)

    def test_another_feature_that_is_switched_looks_for_no_orders(self):
        feature = self.env.ref("crm_extended_erp_bridge.crm_roadmap_feature_workcenter_load")
        pin = self.env["crm.roadmap.feature.pin"].create(
            {"feature_id": feature.id, "company_id": self.company.id, "state": "off"}
        )
        with patch.object(self.registry["crm.conversion"], "_backfill") as backfill:
            pin.state = "on"
        self.assertTrue(self.company._has_feature("workcenter_load"))
        backfill.assert_not_called()

    def test_feature_off_makes_none_and_on_again_fills(self):
        feature = self.env.ref("crm_extended_erp_bridge.crm_roadmap_feature_conversion_chain")
        pin = self.env["crm.roadmap.feature.pin"].create(
            {"feature_id": feature.id, "company_id": self.company.id, "state": "off"}
        )
        conversion = self._confirm([(self.table, 2, 50)])
        self.assertFalse(conversion)
        pin.state = "on"
        order = self.env["sale.order"].search([("partner_id", "=", self.partner.id)], limit=1)
        self.assertEqual(len(order.conversion_ids), 1)

    # ------------------------------------------------------------
    # Forward on evidence, back when it goes
    # ------------------------------------------------------------

    def test_from_stock_to_payment_and_back(self):
        conversion = self._confirm([(self.table, 10, 50)])
        order = conversion.order_id
        self.assertState(conversion, "ready")
        self._deliver(order, qty=4)
        self.assertState(conversion, "shipping")
        self.assertEqual(conversion.delivered_pct, 40.0)
        self._deliver(order)
        self.assertState(conversion, "delivered")
        invoice = self._invoice(order, post=False)
        self.assertState(conversion, "delivered")
        invoice.action_post()
        self.assertState(conversion, "invoiced")
        payment = self._pay(invoice)
        self.assertState(conversion, "paid")
        self.assertFalse(conversion.is_open)
        payment.move_id.line_ids.remove_move_reconcile()
        self.assertState(conversion, "invoiced")
        self._credit(invoice)
        self.assertState(conversion, "delivered")

    def test_order_without_stock_is_only_confirmed(self):
        chair = self._create_product("Chair")
        conversion = self._confirm([(chair, 1, 10)])
        self.assertState(conversion, "confirmed")
        self.assertIn("Waits for goods of", conversion.waiting_for)

    def test_return_falls_back(self):
        conversion = self._confirm([(self.table, 3, 50)])
        picking = conversion.order_id.picking_ids
        self._deliver(conversion.order_id)
        self.assertState(conversion, "delivered")
        wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
        wizard.product_return_moves.quantity = 3
        returned = wizard._create_return()
        returned.move_ids.write({"quantity": 3, "picked": True, "to_refund": True})
        returned.button_validate()
        self.assertEqual(conversion.order_id.order_line.qty_delivered, 0)
        self.assertState(conversion, "confirmed")

    def test_services_skip_production_and_shipping(self):
        conversion = self._confirm([(self._create_service(), 5, 20)])
        self.assertState(conversion, "confirmed")
        self.assertEqual(conversion.waiting_for, "Waits for the services to be delivered.")
        invoice = self._invoice(conversion.order_id)
        self.assertState(conversion, "invoiced")
        self._pay(invoice)
        self.assertState(conversion, "paid")

    # ------------------------------------------------------------
    # Late
    # ------------------------------------------------------------

    def test_late_when_the_promised_day_is_over(self):
        """Today is 2 March: promised 27 February is three days late, promised today is not late."""
        late = self._confirm([(self.table, 1, 50)], commitment_date="2026-02-27 12:00:00")
        on_time = self._confirm([(self.table, 1, 50)], commitment_date="2026-03-02 08:00:00")
        self.assertEqual((late | on_time).mapped("days_late"), [3, 0])
        self.assertEqual((late | on_time).mapped("late_label"), ["3 days late", ""])
        found = self.env["crm.conversion"].search([("is_late", "=", True), ("id", "in", (late | on_time).ids)])
        self.assertEqual(found, late)
        found = self.env["crm.conversion"].search([("is_late", "=", False), ("id", "in", (late | on_time).ids)])
        self.assertEqual(found, on_time)

    def test_delivered_is_not_late_but_its_overdue_invoice_is(self):
        conversion = self._confirm([(self.table, 1, 50)], commitment_date="2026-02-27 12:00:00")
        self._deliver(conversion.order_id)
        self.assertEqual(conversion.days_late, 0)
        invoice = self._invoice(conversion.order_id)
        invoice.invoice_date_due = "2026-03-01"
        self.assertEqual(conversion.days_late, 1)
        self.assertEqual(conversion.waiting_for, f"Waits for payment of {invoice.name}, due 03/01/2026.")

    def test_late_ones_come_first(self):
        later = self._confirm([(self.table, 1, 50)], commitment_date="2026-03-20 12:00:00")
        late = self._confirm([(self.table, 1, 50)], commitment_date="2026-02-20 12:00:00")
        paid = self._confirm([(self.table, 1, 50)], commitment_date="2026-02-01 12:00:00")
        self._deliver(paid.order_id)
        self._pay(self._invoice(paid.order_id))
        found = self.env["crm.conversion"].search([("id", "in", (later | late | paid).ids)])
        self.assertEqual(found.ids, [late.id, later.id, paid.id])

    def test_kanban_shows_every_step(self):
        self._confirm([(self.table, 1, 50)])
        model = self.env["crm.conversion"].with_context(read_group_expand=True)
        result = model.web_read_group([("partner_id", "=", self.partner.id)], ["state"])
        names = [group["state"] for group in result["groups"]]
        self.assertEqual(names, ["confirmed", "production", "ready", "shipping", "delivered", "invoiced", "paid"])


@tagged("post_install", "-at_install")
class TestConversionAccess(BridgeCommon):
    """Who may see the order may see its chain; nobody edits it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls._create_service()
        cls.conversion = cls._confirm([(cls.service, 1, 100)])

    def test_plain_user_is_refused(self):
        with self.assertRaises(AccessError):
            self.conversion.with_user(self.plain_user).read(["state"])
        with self.assertRaises(AccessError):
            self.env["crm.conversion"].with_user(self.plain_user).search([])

    def test_salesman_sees_his_own_only(self):
        self.assertTrue(self.conversion.with_user(self.salesman).has_access("read"))
        self.assertFalse(self.conversion.with_user(self.other_salesman).has_access("read"))

    def test_manager_and_accountant_see_all(self):
        for user in (self.manager, self.accountant):
            self.assertTrue(self.conversion.with_user(user).has_access("read"))

    def test_nobody_edits(self):
        for user in (self.manager, self.accountant, self.salesman):
            for operation in ("write", "create", "unlink"):
                self.assertFalse(self.conversion.with_user(user).has_access(operation))

    def test_other_company_is_hidden(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        user = self._create_user("bridge_elsewhere", "sales_team.group_sale_manager")
        user.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        self.assertFalse(self.conversion.with_user(user).has_access("read"))
        self.assertFalse(self.env["crm.conversion"].with_user(user).search([("id", "=", self.conversion.id)]))

    def test_smart_buttons_count_what_the_reader_may_see(self):
        order = self.conversion.order_id
        self.assertEqual(order.with_user(self.salesman).chain_conversion_count, 1)
        self.assertEqual(order.with_user(self.manager).action_view_conversions()["res_id"], self.conversion.id)
        invoice = self._invoice(order)
        self.assertEqual(invoice.with_user(self.accountant).chain_conversion_count, 1)

    def test_accountant_reads_the_list_without_rights_on_opportunities(self):
        lead = self.env["crm.lead"].create({"name": "Lobby", "type": "opportunity", "partner_id": self.partner.id})
        self.conversion.order_id.opportunity_id = lead
        self.env.flush_all()
        self.env.invalidate_all()
        spec = {name: {} for name in ("name", "amount_untaxed", "amount_invoiced", "waiting_for", "timeline")}
        spec |= {name: {"fields": {"display_name": {}}} for name in ("opportunity_id", "order_id", "partner_id")}
        model = self.env["crm.conversion"].with_user(self.accountant)
        row = model.web_search_read([("id", "=", self.conversion.id)], spec)["records"][0]
        self.assertEqual(row["opportunity_id"]["display_name"], "Lobby")
        steps = {step["step"]: step["documents"] for step in row["timeline"]}
        self.assertFalse(steps["opportunity"][0]["can_open"])

    def test_salesman_reads_the_form_fields(self):
        conversion = self.conversion.with_user(self.salesman)
        conversion.invalidate_recordset()
        values = conversion.read(["state", "waiting_for", "timeline", "days_late", "production_count"])[0]
        self.assertEqual(values["state"], "confirmed")
        self.assertTrue(values["timeline"])
