from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common_roadmap import RoadmapCase


@tagged("post_install", "-at_install")
class TestMeasures(RoadmapCase):
    """The ready-made measures of the roadmap, on figures counted by hand."""

    def _measured(self, code, teams=None):
        return self.env["crm.roadmap.measure"]._get(code).with_company(self.north)._measure(self.north, teams)

    def _order(self, partner, days=10):
        order = self.env["sale.order"].create({"partner_id": partner.id, "company_id": self.north.id})
        order.write({"state": "sale", "date_order": fields.Datetime.now() - timedelta(days=days)})
        return order

    def test_complete_customers(self):
        whole = {"email": "a@example.com", "city": "Sofia", "country_id": self.env.ref("base.bg").id}
        known, phone, placeless, old = self.env["res.partner"].create(
            [
                {"name": "Known", **whole},
                {"name": "By phone", **whole, "email": False, "phone": "+359 2 1"},
                {"name": "Placeless", **whole, "city": False},
                {"name": "Old", "email": False},
            ]
        )
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": known.id, "email": False})
        for partner in (contact, phone, placeless):
            self._order(partner)
        self._order(old, days=400)
        found = self._measured("complete_customers")
        self.assertEqual((found.part, found.whole), (2, 3))
        action = self.env["crm.roadmap.measure"]._get("complete_customers")._get_failing_action(self.north)
        self.assertEqual(self.env["res.partner"].search(action["domain"]), placeless)

    def test_customers_that_are_known_twice(self):
        before = self._measured("duplicate_customers")
        self.env["res.partner"].create(
            [
                {"name": "Twice", "email": "Twice <TWICE@example.com>"},
                {"name": "Twice again", "email": "twice@example.com"},
                {"name": "By number", "vat": "BG 121-759-222"},
                {"name": "By number too", "vat": "bg121759222"},
                {"name": "Once", "email": "once@example.com"},
                {"name": "Elsewhere", "email": "once@example.com", "company_id": self.south.id},
            ]
        )
        found = self._measured("duplicate_customers")
        self.assertEqual((found.part - before.part, found.whole - before.whole), (4, 5))

    def test_teams_that_work_in_the_system(self):
        teams = self.env["crm.team"].create([{"name": name, "company_id": self.north.id} for name in ("One", "Two")])
        leads = self.env["crm.lead"].create(
            [{"name": team.name, "team_id": team.id, "company_id": self.north.id} for team in teams]
        )
        leads[1].date_last_stage_update = fields.Datetime.now() - timedelta(days=31)
        live = self.env["crm.roadmap.measure"]._get("live_teams")._get_live(self.north, teams)
        self.assertEqual(live, teams[0])
        self.assertEqual(self._measured("live_teams", teams).value, 1)

    def test_regions_without_any_are_not_measurable(self):
        self.assertIn("regions", self._measured("live_regions").reason)

    def test_tiers_with_rules_and_customers(self):
        tier = self.env["crm.tier"].create({"name": "Road", "company_id": self.north.id})
        before = self._measured("tier_rules").value
        tier.with_company(self.north).response_hours = 4
        self.assertEqual(self._measured("tier_rules").value, before, "nobody is in it")
        customer = self.env["res.partner"].create({"name": "Top"})
        self.env["crm.tier.assignment"].create(
            {"tier_id": tier.id, "partner_id": customer.id, "company_id": self.north.id, "date_from": "2026-06-01"}
        )
        self.env.invalidate_all()
        self.assertEqual(self._measured("tier_rules").value, before + 1)
