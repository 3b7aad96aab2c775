"""People and profit: return on human capital, and whether satisfaction and profit go together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .checks import same_length

#: Fewest teams of which a correlation is told. Critical values of Spearman's rank correlation, 5 %, two-sided: 1.0
#: with 5 pairs, 0.886 with 6, 0.738 with 8.
LEAST_TEAMS = 8


def hcroi(revenue: float, operating_cost: float, people_cost: float) -> float | None:
    """Return the return on human capital: profit before people, per unit that is spent on people.

    Parameters
    ----------
    revenue, operating_cost, people_cost:
        In one currency and period; the people cost is a part of the operating cost.

    Returns
    -------
    Times the people cost; ``None`` without people cost.

    Raises
    ------
    ValueError
        When the people cost is more than the operating cost, or below 0.

    Example
    -------
    >>> hcroi(1_000_000, 800_000, 400_000)
    1.5

    Source
    ------
    Fitz-enz, The ROI of Human Capital, 2000: (revenue - (operating cost - people cost)) / people cost.
    """
    if not 0 <= people_cost <= operating_cost:
        raise ValueError(f"The people cost {people_cost!r} is a part of the operating cost {operating_cost!r}.")
    return (revenue - (operating_cost - people_cost)) / people_cost if people_cost else None


class Correlation(NamedTuple):
    """A rank correlation of -1 to 1 and the number of pairs; `value` is ``None`` when it cannot be told."""

    value: float | None
    count: int


def rank_correlation(
    left: Sequence[float | None], right: Sequence[float | None], *, least: int = LEAST_TEAMS
) -> Correlation:
    """Return Spearman's rank correlation of the pairs of which both sides are known.

    Parameters
    ----------
    left, right:
        By team.
    least:
        Fewest pairs of which a correlation is told.

    Returns
    -------
    ``None`` as value below the fewest pairs, or when one side is the same for all.

    Raises
    ------
    ValueError
        When both differ in length.

    Example
    -------
    >>> rank_correlation([1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 4, 3, 6, 5, 8, 7])
    Correlation(value=0.9047619047619048, count=8)
    >>> rank_correlation([1, 2, 3], [1, 2, 3])
    Correlation(value=None, count=3)

    Source
    ------
    Spearman 1904: correlation of the ranks; ties share the mean of their places.
    """
    same_length(left=left, right=right)
    pairs = [(a, b) for a, b in zip(left, right, strict=True) if a is not None and b is not None]
    if len(pairs) < max(least, 2):
        return Correlation(None, len(pairs))
    x, y = (_ranks([pair[side] for pair in pairs]) for side in (0, 1))
    mean = (len(pairs) + 1) / 2
    spread = sum((a - mean) ** 2 for a in x) * sum((b - mean) ** 2 for b in y)
    if not spread:
        return Correlation(None, len(pairs))
    together = sum((a - mean) * (b - mean) for a, b in zip(x, y, strict=True))
    return Correlation(together / spread**0.5, len(pairs))


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(values)
    return [order.index(value) + (order.count(value) + 1) / 2 for value in values]
