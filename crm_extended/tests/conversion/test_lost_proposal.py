from datetime import timedelta

from odoo.tests import freeze_time, tagged

from ..common import TODAY, ConversionCase


@tagged("post_install", "-at_install")
class TestLostProposal(ConversionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_policies(crm_lost_policy="propose")
        cls.lead = cls._create_lead()

    def _get_activities(self):
        activity_type = self.env.ref("crm_extended.mail_activity_type_lost_proposal")
        return self.lead.activity_ids.filtered(lambda activity: activity.activity_type_id == activity_type)

    def _run_job(self):
        with self.enter_registry_test_mode():
            self.env.ref("crm_extended.ir_cron_propose_lost").method_direct_trigger()
        self.env.invalidate_all()

    def test_nothing_as_shipped(self):
        self._set_policies(crm_lost_policy="none")
        self._create_quotation(self.lead)._action_cancel()
        self.assertFalse(self.lead.lost_proposal)

    def test_refusal_of_all(self):
        first = self._create_quotation(self.lead)
        second = self._create_quotation(self.lead)
        first._action_cancel()
        self.assertFalse(self.lead.lost_proposal)
        second._action_cancel()
        self.assertEqual(self.lead.lost_proposal, "proposed")
        self.assertEqual(self.lead.won_status, "pending", "proposed, not lost")
        self.assertEqual(self._get_activities().user_id, self.user_sales)

    def test_the_question_is_put_in_the_salespersons_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.user_sales.lang = "es_ES"
        self._create_quotation(self.lead)._action_cancel()
        self.assertIn("Todos los presupuestos", self._get_activities().note)

    def test_expiry_has_no_event_so_a_job_looks(self):
        self._create_quotation(self.lead, validity_date=TODAY)
        self._run_job()
        self.assertFalse(self.lead.lost_proposal, "valid until the end of the day")
        with freeze_time(TODAY + timedelta(days=1)):
            self._run_job()
        self.assertEqual(self.lead.lost_proposal, "proposed")

    def test_one_refused_and_one_expired(self):
        self._create_quotation(self.lead, validity_date=TODAY - timedelta(days=1))
        self._create_quotation(self.lead)._action_cancel()
        self.assertEqual(self.lead.lost_proposal, "proposed")

    def test_an_order_stands_against_it(self):
        self._create_quotation(self.lead).action_confirm()
        self._create_quotation(self.lead)._action_cancel()
        self.assertFalse(self.lead.lost_proposal)

    def test_a_new_quotation_takes_it_back(self):
        self._create_quotation(self.lead)._action_cancel()
        self._create_quotation(self.lead)
        self.assertFalse(self.lead.lost_proposal)
        self.assertFalse(self._get_activities())

    def test_an_extended_quotation_takes_it_back(self):
        quotation = self._create_quotation(self.lead, validity_date=TODAY - timedelta(days=1))
        self._run_job()
        self.assertEqual(self.lead.lost_proposal, "proposed")
        quotation.validity_date = TODAY + timedelta(days=10)
        self.assertFalse(self.lead.lost_proposal)

    def test_kept_open_is_not_proposed_again_by_the_job(self):
        self._create_quotation(self.lead, validity_date=TODAY - timedelta(days=1))
        self._run_job()
        self.lead.action_decline_lost_proposal()
        self._run_job()
        self.assertEqual(self.lead.lost_proposal, "declined")
        self.assertFalse(self._get_activities())

    def test_accepting_fills_odoos_dialog(self):
        quotation = self._create_quotation(self.lead)
        quotation._refuse(self.lost_reason, "We bought candles")
        action = self.lead.action_accept_lost_proposal()
        wizard = self.env["crm.lead.lost"].with_context(**action["context"]).create({})
        self.assertEqual(wizard.lost_reason_id, self.lost_reason)
        self.assertIn("We bought candles", wizard.lost_feedback)
        wizard.action_lost_reason_apply()
        self.assertEqual(self.lead.won_status, "lost")
        self.assertFalse(self.lead.lost_proposal)

    def test_mass_cancellation_asks_for_the_reason(self):
        quotations = self._create_quotation(self.lead) | self._create_quotation(self.lead)
        self.env["sale.mass.cancel.orders"].create(
            {"sale_order_ids": quotations.ids, "cancel_reason_id": self.lost_reason.id, "cancel_feedback": "No budget"}
        ).action_mass_cancel()
        self.assertEqual(quotations.mapped("state"), ["cancel", "cancel"])
        self.assertEqual(quotations.cancel_reason_id, self.lost_reason)
        self.assertIn("No budget", self.lead.lost_proposal_note)

    def test_reopened_quotation_forgets_its_refusal(self):
        quotation = self._create_quotation(self.lead)
        quotation._refuse(self.lost_reason, "Too late")
        quotation.action_draft()
        self.assertFalse(quotation.cancel_reason_id)
        self.assertFalse(quotation.cancel_feedback)

    def test_query_count_of_the_job_does_not_grow(self):
        """Judging the opportunities costs the same for 1 and for 200; a proposal itself is an activity each."""

        def count_queries(number):
            leads = self.env["crm.lead"].browse([self._create_lead().id for _index in range(number)])
            for lead in leads:
                self._create_quotation(lead)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            leads._filter_all_refused()
            return self.cr.sql_log_count - before

        count_queries(1)
        self.assertEqual(count_queries(1), count_queries(200))
