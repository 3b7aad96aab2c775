"""Whether probabilities keep what they say: the Brier score is an error, lower is better."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from .checks import probability, same_length


class Bin(NamedTuple):
    """One group of predictions: what was said beside what happened."""

    count: int
    predicted: float
    observed: float


def brier_error(predicted: Sequence[float], outcome: Sequence[float]) -> float | None:
    """Return the mean squared distance of the probabilities from what happened.

    Parameters
    ----------
    predicted:
        Probabilities.
    outcome:
        1 where it happened, else 0.

    Returns
    -------
    0 (perfect) to 1; always saying the base rate p gives p (1 - p). ``None`` without predictions.

    Raises
    ------
    ValueError
        For a probability outside 0 to 1, an outcome other than 0 and 1, or unequal lengths.

    Example
    -------
    >>> round(brier_error([0.9, 0.2], [1, 0]), 6)
    0.025

    Source
    ------
    Brier 1950: mean (p - y)^2.
    """
    count = same_length(predicted=predicted, outcome=outcome)
    _check(predicted, outcome)
    return sum((p - y) ** 2 for p, y in zip(predicted, outcome, strict=True)) / count if count else None


def _check(predicted: Sequence[float], outcome: Sequence[float]) -> None:
    for value in predicted:
        probability(value, "prediction")
    if any(value not in (0, 1) for value in outcome):
        raise ValueError("An outcome is 1 where it happened, else 0.")


def calibration_table(predicted: Sequence[float], outcome: Sequence[float], *, bins: int = 10) -> list[Bin]:
    """Return predictions and outcomes side by side, in equally full groups from the lowest prediction.

    Parameters
    ----------
    predicted, outcome:
        As `brier_error`.
    bins:
        Number of groups; fewer when there are fewer predictions. Equal predictions may be in two groups: the
        outcomes then decide by the order of the rows, so read neighbours together.

    Returns
    -------
    The groups; empty without predictions.

    Raises
    ------
    ValueError
        As `brier_error`, or for fewer than one group.

    Example
    -------
    >>> calibration_table([0.1, 0.3, 0.7, 0.9], [0, 0, 1, 1], bins=2)
    [Bin(count=2, predicted=0.2, observed=0.0), Bin(count=2, predicted=0.8, observed=1.0)]

    Source
    ------
    Reliability diagram by deciles (Hosmer and Lemeshow 1980).
    """
    if bins < 1:
        raise ValueError(f"There is one group or more, not {bins!r}.")
    count = same_length(predicted=predicted, outcome=outcome)
    _check(predicted, outcome)
    pairs = sorted(zip(predicted, outcome, strict=True), key=lambda pair: pair[0])
    bins = min(bins, count)
    groups = [pairs[number * count // bins : (number + 1) * count // bins] for number in range(bins)]
    return [
        Bin(len(group), sum(p for p, _y in group) / len(group), sum(y for _p, y in group) / len(group))
        for group in groups
    ]


def naive_bayes(won: int, lost: int, factors: Sequence[tuple[int, int]]) -> float | None:
    """Return the win probability of independent factors, the hand check of a lead score.

    Odoo's own predictive scoring stays what it is; this is the reference to explain and calibrate it.

    Parameters
    ----------
    won, lost:
        Closed opportunities.
    factors:
        (won with it, lost with it) of each factor that the opportunity has.

    Returns
    -------
    0 to 1, no smoothing; ``None`` when nothing was won or lost, or when no outcome ever had all the factors.

    Raises
    ------
    ValueError
        When more have a factor than there are.

    Example
    -------
    >>> round(naive_bayes(40, 60, [(20, 10), (30, 20)]), 4)
    0.8182

    Source
    ------
    Bayes' rule with independence.
    """
    if any(not (0 <= with_won <= won and 0 <= with_lost <= lost) for with_won, with_lost in factors):
        raise ValueError(f"More have a factor than were won ({won!r}) or lost ({lost!r}).")
    if not won or not lost:
        return None
    of_won = won * math.prod(with_won / won for with_won, _lost in factors)
    of_lost = lost * math.prod(with_lost / lost for _won, with_lost in factors)
    return of_won / (of_won + of_lost) if of_won + of_lost else None
