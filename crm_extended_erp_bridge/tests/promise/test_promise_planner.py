import doctest
import random
from datetime import datetime, timedelta

from odoo.tests import TransactionCase, tagged

from ...planner import promise as planner
from ...planner.promise import Item, Need, Operation, WorkCenter, promise_dates

MONDAY = datetime(2026, 3, 2, 9)
LAMP, MODULE, CHIP, BOX = 1, 2, 3, 4
SMT, ASSEMBLY = 11, 12


def week_hours(first_day, days=60, leaves=()):
    """Monday to Friday 8-12 and 13-17, less the leaves."""
    hours = []
    for number in range(days):
        day = datetime.combine(first_day.date(), datetime.min.time()) + timedelta(days=number)
        if day.weekday() < 5:
            hours += [(day.replace(hour=8), day.replace(hour=12)), (day.replace(hour=13), day.replace(hour=17))]
    return planner.subtract(hours, leaves)


def promise(quantity, items, workcenters=None, **values):
    return promise_dates(
        [Need(item=LAMP, quantity=quantity, **values)], items=items, workcenters=workcenters, now=MONDAY
    )[0]


@tagged("post_install", "-at_install")
class TestPromisePlanner(TransactionCase):
    def _get_lamp(self, *, chip_delay=3, chip_receipts=(), lamp_stock=2, booked=()):
        items = {
            LAMP: Item(
                source="make",
                stock=lamp_stock,
                components=((MODULE, 1), (BOX, 1)),
                operations=(Operation(id=1, workcenter=ASSEMBLY, minutes_cycle=60, capacity=2),),
            ),
            MODULE: Item(
                source="make",
                stock=3,
                components=((CHIP, 2),),
                operations=(Operation(id=2, workcenter=SMT, minutes_cycle=60, minutes_fixed=10),),
            ),
            CHIP: Item(source="buy", delay=chip_delay, vendor=7, receipts=chip_receipts),
            BOX: Item(source="buy", delay=30, vendor=8, stock=100),
        }
        leave = (datetime(2026, 3, 5, 13), datetime(2026, 3, 6, 12))
        workcenters = {
            SMT: WorkCenter(open=week_hours(MONDAY, leaves=[leave])),
            ASSEMBLY: WorkCenter(open=week_hours(MONDAY), booked=booked),
        }
        return items, workcenters

    def test_doctests(self):
        """The examples in the module run."""
        self.assertFalse(doctest.testmod(planner).failed)

    def test_three_levels(self):
        """10 lamps asked on Monday 2 March 2026, 09:00; work centers 8-12 and 13-17 on weekdays.

        Lamps: 2 in stock, 8 to make. Modules: 8 needed, 3 in stock, 5 to make. Chips: 10 needed, none in stock,
        vendor 3 days -> Thursday 5 March 09:00. Boxes are in stock.
        Modules on SMT: 10 + 5 x 60 = 310 minutes. Thursday 9-12 gives 180; SMT is on leave from Thursday 13:00 to
        Friday 12:00; Friday from 13:00 the other 130 -> Friday 6 March 15:10.
        Lamps in assembly, two at a time: 8 / 2 x 60 = 240 minutes. Friday 15:10-17:00 gives 110; weekend; Monday
        from 8:00 the other 130 -> Monday 9 March 10:10. Transport 2 days -> Wednesday 11 March 10:10.
        Waited: chips 72 h, SMT 30 h 10, assembly 67 h (weekend included), transport 48 h -> the chips decide.
        """
        answer = promise(10, *self._get_lamp(), transport=2)
        self.assertEqual(answer.ready, datetime(2026, 3, 9, 10, 10))
        self.assertEqual(answer.date, datetime(2026, 3, 11, 10, 10))
        self.assertEqual(
            [(step.kind, step.end) for step in answer.steps],
            [
                ("vendor", datetime(2026, 3, 5, 9)),
                ("workcenter", datetime(2026, 3, 6, 15, 10)),
                ("workcenter", datetime(2026, 3, 9, 10, 10)),
                ("transport", datetime(2026, 3, 11, 10, 10)),
            ],
        )
        self.assertEqual((answer.cause.kind, answer.cause.item, answer.cause.vendor), ("vendor", CHIP, 7))
        self.assertEqual(answer.path, (LAMP, MODULE, CHIP))

    def test_receipt_before_vendor(self):
        """Chips that arrive on Wednesday are waited for; the missing ones are bought as before."""
        wednesday = datetime(2026, 3, 4, 8)
        covered = promise(10, *self._get_lamp(chip_receipts=((wednesday, 10),)))
        self.assertEqual(covered.steps[0].kind, "receipt")
        self.assertEqual(covered.steps[0].end, wednesday)
        partly = promise(10, *self._get_lamp(chip_receipts=((wednesday, 9),)))
        self.assertEqual(partly.steps[0].kind, "vendor")

    def test_receipt_later_than_making(self):
        """Nobody waits for a receipt of lamps that comes after they could be made.

        7 modules to make: 430 minutes on SMT from Thursday 9:00 with the leave -> Monday 9 March 8:10; 10 lamps: 300
        minutes -> 14:10.
        """
        items, workcenters = self._get_lamp(lamp_stock=0)
        late = datetime(2026, 5, 4)
        items[LAMP] = Item(
            source="make",
            receipts=((late, 100),),
            components=items[LAMP].components,
            operations=items[LAMP].operations,
        )
        self.assertEqual(promise(10, items, workcenters).date, datetime(2026, 3, 9, 14, 10))

    def test_receipt_and_rest_made(self):
        """9 of 10 lamps arrive on Tuesday; one module in stock makes the tenth: 60 minutes on Monday."""
        items, workcenters = self._get_lamp()
        tuesday = datetime(2026, 3, 3, 8)
        items[LAMP] = Item(
            source="make",
            receipts=((tuesday, 9),),
            components=items[LAMP].components,
            operations=items[LAMP].operations,
        )
        answer = promise(10, items, workcenters)
        self.assertEqual(answer.date, tuesday)
        self.assertEqual(answer.cause.kind, "receipt")

    def test_booked_workcenter(self):
        """Assembly is taken until Friday 20 March: it decides, and is said to be booked."""
        busy = (datetime(2026, 3, 2, 8), datetime(2026, 3, 20, 12))
        answer = promise(10, *self._get_lamp(booked=[busy]))
        # Friday 13-17 holds the 240 minutes
        self.assertEqual(answer.date, datetime(2026, 3, 20, 17))
        self.assertEqual((answer.cause.workcenter, answer.cause.is_booked), (ASSEMBLY, True))
        self.assertEqual(answer.cause.begin, datetime(2026, 3, 20, 13))

    def test_needs_share(self):
        """The second need finds neither the stock nor the hours of the first."""
        items = {
            LAMP: Item(source="make", stock=2, operations=(Operation(id=1, workcenter=ASSEMBLY, minutes_cycle=60),))
        }
        workcenters = {ASSEMBLY: WorkCenter(open=week_hours(MONDAY))}
        needs = [Need(item=LAMP, quantity=3), Need(item=LAMP, quantity=2)]
        first, second = promise_dates(needs, items=items, workcenters=workcenters, now=MONDAY)
        self.assertEqual(first.date, datetime(2026, 3, 2, 10))
        self.assertEqual(second.date, datetime(2026, 3, 2, 12))

    def test_failed_need_keeps_nothing(self):
        """A need that cannot be met gives back the stock it took on the way."""
        items = {LAMP: Item(stock=2, problem="missing_bom")}
        needs = [Need(item=LAMP, quantity=3), Need(item=LAMP, quantity=2)]
        first, second = promise_dates(needs, items=items, now=MONDAY)
        self.assertEqual((first.date, first.problem, first.item), (None, "missing_bom", LAMP))
        self.assertEqual(second.date, MONDAY)

    def test_operations_in_parallel(self):
        """Two operations that wait for nothing run side by side; the third waits for the longer one."""
        operations = (
            Operation(id=1, workcenter=SMT, minutes_cycle=60),
            Operation(id=2, workcenter=ASSEMBLY, minutes_cycle=30),
            Operation(id=3, workcenter=ASSEMBLY, minutes_cycle=15, after=(1, 2)),
        )
        workcenters = {number: WorkCenter(open=week_hours(MONDAY)) for number in (SMT, ASSEMBLY)}
        answer = promise(1, {LAMP: Item(source="make", operations=operations)}, workcenters)
        self.assertEqual(answer.date, datetime(2026, 3, 2, 10, 15))

    def test_kit(self):
        """A kit has no stock of its own and no work when sold; it waits for its slowest part."""
        items = {
            LAMP: Item(source="kit", stock=99, components=((CHIP, 3), (BOX, 1))),
            CHIP: Item(source="buy", stock=5, delay=4),
            BOX: Item(source="buy", stock=9, delay=9),
        }
        self.assertEqual(promise(1, items).date, MONDAY)
        self.assertEqual(promise(2, items).date, MONDAY + timedelta(days=4))

    def test_impossible(self):
        """Each obstacle has a name and no date."""
        work = (Operation(id=1, workcenter=SMT, minutes_cycle=1),)
        made = {LAMP: Item(source="make", operations=work)}
        cases = {
            "cyclic_bom": ({LAMP: Item(source="make", components=((LAMP, 1),))}, {}),
            "missing_vendor": ({LAMP: Item(source="buy", problem="missing_vendor")}, {}),
            "no_calendar": (made, {SMT: WorkCenter(problem="no_calendar")}),
            "no_capacity": (made, {SMT: WorkCenter(open=week_hours(MONDAY))}),
            "too_far": ({LAMP: Item(source="buy", delay=1e12)}, {}),
        }
        for problem, (items, workcenters) in cases.items():
            with self.subTest(problem):
                answer = promise(1e9, items, workcenters)
                self.assertEqual((answer.date, answer.problem), (None, problem))

    def test_diamonds_end(self):
        """40 levels of two components each are 2^40 paths: given up, not walked."""
        items = {LAMP: Item(source="make", components=((100, 1), (101, 1)))}
        for level in range(40):
            below = ((102 + 2 * level, 1), (103 + 2 * level, 1))
            items[100 + 2 * level] = items[101 + 2 * level] = Item(source="make", components=below)
        items[180] = items[181] = Item(source="buy", delay=1)
        self.assertEqual(promise(1, items).problem, "too_large")

    # ------------------------------------------------------------
    # Properties, over random networks
    # ------------------------------------------------------------

    def _get_random_network(self, dice, *, stock=0.0, delay=0.0):
        """A tree of up to 4 levels on two shared work centers; `stock` and `delay` come on top of every item."""
        items, keys = {}, iter(range(1, 1000))

        def grow(depth):
            key = next(keys)
            receipts = tuple(
                sorted(
                    (MONDAY + timedelta(days=dice.randint(0, 20)), dice.randint(1, 9))
                    for _i in range(dice.randint(0, 2))
                )
            )
            has, lead = dice.randint(0, 6) + stock, dice.randint(1, 15) + delay
            if depth == 0:
                items[key] = Item(source="buy", stock=has, delay=lead, vendor=1, receipts=receipts)
                return key
            parts = tuple(
                (grow(depth - dice.randint(1, depth)), dice.randint(1, 3)) for _i in range(dice.randint(1, 3))
            )
            operations = tuple(
                Operation(
                    id=n, workcenter=dice.choice((SMT, ASSEMBLY)), minutes_cycle=dice.randint(5, 90), after=(n - 1,)
                )
                for n in range(dice.randint(0, 2))
            )
            items[key] = Item(source="make", stock=has, delay=lead, components=parts, operations=operations)
            return key

        grow(3)
        return items, {number: WorkCenter(open=week_hours(MONDAY, days=700)) for number in (SMT, ASSEMBLY)}

    def test_more_stock_never_later(self):
        for seed in range(60):
            dates = [
                promise(8, *self._get_random_network(random.Random(seed), stock=extra)).date for extra in (0, 1, 3, 9)
            ]
            self.assertEqual(dates, sorted(dates, reverse=True), seed)

    def test_longer_lead_never_earlier(self):
        for seed in range(60):
            dates = [
                promise(8, *self._get_random_network(random.Random(seed), delay=extra)).date for extra in (0, 1, 7)
            ]
            self.assertEqual(dates, sorted(dates), seed)

    def test_larger_quantity_never_earlier(self):
        for seed in range(60):
            network = self._get_random_network(random.Random(seed))
            dates = [promise(quantity, *network).date for quantity in (1, 2, 5, 20, 60)]
            self.assertEqual(dates, sorted(dates), seed)
