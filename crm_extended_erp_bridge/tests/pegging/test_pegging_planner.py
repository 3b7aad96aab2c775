import doctest
import random
from collections import defaultdict
from datetime import date

from odoo.tests import BaseCase, tagged

from ...planner import pegging
from ...planner.pegging import DayCount, Demand, Row, Step, Supply, allocate, feasible_dates, peg, withdraw


def day(number):
    return date(2026, 3, number)


def load_tests(_loader, tests, _pattern):
    tests.addTests(doctest.DocTestSuite(pegging))
    return tests


@tagged("post_install", "-at_install")
class TestAllocate(BaseCase):
    def test_first_come_by_rank(self):
        """9 in stock and 4 to come: 5 and 4 from stock; the third gets the 4 and lacks 2."""
        pairs = allocate([((3,), 6), ((1,), 5), ((2,), 4)], [((2,), 4), ((1,), 9)])
        self.assertEqual(pairs, [(1, 1, 5), (2, 1, 4), (0, 0, 4), (0, None, 2)])

    def test_one_demand_over_three_supplies(self):
        pairs = allocate([((1,), 10)], [((1,), 3), ((2,), 3), ((3,), 9)])
        self.assertEqual(pairs, [(0, 0, 3), (0, 1, 3), (0, 2, 4)])

    def test_made_for_it_goes_first(self):
        """The later demand has a supply of its own; the earlier one does not take it, but takes what it leaves."""
        pairs = allocate([((1,), 5), ((2,), 4)], [((1,), 6)], links={1: [0]})
        self.assertEqual(pairs, [(0, 0, 2), (0, None, 3), (1, 0, 4)])

    def test_nothing_there(self):
        self.assertEqual(allocate([((1,), 5)], []), [(0, None, 5)])
        self.assertEqual(allocate([], [((1,), 5)]), [])

    def test_random(self):
        """Demand is met in full or short; no supply gives more than it has; shortage is what is missing; no order."""
        generator = random.Random(94)
        for _round in range(300):
            demands = self._draw(generator, generator.randint(0, 12))
            supplies = self._draw(generator, generator.randint(0, 12))
            links = {}
            if demands and supplies and generator.random() < 0.4:
                links = {generator.randrange(len(demands)): [generator.randrange(len(supplies))]}
            pairs = allocate(demands, supplies, links=links)
            given, used, short = defaultdict(float), defaultdict(float), 0.0
            for demand, supply, quantity in pairs:
                self.assertGreater(quantity, 0)
                given[demand] += quantity
                if supply is None:
                    short += quantity
                else:
                    used[supply] += quantity
            for index, (_rank, quantity) in enumerate(demands):
                self.assertAlmostEqual(given[index], quantity, 6)
            for index, (_rank, quantity) in enumerate(supplies):
                self.assertLessEqual(used[index], quantity + 1e-6)
            missing = sum(q for _r, q in demands) - sum(q for _r, q in supplies)
            self.assertAlmostEqual(short, max(missing, 0), 5)
            shuffled = self._shuffle(generator, demands, supplies, links)
            self.assertEqual(self._by_rank(demands, supplies, links), self._by_rank(*shuffled))

    def _draw(self, generator, count):
        ranks = generator.sample(range(1000), count)
        return [((rank,), round(generator.uniform(0.01, 50), 2)) for rank in ranks]

    def _shuffle(self, generator, demands, supplies, links):
        new_demands = generator.sample(range(len(demands)), len(demands))
        new_supplies = generator.sample(range(len(supplies)), len(supplies))
        moved = {
            new_demands.index(demand): [new_supplies.index(supply) for supply in found]
            for demand, found in links.items()
        }
        return [demands[i] for i in new_demands], [supplies[i] for i in new_supplies], moved

    def _by_rank(self, demands, supplies, links):
        return [
            (demands[d][0], s if s is None else supplies[s][0], round(q, 6))
            for d, s, q in allocate(demands, supplies, links=links)
        ]


@tagged("post_install", "-at_install")
class TestPeg(BaseCase):
    def test_kit_hands_its_demand_on(self):
        """Two lamps (6 and 4) need a kit of 2 screws: 12 screws for the first, 8 for the second; 15 in stock."""
        demands = [
            Demand((1, 1), 2, 6, day(5), "planned", planned_id=100),
            Demand((2, 2), 2, 4, day(6), "planned", planned_id=101),
            Demand((1, 3), 3, 20, day(5), "planned", planned_id=200),
        ]
        supplies = [
            Supply((1,), 2, 10, day(5), "kit", planned_id=200),
            Supply((1,), 3, 15, day(2), "stock"),
        ]
        pegs = [(one.demand.planned_id, one.supply and one.supply.type, one.quantity) for one in peg(demands, supplies)]
        self.assertEqual(pegs, [(100, "stock", 12), (101, "stock", 3), (101, None, 5)])

    def test_kit_within_a_kit(self):
        demands = [
            Demand((1, 1), 2, 3, day(5), "planned", planned_id=100),
            Demand((1, 2), 3, 6, day(5), "planned", planned_id=200),
            Demand((1, 3), 4, 24, day(5), "planned", planned_id=300),
        ]
        supplies = [
            Supply((1,), 2, 3, day(5), "kit", planned_id=200),
            Supply((1,), 3, 6, day(5), "kit", planned_id=300),
        ]
        pegs = [(one.demand.product_id, one.demand.planned_id, one.quantity) for one in peg(demands, supplies)]
        self.assertEqual(pegs, [(4, 100, 24)])

    def test_kit_that_contains_itself_ends(self):
        demands = [Demand((1, 1), 2, 3, day(5), "planned", planned_id=200)]
        supplies = [Supply((1,), 2, 3, day(5), "kit", planned_id=200)]
        self.assertFalse([one for one in peg(demands, supplies) if one.supply])


@tagged("post_install", "-at_install")
class TestDates(BaseCase):
    lamp, module = ("planned", 1), ("planned", 2)

    def test_levels(self):
        """Chips on the 9th: the module 3 days later on the 12th, the lamp 2 days later on the 14th."""
        steps = {self.lamp: Step(day(6), 2), self.module: Step(day(4), 3)}
        components = {self.lamp: [(self.module, None)], self.module: [(None, day(9))]}
        dates = feasible_dates(steps, components)
        self.assertEqual(dates, {self.module: (day(12), False), self.lamp: (day(14), False)})

    def test_own_date_is_the_floor(self):
        steps = {self.lamp: Step(day(20), 2)}
        self.assertEqual(feasible_dates(steps, {self.lamp: [(None, day(3))]})[self.lamp], (day(20), False))

    def test_shortage_shows_above(self):
        steps = {self.lamp: Step(day(6), 2), self.module: Step(day(4), 3)}
        components = {self.lamp: [(self.module, None)], self.module: [(None, None), (None, day(9))]}
        self.assertEqual(feasible_dates(steps, components)[self.lamp], (day(14), True))

    def test_circle_ends(self):
        steps = {self.lamp: Step(day(6), 2), self.module: Step(day(4), 3)}
        components = {self.lamp: [(self.module, None)], self.module: [(self.lamp, None)]}
        self.assertEqual(set(feasible_dates(steps, components)), {self.lamp, self.module})

    def test_deep_chain_needs_no_recursion(self):
        steps = {("planned", level): Step(day(1), 0) for level in range(5000)}
        components = {("planned", level): [(("planned", level + 1), None)] for level in range(4999)}
        components["planned", 4999] = [(None, day(9))]
        self.assertEqual(feasible_dates(steps, components)["planned", 0], (day(9), False))

    def test_working_days(self):
        """Friday the 6th + 1 working day is Monday the 9th; a Saturday counts as the Monday."""
        week = DayCount([day(5), day(6), day(9), day(10)])
        self.assertEqual(week.after(day(6), 1), day(9))
        self.assertEqual(week.after(day(7), 1), day(10))
        self.assertEqual(week.between(day(6), day(7)), 1)
        self.assertEqual(week.after(day(10), 2), day(12))


@tagged("post_install", "-at_install")
class TestWithdraw(BaseCase):
    lamp, module, chips = ("planned", 1), ("planned", 2), ("purchase", 7)

    def _rows(self):
        """10 lamps for A (6) and B (4); 10 modules for them; 20 of the 50 chips that are bought."""
        return [
            Row(1, None, self.lamp, 6, 10),
            Row(2, None, self.lamp, 4, 10),
            Row(3, self.lamp, self.module, 10, 10),
            Row(4, self.module, self.chips, 20, 50),
            Row(5, ("production", 9), self.chips, 30, 50),
        ]

    def test_part_on_every_level(self):
        rows, idle = withdraw(self._rows(), {1: 6})
        self.assertEqual(idle, {self.lamp: 6, self.module: 6, self.chips: 12})
        self.assertEqual(rows, {1: 6, 3: 6, 4: 12})

    def test_all_of_it(self):
        _rows, idle = withdraw(self._rows(), {1: 6, 2: 4})
        self.assertEqual(idle, {self.lamp: 10, self.module: 10, self.chips: 20})

    def test_lot_that_nobody_else_needs(self):
        """6 of a lot of 10 were needed: when they go, all 10 have no purpose, nor the 10 modules."""
        rows = [Row(1, None, self.lamp, 6, 10), Row(3, self.lamp, self.module, 10, 10)]
        _rows, idle = withdraw(rows, {1: 6})
        self.assertEqual(idle, {self.lamp: 10, self.module: 10})

    def test_stock_is_just_free_again(self):
        rows, idle = withdraw([Row(1, None, None, 6, 0)], {1: 6})
        self.assertEqual((rows, idle), ({1: 6}, {}))
