"""Kaplan-Meier: the share of customers still there after a time, with those whose end is not seen yet.

Survival is a share from 1 downwards, higher is better. Unlike a fitted curve it says nothing beyond the last
observed end.

Source of everything here: Kaplan and Meier, JASA 53, 1958; standard error: Greenwood 1926. No library needed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple


class Step(NamedTuple):
    """Survival from `time` on until the next step."""

    time: float
    at_risk: int
    ended: int
    survival: float
    standard_error: float


def survival_curve(lives: Iterable[tuple[float, bool]]) -> list[Step] | None:
    """Return the steps of the survival curve.

    Parameters
    ----------
    lives:
        Pairs (time since the start, True when the customer left then, False when he is still there). Who is
        censored at the time of somebody's end counts as at risk then.

    Returns
    -------
    One step per time at which somebody left, oldest first; ``None`` without customers.

    Raises
    ------
    ValueError
        When a time is negative.

    Example
    -------
    >>> lives = [(1, True), (2, False), (3, True), (3, True), (5, False), (6, True)] + [(7, False)] * 4
    >>> [(step.time, round(step.survival, 3)) for step in survival_curve(lives)]
    [(1, 0.9), (3, 0.675), (6, 0.54)]

    Source
    ------
    S(t) = product of (1 - d/n) over the times of an end.
    """
    lives = list(lives)
    if any(time < 0 for time, _left in lives):
        raise ValueError("A life cannot have a negative length.")
    if not lives:
        return None
    ends = Counter(time for time, left in lives if left)
    gone = Counter(time for time, _left in lives)
    steps, at_risk, share, variance = [], len(lives), 1.0, 0.0
    for time in sorted(gone):
        if ended := ends[time]:
            share *= 1 - ended / at_risk
            variance += ended / (at_risk * (at_risk - ended)) if at_risk > ended else 0.0
            steps.append(Step(time, at_risk, ended, share, share * math.sqrt(variance)))
        at_risk -= gone[time]
    return steps


def survival_at(steps: list[Step], time: float) -> float:
    """Return the survival at a time.

    Parameters
    ----------
    steps:
        The curve.
    time:
        Time since the start.

    Returns
    -------
    0 to 1; 1 before the first end.

    Raises
    ------
    ValueError
        When the time is negative.

    Example
    -------
    >>> survival_at([Step(1, 10, 1, 0.9, 0.09), Step(3, 8, 2, 0.675, 0.15)], 2)
    0.9

    Source
    ------
    The curve is a step function, continuous from the right.
    """
    if time < 0:
        raise ValueError(f"A life cannot have a negative length: {time!r}.")
    return next((step.survival for step in reversed(steps) if step.time <= time), 1.0)


def median_life(steps: list[Step]) -> float | None:
    """Return the time at which half of the customers have left.

    Parameters
    ----------
    steps:
        The curve.

    Returns
    -------
    Time, or ``None`` while more than half are there.

    Raises
    ------
    TypeError
        When the curve is ``None``.

    Example
    -------
    >>> median_life([Step(1, 4, 1, 0.75, 0.2), Step(3, 3, 1, 0.5, 0.25)])
    3

    Source
    ------
    First time with S(t) <= 1/2.
    """
    return next((step.time for step in steps if step.survival <= 0.5), None)
