from datetime import date

from dateutil.relativedelta import relativedelta

from odoo.tests import tagged
from odoo.tools import SQL

from ...models.seven_p import contract_models
from ...scoring import kaplan_meier, sbg
from .common_population import PopulationCase

TODAY = date(2026, 6, 30)
# contracts still there after 0 to 7 years (Fader and Hardie 2007), of 1,000 each
HIGH_END = (1000, 869, 743, 653, 593, 551, 517, 491)
REGULAR = (1000, 631, 468, 382, 326, 289, 262, 241)


@tagged("post_install", "-at_install")
class TestPopulationContract(PopulationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyers = cls._customers(2)
        for buyer in cls.buyers:
            cls._sale(buyer, "2026-05-01", cost=50)

    @classmethod
    def _contracts(cls, count, start, end=None, categ=None, partner=None):
        """Write the facts of so many contracts, as the load would."""
        partner, first = partner or cls.buyers[0], cls.fact_number
        cls.fact_number += count
        cls.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_fact_contract (res_model, res_id, company_id, partner_id, commercial_partner_id, date,
                                               date_end, categ_id)
                SELECT 'contract.contract', -number, %s, %s, %s, %s::date, %s::date, %s
                  FROM generate_series(%s::int, %s::int) number
                """,
                cls.company.id,
                partner.id,
                partner.id,
                start,
                end,
                categ and categ.id,
                first + 1,
                cls.fact_number,
            )
        )

    @classmethod
    def _cohort(cls, survivors, categ, partner=None):
        """Write a cohort whose last renewal is today; who does not renew ends on the day before the anniversary."""
        start = TODAY + relativedelta(days=1, years=1 - len(survivors))
        for year, (before, after) in enumerate(zip(survivors, survivors[1:], strict=False), start=1):
            end = start + relativedelta(years=year, days=-1)
            cls._contracts(before - after, start, end, categ, partner)
        cls._contracts(survivors[-1], start, None, categ, partner)

    def _survival(self, *domain):
        return self._rows("crm.contract.survival", *domain).sorted("contract_year")

    def _card(self, run):
        return run.card_ids.filtered(lambda card: card.model == "sbg")

    # ------------------------------------------------------------------
    # Curves
    # ------------------------------------------------------------------
    def test_published_cohorts(self):
        """High End and Regular, as groups of products: the curve as seen, the fit and the five years to come."""
        self._cohort(HIGH_END, self.indoor)
        self._cohort(REGULAR, self.outdoor)
        self._run()
        for categ, survivors, alpha, beta in (
            (self.indoor, HIGH_END, 0.668, 3.806),
            (self.outdoor, REGULAR, 0.704, 1.182),
        ):
            rows = self._survival(("categ_id", "=", categ.id))
            self.assertEqual([round(row.survival * 10) for row in rows[:8]], list(survivors))
            self.assertEqual(rows[1:8].mapped("at_risk"), list(survivors[:-1]))
            self.assertEqual(rows.mapped("is_forecast"), [False] * 8 + [True] * 5)
            self.assertEqual(set(rows[8:].mapped("survival")), {False})
            # r(1) = beta / (alpha + beta), r(2) = (beta + 1) / (alpha + beta + 1)
            self.assertIs(rows[0].retention_model, False)
            self.assertAlmostEqual(rows[1].retention_model, 100 * beta / (alpha + beta), 1)
            self.assertAlmostEqual(rows[2].retention_model, 100 * (beta + 1) / (alpha + beta + 1), 1)
        rows = self._survival(("categ_id", "=", self.indoor.id))
        self.assertEqual([round(row.survival_model, 1) for row in rows[8:]], [46.0, 43.6, 41.4, 39.5, 37.8])
        # all together: half of each
        both = self._survival(("categ_id", "=", False))
        self.assertEqual(both[1].at_risk, 2000)
        self.assertAlmostEqual(both[7].survival, (49.1 + 24.1) / 2, 6)

    def test_kaplan_meier_of_running_contracts(self):
        """Years 1, 2+, 3, 3, 5+, 6 and four that run for 7: 0.900, 0.675 after 3 and 0.540 after 6."""
        for years, is_over in ((1, True), (2, False), (3, True), (3, True), (5, False), (6, True)) + 4 * ((7, False),):
            start = TODAY + relativedelta(days=1, years=-years)
            self._contracts(1, start, TODAY if is_over else None)
        self._run()
        shares = [round(row.survival / 100, 3) for row in self._survival()]
        self.assertEqual(shares, [1, 0.9, 0.9, 0.675, 0.675, 0.675, 0.54, 0.54])
        self.assertEqual(self._survival().mapped("at_risk"), [0, 10, 9, 8, 6, 6, 5, 4])
        self.assertIn("10 contracts whose first year is over", self._survival()[0].reason)
        self.assertFalse(self._survival().filtered("is_forecast"))

    def test_year_of_an_end(self):
        """An end belongs to the year in which it lies; the anniversary itself still to the year before."""
        for end, expected in (
            ("2021-12-30", (1, True)),
            ("2022-01-01", (1, True)),
            ("2022-01-02", (2, True)),
            ("2023-06-30", (3, True)),
            # its sixth year is not over, so that nobody's sixth renewal is known
            ("2026-05-31", (5, False)),
            # runs until then
            ("2026-12-31", (5, False)),
        ):
            with self.subTest(end):
                self._contracts(1, "2021-01-01", end)
                self.env.cr.execute(
                    SQL(
                        "SELECT years, ended FROM (%s) life",
                        contract_models.get_lives_sql(self.company, TODAY, SQL("TRUE")),
                    )
                )
                # 2026-06-30: five whole years
                self.assertEqual(self.env.cr.fetchall(), [expected])
                self.env.cr.execute("DELETE FROM crm_fact_contract")

    def test_all_ages_give_the_parameters_of_one_cohort(self):
        """Contracts that began at different times and still run, made by known parameters: the fit finds them."""
        made = sbg.Parameters(0.668, 3.806)
        for years in range(2, 8):
            survivors = [round(1000 * sbg.survival(made, year)) for year in range(years + 1)]
            self._cohort(survivors, self.indoor)
        run = self._run()
        alpha, beta = run.parameters["sbg"]
        self.assertAlmostEqual(alpha, 0.668, delta=0.01)
        self.assertAlmostEqual(beta, 3.806, delta=0.05)
        self.assertEqual(self._survival(("categ_id", "=", False))[1].at_risk, 6000)

    def test_objectors_are_left_out(self):
        self._cohort(HIGH_END, self.indoor, self.buyers[1])
        self.buyers[1].crm_profiling_opt_out = True
        self._run()
        self.assertFalse(self._survival())

    # ------------------------------------------------------------------
    # Card
    # ------------------------------------------------------------------
    def test_card(self):
        self._cohort(HIGH_END, self.indoor)
        card = self._card(self._run())
        self.assertFalse(card.is_refused)
        self.assertEqual([round(value, 3) for value in card.parameters], [0.668, 3.806])
        self.assertIn("1,000 contracts", card.data_text)
        self.assertIn("contract years: 7, ends: 509", card.data_text)
        self.assertIn("-1,611.2", card.fit_text)
        # fitted to six years, S(6) - S(7) is 35 of 1,000; 26 came
        self.assertIn("of 517 contracts that came to a renewal 26 ended", card.back_test_text)
        self.assertEqual((round(card.back_test["foreseen"]), round(card.back_test["carried_on"])), (35, 57))
        self.assertEqual(card.grade, "C")

    def test_too_few_contracts(self):
        self._contracts(49, "2022-01-01")
        run = self._run()
        self.assertTrue(self._card(run).is_refused)
        self.assertIn("49 contracts whose first year is over; the model asks for 50", self._card(run).reason)
        self.assertIsNone(run.parameters["sbg"])

    def test_too_few_ends(self):
        self._contracts(60, "2022-01-01")
        self._contracts(9, "2022-01-01", "2022-12-31")
        self.assertIn("9 contracts that ended; the model asks for 10", self._card(self._run()).reason)

    def test_no_contracts_no_card(self):
        run = self._run()
        self.assertFalse(self._card(run))
        self.assertFalse(self._survival())

    # ------------------------------------------------------------------
    # Measure
    # ------------------------------------------------------------------
    def test_retention_of_a_customer(self):
        """One contract seven years old: r(8) = (3.806 + 7) / (0.668 + 3.806 + 7) = 94.2 %; a new one: r(1) = 85.1 %."""
        self._cohort(HIGH_END, self.indoor)
        self._contracts(1, "2019-07-01", partner=self.buyers[1])
        self._run()
        measure = self._measure(self.buyers[1])
        self.assertEqual((measure.contract_count, round(measure.contract_retention, 1)), (1, 94.2))
        sentences = self._sentences(self.buyers[1])
        self.assertIn("Has a contract that is renewed with a probability of 94 %, by its age.", sentences)
        self._contracts(1, "2026-06-01", partner=self.buyers[1])
        self._run()
        measure = self._measure(self.buyers[1])
        self.assertEqual((measure.contract_count, round(measure.contract_retention)), (2, 90))

    def _sentences(self, partner):
        scores = partner.with_company(self.company).seven_p["scores"]
        return next(score["sentences"] for score in scores if score["p"] == "persistency")

    def test_without_a_fit_nothing_is_joined(self):
        self._contracts(3, "2022-01-01")
        run = self._run()
        persistency = self.env["crm.scoring.p.persistency"]
        self.assertNotIn("crm_fact_contract", persistency._prepare(run._get_scope(), run.parameters).code)
        self.assertFalse(self._measure(self.buyers[0]).contract_retention)
        fitted = run.parameters | {"sbg": [0.668, 3.806]}
        self.assertIn("crm_fact_contract", persistency._prepare(run._get_scope(), fitted).code)

    def test_strip_stays_at_three_queries(self):
        self._cohort(HIGH_END, self.indoor)
        self._run()
        partners = self.buyers.with_context(allowed_company_ids=self.company.ids, lang="en_US")
        self.assertEqual(len(partners.mapped("seven_p")), 2)
        for number in (1, 2):
            self.env.invalidate_all()
            partners[:number].read(["name", "commercial_partner_id", "user_id", "currency_id"])
            self.assertTrue(self.company.currency_id.symbol)
            self.company._has_feature("seven_p")
            with self.subTest(number), self.assertQueryCount(3):
                partners[:number].mapped("seven_p")

    # ------------------------------------------------------------------
    # Screen
    # ------------------------------------------------------------------
    def test_screen(self):
        self._cohort(HIGH_END, self.indoor)
        self._cohort(REGULAR, self.outdoor)
        self._run()
        screens = self.env["crm.contract.survival"].with_company(self.company)
        screen = screens.get_screen(None, str(self.indoor.id))
        self.assertEqual([option[0] for option in screen["options"]][0], "all")
        self.assertEqual(screen["seen"][7], [7, 49.1])
        self.assertEqual(len(screen["model"]), 13)
        self.assertEqual(screen["sentences"][0], "Of 100 contracts 49 are still there after 7 years.")
        self.assertIn("expects 38 of them after 12 years", screen["sentences"][1])
        self.assertIn("85 % are renewed the first time, 94 % of those left at renewal 8", screen["sentences"][1])

    def test_empty_screen_names_the_module(self):
        self._run()
        screen = self.env["crm.contract.survival"].with_company(self.company).get_screen()
        self.assertEqual(screen["periods"], [])
        if not self.env["crm.warehouse.source.contract"]._is_available():
            self.assertIn("the module Contract", screen["empty"])

    def test_curve_is_that_of_scoring(self):
        """The numbers of the rows are those of the pure function over the same lives."""
        self._contracts(20, "2023-07-01", "2025-03-31")
        self._contracts(40, "2022-07-01")
        self._run()
        steps = kaplan_meier.survival_curve([(2, True)] * 20 + [(4, False)] * 40)
        for row in self._survival(("is_forecast", "=", False)):
            self.assertAlmostEqual(row.survival, 100 * kaplan_meier.survival_at(steps, row.contract_year), 9)
