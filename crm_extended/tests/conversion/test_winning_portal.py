from odoo.http import Request
from odoo.tests import HttpCase, tagged

from odoo.addons.payment.tests.common import PaymentCommon

from ..common import ConversionCase

ONE_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@tagged("post_install", "-at_install")
class TestWinningPortal(ConversionCase, HttpCase):
    """What the customer does in the portal moves the opportunity, without anybody being asked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_policies(crm_win_policy="confirm", crm_confirm_policy="first", crm_lost_policy="propose")
        cls.lead = cls._create_lead()
        cls.quotation = cls._create_quotation(cls.lead, require_signature=True, require_payment=False, state="sent")
        cls.quotation._portal_ensure_token()

    def test_signature_wins(self):
        self.make_jsonrpc_request(
            f"/my/orders/{self.quotation.id}/accept",
            {
                "access_token": self.quotation.access_token,
                "name": "Hotel Balkan",
                "signature": ONE_PIXEL,
            },
        )
        self.assertEqual(self.quotation.state, "sale")
        self.assertEqual(self.lead.won_status, "won")

    def test_refusal_keeps_the_customers_words(self):
        self.authenticate(None, None)
        self.url_open(
            f"/my/orders/{self.quotation.id}/decline",
            data={
                "access_token": self.quotation.access_token,
                "decline_message": "We will wait until spring",
                "csrf_token": Request.csrf_token(self),
            },
        )
        self.assertEqual(self.quotation.state, "cancel")
        self.assertEqual(self.quotation.cancel_feedback, "We will wait until spring")
        self.assertEqual(self.lead.lost_proposal, "proposed")
        self.assertIn("We will wait until spring", self.lead.lost_proposal_note)


@tagged("post_install", "-at_install")
class TestWinningByPayment(ConversionCase, PaymentCommon):
    def test_payment_wins(self):
        self._set_policies(crm_win_policy="confirm", crm_confirm_policy="first")
        lead = self._create_lead()
        quotation = self._create_quotation(lead, require_payment=True, require_signature=False, state="sent")
        transaction = self._create_transaction(
            "redirect",
            amount=quotation.amount_total,
            currency_id=quotation.currency_id.id,
            partner_id=self.customer.id,
            sale_order_ids=[quotation.id],
            state="done",
        )
        transaction._post_process()
        self.assertEqual(quotation.state, "sale")
        self.assertEqual(lead.won_status, "won")
