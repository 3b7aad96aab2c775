"""Which few make most of the value (ABC), and whose demand can be foreseen (XYZ).

A is worth most, X varies least. Negative or zero values are never A, B or C: they stand apart as
`NOT_POSITIVE`, and the shares are those of the positive values. Thresholds are a profile, never a fact.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, pstdev, stdev
from typing import Any

from .checks import same_length
from .libraries import load

#: Cumulated shares at which A and B end; no unit. Source: 80/15/5; other practice 70/20/10 and 75/20/5.
ABC_THRESHOLDS = (0.80, 0.95)

#: Coefficients of variation at which X and Y end; no unit. Source: German practice; Russian and Bulgarian 0.10
#: and 0.25, others 0.5 and 1.
XYZ_THRESHOLDS = (0.25, 0.50)

#: Least number of periods for a class; unit: periods. Source: formulas of this suite.
LEAST_PERIODS = 3

#: Class of values that are 0 or negative, and class of series with too many empty periods (SAP's N).
NOT_POSITIVE, NO_DEMAND = "-", "N"

#: Rounding allowed at a boundary; no unit. Ten values of 0.1 must reach 0.8 after eight of them, whatever the
#: order in which a computer adds them.
ROUNDING = 1e-9


def abc_classes(
    values: Sequence[float],
    *,
    keys: Sequence[float] | None = None,
    thresholds: Sequence[float] = ABC_THRESHOLDS,
    is_item_included: bool = True,
) -> Any:
    """Return the class of each value by its place in the cumulated share.

    Parameters
    ----------
    values:
        One per customer, product, supplier, channel or seller.
    keys:
        Their ids: of equal values the lower key comes first, so that a tie at a boundary is stable whatever
        the order of rows. By default the order of `values`.
    thresholds:
        Where A and B (and further classes) end, ascending.
    is_item_included:
        True: an item belongs to A while the share *including* it is within the threshold. False: while the
        share *before* it is, so that the item that crosses the boundary still counts.

    Returns
    -------
    Array of letters; empty without values.

    Raises
    ------
    ValueError
        When the thresholds do not rise within 0 to 1, or a value is not a finite number.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> values = [50, 20, 10, 6, 4, 3, 3, 2, 1, 1]
    >>> "".join(abc_classes(values)), "".join(abc_classes(values, is_item_included=False))
    ('AAABBBCCCC', 'AAABBBBCCC')

    Source
    ------
    Pareto 1896, Dickie 1951 (ABC analysis).
    """
    np = load("numpy")
    if list(thresholds) != sorted(set(thresholds)) or not all(0 < limit < 1 for limit in thresholds):
        raise ValueError(f"Thresholds rise between 0 and 1: {tuple(thresholds)}.")
    amounts = np.asarray(values, dtype=float)
    if not np.isfinite(amounts).all():
        raise ValueError("A value is not a finite number.")
    keys = np.arange(len(amounts)) if keys is None else np.asarray(keys)
    same_length(values=amounts, keys=keys)
    classes = np.full(len(amounts), NOT_POSITIVE)
    order = np.lexsort((keys, -amounts))
    order = order[amounts[order] > 0]
    if not len(order):
        return classes
    ordered = amounts[order]
    cumulated = ordered.cumsum()
    shares = (cumulated if is_item_included else cumulated - ordered) / cumulated[-1]
    letters = np.array([chr(ord("A") + number) for number in range(len(thresholds) + 1)])
    # the share that equals the threshold belongs to the class below it when the item is included, else not
    side = np.asarray(thresholds) + (ROUNDING if is_item_included else -ROUNDING)
    classes[order] = letters[np.searchsorted(side, shares, side="left" if is_item_included else "right")]
    return classes


def variation(series: Sequence[float], *, is_sample: bool = False) -> float | None:
    """Return the coefficient of variation of a demand.

    Parameters
    ----------
    series:
        Demand by period, empty periods as 0.
    is_sample:
        True: deviation of a sample (n - 1). False: of the population (n).

    Returns
    -------
    0 or more; ``None`` below `LEAST_PERIODS` periods, or when the mean is not above 0 (returns exceed sales).

    Raises
    ------
    TypeError
        When a value is no number.

    Example
    -------
    >>> series = [100, 120, 80, 110, 90, 100]
    >>> round(variation(series), 4), round(variation(series, is_sample=True), 4)
    (0.1291, 0.1414)

    Source
    ------
    Pearson 1896: standard deviation / mean.
    """
    if len(series) < LEAST_PERIODS or (mean := fmean(series)) <= 0:
        return None
    return (stdev if is_sample else pstdev)(series) / mean


def xyz_class(
    series: Sequence[float],
    *,
    thresholds: tuple[float, float] = XYZ_THRESHOLDS,
    is_sample: bool = False,
    most_empty: float | None = None,
) -> str | None:
    """Return the class of a demand by its regularity.

    Parameters
    ----------
    series:
        Demand by period.
    thresholds:
        Variation at which X and Y end; the boundary belongs to the better class.
    is_sample:
        As `variation`.
    most_empty:
        Share of empty periods above which the class is N; by default there is no N.

    Returns
    -------
    X, Y, Z or N; ``None`` where there is no variation.

    Raises
    ------
    ValueError
        When the thresholds do not rise from above 0.

    Example
    -------
    >>> xyz_class([100, 120, 80, 110, 90, 100]), xyz_class([0, 300, 0, 20, 150, 0])
    ('X', 'Z')
    >>> xyz_class([0, 300, 0, 20, 150, 0], most_empty=0.4)
    'N'

    Source
    ------
    XYZ analysis; N as in SAP's ABC/XYZ segmentation.
    """
    if not 0 < thresholds[0] < thresholds[1]:
        raise ValueError(f"Thresholds rise from above 0: {thresholds!r}.")
    if len(series) < LEAST_PERIODS:
        return None
    empty = sum(not value for value in series) / len(series)
    if most_empty is not None and empty > most_empty:
        return NO_DEMAND
    found = variation(series, is_sample=is_sample)
    if found is None:
        return None
    return "X" if found <= thresholds[0] else "Y" if found <= thresholds[1] else "Z"


def variations(table: Any, *, is_sample: bool = False) -> Any:
    """Return the coefficient of variation of many demands at once.

    Parameters
    ----------
    table:
        One row per item, one column per period.
    is_sample:
        As `variation`.

    Returns
    -------
    Array; not-a-number where `variation` gives ``None``.

    Raises
    ------
    ValueError
        When the table has not two dimensions.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> variations([[100, 120, 80, 110, 90, 100], [0, 0, 0, 0, 0, 0]]).round(4).tolist()
    [0.1291, nan]

    Source
    ------
    As `variation`.
    """
    np = load("numpy")
    rows = np.asarray(table, dtype=float)
    if rows.ndim != 2:
        raise ValueError("The table has one row per item and one column per period.")
    found = np.full(len(rows), np.nan)
    if rows.shape[1] < LEAST_PERIODS:
        return found
    means = rows.mean(axis=1)
    sold = means > 0
    found[sold] = rows[sold].std(axis=1, ddof=int(is_sample)) / means[sold]
    return found
