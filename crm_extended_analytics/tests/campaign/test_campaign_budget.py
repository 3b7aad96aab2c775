from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from ..population.common_attribution import AttributionCase

MONTHS = ("2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01")
SPENDS = (100, 400, 900, 1600)


@tagged("post_install", "-at_install")
class TestCampaignBudget(AttributionCase):
    """A brings 40 x root of its spend, B 20 x root; C has two months only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, slope in (("A", 40), ("B", 20)):
            for month, spend in zip(MONTHS, SPENDS, strict=True):
                cls._month(name, month, spend, slope * spend**0.5)
        for month, spend in zip(MONTHS[:2], (60, 40), strict=True):
            cls._month("C", month, spend, 500)

    @classmethod
    def _month(cls, name, month, spend, margin, **values):
        campaign, company = cls.campaigns[name], cls.company
        cls.env["crm.campaign.cost"].create(
            {
                "name": "Print",
                "company_id": company.id,
                "campaign_id": campaign.id,
                "date_from": month,
                "date_to": month,
                "amount": spend,
            }
        )
        cls.env["crm.attribution.credit"].create(
            {
                "company_id": company.id,
                "period": MONTHS[-1],
                "month": month,
                "dimension": "campaign",
                "model": "linear",
                "touch_state": "named",
                "value": campaign.title,
                "campaign_id": campaign.id,
                "margin": margin,
                **values,
            }
        )

    def _split(self, **values):
        self.env.flush_all()
        return self.env["crm.campaign.budget"].create({"company_id": self.company.id, **values})

    def _line(self, wizard, name):
        return wizard.line_ids.filtered(lambda line: line.campaign_id == self.campaigns[name])

    def test_split(self):
        """Of 300, C keeps the 50 of now; 250 are split 200 and 50, where one more brings 1.41 in both."""
        wizard = self._split(budget=300)
        self.assertEqual(wizard.line_ids.campaign_id, self.campaigns["A"] + self.campaigns["B"] + self.campaigns["C"])
        a, b, c = (self._line(wizard, name) for name in "ABC")
        self.assertEqual((a.usual, a.proposed, b.proposed), (750, 200, 50))
        self.assertAlmostEqual(a.next_proposed, 1.41, 2)
        self.assertAlmostEqual(b.next_proposed, 1.41, 2)
        self.assertAlmostEqual(a.change, 40 * (200**0.5 - 750**0.5), 2)
        self.assertEqual((a.advice, c.advice, c.usual, c.month_count), ("less", "unknown", 50, 2))
        self.assertIn("left as they are: 1.", wizard.summary)
        self.assertNotIn("better not spent", wizard.summary)
        self.assertEqual(sum(wizard.line_ids.mapped("proposed")), 300)

    def test_what_is_better_not_spent(self):
        """Above 400 and 100 the next unit brings less than itself; C keeps 50, so 450 of 1,000 stay."""
        wizard = self._split(budget=1000)
        self.assertEqual([self._line(wizard, name).proposed for name in "AB"], [400, 100])
        self.assertIn("450.00", wizard.summary)

    def test_budget_of_now_is_proposed(self):
        self.assertEqual(self._split().budget, 750 + 750 + 50)

    def test_stop(self):
        """The months of B in which more was spent brought less."""
        self.env["crm.attribution.credit"].search([("campaign_id", "=", self.campaigns["B"].id)]).unlink()
        for month, margin in zip(MONTHS, (500, 400, 300, 200), strict=True):
            self._month("B", month, 0, margin)
        line = self._line(self._split(budget=300), "B")
        self.assertEqual((line.advice, line.proposed), ("stop", 0))

    def test_chance_is_not_judged(self):
        """Another 10, 3,000, 20 and 2,000 beside the spend of B: it keeps 750, and A has what is left of 1,000."""
        for month, margin in zip(MONTHS, (10, 3000, 20, 2000), strict=True):
            self._month("B", month, 0, margin)
        wizard = self._split(budget=1000)
        line = self._line(wizard, "B")
        self.assertEqual((line.advice, line.proposed, line.change), ("unknown", 750, 0))
        self.assertTrue(line.next_usual)
        self.assertEqual(self._line(wizard, "A").proposed, 1000 - 750 - 50)
        self.assertIn("left as they are: 2.", wizard.summary)

    def test_months_of_unknown_cost_are_left_out(self):
        """A month of B that sold 900 of unknown cost spent 100, and says nothing of the slope of 20."""
        self._month("B", "2026-02-01", 100, 0, revenue=900, known_revenue=0)
        line = self._line(self._split(budget=300), "B")
        self.assertEqual((line.month_count, line.usual), (5, 620))
        self.assertAlmostEqual(line.next_usual, 20 / (2 * 620**0.5), 2)

    def test_what_if_on_the_form(self):
        self.env.flush_all()
        form = Form(self.env["crm.campaign.budget"].with_company(self.company))
        form.budget = 300
        self.assertIn("200.0", [str(line["proposed"]) for line in form.line_ids._records])

    def test_other_way_of_sharing(self):
        """Nothing is attributed by last touch here."""
        wizard = self._split(budget=300, model="last")
        self.assertFalse(wizard.line_ids)
        self.assertIn("No campaign has costs", wizard.summary)

    def test_access(self):
        self.env.flush_all()
        for login, groups in (("cbx_plain", "base.group_user"), ("cbx_sale", "sales_team.group_sale_salesman")):
            with self.assertRaises(AccessError):
                self.env["crm.campaign.budget"].with_user(self._user(login, groups)).create({})
        analyst = self._user("cbx_analyst", "crm_extended.crm_extended_group_analyst")
        budgets = self.env["crm.campaign.budget"].with_user(analyst)
        budgets = budgets.with_context(allowed_company_ids=self.company.ids)
        wizard = budgets.create({"company_id": self.company.id})
        self.assertEqual(len(wizard.line_ids), 3)
        self.assertTrue(wizard.summary)
        stranger = self._user("cbx_other", "sales_team.group_sale_manager", self._make_company("Other CBX"))
        budgets = self.env["crm.campaign.budget"].with_user(stranger)
        budgets = budgets.with_context(allowed_company_ids=stranger.company_ids.ids)
        self.assertFalse(budgets.create({}).line_ids)

    def test_queries_do_not_grow(self):
        self._split(budget=300)
        counts = []
        for _round in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            self._split(budget=300)
            counts.append(self.cr.sql_log_count - start)
            for number in range(20):
                name = f"X{_round}{number}"
                self.campaigns[name] = self.env["utm.campaign"].create({"title": name, "user_id": self.env.uid})
                self._month(name, MONTHS[0], 10, 10)
        self.assertEqual(*counts)
