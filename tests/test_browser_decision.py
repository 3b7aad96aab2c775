"""In a browser: from a tier of the pyramid to a decision with a hold-out, its measurement and its verdict."""

from odoo.tests import HttpCase, freeze_time, tagged

from odoo.addons.crm_extended_analytics.tests.pyramid.common_pyramid import PyramidCase


@tagged("post_install", "-at_install")
class TestBrowserDecision(PyramidCase, HttpCase):
    def test_from_a_tier_to_the_verdict(self):
        """Six small customers, three of them held out; the treated buy for 200 more, and it is kept."""
        admin = self.env.ref("base.user_admin")
        admin.write({"company_ids": [(4, self.company.id)], "company_id": self.company.id})
        self._count()
        page = self.env.ref("crm_extended_analytics.crm_pyramid_page_action")
        self.start_tour(f"/odoo/{page.path}", "crm_extended_decision_start", login="admin")
        decision = self.env["crm.decision"].search([("company_id", "=", self.company.id)])
        self.assertEqual((decision.state, decision.treated_count, decision.held_out_count), ("running", 3, 3))
        self.assertEqual(len(decision.member_ids.filtered("before")), 3)
        for number, member in enumerate(decision.member_ids):
            amount = (100 if member.is_held_out else 300) + number
            self._sale(member.partner_id, "2026-07-10", amount=amount, cost=amount / 2)
        with freeze_time("2026-09-10 12:00:00"):
            decision._measure()
        self.assertEqual((decision.state, decision.proposal), ("measuring", "keep"))
        self.start_tour("/odoo/decisions", "crm_extended_decision_verdict", login="admin")
        self.assertEqual((decision.state, decision.verdict), ("done", "keep"))
