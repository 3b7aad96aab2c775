from ast import literal_eval

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from ..population.common_attribution import AttributionCase


@tagged("post_install", "-at_install")
class TestHoldout(AttributionCase):
    @classmethod
    def _holdout(cls, partners, **values):
        return cls.env["crm.holdout"].create(
            {
                "name": "Spring",
                "company_id": cls.company.id,
                "campaign_id": cls.campaigns["A"].id,
                "audience_domain": str([("id", "in", partners.ids)]),
                "share_pct": 50,
                "date_start": "2026-06-30",
                "date_end": "2026-07-29",
                **values,
            }
        )

    def _members(self, holdout, held_out):
        return holdout.member_ids.filtered(lambda member: member.is_held_out == held_out).partner_id

    def _buy(self, partners, day="2026-07-05", amount=100.0, cost=40.0):
        for partner in partners:
            self._sale(partner, day, amount=amount, cost=cost)

    @freeze_time("2026-06-30 12:00:00")
    def test_published_uplift(self):
        """1000 treated, 80 buy; 1000 held out, 50 buy: 3 points, p 0.0065, 30 caused; margin 60 each for 1000 spent."""
        partners = self._customers(2000)
        holdout = self._holdout(partners, other_spend=1000)
        holdout._draw()
        self.assertEqual((holdout.treated_count, holdout.held_out_count), (1000, 1000))
        self._buy(self._members(holdout, False)[:80])
        self._buy(self._members(holdout, True)[:50])
        with freeze_time("2026-08-01 12:00:00"):
            holdout._measure()
        self.assertEqual(holdout.state, "measured")
        self.assertAlmostEqual(holdout.difference, 3.0)
        self.assertAlmostEqual(holdout.p_value, 0.0065, places=4)
        self.assertTrue(holdout.is_significant)
        self.assertAlmostEqual(holdout.incremental_conversions, 30.0)
        self.assertAlmostEqual(holdout.incremental_margin, 30 * 60)
        self.assertAlmostEqual(holdout.incremental_revenue, 3000)
        self.assertAlmostEqual(holdout.romi_pct, 80.0)
        self.assertLess(holdout.difference_low, 3)
        self.assertIn("8.0 % of 1000 treated", holdout.verdict)
        self.assertIn("more than chance", holdout.verdict)
        self.env["res.lang"]._activate_lang("es_ES")
        spanish = holdout.with_context(lang="es_ES").verdict
        self.assertIn("8,0 %", spanish, "numbers as the reader writes them")
        self.assertNotIn("8.0", spanish)
        self.assertIn("+3,0", spanish)
        row = self.env["crm.campaign.return"].search([("campaign_id", "=", self.campaigns["A"].id)])
        self.assertEqual((row.basis, row.model, row.romi_pct), ("incremental", "holdout", holdout.romi_pct))

    def test_draw_is_the_same_again(self):
        partners = self._customers(40)
        draws = []
        for seed in (7, 7, 8):
            holdout = self._holdout(partners, seed=seed)
            holdout._draw()
            draws.append(self._members(holdout, True))
        self.assertEqual(draws[0], draws[1])
        self.assertNotEqual(draws[0], draws[2])
        self.assertEqual(len(draws[0]), 20)

    def test_customers_are_commercial_entities(self):
        """A contact brings his company in, once; an objector to profiling stays outside."""
        partners = self._customers(3)
        contacts = self.env["res.partner"].create(
            [{"name": "Contact", "parent_id": self.hotel.id}, {"name": "Other contact", "parent_id": self.hotel.id}]
        )
        partners[0].crm_profiling_opt_out = True
        holdout = self._holdout(partners + contacts)
        self.assertEqual(holdout.audience_count, 3)
        holdout._draw()
        self.assertEqual(holdout.member_ids.partner_id, partners[1:] + self.hotel)

    def test_draw_after_the_start_is_refused(self):
        holdout = self._holdout(self._customers(4), date_start="2026-06-29")
        with self.assertRaisesRegex(UserError, "proves nothing"):
            holdout._draw()

    def test_empty_group_is_refused(self):
        with self.assertRaisesRegex(UserError, "group empty"):
            self._holdout(self._customers(1))._draw()

    def test_drawn_test_is_fixed(self):
        holdout = self._holdout(self._customers(4))
        holdout._draw()
        with self.assertRaises(UserError):
            holdout.seed = 99
        with self.assertRaises(UserError):
            holdout._draw()
        with self.assertRaises(UserError):
            holdout.unlink()
        holdout.other_spend = 5

    def test_given_customers(self):
        partners = self._customers(10)
        holdout = self._holdout(self.env["res.partner"], audience_domain="[]")
        holdout._draw(partners)
        self.assertEqual(holdout.member_ids.partner_id, partners)

    def test_least_size(self):
        """5 % buy anyway, 3 points more are worth it: 1059 each, or 624 against nine times as many."""
        holdout = self._holdout(self._customers(2), base_rate_pct=5, least_uplift_pct=3)
        self.assertEqual(holdout.needed_count, 1059)
        holdout.share_pct = 10
        self.assertEqual(holdout.needed_count, 624)
        self.assertTrue(holdout.is_too_small)

    def test_base_rate_is_proposed(self):
        """One of four bought in the 30 days before."""
        partners = self._customers(4)
        self._buy(partners[0], "2026-05-31")
        self._buy(partners[1], "2026-05-30")
        self.assertEqual(self._holdout(partners).base_rate_pct, 25)

    def test_small_groups_are_not_called_significant(self):
        holdout = self._holdout(self._customers(8))
        holdout._draw()
        self._buy(self._members(holdout, False))
        with freeze_time("2026-07-10 12:00:00"):
            holdout._measure()
        self.assertEqual((holdout.state, holdout.difference), ("drawn", 100))
        self.assertFalse(holdout.is_significant or holdout.is_testable)
        self.assertIn("too small", holdout.verdict)

    def test_sales_outside_the_window_do_not_count(self):
        holdout = self._holdout(self._customers(4))
        holdout._draw()
        self._buy(self._members(holdout, False), "2026-06-29")
        self._buy(self._members(holdout, False), "2026-07-30")
        with freeze_time("2026-08-10 12:00:00"):
            holdout._measure()
        self.assertEqual((holdout.treated_converted, holdout.incremental_margin), (0, 0))

    def test_money_is_judged_by_its_interval(self):
        holdout = self._holdout(self._customers(20), metric="margin")
        holdout._draw()
        self._buy(self._members(holdout, False), amount=100, cost=40)
        with freeze_time("2026-07-31 12:00:00"):
            holdout._measure()
        self.assertEqual((holdout.margin_low, holdout.margin_difference, holdout.margin_high), (60, 60, 60))
        self.assertIn("more than chance", holdout.verdict)

    def test_cost_that_is_known_in_part(self):
        """Treated: three buy for 100 at a cost of 40 and one for 50 of unknown cost: 180 x 350 / 300 = 210.

        Held out: one buys for 100 at 40: 60. A margin of 52.5 - 15 per customer, 150 of four; 100 spent: ROMI 50 %.
        """
        holdout = self._holdout(self._customers(8), other_spend=100)
        holdout._draw()
        treated = self._members(holdout, False)
        self._buy(treated[:3])
        self._buy(treated[3:], amount=50, cost=None)
        self._buy(self._members(holdout, True)[:1])
        self._forget_zero_costs()
        with freeze_time("2026-07-31 12:00:00"):
            holdout._measure()
        self.assertEqual((holdout.margin_difference, holdout.incremental_margin), (37.5, 150))
        self.assertEqual(holdout.romi_pct, 50)

    def test_cost_that_is_too_little_known(self):
        """Of what the held-out customer bought no cost is known: there is no margin to compare with, and no ROMI."""
        holdout = self._holdout(self._customers(8), other_spend=100, metric="margin")
        holdout._draw()
        self._buy(self._members(holdout, False))
        self._buy(self._members(holdout, True)[:1], cost=None)
        self._forget_zero_costs()
        with freeze_time("2026-07-31 12:00:00"):
            holdout._measure()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((holdout.incremental_margin, holdout.romi_pct), (False, False))
        self.assertEqual(holdout.incremental_revenue, 300)
        self.assertIn("ROMI is not measurable", holdout.verdict)
        self.assertIn("effect on the margin is not measurable", holdout.verdict)
        row = self.env["crm.campaign.return"].search([("campaign_id", "=", self.campaigns["A"].id)])
        self.assertEqual((row.margin, row.romi_pct, row.revenue), (False, False, 300))
        self.assertIn("Needs the cost", row.missing)

    def test_costs_of_the_campaign(self):
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
        holdout = self._holdout(self._customers(4), other_spend=50)
        holdout._draw()
        with freeze_time("2026-08-31 12:00:00"):
            holdout._measure()
        self.assertEqual(holdout.spend, 150)
        self.assertEqual(holdout.romi_pct, -100)

    def test_held_out_are_found_by_a_filter(self):
        partners = self._customers(10)
        holdout = self._holdout(partners)
        holdout._draw()
        held_out = self._members(holdout, True)
        partners_model = (
            self.env["res.partner"].with_user(self.seller).with_context(allowed_company_ids=self.company.ids)
        )
        domain = [("id", "in", partners.ids)]
        self.assertEqual(partners_model.search(domain + [("crm_is_held_out", "=", True)]), held_out)
        self.assertEqual(partners_model.search(domain + [("crm_is_held_out", "=", False)]), partners - held_out)
        self.assertEqual(partners_model.browse(partners.ids).filtered("crm_is_held_out"), held_out)
        action = holdout.action_open_treated()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]).partner_id, partners - held_out)
        self.assertEqual(self.env["res.partner"].search(literal_eval(holdout.recipients_domain)), partners - held_out)
        holdout.action_cancel()
        self.assertFalse(partners_model.search(domain + [("crm_is_held_out", "=", True)]))

    def test_queries_do_not_grow(self):
        counts = []
        for number in (2, 200):
            holdout = self._holdout(self._customers(number))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            holdout._draw()
            with freeze_time("2026-07-31 12:00:00"):
                holdout._measure()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_wrong_audience_is_refused(self):
        with self.assertRaises(ValidationError):
            self._holdout(self._customers(2), audience_domain="[('no_such_field', '=', 1)]")

    def test_run_measures_what_is_under_way(self):
        holdout = self._holdout(self._customers(4))
        holdout._draw()
        self._buy(self._members(holdout, False), "2026-06-30")
        self._run()
        self.assertEqual(holdout.treated_converted, 2)

    def test_access(self):
        holdout = self._holdout(self._customers(4))
        holdout._draw()
        plain = self._user("hox_plain", "base.group_user")
        for user in (plain, self.seller):
            for model in ("crm.holdout", "crm.holdout.member"):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
        analyst = self._user("hox_analyst", "crm_extended.crm_extended_group_analyst")
        with self.assertRaises(AccessError):
            holdout.with_user(analyst).action_measure()
        manager = self._user("hox_manager", "sales_team.group_sale_manager")
        mine = self.env["crm.holdout"].with_user(manager).with_context(allowed_company_ids=self.company.ids)
        mine.search([("id", "=", holdout.id)]).action_measure()
        self.assertFalse(self.env["crm.holdout.member"].with_user(manager).has_access("write"))
        stranger = self._user("hox_other", "sales_team.group_sale_manager", self._make_company("Other HOX"))
        for model in ("crm.holdout", "crm.holdout.member"):
            others = self.env[model].with_user(stranger).with_context(allowed_company_ids=stranger.company_ids.ids)
            self.assertFalse(others.search([]))
