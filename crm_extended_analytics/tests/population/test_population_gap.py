from odoo import Command
from odoo.tests import new_test_user, tagged

from .common_population import PopulationCase

DAY = "2026-05-05"


@tagged("post_install", "-at_install")
class TestPopulationGap(PopulationCase):
    """Ten customers of one size who buy tea; eight of them buy coffee, one buys cake."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tea, cls.coffee, cls.cake = cls._products("Tea", "Coffee", "Cake")
        cls.customers = cls._customers(10, country_id=cls.env.ref("base.bg").id)
        for customer in cls.customers:
            cls._sale(customer, DAY, product=cls.tea)
        for number, customer in enumerate(cls.customers[:8]):
            cls._sale(customer, DAY, product=cls.coffee, amount=10 * (number + 1))
        cls._sale(cls.customers[0], DAY, product=cls.cake)

    def _gaps(self, customer):
        return self._rows("crm.customer.gap", ("partner_id", "=", customer.id))

    def test_share_and_median_of_the_peers(self):
        """Coffee: 8 of 10 peers, who spend 10, 20 .. 80 on it: median 45."""
        self._run()
        gap = self._gaps(self.customers[9]).filtered(lambda gap: gap.product_id == self.coffee)
        self.assertEqual((gap.peer_rule, gap.peer_count, gap.buyer_count), ("all", 10, 8))
        self.assertAlmostEqual(gap.peer_share, 80)
        self.assertAlmostEqual(gap.expected_value, 45)

    def test_what_he_bought_long_ago_is_no_gap(self):
        self._sale(self.customers[9], "2020-01-01", product=self.coffee)
        self._run()
        self.assertEqual(self._gaps(self.customers[9]).product_id, self.cake)

    def test_who_buys_all_has_no_gap(self):
        self._run()
        self.assertFalse(self._gaps(self.customers[0]))

    def test_peers_are_of_the_country_when_there_are_enough(self):
        """Germans buy nothing but cake, for much more: neither country is compared with the other."""
        germans = self._customers(50, country_id=self.env.ref("base.de").id)
        for customer in germans:
            self._sale(customer, DAY, product=self.cake, amount=100000)
        for customer in self.customers:
            self._sale(customer, DAY, product=self.tea, amount=1)
        bulgarians = self._customers(2, country_id=self.env.ref("base.bg").id)
        for customer in bulgarians:
            self._sale(customer, DAY, product=self.tea, amount=1)
        self._run()
        gaps = self._gaps(self.customers[9])
        self.assertEqual(set(gaps.mapped("peer_rule")), {"country"})
        self.assertFalse(self._gaps(germans[0]))

    def test_three_gaps_at_most(self):
        products = self._products("A", "B", "C", "D")
        for product in products:
            for customer in self.customers[:5]:
                self._sale(customer, DAY, product=product)
        self._run()
        gaps = self._gaps(self.customers[9])
        self.assertEqual(len(gaps), 3)
        self.assertEqual(gaps[0].product_id, self.coffee)

    def test_too_few_customers_have_no_peers(self):
        self.customers[9].crm_profiling_opt_out = True
        self._run()
        self.assertFalse(self._rows("crm.customer.gap"))

    def test_only_the_last_month_is_kept(self):
        self._run()
        self._run(as_of="2026-05-31")
        self.assertEqual(set(self._rows("crm.customer.gap").mapped("period")), {self.PERIOD})

    def test_explanation_of_the_product(self):
        self._run()
        score = self._scores(self.customers[9])["product"]
        self.assertRegex(score.explanation_text, "80 % of .* buy Coffee")
        sentences = next(part for part in self.customers[9].seven_p["scores"] if part["p"] == "product")["sentences"]
        self.assertRegex("\n".join(sentences), "80 % of .* buy Coffee")

    def test_queries_do_not_grow_with_the_customers(self):
        self._customers(200)
        for customer in self._customers(200):
            self._sale(customer, DAY, product=self.tea)
        self._run()
        scores = self.env["crm.customer.score"].search([("p", "=", "product"), ("is_current", "=", True)])
        self.assertGreater(len(scores), 200)
        scores[:1].mapped("explanation_text")
        self.env.invalidate_all()
        with self.assertQueryCount(10):
            scores[:1].mapped("explanation_text")
        self.env.invalidate_all()
        with self.assertQueryCount(10):
            scores.mapped("explanation_text")

    def test_objection_erases_the_gaps(self):
        self._run()
        self.customers[9].crm_profiling_opt_out = True
        self.assertFalse(self._gaps(self.customers[9]))

    def test_seller_sees_the_gaps_of_his_customers(self):
        self.customers[9].user_id = self.seller
        self.customers[8].user_id = self.colleague
        self._run()
        gaps = (
            self.env["crm.customer.gap"].with_user(self.seller).search([("partner_id", "in", self.customers[8:].ids)])
        )
        self.assertEqual(gaps.partner_id, self.customers[9])
        analyst = new_test_user(
            self.env,
            "pop_analyst",
            "crm_extended.crm_extended_group_analyst",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        gaps = self.env["crm.customer.gap"].with_user(analyst).search([("partner_id", "in", self.customers[8:].ids)])
        self.assertEqual(gaps.partner_id, self.customers[8:])
