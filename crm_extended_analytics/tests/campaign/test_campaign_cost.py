from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..population.common_attribution import AttributionCase


@tagged("post_install", "-at_install")
class TestCampaignCost(AttributionCase):
    def _cost(self, amount, first="2026-06-01", last="2026-06-30", **values):
        values.setdefault("campaign_id", self.campaigns["A"].id)
        return self.env["crm.campaign.cost"].create(
            {"name": "Print", "company_id": self.company.id, "date_from": first, "date_to": last, "amount": amount}
            | values
        )

    def _returns(self, **values):
        self.env.flush_all()
        domain = [("company_id", "=", self.company.id), *((name, "=", value) for name, value in values.items())]
        return self.env["crm.campaign.return"].search(domain)

    def test_spread_over_the_months(self):
        """91 days from April to June at 910: 300 in April, 310 in May and 300 in June."""
        self._cost(910, first="2026-04-01")
        self.env.flush_all()
        rows = self.env.execute_query(self.env["crm.campaign.cost"]._get_by_month_sql())
        self.assertEqual(
            sorted((row[1].month, float(row[5])) for row in rows if row[0] == self.company.id),
            [(4, 300), (5, 310), (6, 300)],
        )

    def test_part_of_a_period(self):
        cost = self._cost(910, first="2026-04-01")
        self.assertEqual(cost._sum_days(date(2026, 6, 21), date(2026, 7, 20)), 100)

    def test_romi(self):
        """(margin 15,000 - spend 10,000) / spend = 50 %, by each way of sharing."""
        self._path("A", 10, amount=20000, cost=5000)
        self._path("", 10, amount=100, cost=50)
        self._cost(10000)
        self._run()
        rows = self._returns(dimension="campaign", campaign_id=self.campaigns["A"].id)
        self.assertEqual(len(rows), 7)
        self.assertEqual(rows.mapped("romi_pct"), [50.0] * 7)
        self.assertEqual(set(rows.mapped("basis")), {"attributed"})
        self.assertEqual(rows[0].order_cost, 10000)

    def test_romi_of_a_group_is_that_of_its_sums(self):
        """Campaigns A: 150 for 100, B: 50 for 100: together nothing is gained or lost."""
        for name, amount in (("A", 150), ("B", 50)):
            self._path(name, 10, amount=amount, cost=0)
            self._cost(100, campaign_id=self.campaigns[name].id)
        # an order without a touch is nobody's merit
        self._path("", 10, amount=9000, cost=0)
        self._run()
        ((romi_pct,),) = self.env["crm.campaign.return"]._read_group(
            [("company_id", "=", self.company.id), ("dimension", "=", "campaign"), ("model", "=", "last")],
            [],
            ["romi_pct:avg"],
        )
        self.assertAlmostEqual(romi_pct, 0)

    def test_spend_of_a_medium_ties_by_campaign(self):
        self._path("A", 10)
        self._path("", 10)
        self._cost(70, campaign_id=False, medium_id=self.medium.id)
        self._run()
        for dimension in ("campaign", "medium", "source"):
            rows = self._returns(dimension=dimension, model="linear")
            self.assertEqual(sum(rows.mapped("spend")), 70, dimension)
            self.assertEqual(sum(rows.mapped("conversions")), 2, dimension)
        self.assertEqual(self._returns(dimension="medium", model="linear", medium_id=self.medium.id).spend, 70)

    def test_cost_without_a_campaign_is_refused(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self._cost(1, campaign_id=False)

    def test_access(self):
        self._cost(1)
        manager = self._user("cox_manager", "sales_team.group_sale_manager")
        for model in ("crm.campaign.cost", "crm.campaign.return"):
            for user in (self._user(f"cox_plain_{model[-4:]}", "base.group_user"), self.seller):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
            self.env[model].with_user(manager).search([])
        costs = self.env["crm.campaign.cost"].with_context(allowed_company_ids=self.company.ids)
        self.assertEqual(len(costs.with_user(manager).search([])), 1)
        self.assertFalse(self.env["crm.campaign.return"].with_user(manager).has_access("write"))
        stranger = self._user("cox_other", "sales_team.group_sale_manager", self._make_company("Other COX"))
        costs = costs.with_context(allowed_company_ids=stranger.company_ids.ids)
        self.assertFalse(costs.with_user(stranger).search([]))

    def test_campaign_form(self):
        cost = self._cost(1)
        campaign = self.campaigns["A"]
        self.assertEqual(campaign.crm_cost_ids, cost)
        self.assertEqual(campaign.action_open_return()["domain"], [("campaign_id", "=", campaign.id)])
