"""Cohorts: of those who first bought in one period, how many bought again in each later one.

Counts of customers and shares of the cohort, higher is better. A period that is not over yet is ``None``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import NamedTuple


class Cohort(NamedTuple):
    """Customers of one start: `active` and `retention` by periods since (0 is the start itself)."""

    start: int
    size: int
    active: tuple[int | None, ...]
    retention: tuple[float | None, ...]


def cohort_triangle(purchases: Iterable[tuple[Hashable, int]], *, last_period: int) -> list[Cohort]:
    """Return the triangle of the cohorts.

    Parameters
    ----------
    purchases:
        Pairs (customer, number of the period), one per purchase or more, in any order; periods are
        consecutive numbers (for months: year x 12 + month).
    last_period:
        The last whole period; later purchases are left out.

    Returns
    -------
    The cohorts, oldest first; the younger ones are shorter in fact and filled with ``None``. Empty without
    purchases.

    Raises
    ------
    TypeError
        When a period is no number.

    Example
    -------
    >>> for cohort in cohort_triangle([("a", 1), ("b", 1), ("a", 2), ("c", 2), ("c", 3), ("a", 3)], last_period=3):
    ...     print(cohort.start, cohort.size, cohort.active, cohort.retention)
    1 2 (2, 1, 1) (1.0, 0.5, 0.5)
    2 1 (1, 1, None) (1.0, 1.0, None)

    Source
    ------
    Cohort analysis by first purchase.
    """
    periods = defaultdict(set)
    for customer, period in purchases:
        if period <= last_period:
            periods[customer].add(period)
    members = defaultdict(list)
    for seen in periods.values():
        members[min(seen)].append(seen)
    width = last_period - min(members) + 1 if members else 0
    return [_cohort(start, members[start], width, last_period) for start in sorted(members)]


def _cohort(start: int, members: list[set[int]], width: int, last_period: int) -> Cohort:
    size = len(members)
    active = tuple(
        sum(start + since in seen for seen in members) if start + since <= last_period else None
        for since in range(width)
    )
    return Cohort(start, size, active, tuple(None if count is None else count / size for count in active))


def switching(before: dict[Hashable, Hashable], after: dict[Hashable, Hashable]) -> dict[Hashable, dict]:
    """Return the shares in which customers moved between product groups.

    Parameters
    ----------
    before, after:
        The main group of each customer in both periods; who is not in `after` went to ``None``.

    Returns
    -------
    Group before -> group after -> share; each row sums to 1.

    Raises
    ------
    TypeError
        When a group cannot be a key.

    Example
    -------
    >>> switching({1: "desk", 2: "desk", 3: "floor"}, {1: "desk", 2: "floor"})
    {'desk': {'desk': 0.5, 'floor': 0.5}, 'floor': {None: 1.0}}

    Source
    ------
    First-order switching matrix.
    """
    counts = defaultdict(lambda: defaultdict(int))
    for customer, group in before.items():
        counts[group][after.get(customer)] += 1
    return {
        group: {target: count / sum(row.values()) for target, count in row.items()} for group, row in counts.items()
    }
