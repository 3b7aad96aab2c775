from odoo.tests import tagged

from .common_seven_p import SevenPCase


@tagged("post_install", "-at_install")
class TestSevenPPeople(SevenPCase):
    """The contact on whom the orders hang, the interests, and why goods came back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls._customers(3, is_company=True)
        for customer in cls.customers:
            cls._sale(customer, "2026-05-05", amount=100, cost=50)
        cls.anna, cls.boris = cls.env["res.partner"].create(
            [{"name": name, "parent_id": cls.customers[0].id} for name in ("Anna", "Boris")]
        )

    def _sentences(self, partner, p):
        scores = partner.with_context(allowed_company_ids=self.company.ids).seven_p["scores"]
        return next(score["sentences"] for score in scores if score["p"] == p)

    def _sale_to(self, contact, amount, day="2026-05-06"):
        fact = self._sale(contact.commercial_partner_id, day, amount=amount, cost=amount / 2)
        fact.partner_id = contact

    def test_share_of_one_contact(self):
        """100 to the company, 600 + 200 through Anna and 100 through Boris: 80 % hang on Anna."""
        self._sale_to(self.anna, 600)
        self._sale_to(self.anna, 200)
        self._sale_to(self.boris, 100)
        # before the window
        self._sale_to(self.boris, 9000, "2024-05-06")
        self._run()
        measure = self._measure(self.customers[0])
        self.assertEqual((round(measure.contact_share, 9), measure.top_contact_id), (80, self.anna))
        sentence = "80 % of the sales go through one contact: should that person leave, they are at risk."
        self.assertIn(sentence, self._sentences(self.customers[0], "profiling"))
        nobody = self._measure(self.customers[1])
        self.assertEqual((nobody.contact_share, nobody.top_contact_id.id), (False, False))

    def test_interests_in_the_reader_s_language(self):
        self.env["res.lang"]._activate_lang("bg_BG")
        tags = self.env["res.partner.category"].create([{"name": "Hotels"}, {"name": "Gardens"}])
        tags[0].with_context(lang="bg_BG").name = "Хотели"
        self.customers[0].category_id = tags
        self._run()
        self.assertIn("Interested in: Hotels, Gardens.", self._sentences(self.customers[0], "profiling"))
        row = [{"bg_BG": "Хотели", "en_US": "Hotels"}, {"en_US": "Gardens"}]
        profiling = self.env["crm.scoring.p.profiling"].with_context(lang="bg_BG")
        self.assertEqual(profiling._get_interests(row), "Хотели, Gardens")
        self.assertFalse(self._measure(self.customers[1]).interests)

    def test_main_reason_of_returns(self):
        """Two lamps were too dark and one broke: the product and the customer say the first.

        Four came back without a reason, more than for any, and three for another one before the window.
        """
        for reason in ("Too dark", "Broken", "Too dark", False, False, False, False):
            self._return(self.customers[0], "2026-05-20", 10).reason = reason
        for _number in range(3):
            self._return(self.customers[0], "2024-05-20", 10).reason = "Late"
        self._run()
        self.assertEqual(self._measure(self.customers[0]).return_reason, "Too dark")
        self.assertFalse(self._measure(self.customers[1]).return_reason)
        sentence = "What came back, mostly for this reason: Too dark."
        self.assertIn(sentence, self._sentences(self.customers[0], "product"))
        insight = self.env["crm.product.insight"].search(
            [("company_id", "=", self.company.id), ("product_id", "=", self.lamp.id)]
        )
        self.assertEqual((insight.return_reason, insight.returned_amount, len(insight)), ("Too dark", 70, 1))

    def test_returns_without_a_reason_have_none(self):
        """Nobody said why: neither the product nor the customer names a reason, and each is there once."""
        for _number in range(2):
            self._return(self.customers[0], "2026-05-20", 10)
        self._run()
        self.assertIs(self._measure(self.customers[0]).return_reason, False)
        self.assertNotIn("for this reason", "".join(self._sentences(self.customers[0], "product")))
        insight = self.env["crm.product.insight"].search(
            [("company_id", "=", self.company.id), ("product_id", "=", self.lamp.id)]
        )
        self.assertEqual((insight.return_reason, insight.returned_amount), (False, 20))

    def test_reason_comes_from_the_reversal(self):
        """The wizard writes the reason behind the number of the invoice; a credit note by hand has none."""
        for invoice, reason in ((self._invoice(), "Too dark, and late"), (self._invoice(), False)):
            wizard = self.env["account.move.reversal"].create(
                {"move_ids": invoice.ids, "journal_id": invoice.journal_id.id, "reason": reason, "date": "2026-06-01"}
            )
            action = wizard.reverse_moves()
            self.env["account.move"].browse(action["res_id"]).action_post()
        self._invoice(move_type="out_refund", ref="Their number, 17")
        self._load()
        facts = self._facts("return")
        self.assertEqual(sorted(map(str, facts.mapped("reason"))), ["False", "False", "Too dark, and late"])
        self.assertEqual(facts.mapped("amount_company"), [200, 200, 200])
