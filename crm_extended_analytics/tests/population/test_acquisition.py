from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_attribution import AttributionCase


@tagged("post_install", "-at_install")
class TestAcquisition(AttributionCase):
    def _rows(self, dimension="campaign", **values):
        self.env.flush_all()
        domain = [("company_id", "=", self.company.id), ("dimension", "=", dimension)]
        return self.env["crm.acquisition"].search(domain + [(name, "=", value) for name, value in values.items()])

    def test_cost_and_yield(self):
        """Campaign A wins two customers for 100: 50 each; first-year margin 150, so a yield of 50 %."""
        first, second = self._customers(2)
        for partner, margin in ((first, 100), (second, 50)):
            self._touch(partner, "2026-05-02")
            self._touch(partner, "2026-05-03", "B")
            self._sale(partner, "2026-05-04", amount=200 + margin, cost=200)
        self._sale(self._customers(1), "2026-05-05", amount=70, cost=40)
        self.env["crm.campaign.cost"].create(
            {
                "name": "Print",
                "company_id": self.company.id,
                "campaign_id": self.campaigns["A"].id,
                "date_from": "2026-05-01",
                "date_to": "2026-05-31",
                "amount": 100,
            }
        )
        self._run()
        row = self._rows(campaign_id=self.campaigns["A"].id)
        self.assertEqual((row.customer_count, row.customer_cost, row.yield_pct), (2, 50, 50))
        self.assertEqual(sum(self._rows().mapped("customer_count")), 3)
        self.assertIn("No touch known", self._rows().mapped("value"))
        ((cost,),) = self.env["crm.acquisition"]._read_group(
            [("company_id", "=", self.company.id), ("dimension", "=", "campaign")], [], ["customer_cost:avg"]
        )
        self.assertAlmostEqual(cost, 50)

    def test_yield_of_cost_that_is_known_in_part(self):
        """A: 400 of 500 sold have a known cost of 200, so 200 x 500 / 400 = 250 of 100: a yield of 150 %.

        B: nothing is known of 100, so there is no yield; nor of both, where 400 of 600 are known, below 80 %.
        """
        first, second, third = self._customers(3)
        for partner, name in ((first, "A"), (second, "A"), (third, "B")):
            self._touch(partner, "2026-05-02", name)
        self._sale(first, "2026-05-04", amount=400, cost=200)
        self._sale(second, "2026-05-04", amount=100)
        self._sale(third, "2026-05-04", amount=100)
        self.env["crm.campaign.cost"].create(
            [
                {
                    "name": "Print",
                    "company_id": self.company.id,
                    "campaign_id": self.campaigns[name].id,
                    "date_from": "2026-05-01",
                    "date_to": "2026-05-31",
                    "amount": 100,
                }
                for name in ("A", "B")
            ]
        )
        self._run()
        won, other = (self._rows(campaign_id=self.campaigns[name].id) for name in ("A", "B"))
        self.assertEqual((won.known_pct, won.first_year_margin, won.yield_pct), (80, 250, 150))
        self.assertEqual((other.known_pct, other.first_year_margin, other.yield_pct), (0, False, False))
        self.assertEqual(other.customer_cost, 100)
        self.assertFalse(won.missing)
        self.assertEqual(other.missing, "Needs the cost of 80 % of the net sales; that of 0.0 % is known.")
        ((yield_pct, margin),) = self.env["crm.acquisition"]._read_group(
            [("company_id", "=", self.company.id), ("dimension", "=", "campaign")],
            [],
            ["yield_pct:avg", "first_year_margin:sum"],
        )
        self.assertEqual((yield_pct, margin), (False, False))

    def test_only_the_first_year_counts(self):
        """Sold on the first day, after 364 days and after 365 days: the last is of the second year."""
        (partner,) = self._customers(1)
        self._touch(partner, "2025-03-01")
        for day in ("2025-03-01", "2026-02-28", "2026-03-01"):
            self._sale(partner, day, amount=100, cost=60)
        self._sale(self._customers(1), "2026-03-01")
        self._run()
        self.assertEqual(self._rows(campaign_id=self.campaigns["A"].id).first_year_margin, 80)

    def test_later_touches_and_old_ones_won_nobody(self):
        (partner,) = self._customers(1)
        self._touch(partner, "2026-01-01")
        self._touch(partner, "2026-06-02")
        self._sale(partner, "2026-06-01")
        self._sale(self._customers(1), "2026-06-01")
        self._run()
        self.assertEqual(self._rows().mapped("value"), ["No touch known"])

    def test_access(self):
        self._path("A", 10)
        self._path("", 10)
        self._run()
        manager = self._user("aqx_manager", "sales_team.group_sale_manager")
        stranger = self._user("aqx_other", "sales_team.group_sale_manager", self._make_company("Other AQX"))
        plain = self._user("aqx_plain", "base.group_user")
        for model in ("crm.acquisition", "crm.acquisition.credit"):
            for user in (plain, self.seller):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
            records = self.env[model].with_context(allowed_company_ids=self.company.ids)
            self.assertTrue(records.with_user(manager).search([]))
            records = self.env[model].with_context(allowed_company_ids=stranger.company_ids.ids)
            self.assertFalse(records.with_user(stranger).search([("company_id", "=", self.company.id)]))
