from odoo.tests import tagged

from .common_population import PopulationCase

DAY = "2026-05-05"


@tagged("post_install", "-at_install")
class TestPopulationProduct(PopulationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.tea,) = cls._products("Tea")
        cls.customers = cls._customers(3)
        cls._sale(cls.customers[0], DAY, amount=100, quantity=4)
        cls._sale(cls.customers[0], "2026-06-01", amount=100, quantity=4)
        cls._sale(cls.customers[1], DAY, amount=200, quantity=2)
        cls._sale(cls.customers[2], DAY, product=cls.tea, amount=10)

    def _insight(self, product):
        return self._rows("crm.product.insight", ("product_id", "=", product.id))

    def test_buyers_and_repeat_rate(self):
        """The lamp: two buyers, of whom one bought it twice."""
        self._run()
        lamp = self._insight(self.lamp)
        self.assertEqual((lamp.sold_quantity, lamp.sold_amount, lamp.order_count), (10, 400, 3))
        self.assertEqual((lamp.buyer_count, lamp.repeat_count, lamp.repeat_rate), (2, 1, 50))

    def test_return_rate(self):
        """40 of 400 came back: 10 % of the money, 1 of 10 pieces."""
        self._return(self.customers[0], "2026-06-10", 40)
        self._run()
        lamp = self._insight(self.lamp)
        self.assertEqual((lamp.returned_amount, lamp.return_rate, lamp.return_quantity_rate), (40, 10, 10))
        self.assertEqual(self._insight(self.tea).return_rate, 0)

    def test_what_it_is_sold_with(self):
        for customer in self.customers[:2]:
            lines = [self._sale(customer, DAY, product=product) for product in (self.lamp, self.tea)]
            lines[1].order_key = lines[0].order_key
        cake = self._products("Cake")
        for _number in range(6):
            self._sale(self.customers[2], DAY, product=cake)
        self._run()
        tea = self._insight(self.tea)
        self.assertEqual((tea.pair_count, tea.best_product_id), (1, self.lamp))
        self.assertEqual(self.env["crm.basket.rule"].search(tea.action_open_pairs()["domain"]).product_id, self.tea)

    def test_who_lacks_it(self):
        for customer in self._customers(9):
            self._sale(customer, DAY, product=self.tea)
        self._run()
        tea = self._insight(self.tea)
        self.assertEqual(tea.gap_count, 2)
        gaps = self.env["crm.customer.gap"].search(tea.action_open_gaps()["domain"])
        self.assertEqual(gaps.partner_id, self.customers[:2])

    def test_credit_notes_open(self):
        self._return(self.customers[0], "2026-06-10", 40)
        self._run()
        action = self._insight(self.lamp).action_open_returns()
        self.assertEqual(self.env["crm.fact.return"].search(action["domain"]).amount_company, 40)
