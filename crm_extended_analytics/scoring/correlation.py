"""How two series move together: -1 opposite, 0 not at all, 1 alike. What moves together need not cause each other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .checks import same_length

#: Pairs of months at least; unit: months. Two of each month of the year: with fewer, seasons look like a relation.
LEAST_MONTHS = 24

#: Months by which a series may lead; unit: months.
LAGS = range(7)

#: Two-sided 5 % quantile of the normal distribution; unit: standard errors.
QUANTILE = 1.959964


class Correlation(NamedTuple):
    """A coefficient of `n` pairs, and its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


def pearson(first: Sequence[float], second: Sequence[float], *, least: int = LEAST_MONTHS) -> Correlation | None:
    """Return how near two series are to a straight line.

    Parameters
    ----------
    first, second:
        Values of the same months.
    least:
        Fewer pairs give no answer.

    Returns
    -------
    Pearson's r with Fisher's interval; ``None`` with too few pairs, or where one series never changes.

    Raises
    ------
    ValueError
        When one series is longer than the other, or a value is not a finite number.

    Example
    -------
    >>> x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5]
    >>> y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]
    >>> [round(value, 4) for value in pearson(x, y, least=10)]
    [0.8164, 0.4244, 0.9507, 11]
    >>> pearson(x, y) is None
    True

    Source
    ------
    Fisher (1921): atanh(r) has the standard error 1 / sqrt(n - 3). Data: Anscombe (1973), quartet I, r = 0.816.
    """
    return _interval(_coefficient(first, second, least), len(first), spread=lambda r: 1.0)


def spearman(first: Sequence[float], second: Sequence[float], *, least: int = LEAST_MONTHS) -> Correlation | None:
    """Return whether two series rise and fall together, in a straight line or not.

    Parameters
    ----------
    first, second:
        Values of the same months.
    least:
        Fewer pairs give no answer.

    Returns
    -------
    Spearman's rho: Pearson's r of the ranks, ties sharing the mean of their places; ``None`` as for `pearson`.

    Raises
    ------
    ValueError
        As for `pearson`.

    Example
    -------
    >>> iq, hours = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110], [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]
    >>> round(spearman(iq, hours, least=10).value, 6)
    -0.175758

    Source
    ------
    Spearman (1904); interval of Bonett and Wright, Psychometrika 65 (2000): standard error of atanh(rho)
    sqrt((1 + rho^2 / 2) / (n - 3)). Data: the worked example of the encyclopedias, -29/165.
    """
    ranked = _coefficient(ranks(first), ranks(second), least)
    return _interval(ranked, len(first), spread=lambda rho: math.sqrt(1 + rho * rho / 2))


def ranks(values: Sequence[float]) -> list[float]:
    """Return the places of values, the smallest first.

    Parameters
    ----------
    values:
        Numbers.

    Returns
    -------
    Places from 1, equal values sharing the mean of theirs.

    Raises
    ------
    ValueError
        When a value is not a finite number.

    Example
    -------
    >>> ranks([30, 10, 20, 20])
    [4.0, 1.0, 2.5, 2.5]

    Source
    ------
    Usual definition of ranks with ties.
    """
    _check(values)
    order = sorted(range(len(values)), key=lambda place: values[place])
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            found[place] = (start + 1 + end) / 2
        start = end
    return found


def lagged(own: Mapping[int, float], series: Mapping[int, float], lag: int) -> tuple[list[float], list[float]]:
    """Return the pairs of months of which the series comes first.

    Parameters
    ----------
    own, series:
        Values by month; months are counted through, so that the next one is a number higher.
    lag:
        Months by which the series comes before.

    Returns
    -------
    Own values, and those of the series so many months earlier, where both are known.

    Raises
    ------
    ValueError
        When the lag is negative: it would look into the future.

    Example
    -------
    >>> lagged({3: 30.0, 4: 40.0}, {1: 0.1, 2: 0.2, 4: 0.4}, 1)
    ([30.0], [0.2])

    Source
    ------
    Rule of this package.
    """
    if lag < 0:
        raise ValueError(f"A series leads by 0 months or more, not by {lag!r}.")
    months = [month for month in sorted(own) if month - lag in series]
    return [own[month] for month in months], [series[month - lag] for month in months]


def changes(values: Mapping[int, float]) -> dict[int, float]:
    """Return how much each month differs from the one before.

    Two series that grow over the years correlate whatever they are; their changes need not.

    Parameters
    ----------
    values:
        Values by month, as for `lagged`.

    Returns
    -------
    Differences by month, of months whose month before is known.

    Raises
    ------
    TypeError
        When a value is not a number.

    Example
    -------
    >>> changes({1: 10.0, 2: 13.0, 4: 5.0, 5: 6.0})
    {2: 3.0, 5: 1.0}

    Source
    ------
    First differences.
    """
    return {month: value - values[month - 1] for month, value in sorted(values.items()) if month - 1 in values}


def _check(values: Sequence[float]) -> None:
    for value in values:
        if not math.isfinite(value):
            raise ValueError(f"{value!r} is not a finite number.")


def _coefficient(first: Sequence[float], second: Sequence[float], least: int) -> float | None:
    n = same_length(first=first, second=second)
    _check(first)
    _check(second)
    if n < max(least, 4):
        return None
    centre, other = math.fsum(first) / n, math.fsum(second) / n
    squares = math.fsum((value - centre) ** 2 for value in first)
    others = math.fsum((value - other) ** 2 for value in second)
    # what is left of a constant after rounding is no change
    if squares <= n * (1e-12 * centre) ** 2 or others <= n * (1e-12 * other) ** 2:
        return None
    products = math.fsum((a - centre) * (b - other) for a, b in zip(first, second, strict=True))
    return max(-1.0, min(1.0, products / math.sqrt(squares) / math.sqrt(others)))


def _interval(value: float | None, n: int, *, spread) -> Correlation | None:
    if value is None:
        return None
    if abs(value) > 1 - 1e-12:
        return Correlation(value, value, value, n)
    error = QUANTILE * spread(value) / math.sqrt(n - 3)
    return Correlation(value, math.tanh(math.atanh(value) - error), math.tanh(math.atanh(value) + error), n)
