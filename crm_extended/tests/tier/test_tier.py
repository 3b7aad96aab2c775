from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from .common_tier import TODAY, TierCase


@tagged("post_install", "-at_install")
class TestTier(TierCase):
    def _place(self, *pairs, day=TODAY):
        """Apply the placement of a pyramid."""
        rows = SQL(", ").join(SQL("(%s, %s)", partner.id, tier.id) for partner, tier in pairs)
        placed = SQL("SELECT * FROM (VALUES %s) placed (partner_id, tier_id)", rows)
        return self.stays._apply(self.company, placed, day)

    def test_contact_is_in_the_tier_of_his_company(self):
        self.customer.crm_tier_id = self.top
        self.assertEqual(self.buyer.crm_tier_id, self.top)
        self.assertTrue(self.buyer.crm_tier_locked)

    def test_no_target_is_shown_empty(self):
        """0 hours and 0 days mean that nothing is set: the screen reads nothing, code reads 0."""
        self.small.write({"response_hours": 0, "visit_days": 0})
        (row,) = self.small.read(["response_hours", "visit_days"])
        self.assertEqual((row["response_hours"], row["visit_days"]), (False, False))
        self.assertIsInstance(row["response_hours"], bool)
        self.assertEqual((self.small.response_hours, self.small.visit_days), (0, 0))
        self.small.write({"response_hours": 4, "visit_days": 30})
        (row,) = self.small.read(["response_hours", "visit_days"])
        self.assertEqual((row["response_hours"], row["visit_days"]), (4, 30))

    def test_tier_as_of_any_day(self):
        """Small from June 10, top from June 20: on the 20th already top."""
        self.customer.crm_tier_id = self.small
        with freeze_time("2026-06-20 09:00:00"):
            self.customer.crm_tier_id = self.top
        self.assertEqual(
            self._history(self.customer),
            [(self.small, TODAY, date(2026, 6, 20)), (self.top, date(2026, 6, 20), None)],
        )
        for day, tier in (("2026-06-09", None), ("2026-06-10", self.small), ("2026-06-19", self.small)):
            found = self.stays._get_tiers(self.buyer, self.company, day)
            self.assertEqual(found.get(self.customer.id), tier, day)
        self.assertEqual(self.stays._get_tiers(self.buyer, self.company, "2026-06-20")[self.customer.id], self.top)

    def test_second_thought_of_the_day_leaves_one_stay(self):
        self.customer.crm_tier_id = self.small
        self.customer.crm_tier_id = self.top
        self.assertEqual(self._history(self.customer), [(self.top, TODAY, None)])

    def test_taken_out(self):
        self.customer.crm_tier_id = self.small
        with freeze_time("2026-07-01 09:00:00"):
            self.customer.crm_tier_id = False
        self.assertEqual(self._history(self.customer), [(self.small, TODAY, date(2026, 7, 1))])
        self.assertFalse(self.customer.crm_tier_id)

    def test_tier_is_of_one_company(self):
        other = self.env["res.company"].create({"name": "Other Ltd"})
        self.customer.crm_tier_id = self.top
        self.assertFalse(self.customer.with_company(other).crm_tier_id)
        self.top.company_id = other
        with self.assertRaises(ValidationError):
            self.stays._assign(self.customer, self.top, self.company)

    def test_service_rules_are_of_one_company(self):
        other = self.env["res.company"].create({"name": "Other Ltd"})
        self.top.response_hours = 4
        self.assertEqual(self.top.with_company(other).response_hours, 0)

    def test_pyramid_moves_only_who_is_not_fixed(self):
        free, fixed = self.env["res.partner"].create([{"name": "Free"}, {"name": "Fixed"}])
        self.assertEqual(self._place((free, self.small)), 1)
        fixed.crm_tier_id = self.small
        day = date(2026, 7, 1)
        self.assertEqual(self._place((free, self.top), (fixed, self.top), day=day), 1)
        self.assertEqual(self._history(free), [(self.small, TODAY, day), (self.top, day, None)])
        self.assertEqual(fixed.crm_tier_id, self.small)
        fixed.crm_tier_locked = False
        self._place((free, self.top), (fixed, self.top), day=day)
        self.assertEqual(fixed.crm_tier_id, self.top)
        self.assertEqual(len(self._history(free)), 2)

    def test_pyramid_twice_a_day(self):
        self._place((self.customer, self.small))
        self._place((self.customer, self.top))
        self.assertEqual(self._history(self.customer), [(self.top, TODAY, None)])

    def test_search(self):
        """By tier, by its name, and those without one; contacts with their company."""
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        self.customer.crm_tier_id = self.top
        everybody = self.customer + self.buyer + stranger
        for domain, expected in (
            ([("crm_tier_id", "=", self.top.id)], self.customer + self.buyer),
            ([("crm_tier_id", "=", False)], stranger),
            ([("crm_tier_id", "!=", False)], self.customer + self.buyer),
            ([("crm_tier_id", "ilike", "test top")], self.customer + self.buyer),
            ([("crm_tier_id.sequence", "=", 9)], self.env["res.partner"]),
            ([("crm_tier_id", "in", [self.small.id, False])], stranger),
        ):
            found = self.env["res.partner"].search([("id", "in", everybody.ids), *domain])
            self.assertEqual(found, expected, domain)

    def test_used_tier_is_not_deleted(self):
        self.customer.crm_tier_id = self.top
        self.assertEqual(self.top.customer_count, 1)
        with self.assertRaisesRegex(UserError, "Test Top"):
            self.top.unlink()

    def test_merged_customers(self):
        """Of two stays of today one remains: that of the contact that stays, else that of the other."""
        double = self.env["res.partner"].create({"name": "Hotel Balkan (double)", "is_company": True})
        self.customer.crm_tier_id, double.crm_tier_id = self.top, self.small
        self.env.flush_all()
        self.env["base.partner.merge.automatic.wizard"]._merge((self.customer + double).ids, self.customer)
        self.assertEqual(self._history(self.customer), [(self.top, TODAY, None)])
        plain, placed = self.env["res.partner"].create([{"name": "Plain"}, {"name": "Placed"}])
        placed.crm_tier_id = self.small
        self.env["base.partner.merge.automatic.wizard"]._merge((plain + placed).ids, plain)
        self.assertEqual(self._history(plain), [(self.small, TODAY, None)])

    def test_queries_do_not_grow(self):
        partners = self.env["res.partner"].create([{"name": f"Customer {n}"} for n in range(200)])
        self._place(*((partner, self.small) for partner in partners))
        counts = []
        for group in (partners[:2], partners[:1], partners):
            self.env.invalidate_all()
            group.mapped("name")
            start = self.cr.sql_log_count
            group.mapped("crm_tier_id.name")
            counts.append(self.cr.sql_log_count - start)
        # the first one fills the caches
        self.assertEqual(*counts[1:])
