from odoo.tests import tagged

from ...scoring.cohort import switching
from .common_population import PopulationCase

BEFORE, NOW = "2025-02-01", "2026-02-01"


@tagged("post_install", "-at_install")
class TestPopulationSwitch(PopulationCase):
    """Five customers: one stays indoor, one goes outdoor, one leaves, one is new, one stays outdoor."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.street = cls.env["product.product"].create({"name": "Street", "categ_id": cls.outdoor.id})
        cls.customers = cls._customers(5)
        stays, goes, leaves, new, loyal = cls.customers
        for customer, day, product, amount in (
            (stays, BEFORE, cls.lamp, 100),
            (stays, NOW, cls.lamp, 100),
            (stays, NOW, cls.street, 99),
            (goes, BEFORE, cls.lamp, 100),
            (goes, NOW, cls.street, 100),
            (leaves, BEFORE, cls.lamp, 100),
            (new, NOW, cls.street, 100),
            (loyal, BEFORE, cls.street, 100),
            (loyal, NOW, cls.street, 100),
        ):
            cls._sale(customer, day, product=product, amount=amount)

    def _shares(self):
        return {(cell.categ_id, cell.other_categ_id): round(cell.share, 4) for cell in self._rows("crm.switch.cell")}

    def test_same_as_the_formula(self):
        self._run()
        stays, goes, leaves, _new, loyal = self.customers
        before = {stays: self.indoor, goes: self.indoor, leaves: self.indoor, loyal: self.outdoor}
        after = {stays: self.indoor, goes: self.outdoor, loyal: self.outdoor}
        expected = {
            (group, target or self.env["product.category"]): round(100 * share, 4)
            for group, row in switching(before, after).items()
            for target, share in row.items()
        }
        none = self.env["product.category"]
        self.assertEqual(self._shares(), expected | {(none, self.outdoor): 100.0})

    def test_rows_sum_to_one_hundred(self):
        self._run()
        for row in self.env["crm.switch.cell"].get_screen()["rows"]:
            with self.subTest(row["label"]):
                self.assertAlmostEqual(sum(cell["share"] for cell in row["cells"] if cell), 100)

    def test_sentence(self):
        """Of four customers of the window before two stayed, one moved and one left."""
        self._run()
        sentence = self.env["crm.switch.cell"].get_screen()["sentences"][0]
        self.assertEqual(
            sentence, "50 % of the customers stay with their group, 25 % move to another one, 25 % have left."
        )

    def test_cell_opens_its_customers(self):
        self._run()
        cells = self._rows("crm.switch.cell")
        for before, after, number in ((self.indoor, self.outdoor, 1), (self.indoor, None, 2), (None, self.outdoor, 3)):
            with self.subTest(number):
                cell = cells.filtered(
                    lambda cell, before=before, after=after: (
                        (cell.categ_id or None, cell.other_categ_id or None) == (before, after)
                    )
                )
                action = cell.action_open_customers()
                self.assertEqual(self.env["res.partner"].search(action["domain"]), self.customers[number])

    def test_many_groups_are_shown_as_the_rest(self):
        categories = self.env["product.category"].create([{"name": f"Group {n}"} for n in range(15)])
        for customer, category in zip(self._customers(15), categories, strict=True):
            product = self.env["product.product"].create({"name": category.name, "categ_id": category.id})
            self._sale(customer, BEFORE, product=product)
        self._run()
        screen = self.env["crm.switch.cell"].get_screen()
        labels = [row["label"] for row in screen["rows"]]
        self.assertEqual(len(labels), 14)
        self.assertEqual(labels[-2:], ["Other groups", "New"])
        self.assertEqual(sum(row["size"] for row in screen["rows"]), 20)
