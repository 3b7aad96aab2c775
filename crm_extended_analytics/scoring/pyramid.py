"""Tiers of value: who is on top of the pyramid, and who moved.

Tier 0 is the top. A tier is a place in this population and at this time, not a quality of the customer; the
share of the revenue that a tier brings is measured (`tier_shares`), never assumed.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from math import floor
from typing import Any, NamedTuple

from .checks import same_length
from .libraries import load

#: Shares of the active customers by tier: top, large, medium, small. Source: Curry and Curry, The Customer
#: Marketing Method, 2000.
CURRY_SHARES = (0.01, 0.04, 0.15, 0.80)

#: Shares by rank: platinum, gold, iron, lead. Source: Zeithaml, Rust and Lemon 2001, with the common cut.
ZEITHAML_SHARES = (0.20, 0.30, 0.30, 0.20)

#: Rounding allowed at a boundary; no unit: 0.01 + 0.04 + 0.15 of 1,000 must be 200 customers.
ROUNDING = 1e-9


def _ranked(values: Sequence[float], keys: Sequence[float] | None) -> tuple[Any, Any]:
    """Return the amounts and their order: highest first, of equals the lower key."""
    np = load("numpy")
    amounts = np.asarray(values, dtype=float)
    if not np.isfinite(amounts).all():
        raise ValueError("A value is not a finite number.")
    keys = np.arange(len(amounts)) if keys is None else np.asarray(keys)
    same_length(values=amounts, keys=keys)
    return amounts, np.lexsort((keys, -amounts))


def _check_shares(shares: Sequence[float]) -> None:
    if not shares or min(shares) <= 0 or abs(sum(shares) - 1) > ROUNDING:
        raise ValueError(f"The shares of the tiers are above 0 and sum to 1: {tuple(shares)}.")


def percentile_ends(count: int, shares: Sequence[float]) -> list[int]:
    """Return after how many customers, from the top, each tier ends.

    Parameters
    ----------
    count:
        Active customers.
    shares:
        Share of the customers in each tier, from the top; they sum to 1.

    Returns
    -------
    One place per tier. A boundary within a customer is rounded to the nearest, half down to the smaller tier
    above; but each tier has at least one customer as long as there are customers.

    Raises
    ------
    ValueError
        When the shares do not sum to 1.

    Example
    -------
    >>> percentile_ends(1000, CURRY_SHARES), percentile_ends(50, CURRY_SHARES), percentile_ends(3, CURRY_SHARES)
    ([10, 50, 200, 1000], [1, 2, 10, 50], [1, 2, 3, 3])

    Source
    ------
    `CURRY_SHARES`; the least of one customer is our own, for companies of a few customers.
    """
    _check_shares(shares)
    ends, reached = [], 0.0
    for number, share in enumerate(shares, 1):
        reached += share
        # half a customer goes down: floor(x + 0.5 - tiny)
        ends.append(min(count, max(number, floor(reached * count + 0.5 - ROUNDING))))
    return [*ends[:-1], count]


def tiers_by_percentile(
    values: Sequence[float], *, keys: Sequence[float] | None = None, shares: Sequence[float] = CURRY_SHARES
) -> Any:
    """Return the tier of each customer by his rank.

    Parameters
    ----------
    values:
        Revenue, margin, profit or CLV of the active customers.
    keys:
        Their ids, which decide ties at a boundary: the lower one is above.
    shares:
        Share of the customers in each tier, from the top; they sum to 1.

    Returns
    -------
    Array of tiers from 0, cut as `percentile_ends` says.

    Raises
    ------
    ValueError
        When the shares do not sum to 1 or a value is not a finite number.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> import numpy
    >>> numpy.bincount(tiers_by_percentile(range(1000))).tolist()
    [10, 40, 150, 800]

    Source
    ------
    `CURRY_SHARES`.
    """
    np = load("numpy")
    amounts, order = _ranked(values, keys)
    ends = percentile_ends(len(amounts), shares)[:-1]
    tiers = np.empty(len(amounts), dtype=int)
    tiers[order] = np.searchsorted(ends, np.arange(len(amounts)), side="right")
    return tiers


def tiers_by_share(
    values: Sequence[float], *, keys: Sequence[float] | None = None, shares: Sequence[float] = (0.50, 0.30, 0.15, 0.05)
) -> Any:
    """Return the tier of each customer by the cumulated share of the value before him.

    Parameters
    ----------
    values:
        As `tiers_by_percentile`.
    keys:
        Ids, which decide ties.
    shares:
        Share of the positive value that each tier brings, from the top. The customer who crosses a boundary
        belongs above it.

    Returns
    -------
    Array of tiers from 0; who brings nothing or a loss is in the last one.

    Raises
    ------
    ValueError
        When the shares do not sum to 1 or a value is not a finite number.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> tiers_by_share([50, 20, 10, 6, 4, 3, 3, 2, 1, 1, -5], shares=(0.8, 0.15, 0.05)).tolist()
    [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]

    Source
    ------
    Cumulated share, as ABC with the item excluded.
    """
    np = load("numpy")
    _check_shares(shares)
    amounts, order = _ranked(values, keys)
    ordered = np.maximum(amounts[order], 0)
    total = ordered.sum()
    tiers = np.full(len(amounts), len(shares) - 1)
    if total:
        before = (ordered.cumsum() - ordered) / total
        found = np.searchsorted(np.cumsum(shares)[:-1] - ROUNDING, before, side="right")
        tiers[order] = np.where(ordered > 0, found, len(shares) - 1)
    return tiers


def tiers_by_amount(values: Sequence[float], *, amounts: Sequence[float]) -> Any:
    """Return the tier of each customer by fixed amounts.

    Parameters
    ----------
    values:
        As `tiers_by_percentile`.
    amounts:
        Least amount of each tier but the last, falling; the amount itself belongs to the tier.

    Returns
    -------
    Array of tiers from 0. Equal customers are always in one tier.

    Raises
    ------
    ValueError
        When the amounts do not fall or a value is not a finite number.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> tiers_by_amount([120, 100, 99, 10], amounts=[100, 50]).tolist()
    [0, 0, 1, 2]

    Source
    ------
    Fixed limits.
    """
    np = load("numpy")
    limits = np.asarray(amounts, dtype=float)
    if not len(limits) or (np.diff(limits) >= 0).any():
        raise ValueError(f"The amounts of the tiers fall: {tuple(amounts)}.")
    found, _order = _ranked(values, None)
    return np.searchsorted(-limits, -found, side="left")


class TierShare(NamedTuple):
    """What one tier really brings; `share` is ``None`` when the whole is not above 0."""

    count: int
    value: float
    share: float | None


def tier_shares(tiers: Sequence[int], values: Sequence[float], *, count: int) -> list[TierShare]:
    """Return the customers, the value and the measured share of each tier.

    Parameters
    ----------
    tiers, values:
        By customer.
    count:
        Number of tiers.

    Returns
    -------
    One per tier, from the top.

    Raises
    ------
    ValueError
        When both differ in length, or a tier lies outside 0 to count - 1.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> tier_shares([0, 1, 1], [80, 15, 5], count=2)[0]
    TierShare(count=1, value=80.0, share=0.8)

    Source
    ------
    Sum of the tier / sum of all.
    """
    np = load("numpy")
    same_length(tiers=tiers, values=values)
    places, amounts = np.asarray(tiers, dtype=int), np.asarray(values, dtype=float)
    if len(places) and not (0 <= places.min() and places.max() < count):
        raise ValueError(f"A tier lies outside 0 to {count - 1}.")
    counts = np.bincount(places, minlength=count)
    sums = np.bincount(places, weights=amounts, minlength=count)
    total = float(sums.sum())
    return [
        TierShare(int(number), float(amount), float(amount) / total if total > 0 else None)
        for number, amount in zip(counts, sums, strict=True)
    ]


def migration_matrix(
    before: Mapping[Hashable, Hashable], after: Mapping[Hashable, Hashable], *, tiers: Sequence[Hashable]
) -> dict[Hashable, dict[Hashable, float]]:
    """Return the shares in which customers moved from each tier to each.

    Parameters
    ----------
    before, after:
        Tier by customer at both dates; who is missing at the later date went to ``None`` (gone), who is
        missing at the earlier one came from ``None`` (new).
    tiers:
        All tiers in their order.

    Returns
    -------
    Tier before -> tier after -> share; each row with a customer sums to 1, the others are empty.

    Raises
    ------
    ValueError
        When a tier is not in the list.

    Example
    -------
    >>> before, after = {1: "top", 2: "top", 3: "small"}, {1: "top", 2: "small", 3: "top"}
    >>> rows = migration_matrix(before, after, tiers=["top", "small"])
    >>> rows["top"], rows["small"]["top"]
    ({'top': 0.5, 'small': 0.5, None: 0.0}, 1.0)

    Source
    ------
    Migration matrix of Curry's method.
    """
    places = [*tiers, None]
    counts = {row: dict.fromkeys(places, 0) for row in places}
    for customer in {**before, **after}:
        row, column = before.get(customer), after.get(customer)
        if row not in counts or column not in counts:
            raise ValueError(f"Customer {customer!r} moves from {row!r} to {column!r}, of which one is no tier.")
        counts[row][column] += 1
    return {row: _shares(columns) for row, columns in counts.items()}


def _shares(columns: dict[Hashable, int]) -> dict[Hashable, float]:
    total = sum(columns.values())
    return {column: count / total for column, count in columns.items()} if total else {}
