from datetime import date

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

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
        return self.customers[7].with_user(user).with_context(allowed_company_ids=self.company.ids, lang="en_US")

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

    def _read_without_strip(self, partner):
        """Read what the form of a customer shows besides; its amounts need the currency of the company."""
        partner.read(["name", "commercial_partner_id", "user_id", "currency_id"])
        return self.company.currency_id.symbol

    def test_strip_costs_at_most_three_queries(self):
        partner = self._as(self.seller)
        _warm = self._read_without_strip(partner), partner.seven_p
        self.env.invalidate_all()
        self._read_without_strip(partner)
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

    def test_each_p_leads_to_the_documents_that_it_reads(self):
        partner = self._as(self.seller)
        documents = {score["p"]: [item["model"] for item in score["documents"]] for score in partner.seven_p["scores"]}
        self.assertEqual(documents["persistency"], ["crm.fact.sale"])
        self.assertEqual(documents["promotion"], ["crm.fact.sale", "crm.fact.touch"])
        for model in {name for names in documents.values() for name in names}:
            action = partner.action_open_seven_p_facts(model)
            self.assertEqual((action["res_model"], action["views"][0][1]), (model, "list"))
            self.assertIn(partner.display_name, action["name"])

    def test_only_facts_of_the_scores_are_opened(self):
        with self.assertRaises(UserError):
            self._as(self.seller).action_open_seven_p_facts("res.users")

    def test_last_scored_month_may_be_long_ago(self):
        """The trend ends at the last scored month, and the strip says that it is old."""
        self.assertFalse(self._as(self.seller).seven_p["is_old"])
        with freeze_time("2028-03-15"):
            self.env.invalidate_all()
            strip = self._as(self.seller).seven_p
        self.assertTrue(strip["is_old"])
        self.assertEqual([len(score["history"]) for score in strip["scores"] if score["score"] is not False][1], 2)

    def test_demo_scores_the_last_months(self):
        """The months that the demo data are scored for; the measures that stay are those of the last one."""
        # the facts of the test have no documents, so that a load would take them away
        self.patch(self.registry["crm.warehouse.load"], "_run_all", lambda load: None)
        self.env["crm.scoring.run"]._score_months(self.company.id, 3)
        months = self.env["crm.customer.score.month"].search([("company_id", "=", self.company.id)])
        self.assertEqual(set(months.mapped("period")), {date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)})
        self.assertEqual(self._measure(self.customers[0]).period, date(2026, 6, 1))

    def test_current_month_is_found_by_its_company(self):
        months = self.env["crm.customer.score.month"].search([("company_id", "=", self.company.id)])
        current = months.filtered_domain([("is_current", "=", True)])
        self.assertEqual(set(current.mapped("period")), {date(2026, 6, 1)})
        found = months.search([("company_id", "=", self.company.id), ("is_current", "=", True)])
        self.assertEqual(found, current)
        others = months.search([("company_id", "=", self.company.id), ("is_current", "=", False)])
        self.assertEqual(others, months - current)

    def test_money_is_told_with_its_currency(self):
        scores = {score["p"]: score["sentences"] for score in self._as(self.seller).seven_p["scores"]}
        symbol = self.company.currency_id.symbol
        self.assertIn(symbol, scores["profitability"][0])
        self.assertIn("RFM", scores["persistency"][2])
        self.assertIn(symbol, "".join(scores["persistency"]))
