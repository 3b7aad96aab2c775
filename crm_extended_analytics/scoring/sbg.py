"""Shifted beta-geometric: how many customers with a contract renew it, and how many will.

Each customer does not renew with his own probability, beta(alpha, beta) over the customers; those who leave
easily leave first, so that retention rises with the age of a cohort although nobody has changed. Survival
and retention are shares, higher is better; a period is one term of the contract.

Source of everything here: Fader and Hardie, "How to Project Customer Retention", Journal of Interactive
Marketing 21(1), 2007.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from .fitting import Fit, Grouped, maximize, numerical_gradient

#: Starting points of the search, as (alpha, beta); no unit. Source: (1, 1) as in the appendix of the paper,
#: and a loyal cohort.
STARTS = ((1.0, 1.0), (0.5, 4.0))


class Parameters(NamedTuple):
    """Both parameters of the beta distribution of not renewing."""

    alpha: float
    beta: float


def _check(parameters: Parameters, period: int) -> None:
    if min(parameters) <= 0:
        raise ValueError(f"Both parameters must be above 0: {tuple(parameters)}.")
    if period < 0 or period != int(period):
        raise ValueError(f"A period is a whole number from 0, not {period!r}.")


def survival(parameters: Parameters, period: int) -> float:
    """Return the share of a cohort that is still there after so many renewals.

    Parameters
    ----------
    parameters:
        The fitted ones.
    period:
        Number of renewals since the start.

    Returns
    -------
    0 to 1; 1 at 0.

    Raises
    ------
    ValueError
        For a negative period.

    Example
    -------
    >>> round(survival(Parameters(0.668, 3.806), 8), 3)
    0.46

    Source
    ------
    S(t) = B(alpha, beta + t) / B(alpha, beta), equation 6.
    """
    _check(parameters, period)
    alpha, beta = parameters
    later = math.lgamma(beta + period) - math.lgamma(alpha + beta + period)
    return math.exp(later - math.lgamma(beta) + math.lgamma(alpha + beta))


def retention(parameters: Parameters, period: int) -> float:
    """Return the share of those still there who renew for that time.

    Parameters
    ----------
    parameters:
        The fitted ones.
    period:
        Which renewal, from 1.

    Returns
    -------
    0 to 1.

    Raises
    ------
    ValueError
        For a period below 1.

    Example
    -------
    >>> high_end = Parameters(0.668, 3.806)
    >>> round(retention(high_end, 1), 3), round(retention(high_end, 8), 3)
    (0.851, 0.942)

    Source
    ------
    r(t) = (beta + t - 1) / (alpha + beta + t - 1), equation 8.
    """
    _check(parameters, period)
    if period < 1:
        raise ValueError("The first renewal is number 1.")
    alpha, beta = parameters
    return (beta + period - 1) / (alpha + beta + period - 1)


def log_likelihood(parameters: Parameters, survivors: Sequence[float]) -> float:
    """Return the log-likelihood of a cohort.

    Parameters
    ----------
    parameters:
        Both.
    survivors:
        Customers at the start and after each renewal.

    Returns
    -------
    Below 0.

    Raises
    ------
    ValueError
        When survivors rise or are fewer than two.

    Example
    -------
    >>> round(log_likelihood(Parameters(1, 1), [100, 60, 50]), 2)
    -100.57

    Source
    ------
    Equation 10 and appendix B of the paper.
    """
    _check_survivors(survivors)
    total = survivors[-1] * math.log(survival(parameters, len(survivors) - 1))
    for period in range(1, len(survivors)):
        lost = survivors[period - 1] - survivors[period]
        share = survival(parameters, period - 1) - survival(parameters, period)
        total += lost * math.log(share) if lost else 0.0
    return total


def _check_survivors(survivors: Sequence[float]) -> None:
    rising = any(later > earlier for earlier, later in zip(survivors, survivors[1:], strict=False))
    if len(survivors) < 2 or rising or survivors[-1] < 0 or survivors[0] <= 0:
        raise ValueError(f"Survivors start above 0, never rise, and are two or more: {list(survivors)}.")


def fit(survivors: Sequence[float], *, starts: Any = STARTS) -> Fit | None:
    """Fit both parameters to one cohort by maximum likelihood.

    Parameters
    ----------
    survivors:
        Customers (not shares: the standard errors need counts) at the start and after each renewal.
    starts:
        Starting points.

    Returns
    -------
    The fit; ``None`` when nobody left yet, or when fewer than two renewals were seen: two parameters need
    two numbers.

    Raises
    ------
    ValueError
        When survivors rise.
    MissingLibrary
        Without numpy or scipy.

    Example
    -------
    >>> high_end = fit([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> [round(value, 3) for value in high_end.parameters]
    [0.668, 3.806]

    Source
    ------
    Appendix B of the paper.
    """
    _check_survivors(survivors)
    if len(survivors) < 3 or survivors[0] == survivors[-1]:
        return None
    grouped = Grouped((), [0] * (len(survivors) - 1), float(survivors[0]))
    total = numerical_gradient(lambda parameters: log_likelihood(Parameters(*parameters), survivors))
    return maximize("sbg", Parameters, total, starts, grouped=grouped)
