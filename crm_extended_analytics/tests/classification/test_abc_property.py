import random
from datetime import date, timedelta

from odoo.tests import tagged

from ...scoring.abc_xyz import ROUNDING, abc_classes, variation, xyz_class
from .common_abc import AbcCase

ITEMS, MONTHS = 60, 6


@tagged("post_install", "-at_install")
class TestAbcProperty(AbcCase):
    """The statements and the pure functions agree on random series, with ties, returns, gaps and losses."""

    def _draw(self, chance):
        kind = chance.random()
        if kind < 0.15:
            return [0.0] * (MONTHS - 1) + [chance.choice((5.0, -5.0, 10.0))]
        series = [float(chance.randint(0, 40)) for _ in range(MONTHS)]
        if kind < 0.4:
            series = [value if chance.random() < 0.4 else 0.0 for value in series]
        if kind > 0.9:
            series[chance.randrange(MONTHS)] -= chance.randint(1, 100)
        return series

    def _sell(self, series_by_buyer):
        """Write the facts of all series, with an old one of each so that all months count."""
        rows = []
        for buyer, series in series_by_buyer.items():
            rows.append((buyer, "2024-01-01", 1.0))
            day = date(2026, 1, 5)
            for number, amount in enumerate(series):
                month = (day.replace(day=1) + timedelta(days=31 * number)).replace(day=1)
                if amount:
                    half = round(amount / 2, 2)
                    rows += [(buyer, str(month), half), (buyer, str(month.replace(day=28)), amount - half)]
        for partner, day, amount in rows:
            self._sale(partner, day, amount=amount, cost=0.0)

    def test_equal_to_the_pure_functions(self):
        chance = random.Random(66)
        buyers = self._customers(ITEMS)
        series = {buyer: self._draw(chance) for buyer in buyers}
        self._sell(series)
        for boundary, deviation, empty in (("included", "population", 50), ("before", "sample", 30)):
            self.profile.write({"boundary": boundary, "deviation": deviation, "empty_pct": empty})
            result = self._count()
            found = {item.partner_id: item for item in self._items(result)}
            # who never had an amount in the window is no item
            shown = [buyer for buyer in buyers if any(series[buyer])]
            self.assertEqual(set(found), set(shown))
            values = [sum(series[buyer]) for buyer in shown]
            expected = abc_classes(
                values,
                keys=[buyer.id for buyer in shown],
                thresholds=(0.8, 0.95),
                is_item_included=boundary == "included",
            )
            self.assertEqual([found[buyer].abc_class for buyer in shown], list(expected))
            for buyer in shown:
                is_sample = deviation == "sample"
                expected = xyz_class(series[buyer], thresholds=(0.1, 0.25), is_sample=is_sample, most_empty=empty / 100)
                self.assertEqual(found[buyer].xyz_class or None, expected, series[buyer])
                ratio = variation(series[buyer], is_sample=is_sample)
                if ratio is None:
                    self.assertIs(found[buyer].variation, False)
                else:
                    self.assertAlmostEqual(found[buyer].variation / 100, ratio, 9)
            self.assertEqual(len(set(found[buyer].place for buyer in shown)), len(shown))
            positive = sum(value for value in values if value > 0)
            by_class = sum(item.value for item in found.values() if item.abc_class in "ABC")
            self.assertAlmostEqual(by_class, positive, 6, "A, B and C share the whole positive value among them")
            self.assertAlmostEqual(sum(item.share or 0 for item in found.values()), 100, 6)

    def test_ties_are_stable(self):
        """Ten equal values: eight are A, and it is the eight with the lowest ids, whatever the order of rows."""
        buyers = self._customers(10)
        for buyer in reversed(buyers):
            self._sale(buyer, "2026-05-05", amount=0.1, cost=0)
        found = {item.partner_id: item.abc_class for item in self._items(self._count())}
        self.assertEqual([found[buyer] for buyer in buyers], list("AAAAAAAABB"))
        self.assertGreater(ROUNDING, 0)
