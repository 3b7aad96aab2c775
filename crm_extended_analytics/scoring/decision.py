"""What a decision brought: its effect per customer, how large one must be to show, and what to do next.

Effects are differences per customer, positive is better; shares are 0 to 1; a p-value is smaller where the evidence is
stronger. Rates are those of `uplift`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

from .checks import not_negative, positive, probability
from .student import two_sided_p, two_sided_quantile
from .uplift import POWER, SIGNIFICANCE, MeanDifference, minimum_holdout

#: Part of the effect that must be left for a decision to stand; a share. Requirement: reopened below half.
LEFT = 0.5

#: Halvings of the search of the smallest effect; 2^-40 of all customers is none. No unit.
HALVINGS = 40


def change_of_means(
    *, count: int, before: float, after: float, deviation: float, significance: float = SIGNIFICANCE
) -> MeanDifference | None:
    """Return how much the same customers changed from one period to another, with the interval.

    Parameters
    ----------
    count:
        Customers, including those who bought nothing.
    before, after:
        Mean per customer of each period.
    deviation:
        Sample standard deviation of the changes of single customers.
    significance:
        The interval covers 1 minus it.

    Returns
    -------
    The change, or ``None`` with fewer than two customers.

    Raises
    ------
    ValueError
        When the deviation is negative.

    Example
    -------
    >>> found = change_of_means(count=11, before=40, after=50, deviation=10)
    >>> [round(value, 2) for value in found]
    [10, 3.28, 16.72, 0.01]

    Source
    ------
    Paired t-test (Student 1908).
    """
    not_negative(deviation, "deviation of the changes")
    if count < 2:
        return None
    difference, error = after - before, deviation / math.sqrt(count)
    if not error:
        return MeanDifference(difference, difference, difference, None)
    half = two_sided_quantile(significance, count - 1) * error
    p_value = two_sided_p(difference / error, count - 1)
    return MeanDifference(difference, difference - half, difference + half, p_value)


def smallest_difference(
    *, deviation: float, treated: int, holdout: int, significance: float = SIGNIFICANCE, power: float = POWER
) -> float | None:
    """Return the smallest difference of an amount per customer that groups of this size would show.

    Parameters
    ----------
    deviation:
        Standard deviation of the amount of single customers.
    treated, holdout:
        Customers in each group.
    significance, power:
        Chances of a false alarm, and of seeing the difference when it is there.

    Returns
    -------
    An amount, or ``None`` when a group is empty.

    Raises
    ------
    ValueError
        When the deviation is negative.

    Example
    -------
    >>> round(smallest_difference(deviation=100, treated=100, holdout=100), 2)
    39.62

    Source
    ------
    (z significance + z power) x deviation x sqrt(1 / treated + 1 / hold-out); Cohen 1988.
    """
    not_negative(deviation, "deviation")
    if not treated or not holdout:
        return None
    return _quantiles(significance, power) * deviation * math.sqrt(1 / treated + 1 / holdout)


def needed_holdout(
    *,
    deviation: float,
    least_difference: float,
    treated_per_holdout: float = 1.0,
    significance: float = SIGNIFICANCE,
    power: float = POWER,
) -> int | None:
    """Return how many customers must be held out to see a difference of an amount per customer.

    Parameters
    ----------
    deviation:
        Standard deviation of the amount of single customers.
    least_difference:
        Smallest difference worth seeing.
    treated_per_holdout:
        How many are treated for each held out.
    significance, power:
        Chances of a false alarm, and of seeing the difference when it is there.

    Returns
    -------
    Customers in the hold-out, rounded up; ``None`` for a difference of 0.

    Raises
    ------
    ValueError
        When the deviation or the ratio cannot be.

    Example
    -------
    >>> needed_holdout(deviation=100, least_difference=40)
    99

    Source
    ------
    `smallest_difference`, solved for the hold-out.
    """
    ratio = positive(treated_per_holdout, "treated per hold-out")
    not_negative(deviation, "deviation")
    if not least_difference:
        return None
    return math.ceil((_quantiles(significance, power) * deviation / least_difference) ** 2 * (1 + 1 / ratio))


def smallest_uplift(*, base_rate: float, treated: int, holdout: int) -> float | None:
    """Return the smallest rise of a rate that groups of this size would show.

    Parameters
    ----------
    base_rate:
        Share that buys without the action.
    treated, holdout:
        Customers in each group.

    Returns
    -------
    A difference of rates; ``None`` when not even all of the customers buying would show.

    Raises
    ------
    ValueError
        When the base rate is no share.

    Example
    -------
    >>> round(smallest_uplift(base_rate=0.05, treated=1059, holdout=1059), 4)
    0.03

    Source
    ------
    `minimum_holdout` of two proportions, solved for the uplift by halving.
    """
    probability(base_rate, "base rate")
    if not treated or not holdout:
        return None

    def shows(difference: float) -> bool:
        needed = minimum_holdout(base_rate=base_rate, least_uplift=difference, treated_per_holdout=treated / holdout)
        return needed is not None and needed <= holdout

    low, high = 0.0, 1 - base_rate
    if not shows(high):
        return None
    for _step in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if shows(middle) else (middle, high)
    return high


def chance_to_see(effect: float, smallest: float | None) -> float | None:
    """Return the chance that an effect shows, when it is there.

    Parameters
    ----------
    effect:
        The expected one.
    smallest:
        The one that shows with a chance of `POWER`, in the same unit.

    Returns
    -------
    A probability; ``None`` when no effect would show.

    Raises
    ------
    ValueError
        When the smallest effect is negative.

    Example
    -------
    >>> round(chance_to_see(10, 10), 2), round(chance_to_see(5, 10), 2)
    (0.8, 0.29)

    Source
    ------
    Power of a two-sided z-test, without the far tail.
    """
    if not smallest:
        return None
    not_negative(smallest, "smallest effect")
    normal = NormalDist()
    return normal.cdf(abs(effect) / smallest * _quantiles(SIGNIFICANCE, POWER) - normal.inv_cdf(1 - SIGNIFICANCE / 2))


def propose_verdict(*, low: float | None, high: float | None, expected: float, romi: float | None) -> str | None:
    """Return what the measurement speaks for: 'keep', 'change' or 'stop'.

    Parameters
    ----------
    low, high:
        Ends of the interval of the effect.
    expected:
        The effect that was expected, in the same unit.
    romi:
        Return on the cost; ``None`` when there was no cost.

    Returns
    -------
    'keep' when the effect is more than chance and pays for itself; 'stop' when it does harm, or when it cannot be even
    half of what was expected; else 'change'; ``None`` when nothing is measured.

    Raises
    ------
    ValueError
        When the interval is upside down.

    Example
    -------
    >>> propose_verdict(low=2, high=8, expected=5, romi=0.4)
    'keep'
    >>> propose_verdict(low=-1, high=2, expected=5, romi=None), propose_verdict(low=-1, high=9, expected=5, romi=None)
    ('stop', 'change')

    Source
    ------
    Rule of this package.
    """
    if low is None or high is None:
        return None
    if low > high:
        raise ValueError(f"An interval does not end ({high!r}) before it begins ({low!r}).")
    if low > 0:
        return "keep" if romi is None or romi >= 0 else "change"
    return "stop" if high < max(LEFT * expected, 0) or high <= 0 else "change"


def has_decayed(*, effect: float, low: float, high: float, effect_then: float) -> bool:
    """Return whether an effect that was there has gone.

    Parameters
    ----------
    effect, low, high:
        The last measurement, with its interval.
    effect_then:
        The effect on which the verdict was given.

    Returns
    -------
    True when the interval contains 0 or lies below, or less than `LEFT` of the effect is left.

    Raises
    ------
    ValueError
        When the interval is upside down.

    Example
    -------
    >>> has_decayed(effect=6, low=2, high=10, effect_then=10), has_decayed(effect=4, low=2, high=6, effect_then=10)
    (False, True)
    >>> has_decayed(effect=9, low=-1, high=19, effect_then=10)
    True

    Source
    ------
    Rule of this package.
    """
    if low > high:
        raise ValueError(f"An interval does not end ({high!r}) before it begins ({low!r}).")
    return low <= 0 or effect < LEFT * effect_then


def sum_gains(gains: Sequence[tuple[float, float, float]]) -> tuple[float, float, float] | None:
    """Return the sum of several gains with its interval.

    Parameters
    ----------
    gains:
        (gain, low, high) of measurements that do not share days of customers.

    Returns
    -------
    (sum, low, high), or ``None`` without gains.

    Raises
    ------
    ValueError
        When an interval is upside down.

    Example
    -------
    >>> sum_gains([(100, 70, 130), (50, 10, 90)])
    (150, 100.0, 200.0)

    Source
    ------
    Variances of independent estimates add up, so half widths add up in squares.
    """
    if not gains:
        return None
    for _gain, low, high in gains:
        if low > high:
            raise ValueError(f"An interval does not end ({high!r}) before it begins ({low!r}).")
    total = sum(gain for gain, _low, _high in gains)
    below = math.hypot(*(gain - low for gain, low, _high in gains))
    above = math.hypot(*(high - gain for gain, _low, high in gains))
    return total, total - below, total + above


def _quantiles(significance: float, power: float) -> float:
    """Return z of the significance + z of the power."""
    for share in (significance, power):
        if not 0 < share < 1:
            raise ValueError(f"Significance and power lie between 0 and 1, not {share!r}.")
    normal = NormalDist()
    return normal.inv_cdf(1 - significance / 2) + normal.inv_cdf(power)
