"""How to split a budget among campaigns: the next unit of money goes where it brings most, and stops where it loses.

The margin of a month follows the root of its spend: margin = base + slope x sqrt(spend). Four times the spend brings
twice as much more, so that each further unit brings less. It is the plainest law of diminishing returns, with two
numbers to estimate from few months; other laws (an S, carry-over to later months) need more than a company has.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple

from .checks import not_negative, same_length
from .student import two_sided_p

#: Fewest months of which a response is told; unit: months. Two points lie on a curve whatever they are.
LEAST_MONTHS = 3

#: Chance below which a slope is not taken for one; unit: probability. Convention.
SIGNIFICANCE = 0.05


class Response(NamedTuple):
    """Margin without spend, and what the root of the spend adds; whether chance is an unlikely reason; months."""

    base: float
    slope: float
    is_clear: bool
    months: int


def response(spends: Sequence[float], margins: Sequence[float], *, least: int = LEAST_MONTHS) -> Response | None:
    """Return how the margin of a campaign follows its spend.

    Parameters
    ----------
    spends, margins:
        By month, in one currency.
    least:
        Fewest months of which it is told.

    Returns
    -------
    The curve; a slope of 0 or below says that more spend did not go with more margin. ``None`` below the fewest
    months, or when the spend was the same in all.

    Raises
    ------
    ValueError
        When both differ in length, or a spend is negative.

    Example
    -------
    >>> response([0, 100, 400, 900], [50, 250, 450, 650])
    Response(base=50.0, slope=20.0, is_clear=True, months=4)
    >>> response([100, 400], [200, 400]) is None
    True

    Source
    ------
    Least squares on the root of the spend, with the t-test of the slope; the root as response of sales to marketing:
    Lilien, Kotler and Moorthy, Marketing Models, 1992 (fractional root model with exponent 1/2).
    """
    count = same_length(spends=spends, margins=margins)
    roots = [math.sqrt(not_negative(spend, "spend")) for spend in spends]
    if count < max(least, LEAST_MONTHS) or len(set(roots)) < 2:
        return None
    mean_root, mean_margin = sum(roots) / count, sum(margins) / count
    spread = sum((root - mean_root) ** 2 for root in roots)
    slope = (
        sum((root - mean_root) * (margin - mean_margin) for root, margin in zip(roots, margins, strict=True)) / spread
    )
    base = mean_margin - slope * mean_root
    rest = sum((margin - base - slope * root) ** 2 for root, margin in zip(roots, margins, strict=True))
    error = math.sqrt(rest / (count - 2) / spread)
    is_clear = abs(slope) > 1e-9 and (error < 1e-9 * abs(slope) or two_sided_p(slope / error, count - 2) < SIGNIFICANCE)
    return Response(base, slope, is_clear, count)


def marginal_return(slope: float, spend: float) -> float:
    """Return what one more unit of money would bring at a spend.

    Parameters
    ----------
    slope:
        Of the response.
    spend:
        Money of a month.

    Returns
    -------
    Units of margin per unit of spend: below 1 the next unit costs more than it brings.

    Raises
    ------
    ValueError
        When the spend is negative.

    Example
    -------
    >>> marginal_return(20, 400)
    0.5

    Source
    ------
    Derivative of slope x sqrt(spend): slope / (2 sqrt(spend)).
    """
    if not_negative(spend, "spend"):
        return slope / (2 * math.sqrt(spend))
    return math.inf if slope > 0 else 0.0


def split(slopes: Mapping[Hashable, float], budget: float) -> tuple[dict[Hashable, float], float]:
    """Split a budget so that the next unit of money brings the same in each campaign, and at least itself.

    Parameters
    ----------
    slopes:
        Of the responses, by campaign.
    budget:
        Money of a month.

    Returns
    -------
    The money by campaign, 0 where the slope is not above 0; and the rest, which is better not spent.

    Raises
    ------
    ValueError
        When the budget is negative.

    Example
    -------
    >>> split({"fair": 40, "print": 20, "radio": -3}, 250)
    ({'fair': 200.0, 'print': 50.0, 'radio': 0.0}, 0.0)
    >>> split({"fair": 40, "print": 20}, 1000)
    ({'fair': 400.0, 'print': 100.0}, 500.0)

    Source
    ------
    Equal marginal returns (Lagrange): in the ratio of the squared slopes, up to slope^2 / 4, where the return is 1.
    """
    squares = {key: max(slope, 0.0) ** 2 for key, slope in slopes.items()}
    total = sum(squares.values())
    spent = min(not_negative(budget, "budget"), total / 4)
    parts = {key: spent * square / total if total else 0.0 for key, square in squares.items()}
    return parts, float(budget - spent)
