from odoo.tests import tagged

from .common_seven_p import SevenPCase


@tagged("post_install", "-at_install")
class TestSevenPPartner(SevenPCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls._make_rfm_set()
        cls.customers[7].user_id = cls.seller
        cls._run(as_of="2026-05-31")
        cls._run()

    def _as(self, user):
        return self.customers[7].with_user(user).with_context(allowed_company_ids=self.company.ids)

    def test_strip_has_seven_scores_with_trend(self):
        strip = self._as(self.seller).seven_p
        self.assertEqual(len(strip["scores"]), 7)
        persistency = strip["scores"][1]
        self.assertEqual(len(persistency["history"]), 2)
        self.assertAlmostEqual(persistency["change"], persistency["history"][1] - persistency["history"][0])
        self.assertIn("Buys every 1.0 days", persistency["sentences"][0])

    def test_strip_of_a_contact_is_that_of_its_company(self):
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customers[7].id})
        self.assertEqual(contact.seven_p["total"], self.customers[7].seven_p["total"])

    def test_strip_costs_at_most_three_queries(self):
        partner = self._as(self.seller)
        partner.read(["name", "commercial_partner_id", "user_id"])
        _warm = partner.seven_p
        self.env.invalidate_all()
        partner.read(["name", "commercial_partner_id", "user_id"])
        before = self.env.cr.sql_log_count
        self.assertTrue(partner.seven_p)
        self.assertLessEqual(self.env.cr.sql_log_count - before, 3)

    def test_colleague_does_not_see_it(self):
        self.customers[7].user_id = self.seller
        self.assertFalse(self._as(self.colleague).seven_p)

    def test_feature_off_shows_nothing(self):
        feature = self.env["crm.roadmap.feature"].search([("key", "=", "seven_p")])
        self.env["crm.roadmap.feature.pin"].create(
            {"feature_id": feature.id, "company_id": self.company.id, "state": "off"}
        )
        self.assertFalse(self._as(self.seller).seven_p)

    def test_explanation_in_the_reader_s_language(self):
        """Sentences are made when read: numbers are stored, words are not."""
        self.env["res.lang"]._activate_lang("bg_BG")
        score = self.env["crm.customer.score"].search(
            [("partner_id", "=", self.customers[7].id), ("p", "=", "persistency")], limit=1
        )
        self.assertEqual(score.explanation, score.with_context(lang="bg_BG").explanation)

    def test_buttons_lead_to_what_is_behind(self):
        partner = self._as(self.seller)
        self.assertEqual(partner.action_open_seven_p_measures()["res_id"], self._measure(self.customers[7]).id)
        facts = self.env["crm.fact.sale"].search(partner.action_open_seven_p_facts()["domain"])
        self.assertEqual(len(facts), 4)
