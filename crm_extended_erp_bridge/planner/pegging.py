"""Which supply serves which demand, when it can really be there, and what is left over when demand goes.

Quantities are in the unit of the product. Nothing here depends on the order in which rows are read: demand and supply
carry a rank that ends with a number of their own.

Shared supplies are attributed **in proportion**: a demand that gets `q` of a supply of `w` gets `q / w` of each
component of that supply, on every level below.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

__all__ = [
    "EPSILON",
    "DayCount",
    "Demand",
    "Peg",
    "Row",
    "Step",
    "Supply",
    "allocate",
    "feasible_dates",
    "peg",
    "withdraw",
]

# Below this a quantity counts as nothing: Odoo's units have at most 5 decimals in practice.
EPSILON = 1e-6

# A document that supplies and has components of its own: ("production", id) or ("planned", id).
Document = tuple[str, int]


class Demand(NamedTuple):
    """A quantity that is needed, and who needs it."""

    rank: tuple
    product_id: int
    quantity: float
    date: date | None
    type: str
    move_id: int | None = None
    sale_line_id: int | None = None
    production_id: int | None = None
    planned_id: int | None = None
    partner_id: int | None = None

    @property
    def document(self) -> Document | None:
        """The document whose component this is."""
        return _document(self.production_id, self.planned_id)


class Supply(NamedTuple):
    """A quantity that is there or will come. Type "kit" is only an explosion: it is passed through."""

    rank: tuple
    product_id: int
    quantity: float
    date: date | None
    type: str
    move_id: int | None = None
    purchase_line_id: int | None = None
    production_id: int | None = None
    planned_id: int | None = None

    @property
    def document(self) -> Document | None:
        return _document(self.production_id, self.planned_id)


class Peg(NamedTuple):
    """`quantity` of `supply` serves `demand`; without a supply it is a shortage."""

    demand: Demand
    supply: Supply | None
    quantity: float


class Step(NamedTuple):
    """When a supply can be there by itself, and the working days it takes once its components are there."""

    date: date
    lead: int = 0


class Row(NamedTuple):
    """A peg as stored, for :func:`withdraw`."""

    id: int
    demand: Document | None
    supply: tuple | None
    quantity: float
    supply_quantity: float


def _document(production_id, planned_id):
    if production_id:
        return ("production", production_id)
    return ("planned", planned_id) if planned_id else None


# ------------------------------------------------------------
# Allocation
# ------------------------------------------------------------


def allocate(
    demands: Sequence[tuple[tuple, float]],
    supplies: Sequence[tuple[tuple, float]],
    *,
    links: Mapping[int, Iterable[int]] | None = None,
) -> list[tuple[int, int | None, float]]:
    """Serve the demands of one product, by rank, from its supplies, by rank.

    Parameters
    ----------
    demands, supplies : sequence of (rank, quantity)
        Ranks are compared; a quantity of zero or less is skipped.
    links : mapping, optional
        For the index of a demand the indices of the supplies that were made for it; they serve it before anything
        else does, and serve others only with what it leaves.

    Returns
    -------
    list of (demand index, supply index or None, quantity)
        By rank of the demand; None is what no supply covers. The quantities of a demand add up to it.

    Examples
    --------
    >>> allocate([((2,), 5.0), ((1,), 4.0)], [((1,), 6.0)])
    [(1, 0, 4.0), (0, 0, 2.0), (0, None, 3.0)]
    """
    open_demand = [quantity for _rank, quantity in demands]
    open_supply = [quantity for _rank, quantity in supplies]
    by_rank = sorted(range(len(demands)), key=lambda index: demands[index][0])
    queue = sorted(range(len(supplies)), key=lambda index: supplies[index][0])
    result = []

    def serve(demand, supply):
        quantity = min(open_demand[demand], open_supply[supply])
        if quantity > EPSILON:
            open_demand[demand] -= quantity
            open_supply[supply] -= quantity
            result.append((demand, supply, quantity))

    if links:
        for demand in by_rank:
            for supply in sorted(links.get(demand, ()), key=lambda index: supplies[index][0]):
                serve(demand, supply)
    position = 0
    for demand in by_rank:
        while open_demand[demand] > EPSILON and position < len(queue):
            serve(demand, queue[position])
            if open_supply[queue[position]] <= EPSILON:
                position += 1
        if open_demand[demand] > EPSILON:
            result.append((demand, None, open_demand[demand]))
    if links:
        place = {demand: index for index, demand in enumerate(by_rank)}
        result.sort(key=lambda peg: place[peg[0]])
    return result


def peg(
    demands: Iterable[Demand],
    supplies: Iterable[Supply],
    *,
    links: Mapping[int, Iterable[tuple[str, int]]] | None = None,
) -> list[Peg]:
    """Allocate all products; kits hand their demand on to their components.

    Parameters
    ----------
    links : mapping, optional
        For the `move_id` of a demand the supplies made for it, as ("move", id) or ("purchase", purchase line id).

    Returns
    -------
    list of Peg
        No peg names a kit: who needs a kit needs its components, in proportion.
    """
    needs, offers = defaultdict(list), defaultdict(list)
    for demand in demands:
        needs[demand.product_id].append(demand)
    for supply in supplies:
        offers[supply.product_id].append(supply)
    _pass_kits_through(needs, offers)
    pegs = []
    for product_id in sorted(needs):
        pegs += _peg_product(needs[product_id], offers[product_id], links or {})
    return pegs


def _peg_product(demands, supplies, links):
    found = _find_links(demands, supplies, links) if links else None
    pairs = allocate(
        [(demand.rank, demand.quantity) for demand in demands],
        [(supply.rank, supply.quantity) for supply in supplies],
        links=found,
    )
    return [Peg(demands[d], None if s is None else supplies[s], quantity) for d, s, quantity in pairs]


def _find_links(demands, supplies, links):
    places = defaultdict(list)
    for index, supply in enumerate(supplies):
        if supply.move_id:
            places["move", supply.move_id].append(index)
        if supply.purchase_line_id:
            places["purchase", supply.purchase_line_id].append(index)
    found = {}
    for index, demand in enumerate(demands):
        wanted = links.get(demand.move_id, ()) if demand.move_id else ()
        if indices := [place for key in wanted for place in places.get(key, ())]:
            found[index] = indices
    return found


def _pass_kits_through(needs, offers):
    """Replace the demand of exploded kits by the demand of those who need the kits, kits within kits first."""
    kits = {product_id for product_id, found in offers.items() if any(supply.type == "kit" for supply in found)}
    exploded = {supply.planned_id: supply.product_id for kit in kits for supply in offers[kit]}
    components = defaultdict(list)
    for product_id, demands in needs.items():
        for demand in demands:
            if demand.planned_id in exploded:
                components[demand.planned_id].append((product_id, demand))
    replaced: set[int] = set()
    while kits:
        open_needs = {kit: [need for need in needs.get(kit, ()) if id(need) not in replaced] for kit in kits}
        ready = [kit for kit in kits if not any(exploded.get(need.planned_id) in kits for need in open_needs[kit])]
        # a kit that contains itself is reported elsewhere; here it only must not hang
        for kit in sorted(ready or kits):
            needs.pop(kit, None)
            _replace_kit(_peg_product(open_needs[kit], offers.pop(kit), {}), components, needs, replaced)
            kits.discard(kit)
    if replaced:
        for product_id, demands in needs.items():
            needs[product_id] = [demand for demand in demands if id(demand) not in replaced]


def _replace_kit(kit_pegs, components, needs, replaced):
    for planned_id, pegs in _group_by_kit(kit_pegs).items():
        for product_id, need in components.pop(planned_id, []):
            whole = pegs[0].supply.quantity
            pieces = [_inherit_need(need, one.demand, need.quantity * one.quantity / whole) for one in pegs]
            rest = need.quantity - sum(piece.quantity for piece in pieces)
            if rest > EPSILON:
                pieces.append(need._replace(quantity=rest))
            replaced.add(id(need))
            needs[product_id] += pieces
            # a kit within this kit hands on what it has just got
            for piece in pieces:
                if piece.planned_id in components:
                    components[piece.planned_id].append((product_id, piece))


def _group_by_kit(kit_pegs):
    groups = defaultdict(list)
    for one in kit_pegs:
        if one.supply:
            groups[one.supply.planned_id].append(one)
    return groups


def _inherit_need(component, parent, quantity):
    """The component as the parent's own need, on the component's day."""
    return parent._replace(
        rank=(*component.rank, parent.rank), product_id=component.product_id, quantity=quantity, date=component.date
    )


# ------------------------------------------------------------
# Dates
# ------------------------------------------------------------


class DayCount:
    """Counts working days; without a list of them every day is one.

    Examples
    --------
    >>> week = DayCount([date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 9), date(2026, 3, 10)])
    >>> week.between(date(2026, 3, 6), date(2026, 3, 10))
    2
    >>> week.after(date(2026, 3, 6), 1)
    datetime.date(2026, 3, 9)
    """

    def __init__(self, working_days: Sequence[date] | None = None):
        self.days = working_days or None

    def between(self, start: date, end: date) -> int:
        """Working days from `start` to `end`; 0 when `end` is not later."""
        if not self.days:
            return max((end - start).days, 0)
        return max(bisect_left(self.days, end) - bisect_left(self.days, start), 0)

    def after(self, start: date, count: int) -> date:
        """The day `count` working days after `start`; beyond the list every day counts."""
        if not self.days or not count:
            return start + timedelta(days=count)
        place = bisect_left(self.days, start) + count
        if place < len(self.days):
            return self.days[place]
        return max(self.days[-1], start) + timedelta(days=place - len(self.days) + 1)


def feasible_dates(
    steps: Mapping[Document, Step],
    components: Mapping[Document, Iterable[tuple[Document | None, date | None]]],
    *,
    calendar: DayCount | None = None,
) -> dict[Document, tuple[date, bool]]:
    """Return for each supply the earliest day it can be there, and whether something is missing below it.

    Parameters
    ----------
    steps : mapping
        Own date and lead time of each manufacturing and planned order.
    components : mapping
        For an order what serves its components: (document, None) for a supply that is in `steps`, (None, day) for
        one that only has a day, (None, None) for a shortage. Stock is left out: it never delays.

    Examples
    --------
    >>> lamp, module = ("planned", 1), ("planned", 2)
    >>> steps = {lamp: Step(date(2026, 3, 6), 2), module: Step(date(2026, 3, 4), 3)}
    >>> feasible_dates(steps, {lamp: [(module, None)], module: [(None, date(2026, 3, 9))]})[lamp]
    (datetime.date(2026, 3, 14), False)
    """
    calendar = calendar or DayCount()
    result: dict[Document, tuple[date, bool]] = {}
    for root in steps:
        stack, entered = [root], set()
        while stack:
            document = stack[-1]
            if document in result:
                stack.pop()
                continue
            waiting = [
                child
                for child, _day in components.get(document, ())
                if child in steps and child not in result and child not in entered
            ]
            if waiting and document not in entered:
                entered.add(document)
                stack += waiting
                continue
            # in a circle (reported elsewhere) a document that is still open below itself is left out
            result[document] = _feasible(steps[document], components.get(document, ()), result, calendar)
            stack.pop()
    return result


def _feasible(step, components, known, calendar):
    latest, short = None, False
    for child, day in components:
        if child is not None:
            day, child_short = known.get(child, (day, False))
            short = short or child_short
        elif day is None:
            short = True
        if day is not None and (latest is None or day > latest):
            latest = day
    if latest is None:
        return step.date, short
    return max(step.date, calendar.after(latest, step.lead)), short


# ------------------------------------------------------------
# Demand that goes
# ------------------------------------------------------------


def withdraw(rows: Iterable[Row], freed: Mapping[int, float]) -> tuple[dict[int, float], dict[tuple, float]]:
    """Take quantities out of pegs and follow what they leave without purpose, through all levels.

    A supply that nobody else needs is left without purpose as a whole, with what was only made to fill the lot; one
    that others need too loses what is taken out. Its components lose the same share.

    Parameters
    ----------
    rows : iterable of Row
        All pegs at and below the demand that goes.
    freed : mapping
        Quantity taken out, by id of the row.

    Returns
    -------
    (by row, by supply)
        Quantity taken out of each row, and left without purpose of each supply.

    Examples
    --------
    >>> lamp = ("planned", 1)
    >>> rows = [Row(1, None, lamp, 6, 10), Row(2, None, lamp, 4, 10), Row(3, lamp, ("purchase", 7), 20, 50)]
    >>> withdraw(rows, {1: 6})
    ({1: 6.0, 3: 12.0}, {('planned', 1): 6.0, ('purchase', 7): 12.0})
    """
    rows = list(rows)
    by_id = {row.id: row for row in rows}
    below, pegged = defaultdict(list), defaultdict(float)
    for row in rows:
        pegged[row.supply] += row.quantity
        if row.demand is not None:
            below[row.demand].append(row)
    taken_rows: dict[int, float] = defaultdict(float)
    taken, purposeless = defaultdict(float), {}
    queue = [(by_id[row_id], quantity) for row_id, quantity in freed.items() if row_id in by_id]
    while queue:
        row, quantity = queue.pop(0)
        quantity = min(quantity, row.quantity - taken_rows[row.id])
        if quantity <= EPSILON:
            continue
        taken_rows[row.id] += quantity
        if row.supply is None:
            continue
        taken[row.supply] += quantity
        rest = pegged[row.supply] - taken[row.supply]
        idle = row.supply_quantity if rest <= EPSILON else taken[row.supply]
        grown = idle - purposeless.get(row.supply, 0.0)
        purposeless[row.supply] = idle
        if row.supply_quantity > EPSILON:
            share = grown / row.supply_quantity
            queue += [(child, child.quantity * share) for child in below.get(row.supply, ())]
    return dict(taken_rows), purposeless
