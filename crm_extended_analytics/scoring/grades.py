"""A, B or C: how much more a model finds than the simple forecast it has to beat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .checks import same_length
from .libraries import load

#: Least gain over the baseline for A; no unit. Source: the grades of Microsoft's CLV prediction: A from 5 %
#: more high-value customers found, B from 0, C below.
GRADE_A_GAIN = 0.05

#: Share of the customers that counts as high value; no unit. Source: the common 20 % of the Pareto rule.
HIGH_VALUE_SHARE = 0.2


class Grade(NamedTuple):
    """The grade, and the high-value customers each way found."""

    letter: str
    found: int
    found_by_baseline: int
    high_value: int


def high_value_found(
    actual: Sequence[float], predicted: Sequence[float], *, share: float = HIGH_VALUE_SHARE
) -> tuple[int, int]:
    """Return how many of the really best customers are among the predicted best.

    Parameters
    ----------
    actual, predicted:
        Value of each customer as it came and as it was predicted.
    share:
        Share of the customers that counts as high value.

    Returns
    -------
    (found, number of high-value customers). Ties are decided by the order of the customers.

    Raises
    ------
    ValueError
        For unequal lengths or a share outside 0 to 1.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> high_value_found([9, 8, 1, 2, 0], [5, 1, 4, 2, 0], share=0.4)
    (1, 2)

    Source
    ------
    Back-test of Microsoft's CLV prediction.
    """
    np = load("numpy")
    if not 0 < share < 1:
        raise ValueError(f"The share of high-value customers lies between 0 and 1, not {share!r}.")
    count = same_length(actual=actual, predicted=predicted)
    best = round(count * share)
    tops = [np.argsort(-np.asarray(values, dtype=float), kind="stable")[:best] for values in (actual, predicted)]
    return len(np.intersect1d(*tops)), best


def grade(
    actual: Sequence[float],
    predicted: Sequence[float],
    baseline: Sequence[float],
    *,
    share: float = HIGH_VALUE_SHARE,
) -> Grade | None:
    """Return the grade of a model by a back-test.

    Parameters
    ----------
    actual:
        Value of each customer in the held-out period.
    predicted, baseline:
        What the model, and the simple forecast, said before.
    share:
        Share of the customers that counts as high value.

    Returns
    -------
    A, B or C with its counts; ``None`` when there is no high-value customer to find, or when neither finds one.

    Raises
    ------
    ValueError
        As `high_value_found`.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> grade([9, 8, 1, 2, 0], [5, 6, 4, 2, 0], [5, 1, 4, 2, 0], share=0.4)
    Grade(letter='A', found=2, found_by_baseline=1, high_value=2)

    Source
    ------
    `GRADE_A_GAIN`.
    """
    found, best = high_value_found(actual, predicted, share=share)
    by_baseline, _best = high_value_found(actual, baseline, share=share)
    if not best or not found + by_baseline:
        return None
    return Grade(letter(found, by_baseline), found, by_baseline, best)


def letter(found: float, found_by_baseline: float) -> str:
    """Return the grade of a count against that of the baseline.

    Parameters
    ----------
    found, found_by_baseline:
        High-value customers found.

    Returns
    -------
    A from 5 % more, B from as many, C below.

    Raises
    ------
    ValueError
        When a count is negative.

    Example
    -------
    >>> letter(105, 100), letter(104, 100), letter(99, 100)
    ('A', 'B', 'C')

    Source
    ------
    `GRADE_A_GAIN`.
    """
    if min(found, found_by_baseline) < 0:
        raise ValueError(f"A count is not negative: {found!r}, {found_by_baseline!r}.")
    if found < found_by_baseline:
        return "C"
    # 0 by the baseline: any find is more
    return "A" if found > 0 and found - found_by_baseline >= GRADE_A_GAIN * found_by_baseline else "B"
