from odoo.tests import tagged

from ...scoring.basket import pair_rules
from .common_population import PopulationCase

DAY = "2026-05-05"


@tagged("post_install", "-at_install")
class TestPopulationBasket(PopulationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tea, cls.coffee, cls.cake = cls._products("Tea", "Coffee", "Cake")
        cls.customers = cls._customers(2)

    def setUp(self):
        super().setUp()
        self.baskets = []

    def _order(self, *products, customer=None, count=1):
        """Write orders with one line per product."""
        for _number in range(count):
            lines = [self._sale(customer or self.customers[0], DAY, product=product) for product in products]
            for line in lines[1:]:
                line.order_key = lines[0].order_key
            self.baskets.append(products)

    def _rule(self, one, other, kind="order"):
        return self._rows(
            "crm.basket.rule", ("product_id", "=", one.id), ("other_product_id", "=", other.id), ("kind", "=", kind)
        )

    def _make_tea_and_coffee(self):
        """20 orders: tea in 20 %, coffee in 90 %, both in 15 %."""
        self._order(self.tea, self.coffee, count=3)
        self._order(self.tea)
        self._order(self.coffee, count=15)
        self._order(self.cake, customer=self.customers[1])

    def test_tea_and_coffee(self):
        """A confidence of 75 %, and yet less often than by chance (90 %)."""
        self._make_tea_and_coffee()
        self._run()
        rule = self._rule(self.tea, self.coffee)
        self.assertAlmostEqual(rule.confidence, 75)
        self.assertAlmostEqual(rule.expected_confidence, 90)
        self.assertAlmostEqual(rule.lift, 0.8333, 4)
        self.assertEqual(rule.note, "Less often than by chance")

    def test_a_and_b(self):
        """100 orders: A in 5, B in 10, both in 2."""
        self._order(self.tea, self.coffee, count=2)
        self._order(self.tea, count=3)
        self._order(self.coffee, count=8)
        self._order(self.cake, customer=self.customers[1], count=87)
        self._run()
        rule = self._rule(self.tea, self.coffee)
        found = (rule.support, rule.confidence, rule.lift, rule.leverage, rule.conviction)
        for value, expected in zip(found, (2, 40, 4.0, 1.5, 1.5), strict=True):
            self.assertAlmostEqual(value, expected)
        self.assertEqual(rule.note, "4.0 times as often as by chance")

    def test_same_as_the_formula(self):
        self._make_tea_and_coffee()
        self._order(self.tea, self.cake, customer=self.customers[1], count=2)
        self._run()
        rules = self._rows("crm.basket.rule", ("kind", "=", "order"), ("level", "=", "product"))
        found = {(rule.product_id, rule.other_product_id): (rule.together_count, round(rule.lift, 9)) for rule in rules}
        expected = {
            (rule.antecedent, rule.consequent): (rule.together, round(rule.lift, 9))
            for rule in pair_rules(self.baskets)
        }
        self.assertEqual(found, expected)
        self.assertEqual(rules.sorted("lift", reverse=True).mapped("lift"), rules.mapped("lift"))

    def test_always_bought_together_has_no_conviction(self):
        self._order(self.tea, self.coffee, count=2)
        self._order(self.cake, customer=self.customers[1])
        self._run()
        self.assertIs(self._rule(self.tea, self.coffee).conviction, False)

    def test_baskets_of_customers(self):
        """Tea in one order and coffee in another: together for the customer only."""
        for customer in self.customers:
            self._order(self.tea, customer=customer)
            self._order(self.coffee, customer=customer)
        self._run()
        self.assertFalse(self._rule(self.tea, self.coffee))
        self.assertEqual(self._rule(self.tea, self.coffee, kind="customer").together_count, 2)

    def test_categories(self):
        self.coffee.categ_id = self.outdoor
        self._order(self.tea, self.coffee, count=2)
        self._order(self.tea, customer=self.customers[1])
        self._run()
        rule = self._rows("crm.basket.rule", ("level", "=", "category"), ("categ_id", "=", self.indoor.id))
        self.assertEqual((rule.kind, rule.together_count), ("order", 2))
        self.assertEqual(rule.other_categ_id, self.outdoor)

    def test_one_order_proves_nothing(self):
        self._order(self.tea, self.coffee)
        self._order(self.cake, customer=self.customers[1])
        self._run()
        self.assertFalse(self._rows("crm.basket.rule"))

    def test_sales_before_the_window_do_not_count(self):
        self._order(self.tea, self.coffee, count=2)
        self._order(self.cake, customer=self.customers[1])
        self._rows("crm.fact.sale", ("product_id", "=", self.coffee.id)).write({"date": "2024-01-01"})
        self._run()
        self.assertFalse(self._rule(self.tea, self.coffee))

    def test_who_lacks_it(self):
        self._order(self.tea, self.coffee, count=2)
        self._order(self.tea, customer=self.customers[1])
        self._run()
        action = self._rule(self.tea, self.coffee).action_open_customers()
        self.assertEqual(self.env["res.partner"].search(action["domain"]), self.customers[1])
        self.assertIn("3 baskets", self._rule(self.tea, self.coffee).limits)
