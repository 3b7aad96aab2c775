from datetime import timedelta

from odoo.tests import tagged

from .common_seven_p import TODAY, SevenPCase

# (money, days since the purchase) of five companies and five persons; the last company buys less than any person
COMPANIES = ((9000, 10), (8000, 20), (7000, 30), (6000, 40), (100, 50))
PERSONS = ((900, 10), (800, 20), (700, 30), (600, 40), (500, 50))


@tagged("post_install", "-at_install")
class TestSevenPKinds(SevenPCase):
    """Companies are compared with companies and persons with persons, when there are enough of both."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.companies = cls._make(COMPANIES, is_company=True)
        cls.persons = cls._make(PERSONS, is_company=False)

    @classmethod
    def _make(cls, customers, **values):
        partners = cls._customers(len(customers), **values)
        for partner, (money, days) in zip(partners, customers, strict=True):
            cls._sale(partner, TODAY - timedelta(days=days), amount=money, cost=money / 2)
        return partners

    def _run_with(self, min_model_customers, **values):
        self.method.write({"min_model_customers": min_model_customers, **values})
        return self._run()

    def test_the_best_of_each_kind_have_equal_scores(self):
        run = self._run_with(5)
        self.assertEqual(set(run.parameters["kinds"]), {"company", "person"})
        # the same places within the kind: ten times the money makes no difference
        self.assertEqual(
            [self._month(partner).score_performance for partner in self.companies],
            [self._month(partner).score_performance for partner in self.persons],
        )
        self.assertEqual(self._measure(self.persons[0]).rfm_money_class, 5)

    def test_too_few_of_one_kind_are_compared_together(self):
        run = self._run_with(6)
        self.assertNotIn("kinds", run.parameters)
        # the fifth of ten
        self.assertEqual(self._measure(self.persons[0]).rfm_money_class, 3)

    def test_the_method_may_compare_all_together(self):
        run = self._run_with(5, kinds_apart=False)
        self.assertNotIn("kinds", run.parameters)

    def test_parameters_of_a_customer_are_those_of_its_kind(self):
        run = self._run_with(5)
        bounds = [run._get_parameters(kind)["rfm"]["rfm_money"]["bounds"][0][0] for kind in ("company", "person")]
        self.assertEqual(bounds, [9000, 900])
        self.assertEqual(set(run.card_ids.mapped("customer_kind")), {"company", "person"})

    def test_changed_customer_is_scored_by_the_frozen_parameters_of_its_kind(self):
        self._run_with(5)
        before = self._month(self.companies[0]).score_performance
        self.env["crm.warehouse.change"]._note([(self.company.id, self.companies[0].id)])
        self._run(kind="incremental")
        self.assertEqual(self._month(self.companies[0]).score_performance, before)
        self.assertEqual([len(self._month(person)) for person in self.persons], [1] * 5)
