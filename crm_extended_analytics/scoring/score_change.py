"""Why a score changed: the difference of two weighted means, divided exactly among what is in them.

A score is the weighted mean of places of 0 to 100. Between two months (or two customers) the values may differ, the
cut-offs that give a value its place, the weights, and which measures are known at all. The difference is taken
apart in that order, one step after the other, so that the parts always sum to the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Counted(NamedTuple):
    """A measure that is known: its weight, its place of 0 to 100, and whether less of it is better."""

    weight: float
    place: float
    lower: bool = False


class Change(NamedTuple):
    """The parts of a change, in points of the score; they sum to it.

    `values`, `appeared` and `vanished` are by measure: its value is another, it became measurable, it is no
    longer measurable. `cutoffs`: the same values have other places; `method`: other weights or directions.
    """

    values: dict[str, float]
    appeared: dict[str, float]
    vanished: dict[str, float]
    cutoffs: float
    method: float

    @property
    def total(self) -> float:
        """Return the sum of all parts: the change of the score."""
        parts = (*self.values.values(), *self.appeared.values(), *self.vanished.values())
        return sum(parts) + self.cutoffs + self.method


def weighted_mean(counted: Mapping[str, Counted]) -> float | None:
    """Return the score.

    Parameters
    ----------
    counted:
        The measures that are known, by name.

    Returns
    -------
    0 to 100; ``None`` when nothing is known.

    Raises
    ------
    ZeroDivisionError
        When all weights are 0.

    Example
    -------
    >>> weighted_mean({"recency": Counted(3, 80.0), "orders": Counted(1, 40.0)})
    70.0

    Source
    ------
    Weighted arithmetic mean; what is not known is left out.
    """
    if not counted:
        return None
    return sum(part.weight * part.place for part in counted.values()) / sum(part.weight for part in counted.values())


def score_change(
    before: Mapping[str, Counted], after: Mapping[str, Counted], *, shifted: Mapping[str, float]
) -> Change | None:
    """Return what the difference of two scores is made of.

    Parameters
    ----------
    before, after:
        The measures that are known, by name.
    shifted:
        Place of the value after by the cut-offs and the direction before, for the measures of both.

    Returns
    -------
    The parts, or ``None`` when one of the scores is not measurable: there is no difference then.

    Raises
    ------
    KeyError
        When a measure of both has no shifted place.

    Example
    -------
    >>> before = {"recency": Counted(1, 80.0, True), "orders": Counted(1, 60.0)}
    >>> after = {"recency": Counted(1, 50.0, True), "orders": Counted(1, 60.0), "alive": Counted(2, 75.0)}
    >>> change = score_change(before, after, shifted={"recency": 54.0, "orders": 60.0})
    >>> change.values, change.cutoffs, change.appeared, change.total
    ({'recency': -13.0, 'orders': 0.0}, -2.0, {'alive': 10.0}, -5.0)

    Source
    ------
    Telescoping sum over the steps: leave out what vanished, change the values, the cut-offs, the weights, and
    take in what appeared.
    """
    start, end = weighted_mean(before), weighted_mean(after)
    if start is None or end is None:
        return None
    both = [name for name in before if name in after]
    if not both:
        weight = sum(part.weight for part in after.values())
        appeared = {name: part.weight * (part.place - start) / weight for name, part in after.items()}
        return Change({}, appeared, dict.fromkeys(before, 0.0), 0.0, 0.0)
    old, new = {name: before[name] for name in both}, {name: after[name] for name in both}
    recut = {name: _turned(new[name], old[name]) for name in both}
    weight = sum(part.weight for part in old.values())
    return Change(
        values={name: old[name].weight * (shifted[name] - old[name].place) / weight for name in both},
        appeared=_share(after, old, weighted_mean(new), 1),
        vanished=_share(before, new, weighted_mean(old), -1),
        cutoffs=sum(old[name].weight * (recut[name] - shifted[name]) for name in both) / weight,
        method=weighted_mean(new) - sum(old[name].weight * recut[name] for name in both) / weight,
    )


def _turned(part: Counted, old: Counted) -> float:
    """Return the place in the direction before."""
    return part.place if part.lower == old.lower else 100 - part.place


def _share(counted: Mapping[str, Counted], others: Mapping[str, Counted], mean: float, sign: int) -> dict[str, float]:
    """Return how far each measure that is not among the others draws the score away from their mean."""
    weight = sum(part.weight for part in counted.values())
    return {
        name: sign * part.weight * (part.place - mean) / weight for name, part in counted.items() if name not in others
    }
