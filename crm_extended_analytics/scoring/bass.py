"""How a new product spreads: what is expected period by period, and what an earlier product says of it.

Bass: those who buy for the first time are innovators, at a rate p of those who are left, or imitators, at a rate q
times the share that has bought. Times count from the launch in periods; p and q are per period, so a rate per year is
divided by 12 for months, which leaves the curve as it is. The two formulas themselves are in `forecast_simple`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from .checks import not_negative, positive
from .forecast_simple import bass_adopted, bass_peak
from .libraries import load

#: Averages over many products; unit: per year. Sultan, Farley and Lehmann 1990.
MEAN_INNOVATION, MEAN_IMITATION = 0.03, 0.38

#: Fewest periods and first purchases of which parameters are told; units: periods, purchases. Judgement: three
#: parameters from half as many points again at the least; below thirty purchases a period is mostly chance.
LEAST_PERIODS, LEAST_SALES = 6, 30

#: Rates between which the search goes; unit: per period. Outside nobody, or everybody at once, would buy.
LOWEST, HIGHEST = 1e-6, 3.0

#: Market potential up to which the search goes; unit: sales so far. Beyond, the sales say nothing of an end.
LARGEST_MARKET = 20.0

#: Mean distance of curve and sales beyond which the curve is not theirs; unit: share of the sales. Judgement.
LARGEST_ERROR = 0.5


class Period(NamedTuple):
    """First purchases in a period, and up to its end."""

    new: float
    total: float


class Peak(NamedTuple):
    """When most buy at once, in periods since the launch; how many in a period then; how many have bought by then."""

    time: float
    new: float
    total: float


class Fit(NamedTuple):
    """Parameters from the sales of a product, or the code of the reason why they do not suffice."""

    innovation: float | None
    imitation: float | None
    potential: float | None
    #: Sum of the distances between the curve and the sales / sum of the sales.
    error: float | None
    refused: str | None


def expected(*, potential: float, periods: int, innovation: float, imitation: float) -> list[Period]:
    """Return the first purchases that are expected in each period.

    Parameters
    ----------
    potential:
        Customers or units of the whole market.
    periods:
        How many.
    innovation, imitation:
        p and q, per period.

    Returns
    -------
    New and cumulated ones, in the unit of the potential.

    Raises
    ------
    ValueError
        For a negative potential or imitation, or an innovation not above 0.

    Example
    -------
    >>> found = expected(potential=1000, periods=10, innovation=0.03, imitation=0.38)
    >>> [round(found[period - 1].total, 1) for period in (1, 5, 10)]
    [35.8, 331.2, 812.8]
    >>> round(found[6].new, 1)
    109.8

    Source
    ------
    Bass, Management Science 15(5), 1969: m F(t), and its differences.
    """
    not_negative(potential, "potential")
    totals = [potential * bass_adopted(time, innovation=innovation, imitation=imitation) for time in range(periods + 1)]
    return [Period(after - before, after) for before, after in zip(totals, totals[1:], strict=False)]


def peak(*, potential: float, innovation: float, imitation: float) -> Peak:
    """Return the moment when most buy; the launch itself where innovation is the stronger.

    Parameters
    ----------
    potential:
        Customers or units of the whole market.
    innovation, imitation:
        p and q, per period.

    Returns
    -------
    The moment, the purchases per period at it, and those up to it.

    Raises
    ------
    ValueError
        For a negative potential or imitation, or an innovation not above 0.

    Example
    -------
    >>> [round(value, 3) for value in peak(potential=1000, innovation=0.03, imitation=0.38)]
    [6.193, 110.592, 460.526]
    >>> peak(potential=1000, innovation=0.2, imitation=0.1)
    Peak(time=0.0, new=200.0, total=0.0)

    Source
    ------
    Bass 1969: t* = ln(q / p) / (p + q), m (p + q)^2 / 4q, m (q - p) / 2q.
    """
    not_negative(potential, "potential")
    time = bass_peak(innovation=innovation, imitation=imitation)
    if time is None:
        return Peak(0.0, potential * innovation, 0.0)
    total = potential * bass_adopted(time, innovation=innovation, imitation=imitation)
    return Peak(time, potential * (innovation + imitation) ** 2 / (4 * imitation), total)


def fit(sales: Sequence[float]) -> Fit:
    """Return p, q and the market potential that the first sales of a product follow most closely.

    Parameters
    ----------
    sales:
        By whole period since its launch, oldest first; those of the launch among them.

    Returns
    -------
    The parameters per period; or the code of what is missing: ``few_periods``, ``few_sales``, ``no_end`` (no market
    potential in sight), ``no_peak`` (still rising: the end of the curve would be a guess), ``no_curve`` (they jump too
    much to follow one).

    Raises
    ------
    ValueError
        When a number is negative.
    MissingLibrary
        Without numpy or scipy.

    Example
    -------
    >>> found = fit([period.new for period in expected(potential=900, periods=12, innovation=0.02, imitation=0.5)])
    >>> [round(value, 3) for value in found[:3]]
    [0.02, 0.5, 900.0]
    >>> fit([5, 8, 13]).refused
    'few_periods'

    Source
    ------
    Srinivasan and Mason, Marketing Science 5(2), 1986 (non-linear least squares on the differences of m F(t)); that
    sales before the peak tell too small a market: Van den Bulte and Lilien, Marketing Science 16(4), 1997.
    """
    sales = [not_negative(value, "sales") for value in sales]
    total = sum(sales)
    if len(sales) < LEAST_PERIODS:
        return _refuse("few_periods")
    if total < LEAST_SALES:
        return _refuse("few_sales")
    best = _search(sales, total)
    innovation, imitation, market = map(math.exp, best.x)
    error = float(abs(best.fun).sum())
    if market > LARGEST_MARKET * 0.999:
        return _refuse("no_end")
    if not best.success or max(innovation, imitation) > HIGHEST * 0.999 or error > LARGEST_ERROR:
        return _refuse("no_curve")
    if peak(potential=1.0, innovation=innovation, imitation=imitation).time >= len(sales):
        return _refuse("no_peak")
    return Fit(innovation, imitation, market * total, error, None)


def _refuse(code: str) -> Fit:
    return Fit(None, None, None, None, code)


def _search(sales: list[float], total: float):
    """Search on logarithms, from several starts: the sum of squares may have more than one hollow."""
    np, optimize = load("numpy"), load("scipy.optimize")
    shares = np.asarray(sales) / total

    def rest(logs):
        innovation, imitation, market = map(math.exp, logs)
        found = expected(
            potential=positive(market, "market"), periods=len(sales), innovation=innovation, imitation=imitation
        )
        return np.asarray([period.new for period in found]) - shares

    bounds = np.log([(LOWEST, LOWEST, 0.5), (HIGHEST, HIGHEST, LARGEST_MARKET)])
    ends = [
        optimize.least_squares(rest, np.log([start / len(sales), 5 / len(sales), 1.2]), bounds=bounds, xtol=1e-12)
        for start in (0.05, 0.3, 1.0)
    ]
    return min(ends, key=lambda end: end.cost)
