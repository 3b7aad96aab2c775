from datetime import date

from odoo.tests import freeze_time, tagged

from .common_decision import DecisionCase


@tagged("post_install", "-at_install")
class TestDecisionKinds(DecisionCase):
    def _pricelist_of(self, partner):
        return partner.with_company(self.company).specific_property_product_pricelist

    def _tier_of(self, partner):
        found = self.env["crm.tier.assignment"]._get_tiers(partner, self.company)
        return found.get(partner.id, self.env["crm.tier"])

    def test_activities_of_the_treated_only(self):
        partners = self._customers(6, user_id=self.seller.id)
        decision = self._started(partners, activity_note="Call them.")
        domain = [("res_model", "=", "res.partner"), ("res_id", "in", partners.ids)]
        activities = self.env["mail.activity"].search(domain)
        self.assertEqual(sorted(activities.mapped("res_id")), self._members(decision, False).ids)
        self.assertEqual(activities.user_id, self.seller)
        self.assertEqual(activities[0].summary, "Spring")
        self.assertIn("Call them", activities[0].note)

    def test_stop_takes_back_open_activities(self):
        decision = self._started(self._customers(6))
        activities = self.env["mail.activity"].browse(
            [member.before for member in decision.member_ids if member.before]
        )
        activities[0].action_done()
        decision.action_stop()
        self.assertFalse(activities[1:].exists())
        self.assertTrue(activities[0].with_context(active_test=False).exists())

    def test_price_and_what_was_before(self):
        """Two had nothing, one had another list; after the stop each has what he had."""
        partners = self._customers(3)
        old, new = (self.env["product.pricelist"].create({"name": name}) for name in ("Old", "New"))
        partners[0].with_company(self.company).specific_property_product_pricelist = old
        decision = self._started(partners, kind="price", pricelist_id=new.id, basis="prior")
        self.assertEqual([self._pricelist_of(partner) for partner in partners], [new] * 3)
        decision.action_stop()
        self.assertEqual([self._pricelist_of(partner) for partner in partners], [old, old.browse(), old.browse()])

    def test_price_that_somebody_changed_since_stays(self):
        partners = self._customers(2)
        own, new = (self.env["product.pricelist"].create({"name": name}) for name in ("Own", "New"))
        decision = self._started(partners, kind="price", pricelist_id=new.id, basis="prior")
        partners[1].with_company(self.company).specific_property_product_pricelist = own
        decision.action_stop()
        self.assertEqual([self._pricelist_of(partner) for partner in partners], [own.browse(), own])
        self.assertIn("1 of 2", "".join(decision.message_ids.mapped("body")))

    def test_held_out_keep_their_price(self):
        partners = self._customers(6)
        new = self.env["product.pricelist"].create({"name": "New"})
        decision = self._started(partners, kind="price", pricelist_id=new.id)
        self.assertEqual([bool(self._pricelist_of(partner)) for partner in self._members(decision, True)], [False] * 3)

    def test_tier_and_what_was_before(self):
        """One was in a tier by a pyramid, one in none; after the stop both are back, and the pyramid may move them."""
        partners = self._customers(2)
        old, new = self.env["crm.tier"].create([{"name": "Old D"}, {"name": "New D"}])
        self.env["crm.tier.assignment"]._assign(partners[0], old, self.company, is_locked=False)
        decision = self._started(partners, kind="tier", tier_id=new.id, basis="prior")
        self.assertEqual([self._tier_of(partner) for partner in partners], [new, new])
        decision.action_stop()
        self.assertEqual([self._tier_of(partner) for partner in partners], [old, old.browse()])
        stay = self.env["crm.tier.assignment"].search([("partner_id", "=", partners[0].id), ("date_to", "=", False)])
        self.assertFalse(stay.is_locked)

    def _stay(self, partner, tier, **values):
        return self.env["crm.tier.assignment"].create(
            {
                "company_id": self.company.id,
                "partner_id": partner.id,
                "tier_id": tier.id,
                "date_from": "2026-01-15",
                **values,
            }
        )

    def _stays_of(self, partner):
        """Return all stays of a customer, from the first."""
        stays = self.env["crm.tier.assignment"].search([("partner_id", "=", partner.id)], order="date_from, id")
        return [(stay.tier_id, str(stay.date_from), stay.date_to, stay.is_locked, stay.source) for stay in stays]

    def test_stays_are_as_they_were(self):
        """Stopped on the day of the start: by a pyramid, by hand, fixed, in the same tier or in none, all as before."""
        partners = self._customers(5)
        old, new = self.env["crm.tier"].create([{"name": "Old D"}, {"name": "New D"}])
        by_pyramid, by_hand, fixed, same, _none = partners
        self._stay(by_pyramid, old, source="pyramid")
        self._stay(by_hand, old)
        self._stay(fixed, old, is_locked=True)
        self._stay(same, new, source="pyramid")
        before = [self._stays_of(partner) for partner in partners]
        decision = self._started(partners, kind="tier", tier_id=new.id, basis="prior")
        self.assertEqual([self._tier_of(partner) for partner in partners], [new] * 5)
        decision.action_stop()
        self.assertEqual([self._stays_of(partner) for partner in partners], before)

    def test_stay_begins_again_when_stopped_later(self):
        """Ten days in the other tier stay in his history; then he is where a pyramid had put him, and may be moved."""
        partner = self._customers(1)
        old, new = self.env["crm.tier"].create([{"name": "Old D"}, {"name": "New D"}])
        self._stay(partner, old, source="pyramid")
        decision = self._started(partner, kind="tier", tier_id=new.id, basis="prior")
        with freeze_time("2026-07-10 12:00:00"):
            decision.action_stop()
        start, stop = date(2026, 6, 30), date(2026, 7, 10)
        self.assertEqual(
            self._stays_of(partner),
            [
                (old, "2026-01-15", start, False, "pyramid"),
                (new, "2026-06-30", stop, True, "manual"),
                (old, "2026-07-10", False, False, "pyramid"),
            ],
        )

    def test_tier_that_somebody_changed_since_stays(self):
        partners = self._customers(1)
        new, other = self.env["crm.tier"].create([{"name": "New D"}, {"name": "Other D"}])
        decision = self._started(partners, kind="tier", tier_id=new.id, basis="prior")
        self.env["crm.tier.assignment"]._assign(partners, other, self.company)
        decision.action_stop()
        self.assertEqual(self._tier_of(partners), other)

    def test_campaign_is_made(self):
        decision = self._started(self._customers(6), kind="campaign")
        self.assertEqual(decision.campaign_id.title, "Spring")
        self.assertEqual(decision.holdout_id.campaign_id, decision.campaign_id)

    def test_mailing_to_the_treated_only(self):
        if "mailing.mailing" not in self.env:
            self.skipTest("Email Marketing is not installed.")
        decision = self._started(self._customers(6), kind="campaign")
        mailing = self.env["mailing.mailing"].browse(decision.kind_data["mailing_id"])
        self.assertEqual(sorted(mailing._get_recipients()), self._members(decision, False).ids)
        decision.action_stop()
        self.assertFalse(mailing.exists())

    def test_costs_of_the_campaign(self):
        """200 over 20 days, ten of them in the period; 50 typed besides."""
        decision = self._started(
            self._customers(8), kind="campaign", campaign_id=self.campaigns["A"].id, planned_cost=50
        )
        self.env["crm.campaign.cost"].create(
            {
                "name": "Print",
                "company_id": self.company.id,
                "campaign_id": self.campaigns["A"].id,
                "date_from": "2026-07-20",
                "date_to": "2026-08-08",
                "amount": 200,
            }
        )
        self.assertEqual(self._measure_on(decision, "2026-08-31").cost, 150)

    def test_every_kind_says_what_it_does_and_shows_it(self):
        tier = self.env["crm.tier"].create({"name": "Tier D"})
        pricelist = self.env["product.pricelist"].create({"name": "List D"})
        for kind in self.env["crm.decision.kind"]._get_all():
            decision = self._started(self._customers(4), kind=kind._kind, tier_id=tier.id, pricelist_id=pricelist.id)
            self.assertTrue(decision.kind_note)
            self.assertIn(decision.action_open_action()["res_model"], self.env)
