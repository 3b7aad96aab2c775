from odoo.tests import tagged

from .common_population import PopulationCase

PROFITS = (400, 300, 200, 100, 50, 20, 0, -20, -50, -200)


@tagged("post_install", "-at_install")
class TestPopulationWhale(PopulationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.method.write({"overhead_pct": 0} if "overhead_pct" in cls.method._fields else {})
        cls.customers = cls._customers(len(PROFITS))
        for customer, profit in zip(cls.customers, PROFITS, strict=True):
            cls._sale(customer, "2026-05-05", amount=1000, cost=1000 - profit)

    def _points(self):
        return self._rows("crm.whale.point")

    def test_ten_profits(self):
        """0.500, 0.875, 1.125, 1.250, 1.3125, 1.3375, 1.3375, 1.3125, 1.250, 1.000."""
        self._run()
        shares = [round(share / 100, 6) for share in self._points().mapped("profit_share")]
        self.assertEqual(shares, [0.5, 0.875, 1.125, 1.25, 1.3125, 1.3375, 1.3375, 1.3125, 1.25, 1.0])

    def test_peak(self):
        self._run()
        peak = self._points().filtered("is_peak")
        self.assertEqual((peak.place, round(peak.profit_share, 6)), (6, 133.75))
        self.assertEqual(peak.loser_count, 3)

    def test_sentences(self):
        self._run()
        sentences = self.env["crm.whale.point"].get_screen()["sentences"]
        self.assertEqual(sentences[0], "The best 20 % of the customers earn 88 % of the profit.")
        self.assertIn("the last 30 % (3 customers) lose 33.8 % of it again", sentences[1])

    def test_opens_the_customers_at_a_loss(self):
        self._run()
        action = self.env["crm.whale.point"].action_open_losers(str(self.PERIOD))
        self.assertEqual(self.env["crm.customer.measure"].search(action["domain"]).partner_id, self.customers[-3:])

    def test_unknown_costs_are_left_out_and_counted(self):
        stranger = self._customers(1)
        self._sale(stranger, "2026-05-05", amount=1000)
        self._run()
        self.assertEqual(self._points()[0].customer_count, 10)
        self.assertEqual(self._points()[0].unknown_count, 1)

    def test_all_lose(self):
        """No share of a loss can be read, so the screen shows the money."""
        for customer in self.customers:
            self._sale(customer, "2026-05-05", amount=1000, cost=2000)
        self._run()
        self.assertEqual(set(self._points().mapped("profit_share")), {False})
        self.assertFalse(self.env["crm.whale.point"].get_screen()["is_share"])

    def test_no_cost_known_no_curve(self):
        self.env["crm.fact.sale"].search([("company_id", "=", self.company.id)]).write({"cost_origin": "unknown"})
        self._run()
        self.assertFalse(self._points())
