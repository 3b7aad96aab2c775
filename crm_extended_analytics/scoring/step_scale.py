"""From a raw measure to a score of 0 to 100 in hundredths of the population; a database can look it up.

The limits are the 99 percentiles of the population. A customer's score is the share of the limits that are below
his value; limits equal to it count half, so that equal values get the middle of the places they span, and the
same scale read backwards serves a measure of which less is better. The scale is a staircase: the place of the
value among `steps` says which of `scores` it gets, which is what SQL's ``width_bucket`` does.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

#: Number of limits. Source: percentiles; unit: limits.
LIMITS = 99


class StepScale(NamedTuple):
    """`scores` has one number more than `steps`: that below the first step."""

    steps: tuple[float, ...]
    scores: tuple[float, ...]


def step_scale(limits: Sequence[float]) -> StepScale | None:
    """Return the staircase of a population's percentiles.

    Parameters
    ----------
    limits:
        Percentiles, rising; any number of them.

    Returns
    -------
    The scale, or ``None`` without limits.

    Raises
    ------
    ValueError
        When a limit is not a finite number or they do not rise.

    Example
    -------
    >>> step_scale([1.0, 1.0, 2.0, 4.0]).scores
    (0.0, 25.0, 50.0, 62.5, 75.0, 87.5, 100.0)

    Source
    ------
    Percentile rank with ties in the middle.
    """
    values = [float(limit) for limit in limits]
    if not all(map(math.isfinite, values)) or values != sorted(values):
        raise ValueError("The limits must be finite numbers that rise.")
    if not values:
        return None
    steps, scores = [], [0.0]
    for value in dict.fromkeys(values):
        below, upto = values.index(value), bisect_right(values, value)
        # at the value itself, and right above it
        steps += [value, math.nextafter(value, math.inf)]
        scores += [50 * (below + upto) / len(values), 100 * upto / len(values)]
    return StepScale(tuple(steps), tuple(scores))


def step_score(value: float | None, scale: StepScale | None, *, lower_is_better: bool = False) -> float | None:
    """Return the score of one measure.

    Parameters
    ----------
    value:
        The measure; ``None`` when it cannot be measured.
    scale:
        Of `step_scale`.
    lower_is_better:
        True for days late and other burdens.

    Returns
    -------
    0 to 100; ``None`` without a measure or a scale.

    Raises
    ------
    TypeError
        When the measure is no number.

    Example
    -------
    >>> scale = step_scale([1.0, 1.0, 2.0, 4.0])
    >>> step_score(1, scale), step_score(1.5, scale), step_score(1, scale, lower_is_better=True)
    (25.0, 50.0, 75.0)

    Source
    ------
    Look-up among the steps.
    """
    if value is None or scale is None:
        return None
    score = scale.scores[bisect_right(scale.steps, value)]
    return 100 - score if lower_is_better else score
