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

    def test_cost_that_is_known_in_part(self):
        """Sold 1,000 of known cost 400, and 250 of unknown cost: the known margin of 600 x 1,250 / 1,000 = 750.

        It came back of 500: ROMI is 50 %, not the 20 % of the known margin alone.
        """
        self._path("A", 10, amount=1000, cost=400)
        self._path("A", 10, amount=250)
        self._cost(500)
        self._run()
        for row in self._returns(dimension="campaign", campaign_id=self.campaigns["A"].id):
            with self.subTest(row.model):
                self.assertEqual((row.revenue, row.known_revenue, row.known_margin), (1250, 1000, 600))
                self.assertEqual((row.known_pct, row.margin, row.romi_pct), (80, 750, 50))
                self.assertFalse(row.missing)

    def test_cost_that_is_too_little_known(self):
        """Known of 1,000 out of 1,251 sold, 79.9 %: no margin and no ROMI, and the row says what it needs."""
        self._path("A", 10, amount=1000, cost=400)
        self._path("A", 10, amount=251)
        self._cost(500)
        self._run()
        row = self._returns(dimension="campaign", campaign_id=self.campaigns["A"].id, model="linear")
        self.assertEqual((row.margin, row.romi_pct), (False, False))
        self.assertEqual(row.order_cost, 250)
        self.assertEqual(row.missing, "Needs the cost of 80 % of the net sales; that of 79.9 % is known.")

    def test_least_known_cost_is_that_of_the_method(self):
        self.method.min_cost_known_pct = 79
        self._path("A", 10, amount=1000, cost=400)
        self._path("A", 10, amount=251)
        self._run()
        row = self._returns(dimension="campaign", campaign_id=self.campaigns["A"].id, model="linear")
        self.assertAlmostEqual(row.margin, 600 * 1.251)
        self.assertFalse(row.missing)

    def test_cost_of_a_group_is_known_as_of_its_sums(self):
        """A: 1,000 of known margin 500; B: 200 of unknown cost. Together 500 x 1,200 / 1,000 = 600 for 400: 50 %."""
        self._path("A", 10, amount=1000, cost=500)
        self._path("B", 10, amount=200)
        # an order without a touch counts for the margin of all, and for no return
        self._path("", 10, amount=800, cost=700)
        self._cost(200)
        self._cost(200, campaign_id=self.campaigns["B"].id)
        self._run()
        domain = [("company_id", "=", self.company.id), ("dimension", "=", "campaign"), ("model", "=", "last")]
        returns = self.env["crm.campaign.return"]
        ((romi_pct, known_pct, margin),) = returns._read_group(
            domain, [], ["romi_pct:avg", "known_pct:avg", "margin:sum"]
        )
        self.assertAlmostEqual(romi_pct, 50)
        self.assertAlmostEqual(known_pct, 100 * 1000 / 1200)
        self.assertAlmostEqual(margin, 600 * 2000 / 1800)
        by_campaign = returns._read_group([*domain, ("campaign_id", "!=", False)], ["campaign_id"], ["romi_pct:avg"])
        self.assertEqual(dict(by_campaign)[self.campaigns["A"]], 150)
        self.assertFalse(dict(by_campaign)[self.campaigns["B"]])

    def test_spend_without_orders_brought_nothing_back(self):
        self._path("B", 10, cost=50)
        self._path("B", 10, cost=50)
        self._cost(500)
        self._run()
        row = self._returns(dimension="campaign", campaign_id=self.campaigns["A"].id, model="linear")
        self.assertEqual((row.margin, row.romi_pct, row.missing), (0, -100, False))

    def test_names_are_those_of_the_reader(self):
        """Credits name values in the language of the company; who reads the return has them in his own."""
        self.env["res.lang"]._activate_lang("es_ES")
        self.campaigns["A"].with_context(lang="es_ES").title = "Campaña A"
        self._path("A", 10, cost=50)
        self._path("", 10, cost=50)
        self._run()
        returns = self._returns(dimension="campaign", model="last")
        self.assertEqual(set(returns.mapped("value")), {"Campaign A", "No touch known"})
        in_spanish = returns.with_context(lang="es_ES")
        in_spanish.invalidate_recordset()
        self.assertEqual(set(in_spanish.mapped("value")), {"Campaña A", "Sin impacto de campaña conocido"})
        self.campaigns["A"].unlink()
        self.assertEqual(
            set(self._returns(dimension="campaign", model="last").mapped("value")), {"Campaign A", "No touch known"}
        )

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
