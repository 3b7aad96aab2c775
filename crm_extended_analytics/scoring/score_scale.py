"""From a raw measure to a score of 0 to 100, and from several scores to a total: higher is better.

The limits are found once over the population (`scale_cutoffs`) and frozen; a customer is then placed by them
alone, so that a run over some of the customers gives what the run over all gave. A part that cannot be
measured is left out of the total and the weights of the others are raised in proportion; the total says
which parts it holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .checks import not_negative
from .libraries import load

#: Number of limits between the lowest and the highest score; unit: limits. Judgement: per cent steps of the
#: population are finer than the measures deserve, and 21 numbers can be read by a person.
STEPS = 20


class Scale(NamedTuple):
    """`points` are pairs (raw value, score), rising in the raw value; the score is linear between them."""

    points: tuple[tuple[float, float], ...]

    def as_list(self) -> list[list[float]]:
        """Return it as plain values, to be frozen as JSON; `Scale.from_list` is the way back."""
        return [list(point) for point in self.points]

    @classmethod
    def from_list(cls, points: Sequence[Sequence[float]]) -> Scale:
        """Return the scale that `as_list` wrote."""
        return cls(tuple((float(raw), float(score)) for raw, score in points))


def scale_cutoffs(values: Sequence[float], *, lower_is_better: bool = False, steps: int = STEPS) -> Scale | None:
    """Return the scale on which a customer's score is the share of the population he is ahead of.

    Parameters
    ----------
    values:
        The measure of each customer who has one.
    lower_is_better:
        True for days late and other burdens.
    steps:
        Number of equal shares of the population.

    Returns
    -------
    The scale: equal values get the middle of the shares they span. ``None`` without customers; all equal
    gives 50 to everybody.

    Raises
    ------
    ValueError
        For fewer than one step or a value that is not a finite number.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> scale_cutoffs([10, 20, 30, 40, 50], steps=4).points
    ((10.0, 0.0), (20.0, 25.0), (30.0, 50.0), (40.0, 75.0), (50.0, 100.0))

    Source
    ------
    Percentile rank, piecewise linear.
    """
    np = load("numpy")
    if steps < 1:
        raise ValueError(f"A scale has one step or more, not {steps!r}.")
    amounts = np.asarray(values, dtype=float)
    if not np.isfinite(amounts).all():
        raise ValueError("A value is not a finite number.")
    if not len(amounts):
        return None
    scores = np.linspace(0, 100, steps + 1)
    limits = np.quantile(amounts, scores / 100)
    raw, place = np.unique(limits, return_inverse=True)
    middle = np.bincount(place, weights=scores) / np.bincount(place)
    if lower_is_better:
        middle = 100 - middle
    return Scale(tuple((float(one), float(score)) for one, score in zip(raw, middle, strict=True)))


def scale_score(value: float | None, scale: Scale | None) -> float | None:
    """Return the score of one measure.

    Parameters
    ----------
    value:
        The measure; ``None`` when it cannot be measured.
    scale:
        The frozen scale.

    Returns
    -------
    0 to 100 and monotone in the measure: outside the scale the score of its end. ``None`` without a measure.

    Raises
    ------
    TypeError
        When the measure is no number.

    Example
    -------
    >>> scale_score(15, Scale(((10, 0), (20, 25), (30, 100)))), scale_score(99, Scale(((10, 0), (30, 100))))
    (12.5, 100)

    Source
    ------
    Linear interpolation.
    """
    if value is None or scale is None:
        return None
    points = scale.points
    if value <= points[0][0]:
        return points[0][1]
    for (low, low_score), (high, high_score) in zip(points, points[1:], strict=False):
        if value <= high:
            return low_score + (high_score - low_score) * (value - low) / (high - low)
    return points[-1][1]


def scale_scores(values: Sequence[float], scale: Scale | None) -> Any:
    """Return the scores of many measures at once.

    Parameters
    ----------
    values:
        The measures; not-a-number where it cannot be measured.
    scale:
        The frozen scale.

    Returns
    -------
    Array, not-a-number where the measure is; ``None`` without a scale.

    Raises
    ------
    ValueError
        When a measure is no number.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> scale_scores([15, 99], Scale(((10, 0), (20, 25), (30, 100)))).tolist()
    [12.5, 100.0]

    Source
    ------
    Linear interpolation.
    """
    np = load("numpy")
    if scale is None:
        return None
    raw, scores = zip(*scale.points, strict=True)
    return np.interp(np.asarray(values, dtype=float), raw, scores)


class Total(NamedTuple):
    """A weighted total with the weights it really has (they sum to 1) and the parts it lacks."""

    score: float
    weights: dict[str, float]
    missing: tuple[str, ...]


def weighted_total(scores: Mapping[str, float | None], weights: Mapping[str, float]) -> Total | None:
    """Return the total of the parts that could be measured.

    Parameters
    ----------
    scores:
        0 to 100 by part; ``None`` where it is not measurable.
    weights:
        By part; a part without a weight does not count.

    Returns
    -------
    The total of the measurable parts, their weights raised to sum to 1; ``None`` when none is measurable.
    Two totals with different `missing` do not compare: the screen must say so.

    Raises
    ------
    ValueError
        When a weight is negative or a score outside 0 to 100.

    Example
    -------
    >>> weighted_total({"profit": 80, "promotion": None, "product": 50}, {"profit": 2, "promotion": 1, "product": 1})
    Total(score=70.0, weights={'profit': 0.6666666666666666, 'product': 0.3333333333333333}, missing=('promotion',))

    Source
    ------
    Weighted mean over the available parts.
    """
    for part, score in scores.items():
        if score is not None and not 0 <= score <= 100:
            raise ValueError(f"The score of {part} lies between 0 and 100, not {score!r}.")
    used = {part: weight for part, weight in weights.items() if not_negative(weight, f"weight of {part}")}
    known = {part: weight for part, weight in used.items() if scores.get(part) is not None}
    total = sum(known.values())
    if not total:
        return None
    # the sum first: four parts of 80 are exactly 80
    score = sum(weight * scores[part] for part, weight in known.items()) / total
    missing = tuple(part for part in used if part not in known)
    return Total(score, {part: weight / total for part, weight in known.items()}, missing)
