from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import ConversionCase


@tagged("post_install", "-at_install")
class TestBadInput(ConversionCase):
    """What cannot be converted is refused with the record and the remedy, and nothing half-done stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_policies(crm_win_policy="confirm", crm_win_without_quotation="refuse")
        cls.lead = cls._create_lead()
        cls.quotation = cls._create_quotation(cls.lead)

    def _assert_refused(self, *sentences):
        with self.assertRaises(UserError) as caught, self.cr.savepoint():
            self.lead.action_set_won()
        for sentence in sentences:
            self.assertIn(sentence, str(caught.exception))
        self.env.invalidate_all()
        self.assertEqual(self.lead.won_status, "pending")
        self.assertEqual(self.quotation.state, "draft")

    def test_archived_product(self):
        self.lamp.active = False
        self._assert_refused(f"Product Floor Lamp on quotation {self.quotation.name} is archived. Replace it")

    def test_without_price(self):
        self.quotation.order_line.price_unit = 0
        self._assert_refused("has no price. Enter a unit price, or a full discount")

    def test_free_of_charge_on_purpose(self):
        self.quotation.order_line.write({"price_unit": 0, "discount": 100})
        self.lead.action_set_won()
        self.assertEqual(self.quotation.state, "sale")

    def test_no_lines(self):
        self.quotation.order_line.unlink()
        self._assert_refused(f"Quotation {self.quotation.name} has no products")

    def test_expired(self):
        self.quotation.validity_date = "2026-06-09"
        self._assert_refused("expired on 06/09/2026. Extend its expiration date")

    def test_another_company(self):
        other = self._create_company(name="Rila Services")
        self.lead.company_id = False
        self.quotation.order_line.unlink()
        self.quotation.write({"company_id": other.id, "team_id": False})
        self.quotation.order_line = [Command.create({"product_id": self.lamp.id, "price_unit": 10})]
        with self.assertRaisesRegex(UserError, "belongs to company Rila Services. Switch to that company"):
            self.lead.with_context(allowed_company_ids=self.company.ids).action_set_won()

    def test_blocked_customer(self):
        self.customer.write({"sale_blocked": True, "sale_block_reason": "three unpaid invoices"})
        contact = self.env["res.partner"].create({"name": "Ivan", "parent_id": self.customer.id})
        self.quotation.partner_id = contact
        self._assert_refused("Customer Hotel Balkan of quotation", "is blocked for sales: three unpaid invoices")

    def test_blocked_customer_by_hand_and_in_the_portal(self):
        self.quotation.write({"require_signature": True, "require_payment": True, "state": "sent"})
        self.assertTrue(self.quotation._has_to_be_signed())
        self.customer.sale_blocked = True
        self.assertFalse(self.quotation._has_to_be_signed())
        self.assertFalse(self.quotation._has_to_be_paid())
        with self.assertRaisesRegex(UserError, "is blocked for sales"):
            self.quotation.action_confirm()

    def test_archived_customer(self):
        self.customer.active = False
        self._assert_refused("is archived. Unarchive the customer")

    def test_all_obstacles_at_once(self):
        self.lamp.active = False
        self.customer.sale_blocked = True
        self._assert_refused("is archived. Replace it", "is blocked for sales: no reason was given")

    def test_one_bad_quotation_in_a_mass_edit_stops_all(self):
        good_lead = self._create_lead(name="Lamps for the bar")
        good = self._create_quotation(good_lead)
        self.quotation.validity_date = "2026-06-09"
        with self.assertRaises(UserError), self.cr.savepoint():
            (good_lead | self.lead).write({"stage_id": self.stage_won.id})
        self.env.invalidate_all()
        self.assertEqual(good.state, "draft")
        self.assertEqual(good_lead.won_status, "pending")
