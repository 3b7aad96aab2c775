from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..population.common_attribution import AttributionCase

MANAGER = "sales_team.group_sale_manager"


@tagged("post_install", "-at_install")
class TestCampaignStop(AttributionCase):
    """The day is 2026-06-30; A cost 1,000 from May to June, and the analysis of June credits it with 4 orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.campaign.stop.rule"].search([]).active = False
        cls.asked = cls._user("stop_asked", "sales_team.group_sale_salesman")
        cls.campaign = cls.campaigns["A"]
        cls.campaign.user_id = cls.asked
        cls._cost("A", 1000, "2026-05-01", "2026-06-30")
        cls._credit("A", conversions=4, revenue=2000, margin=800)

    @classmethod
    def _cost(cls, name, amount, first, last, **values):
        return cls.env["crm.campaign.cost"].create(
            {
                "name": "Print",
                "company_id": cls.company.id,
                "campaign_id": cls.campaigns[name].id,
                "date_from": first,
                "date_to": last,
                "amount": amount,
                **values,
            }
        )

    @classmethod
    def _credit(cls, name, month="2026-05-01", model="linear", **values):
        return cls.env["crm.attribution.credit"].create(
            {
                "company_id": cls.company.id,
                "period": "2026-06-01",
                "as_of": "2026-06-30",
                "month": month,
                "dimension": "campaign",
                "model": model,
                "touch_state": "named",
                "value": cls.campaigns[name].title,
                "campaign_id": cls.campaigns[name].id,
                "known_revenue": values.get("revenue", 0),
                **values,
            }
        )

    def _rule(self, measure="romi", threshold=0.0, **values):
        return self.env["crm.campaign.stop.rule"].create(
            {
                "name": "Rule",
                "company_id": self.company.id,
                "measure": measure,
                "threshold": threshold,
                "least_days": 0,
                **values,
            }
        )

    def _propose(self):
        stops = self.env["crm.campaign.stop"]
        stops._propose(self.company)
        return stops.search([("company_id", "=", self.company.id)])

    def _budget(self, amount):
        self.campaign.with_company(self.company).crm_budget = amount

    # ------------------------------------------------------------------
    # Measures
    # ------------------------------------------------------------------
    def test_romi(self):
        """(800 - 1,000) / 1,000 = -20 %: below 0, and not below -20."""
        self._rule(threshold=-20)
        self.assertFalse(self._propose())
        rule = self._rule(threshold=0)
        stop = self._propose()
        self.assertEqual((stop.campaign_id, stop.rule_id, stop.value), (self.campaign, rule, -20))
        self.assertIn("ROMI is -20 %, below the limit of 0 %", stop.note)
        self.assertIn("after 60 days", stop.note)

    def test_cost_of_an_order(self):
        """1,000 / 4 = 250."""
        self._rule("order_cost", 250)
        self.assertFalse(self._propose())
        self._rule("order_cost", 249)
        stop = self._propose()
        self.assertEqual((stop.value, stop.conversions), (250, 4))
        self.assertIn("for 4.0 orders", stop.note)

    def test_no_order_at_all(self):
        """B cost 300 and has no order: the 300 are above 249, and not above 300."""
        self._cost("B", 300, "2026-06-01", "2026-06-30")
        self._rule("order_cost", 300)
        self.assertFalse(self._propose())
        self._rule("order_cost", 299)
        stop = self._propose()
        self.assertEqual((stop.campaign_id, stop.value, stop.spend), (self.campaigns["B"], False, 300))
        self.assertIn("no order came of it", stop.note)

    def test_spend_up_to_the_day_of_the_analysis(self):
        """Of 610 over 61 days from June on, 30 days lie before the end of June: 1,000 + 300 for 4 orders."""
        self._cost("A", 610, "2026-06-01", "2026-07-31")
        self._rule("order_cost", 1)
        self.assertEqual(self._propose().spend, 1300)

    def test_other_way_of_sharing(self):
        """Last touch credits B only: A has cost for nothing, were it analysed so."""
        self._rule(model="last")
        self.assertFalse(self._propose(), "never analysed by last touch")
        self._credit("B", model="last", conversions=1, revenue=10, margin=5)
        self.assertEqual(self._propose().value, -100)

    def test_margin_that_is_not_known(self):
        """Of 2,000 sold the cost of 1,599 is known, less than 80 %: no ROMI. Of 1,600: 800 x 2,000 / 1,600 = 1,000."""
        credit = self.env["crm.attribution.credit"].search([("campaign_id", "=", self.campaign.id)])
        credit.known_revenue = 1599
        rule = self._rule(threshold=10)
        self.assertFalse(self._propose())
        credit.known_revenue = 1600
        stop = self._propose()
        self.assertEqual((stop.margin, stop.value), (1000, 0))
        rule.threshold = 0
        self._propose()
        self.assertEqual(stop.state, "withdrawn")

    def test_response(self):
        """One of four mailings was opened: 25 %. Leads are no mailings."""
        (partner,) = self._customers(1)
        for number in range(4):
            self._touch(partner, f"2026-06-{number + 1:02d}", is_opened=not number)
        self._touch(partner, "2026-06-09", kind="lead")
        self._rule("response", 25)
        self._rule("response", 50, least_touches=5)
        self.assertFalse(self._propose())
        self._rule("response", 26, least_touches=4)
        stop = self._propose()
        self.assertEqual((stop.value, stop.contact_count, stop.response_count), (25, 4, 1))
        self.assertIn("1 of 4 mailings", stop.note)

    def test_response_is_not_cut_to_whole_percents(self):
        """One of three mailings was opened: 33.3 %, not 33."""
        (partner,) = self._customers(1)
        for number in range(3):
            self._touch(partner, f"2026-06-{number + 1:02d}", is_opened=not number)
        rule = self._rule("response", 33.2, least_touches=3)
        self.assertFalse(self._propose())
        rule.threshold = 33.4
        self.assertEqual(self._propose().value, 33.33)

    def test_budget(self):
        """1,000 of 800: 125 %; costs to come are not spent yet. Of another company's budget nothing is said."""
        self._cost("A", 5000, "2026-07-01", "2026-07-31")
        self._rule("budget", 110)
        self.assertFalse(self._propose())
        self._budget(800)
        stop = self._propose()
        self.assertEqual((stop.value, stop.budget, stop.spend), (125, 800, 1000))
        self.assertFalse(self.campaign.with_company(self._make_company("Other CSX")).crm_budget)

    def test_when_a_rule_speaks(self):
        self._rule(least_days=61)
        self._rule(least_touches=1)
        self._rule(active=False)
        self._rule(company_id=self._make_company("Other CSX").id)
        self.assertFalse(self._propose())
        self._rule(least_days=60, company_id=False)
        self.assertEqual(len(self._propose()), 1)

    def test_campaigns_that_do_not_run(self):
        """Nothing for a month, or archived."""
        self._rule()
        with freeze_time("2026-07-31 12:00:00"):
            self.assertFalse(self._propose())
        self.campaign.active = False
        self.assertFalse(self._propose())

    def test_company_without_the_feature(self):
        self._rule()
        with patch.object(type(self.company), "_has_feature", return_value=False):
            self.assertFalse(self._propose())

    # ------------------------------------------------------------------
    # Proposal
    # ------------------------------------------------------------------
    def test_who_is_asked(self):
        """The responsible, in his language, once; a plain user of the company cannot decide."""
        self.env["res.lang"]._activate_lang("es_ES")
        self.asked.lang = "es_ES"
        self._rule()
        stop = self._propose()
        self.assertEqual(self._propose(), stop)
        activity = stop.activity_ids
        self.assertEqual((len(activity), activity.user_id), (1, self.asked))
        self.assertEqual(
            activity.summary,
            stop.with_context(lang="es_ES").env._("%(campaign)s: stop it?", campaign=self.campaign.title),
        )
        self.assertIn("-20", activity.note)

    def test_otherwise_ask(self):
        self.campaign.user_id = self._user("stop_plain", "base.group_user")
        rule = self._rule(user_id=self._user("stop_other", MANAGER).id)
        self.assertEqual(self._propose().user_id, rule.user_id)

    def test_numbers_follow_and_proposal_is_withdrawn(self):
        self._rule()
        stop = self._propose()
        credit = self._credit("A", month="2026-06-01", margin=100, revenue=100, conversions=1)
        self.assertEqual(self._propose().value, -10)
        self.assertEqual(stop.state, "proposed")
        credit.margin = 200
        self._propose()
        self.assertEqual((stop.state, stop.activity_ids.ids), ("withdrawn", []))
        credit.margin = 0
        self.assertEqual(len(self._propose()), 2)

    def test_proposed_after_the_load_of_the_night(self):
        self._rule()
        load = self.env["crm.warehouse.load"].create({"company_ids": self.company.ids, "is_thorough": True})
        line = self.env["crm.warehouse.load.line"].create({"load_id": load.id, "kind": "links"})
        line._run()
        self.assertEqual((line.state, line.error), ("done", False))
        self.assertEqual(self.campaign.crm_stop_ids.state, "proposed")

    def test_proposed_after_the_analysis(self):
        """Orders are shared before; 50 came back of what June cost, 1,000 x 30 / 61 = 491.80: -89.83 %."""
        codes = [report._report_code for report in self.env["crm.population.report"]._get_all()]
        self.assertLess(codes.index("attribution"), codes.index("campaign_stop"))
        self._path("A", 10, amount=100, cost=50)
        self._path("", 10, amount=100, cost=50)
        self._rule()
        run = self._run()
        self.assertFalse(run.error)
        self.assertEqual(self.campaign.crm_stop_ids.value, -89.83)

    # ------------------------------------------------------------------
    # Decision
    # ------------------------------------------------------------------
    def test_stop(self):
        """All rules that spoke of the campaign are answered, its hold-out test ends, and no rule speaks again."""
        self._rule()
        self._rule("order_cost", 1)
        self.env["crm.attribution.credit"].search([]).flush_recordset()
        holdout = self.env["crm.holdout"].create(
            {"name": "Test", "company_id": self.company.id, "campaign_id": self.campaign.id, "date_end": "2026-08-01"}
        )
        holdout.state = "drawn"
        stops = self._propose()
        self.assertEqual(self.campaign.with_user(self.asked).crm_stop_state, "proposed")
        self.campaign.with_user(self.asked).action_crm_stop()
        self.assertEqual(stops.mapped("state"), ["stopped", "stopped"])
        self.assertEqual((stops.decided_user_id, stops.activity_ids.ids), (self.asked, []))
        self.assertEqual(str(holdout.date_end), "2026-06-30")
        self.assertTrue(self.campaign.active)
        self.assertEqual(self.campaign.crm_stop_state, "stopped")
        self.assertIn("Stopped on 06/30/2026 by", self.campaign.crm_stop_note)
        self.assertEqual(self._propose(), stops)

    def test_go_on(self):
        """Dismissed with a reason: silent until the day that was named."""
        self._rule()
        stop = self._propose()
        action = self.campaign.with_user(self.asked).action_crm_go_on()
        wizard = self.env["crm.campaign.stop.dismiss"].with_user(self.asked).with_context(**action["context"])
        wizard.create({"reason": "The fair is to come", "date_again": "2026-07-15"}).action_go_on()
        self.assertEqual((stop.state, stop.reason), ("dismissed", "The fair is to come"))
        self.assertFalse(stop.activity_ids)
        self.assertFalse(self.campaign.crm_stop_state)
        self.assertEqual(self._propose(), stop)
        with freeze_time("2026-07-14 12:00:00"):
            self.assertEqual(self._propose(), stop)
        with freeze_time("2026-07-15 12:00:00"):
            self.assertEqual(len(self._propose()), 2)

    def test_go_on_for_good(self):
        self._rule()
        stop = self._propose()
        stop._dismiss("It pays later")
        with freeze_time("2026-07-20 12:00:00"):
            self.assertEqual(self._propose(), stop)

    def test_go_on_after_all(self):
        self._rule()
        stop = self._propose()
        stop.action_stop()
        self.assertEqual(self.campaign.action_crm_go_on()["context"], {"default_stop_ids": stop.ids})
        stop._dismiss("Stopped by mistake")
        self.assertFalse(self.campaign.crm_stop_state)
        with self.assertRaises(UserError):
            stop.action_stop()

    def test_mailings_that_wait_are_taken_back(self):
        if "mailing.mailing" not in self.env:
            self.skipTest("mailings are not installed")
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "News",
                "campaign_id": self.campaign.id,
                "user_id": self.asked.id,
                "mailing_model_id": self.env["ir.model"]._get("res.partner").id,
                "state": "in_queue",
            }
        )
        self._rule()
        self._propose().action_stop()
        self.assertEqual(mailing.state, "draft")

    # ------------------------------------------------------------------
    # Screens and rights
    # ------------------------------------------------------------------
    def test_filters(self):
        self._rule()
        stop = self._propose()
        campaigns = self.env["utm.campaign"]
        everyone = campaigns.browse([campaign.id for campaign in self.campaigns.values()])
        for state, expected in (
            ("proposed", self.campaign),
            ("stopped", campaigns),
            (False, everyone - self.campaign),
        ):
            found = campaigns.search([("crm_stop_state", "=", state), ("id", "in", everyone.ids)])
            self.assertEqual(found, expected, state)
        stop.action_stop()
        self.assertIn(self.campaign, campaigns.search([("crm_stop_state", "=", "stopped")]))

    def test_who_may(self):
        """Who is asked decides; other salespeople see nothing, an analyst decides nothing, a manager everything."""
        rule = self._rule()
        stop = self._propose()
        other = self._user("stop_seller", "sales_team.group_sale_salesman")
        analyst = self._user("stop_analyst", "crm_extended.crm_extended_group_analyst")
        manager = self._user("stop_manager", MANAGER)
        self.assertFalse(self.env["crm.campaign.stop"].with_user(other).search([]))
        self.assertFalse(self.campaign.with_user(other).crm_stop_state)
        self.assertTrue(stop.with_user(analyst).note)
        for user in (other, analyst):
            with self.assertRaises(AccessError):
                stop.with_user(user).action_stop()
        with self.assertRaises(AccessError):
            rule.with_user(analyst).action_check()
        rule.with_user(manager).with_context(allowed_company_ids=self.company.ids).action_check()
        self.assertEqual(rule.open_count, 1)
        self.assertEqual(rule.with_user(manager).action_open_stops()["domain"], [("rule_id", "=", rule.id)])
        with self.assertRaises(AccessError):
            self.env["crm.campaign.stop"].with_user(manager).create({})
        stop.with_user(manager).action_stop()
        self.assertEqual(stop.decided_user_id, manager)

    def test_plain_user_is_refused(self):
        plain = self._user("stop_plain", "base.group_user")
        for model in ("crm.campaign.stop", "crm.campaign.stop.rule", "crm.campaign.stop.dismiss"):
            with self.subTest(model), self.assertRaises(AccessError):
                self.env[model].with_user(plain).search([])
        self.assertTrue(self.campaign.with_user(plain).read(["title"]))
        with self.assertRaises(AccessError):
            self.campaign.with_user(plain).read(["crm_stop_note"])

    def test_other_company_is_not_seen(self):
        rule = self._rule()
        stop = self._propose()
        other = self._make_company("Other CSX")
        stranger = self._user("stop_stranger", MANAGER, other)
        for record in (rule, stop):
            found = record.with_user(stranger).with_context(allowed_company_ids=other.ids).search([])
            self.assertNotIn(record.id, found.ids)
        campaign = self.campaign.with_user(stranger).with_context(allowed_company_ids=other.ids)
        self.assertFalse(campaign.crm_stop_state)

    def test_limits(self):
        for measure, threshold in (("romi", -101), ("budget", -1)):
            with self.assertRaises(ValidationError):
                self._rule(measure, threshold)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self._rule(least_days=-1)

    def test_shipped_rules(self):
        romi, budget = (
            self.env.ref(f"crm_extended_analytics.crm_campaign_stop_rule_{name}") for name in ("romi", "budget")
        )
        self.assertEqual((romi.measure, romi.threshold, romi.least_days), ("romi", 0, 90))
        self.assertEqual((budget.measure, budget.threshold), ("budget", 110))

    def test_queries_of_a_night_do_not_grow(self):
        """A night that finds what is known: as many queries for one campaign and rule as for twenty of them."""
        counts = []
        self._rule()
        for number in range(2):
            self._propose()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["crm.campaign.stop"]._propose(self.company)
            counts.append(self.cr.sql_log_count - before)
            for each in range(20):
                name = f"X{number}{each}"
                self.campaigns[name] = self.env["utm.campaign"].create(
                    {"title": name, "user_id": self.asked.id, "tag_ids": [Command.clear()]}
                )
                self._cost(name, 10, "2026-06-01", "2026-06-30")
        self.assertEqual(*counts)
