from lxml import etree

from odoo import Command
from odoo.tests import tagged
from odoo.tools import file_open

from .common_segment import SegmentCase


@tagged("post_install", "-at_install")
class TestSegmentUse(SegmentCase):
    """Segments as filters, on the customer, as pricelists, as recipients, and made from what is on the screen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hotel_b, cls.hotel_c = cls._customers(2)
        for customer, sales in ((cls.hotel, 90), (cls.hotel_b, 50), (cls.hotel_c, 10)):
            cls._measured(customer, net_sales=sales, scores={"total": sales})
        cls.high = cls._segment({"measure": "net_sales", "operator": "ge", "value": 60}, name="High", sequence=1)
        cls.middle = cls._segment(
            {"measure": "net_sales", "operator": "between", "value": 20, "value_to": 95}, name="Middle", sequence=2
        )

    # ------------------------------------------------------------------
    # Filters
    # ------------------------------------------------------------------
    def _found(self, model, domain, among):
        return self._as(self.seller, model).search([("id", "in", among.ids), *domain])

    def test_partners_are_found_by_segment(self):
        partners = self.hotel + self.buyer + self.hotel_b + self.hotel_c
        for domain, wanted in (
            ([("crm_segment_ids", "in", self.high.ids)], self.hotel + self.buyer),
            ([("crm_segment_ids", "in", (self.high + self.middle).ids)], self.hotel + self.buyer + self.hotel_b),
            ([("crm_segment_ids", "not in", self.middle.ids)], self.hotel_c),
            ([("crm_segment_ids", "=", False)], self.hotel_c),
            ([("crm_segment_ids", "!=", False)], self.hotel + self.buyer + self.hotel_b),
            ([("crm_segment_ids.name", "=", "High")], self.hotel + self.buyer),
            ([("crm_segment_ids", "ilike", "midd")], self.hotel + self.buyer + self.hotel_b),
        ):
            self.assertEqual(self._found("res.partner", domain, partners), wanted, domain)

    def test_contact_is_in_the_segments_of_his_company(self):
        for partner in (self.hotel, self.buyer):
            seen = partner.with_env(self._as(self.seller).env)
            self.assertEqual(seen.crm_segment_ids, self.high + self.middle)
            self.assertEqual(seen.crm_segment_count, 2)

    def test_archived_segments_are_not_shown(self):
        self.high.active = False
        self.assertEqual(self.hotel.crm_segment_ids, self.middle)

    def test_salesman_does_not_see_segments_of_others_customers(self):
        self.hotel_b.user_id = self.colleague
        self.assertFalse(self.hotel_b.with_env(self._as(self.seller).env).crm_segment_ids)
        domain = [("crm_segment_ids", "in", self.middle.ids)]
        self.assertEqual(self._found("res.partner", domain, self.hotel + self.hotel_b), self.hotel)

    def test_leads_and_orders_are_found_by_segment(self):
        leads = self.env["crm.lead"].create(
            [{"name": name, "partner_id": partner.id} for name, partner in (("A", self.buyer), ("C", self.hotel_c))]
        )
        self.assertEqual(leads.search([("id", "in", leads.ids), ("crm_segment_ids", "in", self.high.ids)]), leads[0])
        self.assertEqual(leads[0].crm_segment_ids, self.high + self.middle)
        orders = self.env["sale.order"].create([{"partner_id": partner.id} for partner in (self.buyer, self.hotel_c)])
        self.assertEqual(orders.search([("id", "in", orders.ids), ("crm_segment_ids", "=", False)]), orders[1])

    def test_switched_off_segments_are_not_shown(self):
        feature = self.env["crm.roadmap.feature"].search([("key", "=", "segments")])
        self.env["crm.roadmap.feature.pin"].create(
            {"feature_id": feature.id, "company_id": self.company.id, "state": "off"}
        )
        self.assertFalse(self.hotel.crm_segment_ids)

    def test_queries_on_partners_do_not_grow(self):
        """The segments of one and of 200 contacts take the same queries."""
        many = self._customers(200)
        for customer in many:
            self._measured(customer, net_sales=70)
        self.high._refresh()
        counts = []
        for partners in (many[:1], many):
            self.env.invalidate_all()
            self.env["res.company"].browse(self.company.id)._has_feature("segments")
            before = self.env.cr.sql_log_count
            partners.mapped("crm_segment_count")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    # ------------------------------------------------------------------
    # Why
    # ------------------------------------------------------------------
    def _reason(self, segment, partner):
        return segment.member_ids.filtered(lambda member: member.partner_id == partner).reason

    def test_why_has_the_customers_own_numbers(self):
        self.env["crm.tier.assignment"]._assign(self.hotel, self.tiers[0], self.company)
        segment = self._segment(
            {"measure": "net_sales", "operator": "ge", "value": 1000},
            {"alternative": "B", "measure": "net_sales", "operator": "top", "value": 40},
            {"alternative": "B", "kind": "score", "score": "total", "operator": "ge", "value": 80, "sequence": 20},
            {"alternative": "B", "kind": "tier", "tier_ids": [Command.set(self.tiers.ids)], "sequence": 30},
            {
                "alternative": "B",
                "kind": "contact",
                "contact_domain": "[('country_id.code', '=', 'BG'), ('is_company', '=', True)]",
                "sequence": 40,
            },
        )
        self.assertEqual(
            self._reason(segment, self.hotel),
            "Net Sales: 90 (among the highest 40 %)\n"
            "Total: 90 (at least 80)\n"
            "Tier: Test Gold (tier Test Gold or Test Silver)\n"
            "Fits: Country › Country Code = BG and Is a Company = True",
        )

    def test_why_says_when_it_holds_no_more(self):
        self._measure(self.hotel).net_sales = 1
        self.env.invalidate_all()
        self.assertIn("not met any more", self._reason(self.high, self.hotel))
        self.high.is_dynamic = False
        self.assertIn("frozen", self._reason(self.high, self.hotel))

    def test_why_of_a_list(self):
        segment = self.segments._create_from_partners("Fair", self.hotel, self.company)
        self.assertEqual(segment.member_ids.reason, "Added by hand on 06/30/2026.")

    def test_why_is_asked_once_for_all_members(self):
        many = self._customers(200)
        for customer in many:
            self._measured(customer, net_sales=70)
        self.high._refresh()
        members = self.high.member_ids
        members.mapped("reason")
        counts = []
        for count in (1, 200):
            self.env.invalidate_all()
            some = members.browse(members.ids[:count])
            before = self.env.cr.sql_log_count
            some.mapped("reason")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_customer_opens_his_segments(self):
        action = self.buyer.action_open_segments()
        members = self.env["crm.segment.member"].search(action["domain"])
        self.assertEqual(members.segment_id, self.high + self.middle)

    # ------------------------------------------------------------------
    # Pricelists
    # ------------------------------------------------------------------
    def _priced(self):
        """Give both segments a pricelist, and return them."""
        self.env["res.config.settings"].create({"group_product_pricelist": True}).execute()
        high, middle = self.env["product.pricelist"].create(
            [{"name": name, "currency_id": self.eur.id} for name in ("Of High", "Of Middle")]
        )
        self.high.pricelist_id, self.middle.pricelist_id = high, middle
        return high, middle

    def _quotation(self, partner):
        return self.env["sale.order"].create({"partner_id": partner.id, "company_id": self.company.id}).pricelist_id

    def test_quotation_takes_the_pricelist_of_the_first_segment(self):
        high, middle = self._priced()
        self.assertEqual(self._quotation(self.buyer), high)
        self.assertEqual(self._quotation(self.hotel_b), middle)
        self.assertNotIn(self._quotation(self.hotel_c), high + middle)
        self.middle.sequence = 0
        self.assertEqual(self._quotation(self.buyer), middle)
        self.middle.pricelist_id = False
        self.assertEqual(self._quotation(self.buyer), high)

    def test_own_pricelist_and_that_of_the_tier_come_first(self):
        high, _middle = self._priced()
        of_tier, own = self.env["product.pricelist"].create(
            [{"name": name, "currency_id": self.eur.id} for name in ("Of Tier", "Own")]
        )
        self.tiers[0].with_company(self.company).pricelist_id = of_tier
        self.env["crm.tier.assignment"]._assign(self.hotel, self.tiers[0], self.company)
        self.assertEqual(self._quotation(self.hotel), of_tier)
        self.hotel.with_company(self.company).specific_property_product_pricelist = own
        self.assertEqual(self._quotation(self.hotel), own)
        self.assertNotEqual(high, own)

    def test_switched_off_segments_give_no_pricelist(self):
        high, _middle = self._priced()
        feature = self.env["crm.roadmap.feature"].search([("key", "=", "segments")])
        self.env["crm.roadmap.feature.pin"].create(
            {"feature_id": feature.id, "company_id": self.company.id, "state": "off"}
        )
        self.assertNotEqual(self._quotation(self.buyer), high)

    def test_salesperson_quotes_by_the_segment_of_any_customer(self):
        _high, middle = self._priced()
        self.hotel_b.user_id = self.colleague
        order = self._as(self.seller, "sale.order").create({"partner_id": self.hotel_b.id, "user_id": self.seller.id})
        self.assertEqual(order.pricelist_id, middle)

    # ------------------------------------------------------------------
    # Overlap, recipients, and segments of what is on the screen
    # ------------------------------------------------------------------
    def test_overlap_counts_who_is_in_both(self):
        """High has the hotel; Middle has the hotel and another one: 100 % of High, 50 % of Middle."""
        rows = self.env["crm.segment.overlap"].search([("company_id", "=", self.company.id)])
        mine = rows.filtered(lambda row: row.segment_id in self.high + self.middle)
        self.assertEqual(
            {(row.segment_id.name, row.other_id.name): (row.size, row.both, row.share_pct) for row in mine},
            {("High", "Middle"): (1, 1, 100.0), ("Middle", "High"): (2, 1, 50.0)},
        )
        both = self.env["crm.segment.member"].search(mine[0].action_open_both()["domain"])
        self.assertEqual(both.partner_id, self.hotel)

    def test_recipients_are_the_contacts_of_the_customers(self):
        action = self.high.action_open_contacts()
        self.assertEqual(self.env["res.partner"].search(action["domain"]), self.hotel + self.buyer)

    def test_holdout_begins_with_the_segment(self):
        context = self.middle.action_make_holdout()["context"]
        holdout = self.env["crm.holdout"].with_context(**context).create({})
        self.assertEqual(holdout.audience_count, 2)

    def test_mailing_leaves_out_who_is_held_out(self):
        if "mailing.mailing" not in self.env:
            self.assertFalse(self.high.has_mailing)
            return
        self.assertTrue(self.high.has_mailing)
        context = self.high.action_make_mailing()["context"]
        mailing = self.env["mailing.mailing"].with_context(**context).create({"subject": context["default_subject"]})
        found = self.env["res.partner"].browse(mailing._get_recipients())
        self.assertEqual(found, self.hotel + self.buyer)

    def test_selected_partners_become_a_segment(self):
        action = (self.hotel + self.buyer + self.hotel_c).action_create_segment()
        segment = self.segments.browse(action["res_id"])
        self.assertEqual((segment.method, segment.company_id), ("list", self.company))
        self.assertEqual(self._members(segment), self.hotel + self.hotel_c)

    def test_rows_of_the_pyramid_become_a_segment(self):
        rows = self.env["crm.pyramid.snapshot"].create(
            [
                {
                    "pyramid_id": self.env["crm.pyramid"].search([], limit=1).id,
                    "company_id": self.company.id,
                    "period": "2026-06-01",
                    "partner_id": customer.id,
                    "tier_id": self.tiers[0].id,
                }
                for customer in self.hotel + self.hotel_b
            ]
        )
        chosen = self.segments.browse(rows[0].action_create_segment()["res_id"])
        self.assertEqual(self._members(chosen), self.hotel)
        self.assertIn("Test Gold", chosen.name)
        whole = rows.browse().with_context(active_domain=[("id", "in", rows.ids)])
        self.assertEqual(self.segments.browse(whole.action_create_segment()["res_id"]).member_count, 2)

    def _segments_of(self, company):
        return self.segments.with_context(active_test=False).search([("company_id", "=", company.id)])

    def test_new_company_gets_the_examples(self):
        other = self._make_company("Other Ltd")
        shipped = self.env.ref("crm_extended_analytics.crm_segment_champions")
        found = self._segments_of(other).filtered(lambda segment: segment.name == shipped.name)
        self.assertEqual(found.rules_text, "R at least 4, F at least 4, and M at least 4")
        self.assertFalse(found.user_id)
        # nobody gets what is for show
        self.assertEqual(len(self._segments_of(other)), 6)

    def test_new_company_has_what_all_companies_have(self):
        """Pyramids, profiles and the scoring method are shared; segments are of one company, so it gets its own."""
        other = self._make_company("Other Ltd")
        home = self.env.ref("base.main_company")
        for feature in ("segments", "value_pyramid", "abc_xyz"):
            self.assertTrue(other._has_feature(feature), feature)
        for model in ("crm.pyramid", "crm.abc.profile"):
            shared = self.env[model].search([("company_id", "=", False)])
            self.assertTrue(shared, model)
            self.assertLessEqual(set(self.env[model]._get_for_company(other)), set(shared))
            self.assertTrue(self.env[model]._get_for_company(other), model)
        self.assertTrue(self.env["crm.scoring.method"]._find_for_company(other))
        shipped = self.env["ir.model.data"].search(
            [("module", "=", "crm_extended_analytics"), ("model", "=", "crm.segment")]
        )
        examples = self.segments.browse(shipped.mapped("res_id")).filtered(
            lambda segment: segment.company_id == home and "_demo_" not in segment.get_external_id()[segment.id]
        )
        self.assertEqual(sorted(self._segments_of(other).mapped("name")), sorted(examples.mapped("name")))

    def test_update_brings_new_examples_to_every_company(self):
        """A company with segments of its own gets what is new, once; nothing that it has is doubled."""
        other = self._make_company("Other Ltd")
        self._segment({"measure": "net_sales", "operator": "ge", "value": 60}, name="Ours", company_id=other.id)
        before = self._segments_of(other)
        new = self._segment(
            {"measure": "net_sales", "operator": "ge", "value": 60},
            name="Brand new",
            company_id=self.env.ref("base.main_company").id,
        )
        self.env["ir.model.data"]._update_xmlids(
            [{"xml_id": "crm_extended_analytics.crm_segment_brand_new", "record": new, "noupdate": True}]
        )
        of_before = self.env.ref(f"crm_extended_analytics.crm_segment_late_of_company_{other.id}")
        self.env["ir.model.data"].search([("model", "=", "crm.segment"), ("res_id", "=", of_before.id)]).unlink()
        changed = self.env.ref(f"crm_extended_analytics.crm_segment_champions_of_company_{other.id}")
        changed.write({"name": "Not for us", "active": False})
        for _number in range(2):
            self.segments._copy_examples()
            self.assertEqual((self._segments_of(other) - before).mapped("name"), ["Brand new"])
        self.assertEqual((changed.name, changed.active), ("Not for us", False))
        self.assertEqual(self.env.ref(f"crm_extended_analytics.crm_segment_late_of_company_{other.id}"), of_before)

    def test_shipped_data_is_looked_at_by_an_update(self):
        """The call is in no part of the file that an update passes over."""
        with file_open("crm_extended_analytics/data/crm_segment_data.xml") as file:
            (call,) = etree.parse(file).findall(".//function[@name='_copy_examples']")
        self.assertEqual(call.getparent().get("noupdate"), "0")
