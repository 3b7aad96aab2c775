from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ...models.population.crm_attribution_credit import ATTRIBUTION_MODELS
from ...scoring import attribution
from .common_attribution import AttributionCase


@tagged("post_install", "-at_install")
class TestAttribution(AttributionCase):
    def _make_published_paths(self):
        """A>B won, A lost, B won, A>C lost, C>B won, A>C>B won."""
        for channels, day in (("AB", 10), ("A", None), ("B", 10), ("AC", None), ("CB", 10), ("ACB", 10)):
            self._path(channels, day)
        # the lost ones are no customers, so that there are only four to compare
        self._run()

    def test_published_paths(self):
        self._make_published_paths()
        self._assert_credits("first", {"A": 2, "B": 1, "C": 1})
        self._assert_credits("last", {"A": 0, "B": 4, "C": 0})
        self._assert_credits("linear", {"A": 0.833, "B": 2.333, "C": 0.833})
        self._assert_credits("u_shaped", {"A": 0.9, "B": 2.4, "C": 0.7})
        self._assert_credits("markov", {"A": 1.12, "B": 1.92, "C": 0.96})

    def test_published_money_by_time_decay(self):
        """12,000 over touches 38, 33, 26, 8 and 0 days before the order."""
        (partner,) = self._customers(1)
        for day, campaign in (
            ("2026-05-03", "A"),
            ("2026-05-08", "B"),
            ("2026-05-15", "C"),
            ("2026-06-02", None),
            ("2026-06-10", "A"),
        ):
            self._touch(partner, day, campaign)
        self._sale(partner, "2026-06-10", amount=12000)
        self._sale(self._customers(1), "2026-06-11", amount=1)
        self._run()
        expected = {"A": 175 + 7545, "B": 287, "C": 575, "unnamed": 3417, "none": 1}
        self._assert_credits("time_decay", expected, "revenue", delta=1)

    def test_sums_in_every_model_and_dimension(self):
        self._path("ABCA", 12, amount=1000, cost=400)
        self._path("B", 12, amount=50, cost=60)
        self._path("", 12, amount=300, cost=100)
        # its cost is not known
        self._path("BA", 12, amount=70)
        self._run()
        for dimension in ("campaign", "medium", "source"):
            for model, _label in ATTRIBUTION_MODELS:
                with self.subTest(f"{dimension} {model}"):
                    sums = [
                        sum(self._credits(model, measure, dimension).values())
                        for measure in ("conversions", "revenue", "known_revenue", "margin")
                    ]
                    for found, expected in zip(sums, (4, 1420, 1350, 790), strict=True):
                        self.assertAlmostEqual(found, expected, places=4)

    def test_rules_are_those_of_scoring(self):
        """Paths of one to seven touches, with the lead at any place, give the shares of the pure functions."""
        for count in range(1, 8):
            for lead in range(count):
                (partner,) = self._customers(1)
                for place in range(count):
                    kind = "lead" if place == lead else "mailing"
                    self._touch(partner, f"2026-06-{place + 1:02d}", "A", kind=kind)
                self._sale(partner, "2026-06-20")
        self._run()
        report = self.env["crm.population.report.attribution"]
        report._make_orders(run := self.env["crm.scoring.run"].search([("company_id", "=", self.company.id)]))
        report._make_paths(run)
        self.env.cr.execute(
            "SELECT array_agg(u_shaped ORDER BY place), array_agg(w_shaped ORDER BY place),"
            " array_agg(time_decay ORDER BY place) FROM crm_attribution_path GROUP BY order_key ORDER BY order_key DESC"
        )
        rows = iter(self.env.cr.fetchall())
        for count in range(1, 8):
            for lead in range(count):
                expected = (
                    attribution.u_shaped(count),
                    attribution.w_shaped(count, lead=lead, deal=count - 1),
                    attribution.time_decay(range(count)),
                )
                for found, shares in zip(next(rows), expected, strict=True):
                    for share, wanted in zip(found, shares, strict=True):
                        self.assertAlmostEqual(share, wanted, places=9)

    def test_look_back_window(self):
        """A touch 90 days before the order counts, one of 91 days does not."""
        late, early = self._customers(2)
        self._touch(late, "2026-03-22")
        self._touch(early, "2026-03-21")
        for partner in (late, early):
            self._sale(partner, "2026-06-20")
        self._run()
        self._assert_credits("first", {"A": 1, "none": 1})

    def test_touch_after_the_order_earns_nothing(self):
        (partner,) = self._customers(1)
        self._touch(partner, "2026-06-21")
        self._sale(partner, "2026-06-20")
        self._sale(self._customers(1), "2026-06-20")
        self._run()
        self._assert_credits("last", {"none": 2})

    def test_without_touches_there_is_nothing(self):
        for partner in self._customers(2):
            self._sale(partner, "2026-06-20")
        self._run()
        self.assertFalse(self.env["crm.attribution.credit"].search_count([("company_id", "=", self.company.id)]))

    def test_who_objects_to_profiling_is_not_followed(self):
        partner = self._path("A", 10)
        self._path("B", 10)
        self._path("B", 10)
        partner.crm_profiling_opt_out = True
        self._run()
        self._assert_credits("last", {"B": 2, "none": 1})

    def test_documents(self):
        """An order that took its campaign over from its lead has one touch; one of another campaign two."""
        utm = [{"campaign_id": self.campaigns[name].id} for name in ("A", "B")]
        lead = self.env["crm.lead"].create(
            {"name": "Lamps", "partner_id": self.hotel.id, "company_id": self.company.id, **utm[0]}
        )
        self.env.cr.execute("UPDATE crm_lead SET create_date = '2026-06-01 10:00' WHERE id = %s", [lead.id])
        for values in utm:
            self._order(date="2026-06-15 10:00:00", opportunity_id=lead.id, **values)
        self._order(date="2026-06-16 10:00:00", partner_id=self._customers(1).id)
        self._load()
        self._run()
        self._assert_credits("linear", {"A": 1.5, "B": 0.5, "none": 1})
        credit = self.env["crm.attribution.credit"].search(
            [("model", "=", "linear"), ("campaign_id", "=", self.campaigns["B"].id)]
        )
        action = credit.action_open_orders()
        self.assertEqual(
            self.env[action["res_model"]].search(action["domain"]).order_id.campaign_id, credit.campaign_id
        )
        action = credit.action_open_touches()
        self.assertEqual(self.env["crm.fact.touch"].search_count(action["domain"]), 1)

    def test_second_run_replaces_the_first(self):
        self._make_published_paths()
        before = self._credits("linear")
        self._run()
        self.assertEqual(self._credits("linear"), before)

    def test_a_sum_that_is_wrong_is_refused(self):
        self._make_published_paths()
        run = self.env["crm.scoring.run"].search([("company_id", "=", self.company.id)], limit=1)
        credit = self.env["crm.attribution.credit"].search([("company_id", "=", self.company.id)], limit=1)
        report = self.env["crm.population.report.attribution"]
        self.assertFalse(report._get_unbalanced(run))
        credit.conversions += 0.1
        self.env.flush_all()
        with self.assertRaises(ValidationError):
            report._check_sums(run)

    def test_access(self):
        self._make_published_paths()
        credits_ = self.env["crm.attribution.credit"]
        with self.assertRaises(AccessError):
            credits_.with_user(self._user("atx_plain", "base.group_user")).search([])
        with self.assertRaises(AccessError):
            credits_.with_user(self.seller).search([])
        manager = self._user("atx_manager", "sales_team.group_sale_manager")
        rows = credits_.with_user(manager).with_context(allowed_company_ids=self.company.ids).search([])
        self.assertEqual(rows.company_id, self.company)
        self.assertFalse(rows.has_access("write"))
        stranger = self._user("atx_other", "sales_team.group_sale_manager", self._make_company("Other ATX"))
        self.assertFalse(
            credits_.with_user(stranger).with_context(allowed_company_ids=stranger.company_ids.ids).search([]) & rows
        )
