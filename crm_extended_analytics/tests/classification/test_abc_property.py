import random
from datetime import date, timedelta
from unittest.mock import patch

from odoo.sql_db import Cursor
from odoo.tests import tagged

from ...models.classification.crm_abc_item import ITEM_FIELDS
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

    def test_profiles_counted_together_are_as_counted_alone(self):
        """Sales that are read once for several kinds, with unknown margins, returns and rows without an item."""
        chance = random.Random(9)
        buyers = self._customers(12)
        self._sell({buyer: self._draw(chance) for buyer in buyers})
        self._return(buyers[0], "2026-04-03", 7.5)
        self._sale(buyers[1], "2026-06-03", amount=25, quantity=3)
        nobody = self._sale(buyers[2], "2026-03-03", amount=11.111111, cost=1)
        nobody.write({"commercial_partner_id": False, "user_id": False, "channel": False})
        profiles = self.profile.union(
            *(
                self._profile(kind, measure=measure, window_months=months)
                for kind in ("customer", "product", "channel", "seller")
                for measure in ("revenue", "margin", "quantity", "orders")
                for months in (6, 4)
                if (kind, measure, months) != ("customer", "revenue", 6)
            ),
            self._profile("supplier"),
        )
        names = ["place", "value", "share", "variation", "period_count", "filled_count", "abc_class", "xyz_class"]

        def rows(results):
            return {
                (result.profile_id, *(item[column] for column in ITEM_FIELDS.values())): [item[name] for name in names]
                for result in results
                for item in self._items(result)
            }

        alone = rows(self.env["crm.abc.result"].union(*(self._count(profile) for profile in profiles)))
        self.assertGreater(len(alone), 80)
        self.env["crm.abc.result"].search([("profile_id", "in", profiles.ids)]).unlink()
        reads, execute = [], Cursor.execute

        def note(cursor, query, *args, **kwargs):
            reads.append("GROUPING SETS" in getattr(query, "code", query))
            return execute(cursor, query, *args, **kwargs)

        with patch.object(Cursor, "execute", note):
            together = self.engine._rebuild_all(profiles, self.company, date(2026, 6, 30))
        self.env.invalidate_all()
        self.assertEqual(rows(together), alone)
        self.assertEqual(sum(reads), 6, "once for each measure and window, but not for orders")

    def test_ties_are_stable(self):
        """Ten equal values: eight are A, and it is the eight with the lowest ids, whatever the order of rows."""
        buyers = self._customers(10)
        for buyer in reversed(buyers):
            self._sale(buyer, "2026-05-05", amount=0.1, cost=0)
        found = {item.partner_id: item.abc_class for item in self._items(self._count())}
        self.assertEqual([found[buyer] for buyer in buyers], list("AAAAAAAABB"))
        self.assertGreater(ROUNDING, 0)
