"""Recency, frequency and monetary value in classes by rank; a higher class is a better customer.

Two steps, apart on purpose: `rfm_cutoffs` looks at everybody and finds where the classes end, `rfm_score`
places one customer by those limits. A run that scores the changed customers only, with the frozen limits
of the full run, therefore gives the number that the full run gave.

**Tie rule.** The classes are those of SQL's NTILE (when the customers do not divide evenly, the better
classes get one more). Customers of equal value may fall on both sides of a limit:

- ``record`` (the default): the order of the records decides, the older (lower key) gets the better class,
  so that the classes are equally full;
- ``best``: all of them get the better class;
- ``worst``: all of them get the lower class.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .checks import columns, same_length
from .libraries import load

#: Number of classes. Source: quintiles, Bult and Wansbeek 1995; Hughes, Strategic Database Marketing.
CLASSES = 5

TIE_RULES = ("record", "best", "worst")

#: Names of the usual cells: the first that fits, of (name, lowest R, highest R, lowest F, highest F).
#: Unit: class. Source: the recency x frequency grid of database marketing; a profile may replace it.
CELLS = (
    ("champions", 4, 5, 4, 5),
    ("loyal", 3, 3, 4, 5),
    ("promising", 4, 5, 2, 3),
    ("new", 4, 5, 1, 1),
    ("at_risk", 1, 2, 4, 5),
    ("needs_attention", 3, 3, 2, 3),
    ("cooling", 3, 3, 1, 1),
    ("hibernating", 1, 2, 2, 3),
    ("lost", 1, 2, 1, 1),
)


class Cutoffs(NamedTuple):
    """Where the classes end: `bounds` holds (value, key) of the last customer of each class, best first."""

    bounds: tuple[tuple[float, float], ...]
    lower_is_better: bool = False
    tie: str = "record"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, to be frozen as JSON; `Cutoffs.from_dict` is the way back."""
        return {"bounds": [list(bound) for bound in self.bounds], "lower": self.lower_is_better, "tie": self.tie}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Cutoffs:
        """Return the limits that `as_dict` wrote."""
        return cls(tuple((bound[0], bound[1]) for bound in values["bounds"]), values["lower"], values["tie"])


def rfm_cutoffs(
    values: Sequence[float],
    *,
    keys: Sequence[float] | None = None,
    classes: int = CLASSES,
    lower_is_better: bool = False,
    tie: str = "record",
) -> Cutoffs | None:
    """Return the limits between the classes of a population.

    Parameters
    ----------
    values:
        One per customer.
    keys:
        Order of the records (their ids), which decides ties; by default the order of `values`. With ids
        the order of the rows changes nothing.
    classes:
        How many.
    lower_is_better:
        True for recency in days.
    tie:
        One of `TIE_RULES`, see above.

    Returns
    -------
    The limits, or ``None`` without customers.

    Raises
    ------
    ValueError
        For fewer than two classes, an unknown tie rule, or a value that is not a finite number.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> cutoffs = rfm_cutoffs([5, 12, 20, 33, 48, 70, 95, 150, 240, 400], lower_is_better=True)
    >>> [days for days, _key in cutoffs.bounds]
    [12.0, 33.0, 70.0, 150.0]

    Source
    ------
    Bult and Wansbeek 1995; NTILE of the SQL standard.
    """
    np = load("numpy")
    if classes < 2 or tie not in TIE_RULES:
        raise ValueError(f"There must be two classes or more and a tie rule of {TIE_RULES}: {classes!r}, {tie!r}.")
    if not len(values):
        return None
    keys = np.arange(len(values)) if keys is None else keys
    same_length(values=values, keys=keys)
    sign = 1.0 if lower_is_better else -1.0
    cost, key = columns(values=values, keys=keys)
    cost = sign * cost
    order = np.lexsort((key, cost))
    cost, key = cost[order], key[order]
    size, larger = divmod(len(cost), classes)
    ends = [size * number + min(number, larger) for number in range(1, classes)]
    bounds = tuple(_bound(cost, key, end, sign, tie) for end in ends)
    return Cutoffs(bounds, lower_is_better, tie)


def _bound(cost: Any, key: Any, end: int, sign: float, tie: str) -> tuple[float, float]:
    """Return (value, key) of the last that belongs above the limit after the first `end` customers."""
    # NTILE fills the best class first: `end` is 1 or more
    infinity = float("inf")
    if tie == "record":
        return sign * float(cost[end - 1]), float(key[end - 1])
    if tie == "best":
        return sign * float(cost[end - 1]), infinity
    # the lower class for all of a value that the limit cuts: only what is strictly better stays above it
    if end == len(cost):
        return (sign * float(cost[-1]), infinity)
    above = cost[cost < cost[end]]
    return (sign * float(above[-1]) if len(above) else -sign * infinity, infinity)


def rfm_score(value: float | None, cutoffs: Cutoffs | None, *, key: float = 0) -> int | None:
    """Return the class of one customer: the number of classes for the best, 1 for the last.

    Parameters
    ----------
    value:
        His value; ``None`` when he has no history.
    cutoffs:
        Limits of the population, of this run or frozen.
    key:
        His record's id, of use with the tie rule ``record``.

    Returns
    -------
    1 to the number of classes, or ``None`` without history.

    Raises
    ------
    ValueError
        Never: any number has its place.

    Example
    -------
    >>> rfm_score(12, Cutoffs(((12, 2), (33, 4), (70, 6), (150, 8)), True), key=2)
    5
    >>> rfm_score(12, Cutoffs(((12, 2), (33, 4), (70, 6), (150, 8)), True), key=3)
    4

    Source
    ------
    As `rfm_cutoffs`.
    """
    if value is None or cutoffs is None:
        return None
    sign = 1 if cutoffs.lower_is_better else -1
    place = (sign * value, key)
    return 1 + sum(place <= (sign * bound, bound_key) for bound, bound_key in cutoffs.bounds)


def rfm_scores(values: Sequence[float], cutoffs: Cutoffs | None, *, keys: Sequence[float] | None = None) -> Any:
    """Return the classes of many customers at once.

    Parameters
    ----------
    values:
        One per customer.
    cutoffs:
        Limits of the population, of this run or frozen.
    keys:
        Their records' ids; by default the order of `values`, as in `rfm_cutoffs`.

    Returns
    -------
    Array of whole numbers, or ``None`` without limits.

    Raises
    ------
    ValueError
        When there are not as many keys as values.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> days = [5, 12, 20, 33, 48, 70, 95, 150, 240, 400]
    >>> rfm_scores(days, rfm_cutoffs(days, lower_is_better=True)).tolist()
    [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]

    Source
    ------
    As `rfm_cutoffs`.
    """
    np = load("numpy")
    if cutoffs is None:
        return None
    keys = np.arange(len(values)) if keys is None else keys
    same_length(values=values, keys=keys)
    sign = 1.0 if cutoffs.lower_is_better else -1.0
    cost, key = columns(values=values, keys=keys)
    cost, scores = sign * cost, np.ones(len(cost), dtype=np.int8)
    for bound, bound_key in cutoffs.bounds:
        scores += (cost < sign * bound) | ((cost == sign * bound) & (key <= bound_key))
    return scores


def rfm_cell(recency: int, frequency: int, *, cells: Sequence[tuple[str, int, int, int, int]] = CELLS) -> str | None:
    """Return the name of the cell in which a customer lies.

    Parameters
    ----------
    recency, frequency:
        His classes.
    cells:
        (name, lowest R, highest R, lowest F, highest F); the first that fits counts.

    Returns
    -------
    The name, or ``None`` when no cell fits.

    Raises
    ------
    ValueError
        When a class is below 1.

    Example
    -------
    >>> rfm_cell(5, 5), rfm_cell(1, 5), rfm_cell(1, 1)
    ('champions', 'at_risk', 'lost')

    Source
    ------
    `CELLS`.
    """
    if recency < 1 or frequency < 1:
        raise ValueError(f"Classes count from 1, not {recency!r} and {frequency!r}.")
    for name, low_r, high_r, low_f, high_f in cells:
        if low_r <= recency <= high_r and low_f <= frequency <= high_f:
            return name
    return None


def retention_rate(at_start: int, at_end: int, new: int) -> float | None:
    """Return the share of the customers of the start who are still there at the end.

    Parameters
    ----------
    at_start, at_end:
        Customers at both ends of the period.
    new:
        Those at the end who came during the period.

    Returns
    -------
    0 to 1 (churn is 1 minus it), or ``None`` when there were none at the start.

    Raises
    ------
    ValueError
        When the numbers contradict each other.

    Example
    -------
    >>> retention_rate(1000, 1060, 160)
    0.9

    Source
    ------
    (E - N) / S.
    """
    if not 0 <= at_end - new <= at_start or new < 0:
        raise ValueError(f"Of {at_start} customers {at_end - new} cannot have stayed ({at_end} - {new}).")
    return (at_end - new) / at_start if at_start else None


def repeat_rate(orders: Sequence[int]) -> float | None:
    """Return the share of the buyers who bought a second time.

    Parameters
    ----------
    orders:
        Number of orders per buyer.

    Returns
    -------
    0 to 1, or ``None`` without buyers.

    Raises
    ------
    ValueError
        When somebody has a negative number of orders.

    Example
    -------
    >>> repeat_rate([1, 2, 5, 1])
    0.5

    Source
    ------
    buyers with two orders or more / buyers.
    """
    if any(count < 0 for count in orders):
        raise ValueError("A number of orders is negative.")
    buyers = sum(count >= 1 for count in orders)
    return sum(count >= 2 for count in orders) / buyers if buyers else None
