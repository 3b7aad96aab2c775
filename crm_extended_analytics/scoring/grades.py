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


#: Largest |bias| of A and of B; no unit. Judgement: a total that is wrong by a tenth is within what a budget
#: bears, one that is wrong by a quarter is not a forecast any more, however well it ranks.
BIAS_A, BIAS_B = 0.10, 0.25

#: Groups of customers, by what was predicted, in which prediction and outcome are compared; unit: groups.
GROUPS = 5


class Grade(NamedTuple):
    """The grade, the high-value customers each way found, and how far off the total and its parts were."""

    letter: str
    found: int
    found_by_baseline: int
    high_value: int
    bias: float | None = None
    calibration_error: float | None = None
    groups: tuple[tuple[float, float], ...] = ()


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
    A, B or C with its counts, bias and calibration; ``None`` when there is no high-value customer to find, or when
    neither finds one. A model that ranks well and is wrong in total has no better grade than its bias allows.

    Raises
    ------
    ValueError
        As `high_value_found`.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> grade([9, 8, 1, 2, 0], [5, 6, 4, 2, 0], [5, 1, 4, 2, 0], share=0.4)._replace(groups=())
    Grade(letter='B', found=2, found_by_baseline=1, high_value=2, bias=-0.15, calibration_error=0.45, groups=())

    Source
    ------
    `GRADE_A_GAIN`, `BIAS_A`, `BIAS_B`.
    """
    found, best = high_value_found(actual, predicted, share=share)
    by_baseline, _best = high_value_found(actual, baseline, share=share)
    if not best or not found + by_baseline:
        return None
    off = bias(actual, predicted)
    groups = calibration_groups(actual, predicted)
    return Grade(
        max(letter(found, by_baseline), bias_letter(off)),
        found,
        by_baseline,
        best,
        off,
        calibration_error(groups),
        tuple((said, came) for said, came, _count in groups),
    )


def bias(actual: Sequence[float], predicted: Sequence[float]) -> float | None:
    """Return how far the sum of the predictions is off, as a share of what came.

    Parameters
    ----------
    actual, predicted:
        Value of each customer as it came and as it was predicted.

    Returns
    -------
    Below 0 when too little was predicted, above 0 when too much; ``None`` when nothing came.

    Raises
    ------
    ValueError
        For unequal lengths.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> bias([10, 0, 10], [8, 2, 7])
    -0.15

    Source
    ------
    (sum F - sum A) / sum A, the relative mean error.
    """
    np = load("numpy")
    same_length(actual=actual, predicted=predicted)
    total = float(np.sum(actual))
    return round((float(np.sum(predicted)) - total) / total, 12) if total > 0 else None


def calibration_groups(
    actual: Sequence[float], predicted: Sequence[float], *, groups: int = GROUPS
) -> list[tuple[float, float, int]]:
    """Return what was predicted beside what came, in equally full groups from the lowest prediction.

    Parameters
    ----------
    actual, predicted:
        Value of each customer as it came and as it was predicted.
    groups:
        Number of groups; fewer when there are fewer customers.

    Returns
    -------
    (mean prediction, mean outcome, customers) of each group.

    Raises
    ------
    ValueError
        For unequal lengths or no group.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> calibration_groups([0, 1, 4, 6], [1, 1, 3, 5], groups=2)
    [(1.0, 0.5, 2), (4.0, 5.0, 2)]

    Source
    ------
    Calibration table of a forecast of amounts.
    """
    np = load("numpy")
    if groups < 1:
        raise ValueError(f"There is one group at least, not {groups!r}.")
    same_length(actual=actual, predicted=predicted)
    order = np.argsort(np.asarray(predicted, dtype=float), kind="stable")
    parts = [part for part in np.array_split(order, groups) if len(part)]
    said, came = np.asarray(predicted, dtype=float), np.asarray(actual, dtype=float)
    return [(float(said[part].mean()), float(came[part].mean()), len(part)) for part in parts]


def calibration_error(groups: Sequence[tuple[float, float, int]]) -> float | None:
    """Return how far the groups are off, as a share of what came.

    Parameters
    ----------
    groups:
        As `calibration_groups`.

    Returns
    -------
    0 when each group got what was predicted; at least the size of the bias. ``None`` when nothing came.

    Raises
    ------
    ValueError
        Never: any groups have an error.

    Example
    -------
    >>> calibration_error([(1.0, 0.5, 2), (4.0, 5.0, 2)])
    0.2727272727272727

    Source
    ------
    sum(|F - A| x customers) / sum(A x customers), over the groups.
    """
    total = sum(came * count for _said, came, count in groups)
    return sum(abs(said - came) * count for said, came, count in groups) / total if total > 0 else None


def bias_letter(off: float | None) -> str:
    """Return the best grade that a bias allows.

    Parameters
    ----------
    off:
        As `bias`; ``None`` when nothing came that could be predicted.

    Returns
    -------
    A up to 10 %, B up to 25 %, C beyond.

    Raises
    ------
    TypeError
        When it is no number.

    Example
    -------
    >>> bias_letter(-0.1), bias_letter(0.14), bias_letter(-0.3), bias_letter(None)
    ('A', 'B', 'C', 'C')

    Source
    ------
    `BIAS_A`, `BIAS_B`.
    """
    if off is None or abs(off) > BIAS_B:
        return "C"
    return "A" if abs(off) <= BIAS_A else "B"


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
