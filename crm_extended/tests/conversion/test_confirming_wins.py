from odoo.tests import tagged

from ..common import ConversionCase


@tagged("post_install", "-at_install")
class TestConfirmingWins(ConversionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_policies(crm_confirm_policy="first")
        cls.lead = cls._create_lead()

    def test_odoo_behaviour_as_shipped(self):
        self._set_policies(crm_confirm_policy="none")
        self._create_quotation(self.lead).action_confirm()
        self.assertEqual(self.lead.won_status, "pending")

    def test_first(self):
        quotation = self._create_quotation(self.lead)
        self._create_quotation(self.lead)
        quotation.with_user(self.user_sales).action_confirm()
        self.assertEqual(self.lead.won_status, "won")

    def test_last_waits_for_open_quotations(self):
        self._set_policies(crm_confirm_policy="last")
        first = self._create_quotation(self.lead)
        second = self._create_quotation(self.lead)
        refused = self._create_quotation(self.lead)
        refused._action_cancel()
        first.action_confirm()
        self.assertEqual(self.lead.won_status, "pending")
        second.action_confirm()
        self.assertEqual(self.lead.won_status, "won")

    def test_last_does_not_wait_for_an_expired_quotation(self):
        self._set_policies(crm_confirm_policy="last")
        quotation = self._create_quotation(self.lead)
        self._create_quotation(self.lead, validity_date="2026-06-09")
        quotation.action_confirm()
        self.assertEqual(self.lead.won_status, "won")

    def test_all_is_stopped_by_a_refused_quotation(self):
        self._set_policies(crm_confirm_policy="all")
        quotation = self._create_quotation(self.lead)
        self._create_quotation(self.lead)._action_cancel()
        quotation.action_confirm()
        self.assertEqual(self.lead.won_status, "pending")

    def test_all_confirmed_at_once(self):
        self._set_policies(crm_confirm_policy="all")
        (self._create_quotation(self.lead) | self._create_quotation(self.lead)).action_confirm()
        self.assertEqual(self.lead.won_status, "won")

    def test_both_policies_do_not_chase_each_other(self):
        self._set_policies(crm_win_policy="confirm", crm_win_without_quotation="refuse")
        by_win = self._create_quotation(self.lead)
        self.lead.action_set_won()
        other = self._create_lead(name="Lamps for the bar")
        by_confirmation = self._create_quotation(other)
        by_confirmation.action_confirm()
        self.assertEqual((by_win | by_confirmation).mapped("state"), ["sale", "sale"])
        self.assertEqual((self.lead | other).mapped("won_status"), ["won", "won"])

    def test_confirming_leaves_the_other_quotations_open(self):
        """One signed quotation says nothing about the others, whatever winning would do with them."""
        self._set_policies(crm_win_policy="confirm")
        quotation = self._create_quotation(self.lead)
        other = self._create_quotation(self.lead)
        quotation.action_confirm()
        self.assertEqual(self.lead.won_status, "won")
        self.assertEqual(other.state, "draft")

    def test_several_opportunities_of_one_customer(self):
        other = self._create_lead(name="Lamps for the bar")
        self._create_quotation(other)
        self._create_quotation(self.lead).action_confirm()
        self.assertEqual(self.lead.won_status, "won")
        self.assertEqual(other.won_status, "pending")

    def test_upsell_after_the_first_order(self):
        self._create_quotation(self.lead).action_confirm()
        closed_on = self.lead.date_closed
        upsell = self._create_quotation(self.lead)
        upsell.action_confirm()
        self.assertEqual(upsell.state, "sale")
        self.assertEqual(self.lead.won_status, "won")
        self.assertEqual(self.lead.date_closed, closed_on)

    def test_an_order_brings_a_lost_opportunity_back(self):
        quotation = self._create_quotation(self.lead)
        self.lead.action_set_lost(lost_reason_id=self.lost_reason.id)
        quotation.action_confirm()
        self.assertEqual(self.lead.won_status, "won")
        self.assertTrue(self.lead.active)

    def test_confirmed_by_somebody_who_may_not_write_the_opportunity(self):
        self.lead.user_id = self.user_colleague
        quotation = self._create_quotation(self.lead)
        quotation.with_user(self.user_sales).action_confirm()
        self.assertEqual(self.lead.won_status, "won")

    def test_each_company_by_its_own_policy(self):
        other_company = self._create_company(name="Rila Services")
        other_company.crm_confirm_policy = "none"
        shared = self._create_lead(company_id=False)
        quotation = self._create_quotation(shared, company_id=other_company.id, team_id=False)
        quotation.with_company(other_company).action_confirm()
        self.assertEqual(shared.won_status, "pending")
        self._create_quotation(shared).action_confirm()
        self.assertEqual(shared.won_status, "won")

    def test_order_without_opportunity(self):
        quotation = self._create_quotation(self.env["crm.lead"])
        quotation.action_confirm()
        self.assertEqual(quotation.state, "sale")
