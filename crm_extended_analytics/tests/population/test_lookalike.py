from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...scoring import similarity
from .common_attribution import AttributionCase


@tagged("post_install", "-at_install")
class TestLookalike(AttributionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hotels, cls.shops = cls.env["res.partner.industry"].create([{"name": "Hotels LAX"}, {"name": "Shops LAX"}])
        cls.bulgaria = cls.env.ref("base.bg")

    def _make_customers(self, best_hotels=8, best=10, hotels=12, customers=100):
        """The best tenth are mostly hotels, the others mostly shops."""
        common = {"is_company": True, "country_id": self.bulgaria.id}
        for number in range(customers):
            is_hotel = number < best_hotels or best <= number < best + hotels - best_hotels
            industry = self.hotels if is_hotel else self.shops
            (partner,) = self._customers(1, industry_id=industry.id, **common)
            self._sale(partner, "2026-06-01", amount=10000 if number < best else 100)

    def _find(self, prospect):
        field = "lead_id" if prospect._name == "crm.lead" else "partner_id"
        return self.env["crm.lookalike"].search([("company_id", "=", self.company.id), (field, "=", prospect.id)])

    def test_ranked_with_reasons(self):
        """80 % of the best are hotels against 12 % of all: a hotel is much more likely to become one of the best."""
        self._make_customers()
        hotel, shop = (self._customers(1, industry_id=industry.id) for industry in (self.hotels, self.shops))
        hotel.write({"is_company": True, "country_id": self.bulgaria.id})
        self._run()
        found, other = self._find(hotel), self._find(shop)
        self.assertGreater(found.likeness_pct, 50)
        self.assertLess(other.likeness_pct, 10)
        self.assertIn("Industry Hotels LAX: 80 % of the best customers, against 12 % of all.", found.reasons_text)

    def test_same_as_the_pure_function(self):
        self._make_customers()
        hotel = self._customers(1, industry_id=self.hotels.id, is_company=True, country_id=self.bulgaria.id)
        self._run()
        known = similarity.evidence(
            {"hotel": 12, "shop": 88}, {"hotel": 8, "shop": 2}, customers=100, best_customers=10
        )
        # country and company are the same for all: they say nothing
        expected = similarity.likeness([known["hotel"].weight], base_rate=0.1)
        self.assertAlmostEqual(self._find(hotel).likeness_pct, 100 * expected, places=6)

    def test_too_few_customers_is_refused(self):
        self._make_customers(customers=49, best=5, best_hotels=5)
        hotel = self._customers(1, industry_id=self.hotels.id)
        self._run()
        self.assertFalse(self._find(hotel))

    def test_who_is_no_prospect(self):
        self._make_customers()
        buyer = self.env["crm.fact.sale"].search([("company_id", "=", self.company.id)], limit=1).partner_id
        objector, supplier = self._customers(2, industry_id=self.hotels.id)
        objector.crm_profiling_opt_out = True
        supplier.supplier_rank = 1
        self._run()
        for partner in (buyer, objector, supplier, self.env.user.partner_id, self.company.partner_id):
            self.assertFalse(self._find(partner), partner.name)

    def test_lead_without_a_contact(self):
        self._make_customers()
        lead = self.env["crm.lead"].create(
            {"name": "Hotel", "partner_name": "Hotel LAX", "country_id": self.bulgaria.id, "type": "lead"}
        )
        self._run()
        row = self._find(lead)
        self.assertEqual((row.name, row.country_id), ("Hotel LAX", self.bulgaria))
        self.assertEqual(row.action_make_opportunity()["res_id"], lead.id)
        self.assertEqual(lead.type, "opportunity")

    def test_one_click(self):
        self._make_customers()
        hotel = self._customers(1, industry_id=self.hotels.id, is_company=True, user_id=self.seller.id)
        self._run()
        row = self._find(hotel)
        rows = self.env["crm.lookalike"].with_user(self.seller).with_context(allowed_company_ids=self.company.ids)
        mine = rows.search([("id", "=", row.id)])
        lead = self.env["crm.lead"].browse(mine.action_make_opportunity()["res_id"])
        self.assertEqual((lead.partner_id, lead.user_id, lead.type), (hotel, self.seller, "opportunity"))
        self.assertEqual(mine.action_make_opportunity()["res_id"], lead.id)
        mine.action_plan_activity()
        self.assertEqual(hotel.activity_ids.user_id, self.seller)
        self.assertEqual(mine.action_open_prospect()["res_id"], hotel.id)

    def test_queries_of_the_list_do_not_grow(self):
        self._make_customers()
        self._customers(30, industry_id=self.hotels.id)
        self._run()
        rows = self.env["crm.lookalike"].search(
            [("company_id", "=", self.company.id), ("industry_id", "=", self.hotels.id)]
        )
        counts = []
        for part in (rows[:1], rows[:30]):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            part.mapped("reasons_text")
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(len(rows), 30)
        self.assertEqual(counts[0], counts[1])

    def test_access(self):
        self._make_customers()
        hotel = self._customers(1, industry_id=self.hotels.id, user_id=self.colleague.id)
        self._run()
        row = self._find(hotel)
        rows = self.env["crm.lookalike"].with_context(allowed_company_ids=self.company.ids)
        with self.assertRaises(AccessError):
            rows.with_user(self._user("lax_plain", "base.group_user")).search([])
        self.assertNotIn(row, rows.with_user(self.seller).search([]))
        self.assertIn(row, rows.with_user(self.colleague).search([]))
        self.assertFalse(rows.with_user(self.colleague).has_access("write"))
        stranger = self._user("lax_other", "sales_team.group_sale_manager", self._make_company("Other LAX"))
        rows = rows.with_context(allowed_company_ids=stranger.company_ids.ids)
        self.assertNotIn(row, rows.with_user(stranger).search([]))
