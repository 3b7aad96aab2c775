"""How far a forecast of single customers may be off: an interval from the errors of a back-test.

The errors are ratios of what came to what was predicted, apart for customers of whom little and of whom much was
predicted: who is expected to buy half a time buys nothing or once, who is expected to buy twenty times is near it. The
interval therefore holds what the models do not know (seasons, the market) as well as chance, and is corrected for
their bias. It is that of a single customer; the total of many is far better known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .checks import same_length
from .libraries import load

#: Share of the customers whose outcome lies within; no unit. Usual in planning: one in ten below, one above.
COVERAGE = 0.8

#: Groups by prediction, and customers in each at least; units: groups, customers. Judgement: a tenth of 50
#: customers are five.
GROUPS, LEAST_CUSTOMERS = 10, 50


class Band(NamedTuple):
    """Customers of whom up to `upto` was predicted (None: of any amount), and the two ratios of their outcomes."""

    upto: float | None
    low: float
    high: float


def error_bands(
    actual: Sequence[float],
    predicted: Sequence[float],
    *,
    size: Sequence[float] | None = None,
    coverage: float = COVERAGE,
    groups: int = GROUPS,
) -> list[Band] | None:
    """Return the quantiles of outcome / prediction, in groups by size.

    Parameters
    ----------
    actual, predicted:
        Value of each customer as it came and as it was predicted.
    size:
        What the groups are made by, such as the expected purchases; by default the prediction.
    coverage:
        Share of the outcomes within.
    groups:
        How many at most; fewer, so that each has `LEAST_CUSTOMERS`.

    Returns
    -------
    Bands by rising size, the last of them without end; ``None`` with too few customers.

    Raises
    ------
    ValueError
        For unequal lengths or a coverage outside 0 to 1.
    MissingLibrary
        Without numpy.

    Example
    -------
    A hundred customers of whom 10 was predicted and to whom 1 to 100 came:

    >>> error_bands(range(1, 101), [10.0] * 100)
    [Band(upto=None, low=1.09, high=9.01)]

    Source
    ------
    Empirical prediction interval: Williams and Goodman, JASA 66, 1971.
    """
    np = load("numpy")
    if not 0 < coverage < 1:
        raise ValueError(f"The coverage lies between 0 and 1, not {coverage!r}.")
    size = predicted if size is None else size
    same_length(actual=actual, predicted=predicted, size=size)
    came, said, by = (np.asarray(list(values), dtype=float) for values in (actual, predicted, size))
    known = said > 0
    came, said, by = came[known], said[known], by[known]
    count = min(groups, len(said) // LEAST_CUSTOMERS)
    if not count:
        return None
    limits = np.unique(np.quantile(by, [number / count for number in range(1, count)])) if count > 1 else []
    place = np.searchsorted(limits, by, side="left")
    bands = []
    for number in range(len(limits) + 1):
        ratios = (came / said)[place == number]
        if not len(ratios):
            continue
        low, high = np.quantile(ratios, [(1 - coverage) / 2, (1 + coverage) / 2])
        upto = float(limits[number]) if number < len(limits) else None
        bands.append(Band(upto, round(float(low), 6), round(float(high), 6)))
    return [*bands[:-1], bands[-1]._replace(upto=None)]


def share_within(
    actual: Sequence[float], predicted: Sequence[float], bands: Sequence[Band], *, size: Sequence[float] | None = None
) -> float | None:
    """Return the share of the outcomes that lie in the bands: of customers that did not make them, a test.

    Parameters
    ----------
    actual, predicted, size:
        As `error_bands`.
    bands:
        Those to test.

    Returns
    -------
    0 to 1, or ``None`` when nothing was predicted of anybody.

    Raises
    ------
    ValueError
        For unequal lengths.

    Example
    -------
    >>> share_within([5, 50, 200], [10, 10, 10], [Band(None, 0.4, 9.0)])
    0.6666666666666666

    Source
    ------
    Coverage of an interval.
    """
    size = predicted if size is None else size
    same_length(actual=actual, predicted=predicted, size=size)
    within = []
    for came, said, by in zip(actual, predicted, size, strict=True):
        if said > 0:
            band = next(band for band in bands if band.upto is None or by <= band.upto)
            within.append(band.low * said <= came <= band.high * said)
    return sum(within) / len(within) if within else None
