"""The earliest date on which something can be delivered, and what decides it.

A forward schedule over a network of items: what lies in stock is used first, then what arrives before the rest could
be bought or made, and the rest is bought (lead time of the vendor) or made (all components first, then the operations
on the free hours of their work centres, or a fixed number of days). All dates are naive UTC.

=========================  =========================================================================
:func:`promise_dates`      needs in, one :class:`Promise` each out
:func:`allocate`           the first free minutes of a work centre
:func:`subtract`           intervals without other intervals
=========================  =========================================================================

Sense of the number: with more stock a date is never later; with a longer lead time or a larger quantity it is never
earlier. To keep it so, the operations of one need queue at a work centre in the order of the bill of materials; none
jumps into a gap before another. The next need may use such gaps.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from graphlib import CycleError, TopologicalSorter
from math import ceil

__all__ = [
    "Item",
    "Need",
    "Operation",
    "Promise",
    "Step",
    "WorkCenter",
    "allocate",
    "promise_dates",
    "subtract",
]

# Below this share of what is needed a missing quantity counts as rounding of floats.
EPSILON = 1e-9
# Supplies looked at for one need before it is given up as too large; a quotation of 20 products with 50 components
# on 4 levels needs about 4,000.
MAX_SUPPLIES = 100_000

Interval = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One step of work on an item, in minutes at the real efficiency of its work centre."""

    id: int
    workcenter: int
    minutes_cycle: float
    minutes_fixed: float = 0.0  # set-up and clean-up, once
    capacity: float = 1.0  # quantity of the item in one cycle
    after: tuple[int, ...] = ()  # operations of the same item that have to end first


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCenter:
    """When a work centre is open (calendar less leaves) and which of these hours are promised already."""

    open: Sequence[Interval] = ()
    booked: Sequence[Interval] = ()
    problem: str = ""  # why nothing can be planned here


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A product and the ways to get it. Quantities in the product's own unit, delays in calendar days."""

    source: str = "none"  # buy, make, kit or none
    stock: float = 0.0
    receipts: tuple[tuple[datetime, float], ...] = ()  # by date
    delay: float = 0.0  # of the vendor, or of production without operations
    vendor: int | None = None
    components: tuple[tuple[int, float], ...] = ()  # item, quantity in one unit of this item
    operations: tuple[Operation, ...] = ()
    problem: str = ""  # why it can be neither bought nor made


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A quantity of an item that a customer asks for, and the days from our door to theirs."""

    item: int
    quantity: float
    transport: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A stretch of time on the way to the date.

    ``kind``: vendor, receipt, production (fixed days), workcenter, transport, or stock (nothing to wait for).
    """

    kind: str
    item: int
    start: datetime
    end: datetime
    vendor: int | None = None
    workcenter: int | None = None
    begin: datetime | None = None  # when the work centre starts
    is_booked: bool = False  # it starts later because other orders come first


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """The answer: a date with the step that takes longest on the way to it, or the problem that makes it impossible."""

    date: datetime | None = None
    ready: datetime | None = None  # leaves our door
    cause: Step | None = None
    steps: tuple[Step, ...] = ()  # without gaps, from now to the date
    problem: str = ""
    item: int | None = None  # where the problem is
    workcenter: int | None = None
    path: tuple[int, ...] = ()  # from what is sold down to the deciding item


@dataclass(frozen=True, slots=True)
class _Ready:
    date: datetime
    steps: tuple[Step, ...] = ()


class _ImpossibleError(Exception):
    def __init__(self, problem, item, *, path=(), workcenter=None):
        super().__init__(problem)
        self.problem, self.item, self.path, self.workcenter = problem, item, path, workcenter


@dataclass(slots=True)
class _State:
    """What this calculation has given away; values are never changed in place, so a shallow copy is a snapshot."""

    stock: dict[int, float] = field(default_factory=dict)
    receipts: dict[int, float] = field(default_factory=dict)
    queue: dict[int, _Ready] = field(default_factory=dict)  # work centre: end of the last operation of this need
    taken: dict[int, tuple[Interval, ...]] = field(default_factory=dict)

    def snapshot(self):
        return _State(dict(self.stock), dict(self.receipts), dict(self.queue), dict(self.taken))


def promise_dates(
    needs: Iterable[Need],
    *,
    items: Mapping[int, Item],
    workcenters: Mapping[int, WorkCenter] | None = None,
    now: datetime,
) -> list[Promise]:
    """Return the promise of each need; earlier needs take stock, receipts and hours from later ones.

    Parameters
    ----------
    needs : iterable of Need
        In the order in which they may help themselves.
    items : mapping
        Every item that is needed on some level.
    workcenters : mapping, optional
        Every work centre of the operations; hours after the last interval count as closed.
    now : datetime
        Nothing happens earlier.

    Examples
    --------
    >>> monday = datetime(2026, 3, 2, 9)
    >>> bulb = Item(source="buy", stock=4, delay=3, vendor=7)
    >>> few, many = promise_dates([Need(item=1, quantity=4), Need(item=1, quantity=1)], items={1: bulb}, now=monday)
    >>> few.date.day, few.cause.kind
    (2, 'stock')
    >>> many.date.day, many.cause.kind, many.cause.vendor
    (5, 'vendor', 7)
    """
    return _Scheduler(items, workcenters or {}, now).run(needs)


def allocate(free: Sequence[Interval], start: datetime, minutes: float) -> tuple[Interval, ...] | None:
    """Return the first `minutes` of the sorted intervals `free` from `start` on; None when they do not suffice.

    Examples
    --------
    >>> morning, afternoon = (datetime(2026, 3, 2, 8), datetime(2026, 3, 2, 12)), (datetime(2026, 3, 2, 13),) * 2
    >>> allocate([morning], datetime(2026, 3, 2, 11), 90) is None
    True
    >>> allocate([morning], datetime(2026, 3, 2, 11), 30)[0][1]
    datetime.datetime(2026, 3, 2, 11, 30)
    """
    taken = []
    left = minutes * 60.0  # seconds
    for index in range(max(bisect_right(free, start, key=lambda interval: interval[0]) - 1, 0), len(free)):
        begin, end = free[index]
        begin = max(begin, start)
        length = (end - begin).total_seconds()
        if length <= 0:
            continue
        if length >= left:
            taken.append((begin, begin + timedelta(seconds=left)))
            return tuple(taken)
        taken.append((begin, end))
        left -= length
    return None


def subtract(intervals: Iterable[Interval], holes: Iterable[Interval]) -> list[Interval]:
    """Return the parts of the sorted, disjoint `intervals` that no hole covers.

    Examples
    --------
    >>> subtract([(1, 5), (7, 9)], [(2, 3), (4, 8)])
    [(1, 2), (3, 4), (8, 9)]
    """
    result = []
    holes = sorted(holes)
    first = 0
    for start, end in intervals:
        while first < len(holes) and holes[first][1] <= start:
            first += 1
        position = first
        while position < len(holes) and holes[position][0] < end:
            if holes[position][0] > start:
                result.append((start, holes[position][0]))
            start = max(start, holes[position][1])
            position += 1
        if start < end:
            result.append((start, end))
    return result


def _add_days(date, days):
    try:
        return date + timedelta(days=days)
    except OverflowError:
        return None


def _later(one, other):
    return other if other.date > one.date else one


class _Scheduler:
    def __init__(self, items, workcenters, now):
        self.items = items
        self.workcenters = workcenters
        self.now = now
        self.state = _State()
        self.free = {}
        self.supplies = 0

    def run(self, needs):
        return [self._promise(need) for need in needs]

    def _promise(self, need):
        saved = self.state.snapshot()
        self.supplies = 0
        try:
            ready = self._supply(need.item, need.quantity, ())
            promise = self._conclude(need, ready)
        except _ImpossibleError as error:
            # what cannot be delivered keeps nothing from the needs after it
            self.state = saved
            promise = Promise(
                problem=error.problem,
                item=error.item,
                workcenter=error.workcenter,
                path=error.path or self._find_path(need.item, error.item),
            )
        self._close_queue()
        return promise

    def _conclude(self, need, ready):
        date = _add_days(ready.date, need.transport)
        if date is None:
            raise _ImpossibleError("too_far", need.item)
        steps = ready.steps
        if date > ready.date:
            steps += (Step(kind="transport", item=need.item, start=ready.date, end=date),)
        if ready.steps:
            cause = max(steps, key=lambda step: step.end - step.start)
        else:
            cause = Step(kind="stock", item=need.item, start=self.now, end=date)
        path = self._find_path(need.item, cause.item)
        return Promise(date=date, ready=ready.date, cause=cause, steps=steps, path=path)

    def _close_queue(self):
        for workcenter, taken in self.state.taken.items():
            self.free[workcenter] = subtract(self._get_free(workcenter), taken)
        self.state.taken = {}
        self.state.queue = {}

    def _find_path(self, root, target):
        """The shortest way down from `root` to `target`."""
        parents = {root: None}
        level = [root]
        while level and target not in parents:
            found = []
            for key in level:
                for child, _quantity in self.items[key].components:
                    if child not in parents:
                        parents[child] = key
                        found.append(child)
            level = found
        path = []
        while target is not None:
            path.append(target)
            target = parents.get(target)
        return tuple(reversed(path))

    # ------------------------------------------------------------
    # Supply
    # ------------------------------------------------------------

    def _supply(self, key, quantity, path):
        """Get `quantity` of an item: from stock, from what arrives, and the rest bought or made."""
        self.supplies += 1
        if self.supplies > MAX_SUPPLIES:
            raise _ImpossibleError("too_large", key)
        if key in path:
            raise _ImpossibleError("cyclic_bom", key, path=(*path[path.index(key) :], key))
        item = self.items[key]
        if item.source == "kit":
            return self._make(key, quantity, path)
        tolerance = EPSILON * max(1.0, quantity)
        rest = quantity - self._take_stock(key, quantity)
        if rest <= tolerance:
            return _Ready(self.now)
        if self._has_receipts(key):
            return self._supply_with_receipts(key, rest, path, tolerance)
        return self._procure(key, rest, path)

    def _take_stock(self, key, quantity):
        used = self.state.stock.get(key, 0.0)
        taken = min(max(self.items[key].stock - used, 0.0), quantity)
        self.state.stock[key] = used + taken
        return taken

    def _has_receipts(self, key):
        used = self.state.receipts.get(key, 0.0)
        return sum(quantity for _date, quantity in self.items[key].receipts) - used > EPSILON

    def _supply_with_receipts(self, key, rest, path, tolerance):
        """Wait for what arrives before all of the rest could be bought or made, and get only what is still missing.

        The answer stays monotone: a receipt that joins because buying or making takes longer than before arrives
        after the date that held before.
        """
        saved = self.state.snapshot()
        procured, failure = None, None
        try:
            procured = self._procure(key, rest, path)
        except _ImpossibleError as error:
            failure = error
        after = self.state
        self.state = saved.snapshot()
        arrived, taken = self._take_receipts(key, rest, before=procured and procured.date)
        if arrived is None:
            if failure:
                raise failure
            self.state = after
            return procured
        if rest - taken <= tolerance:
            return arrived
        if failure:
            raise failure
        return _later(arrived, self._procure(key, rest - taken, path))

    def _take_receipts(self, key, quantity, *, before=None):
        used = self.state.receipts.get(key, 0.0)
        skip, taken, last = used, 0.0, None
        for date, arriving in self.items[key].receipts:
            available = arriving - min(skip, arriving)
            skip -= arriving - available
            if taken >= quantity or (before and date >= before):
                break
            if available > 0:
                taken += min(available, quantity - taken)
                last = max(date, self.now)
        if last is None:
            return None, 0.0
        self.state.receipts[key] = used + taken
        if last == self.now:
            return _Ready(last), taken
        return _Ready(last, (Step(kind="receipt", item=key, start=self.now, end=last),)), taken

    def _procure(self, key, quantity, path):
        item = self.items[key]
        if item.problem:
            raise _ImpossibleError(item.problem, key)
        if item.source == "make":
            return self._make(key, quantity, path)
        return self._wait(_Ready(self.now), "vendor", key, item.delay, vendor=item.vendor)

    def _wait(self, ready, kind, key, days, **values):
        end = _add_days(ready.date, max(days, 0.0))
        if end is None:
            raise _ImpossibleError("too_far", key)
        if end == ready.date:
            return ready
        return _Ready(end, (*ready.steps, Step(kind=kind, item=key, start=ready.date, end=end, **values)))

    def _make(self, key, quantity, path):
        item = self.items[key]
        ready = _Ready(self.now)
        for component, each in item.components:
            ready = _later(ready, self._supply(component, quantity * each, (*path, key)))
        if item.operations and (path or item.source == "make"):
            return self._run_operations(key, quantity, ready)
        # a kit that is sold is packed, not made
        return ready if item.source == "kit" else self._wait(ready, "production", key, item.delay)

    # ------------------------------------------------------------
    # Work
    # ------------------------------------------------------------

    def _run_operations(self, key, quantity, ready):
        operations = {operation.id: operation for operation in self.items[key].operations}
        graph = {each.id: [one for one in each.after if one in operations] for each in operations.values()}
        ended = {}
        try:
            for number in TopologicalSorter(graph).static_order():
                start = ready
                for before in graph[number]:
                    start = _later(start, ended[before])
                ended[number] = self._work(key, operations[number], quantity, start)
        except CycleError as error:
            raise _ImpossibleError("cyclic_operations", key) from error
        last = ready
        for each in ended.values():
            last = _later(last, each)
        return last

    def _work(self, key, operation, quantity, ready):
        number = operation.workcenter
        problem = self.workcenters[number].problem or ("zero_capacity" if operation.capacity <= 0 else "")
        if problem:
            raise _ImpossibleError(problem, key, workcenter=number)
        cycles = ceil(quantity / operation.capacity * (1 - EPSILON))
        minutes = operation.minutes_fixed + cycles * operation.minutes_cycle
        if minutes <= 0:
            return ready
        start = _later(ready, self.state.queue.get(number, ready))
        taken = allocate(self._get_free(number), start.date, minutes)
        if taken is None:
            raise _ImpossibleError("no_capacity", key, workcenter=number)
        ended = _Ready(taken[-1][1], (*start.steps, self._get_work_step(key, number, start.date, taken)))
        self.state.queue[number] = ended
        self.state.taken[number] = (*self.state.taken.get(number, ()), *taken)
        return ended

    def _get_work_step(self, key, number, start, taken):
        begin, end = taken[0][0], taken[-1][1]
        is_booked = any(first < begin and last > start for first, last in self.workcenters[number].booked)
        return Step(
            kind="workcenter",
            item=key,
            start=start,
            end=end,
            workcenter=number,
            begin=begin,
            is_booked=is_booked,
        )

    def _get_free(self, number):
        if number not in self.free:
            center = self.workcenters[number]
            self.free[number] = subtract(center.open, center.booked)
        return self.free[number]
