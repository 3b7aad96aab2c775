"""Shifted beta-geometric: how many customers with a contract renew it, and how many will.

Each customer does not renew with his own probability, beta(alpha, beta) over the customers; those who leave
easily leave first, so that retention rises with the age of a cohort although nobody has changed. Survival
and retention are shares, higher is better; a period is one term of the contract.

Source of everything here: Fader and Hardie, "How to Project Customer Retention", Journal of Interactive
Marketing 21(1), 2007.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from .fitting import Fit, Grouped, maximize, numerical_gradient
from .grades import bias_letter

#: Starting points of the search, as (alpha, beta); no unit. Source: (1, 1) as in the appendix of the paper,
#: and a loyal cohort.
STARTS = ((1.0, 1.0), (0.5, 4.0))


class Parameters(NamedTuple):
    """Both parameters of the beta distribution of not renewing."""

    alpha: float
    beta: float


class Renewals(NamedTuple):
    """How many contracts came to each renewal, the first one first, and how many of them ended at it."""

    at_risk: tuple[int, ...]
    ended: tuple[int, ...]


class BackTest(NamedTuple):
    """Ends in a hidden period: as they came, as the model foresaw them, and as the mean loss of the past would."""

    letter: str
    at_risk: int
    came: int
    foreseen: float
    carried_on: float
    bias: float | None


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


def log_likelihood(parameters: Parameters, renewals: Renewals) -> float:
    """Return the log-likelihood of contracts of all ages.

    A contract that ended at its renewal t was renewed t - 1 times; one that still runs after c renewals was renewed
    c times and says nothing of the next one. The probabilities of both are products of retentions, so that the
    likelihood of any mixture of cohorts is that of what happened at each renewal; for one cohort it is that of the
    paper.

    Parameters
    ----------
    parameters:
        Both.
    renewals:
        Contracts that came to each renewal, and those that ended at it.

    Returns
    -------
    Below 0.

    Raises
    ------
    ValueError
        When more ended than came to a renewal.

    Example
    -------
    >>> round(log_likelihood(Parameters(1, 1), Renewals((100, 60), (40, 10))), 2)
    -100.57

    Source
    ------
    Equation 10 and appendix B of the paper, by equation 7 (S(t) is the product of the retentions up to t).
    """
    _check_renewals(renewals)
    total = 0.0
    for period, (at_risk, ended) in enumerate(zip(renewals.at_risk, renewals.ended, strict=True), start=1):
        renewed = retention(parameters, period)
        total += (at_risk - ended) * math.log(renewed) + (ended * math.log(1 - renewed) if ended else 0.0)
    return total


def _check_renewals(renewals: Renewals) -> None:
    pairs = list(zip(renewals.at_risk, renewals.ended, strict=True))
    if any(not 0 <= ended <= at_risk for at_risk, ended in pairs):
        raise ValueError(f"Not more contracts can end than come to a renewal: {pairs}.")


def count_renewals(lives: Iterable[tuple[int, bool, int]]) -> Renewals:
    """Return how many contracts came to each renewal, and how many ended at it.

    Parameters
    ----------
    lives:
        (renewals, True when the contracts ended at the last of them, number of contracts). With False they were
        renewed so many times and still run: they have not come to the next renewal.

    Returns
    -------
    One number per renewal, up to the latest that a contract came to.

    Raises
    ------
    ValueError
        When a contract has fewer than 0 renewals.

    Example
    -------
    >>> count_renewals([(1, True, 40), (2, True, 10), (2, False, 50)])
    Renewals(at_risk=(100, 60), ended=(40, 10))

    Source
    ------
    Numbers at risk, as in the estimator of Kaplan and Meier.
    """
    lives = list(lives)
    if any(years < 0 for years, _ended, _count in lives):
        raise ValueError("A contract cannot have fewer than 0 renewals.")
    numbers = range(1, max((years for years, _ended, _count in lives), default=0) + 1)
    return Renewals(
        tuple(sum(count for years, _ended, count in lives if years >= number) for number in numbers),
        tuple(sum(count for years, ended, count in lives if ended and years == number) for number in numbers),
    )


def fit_renewals(renewals: Renewals, *, starts: Any = STARTS) -> Fit | None:
    """Fit both parameters to contracts of all ages by maximum likelihood.

    This is the likelihood with censoring, not a fit to survivors read off a pooled Kaplan-Meier curve: the curve
    counts a late renewal that few contracts came to as if all had, and its standard errors are too small.

    Parameters
    ----------
    renewals:
        Contracts that came to each renewal, and those that ended at it.
    starts:
        Starting points.

    Returns
    -------
    The fit; ``None`` when none ended yet, or when nobody came to a second renewal: two parameters need two numbers.

    Raises
    ------
    ValueError
        When more ended than came to a renewal.
    MissingLibrary
        Without numpy or scipy.

    Example
    -------
    >>> high_end = Renewals((1000, 869, 743, 653, 593, 551, 517), (131, 126, 90, 60, 42, 34, 26))
    >>> [round(value, 3) for value in fit_renewals(high_end).parameters]
    [0.668, 3.806]

    Source
    ------
    Appendix B of the paper; `log_likelihood`.
    """
    _check_renewals(renewals)
    if len([at_risk for at_risk in renewals.at_risk if at_risk]) < 2 or not any(renewals.ended):
        return None
    grouped = Grouped((), [0] * len(renewals.at_risk), float(renewals.at_risk[0]))
    total = numerical_gradient(lambda parameters: log_likelihood(Parameters(*parameters), renewals))
    return maximize("sbg", Parameters, total, starts, grouped=grouped)


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
    As `fit_renewals`.

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
    rising = any(later > earlier for earlier, later in zip(survivors, survivors[1:], strict=False))
    if len(survivors) < 2 or rising or survivors[-1] < 0 or survivors[0] <= 0:
        raise ValueError(f"Survivors start above 0, never rise, and are two or more: {list(survivors)}.")
    ended = tuple(earlier - later for earlier, later in zip(survivors, survivors[1:], strict=False))
    return fit_renewals(Renewals(tuple(survivors[:-1]), ended), starts=starts)


def back_test(before: Renewals, after: Renewals) -> BackTest | None:
    """Fit the renewals up to a day, and compare the ends foreseen with those that came since.

    Parameters
    ----------
    before, after:
        Renewals up to the day of the test and up to today, of the same contracts.

    Returns
    -------
    The grade with its numbers: by the bias of the ends as `grades.bias_letter`, and no better than B where the mean
    loss of all renewals of the past would have been nearer. ``None`` where nothing could be fitted, or none ended.

    Raises
    ------
    ValueError
        When more ended than came to a renewal.
    MissingLibrary
        Without numpy or scipy.

    Example
    -------
    >>> before = Renewals((1000, 869, 743, 653, 593, 551), (131, 126, 90, 60, 42, 34))
    >>> hidden = back_test(before, Renewals((*before.at_risk, 517), (*before.ended, 26)))
    >>> hidden.letter, hidden.came, round(hidden.foreseen), round(hidden.carried_on)
    ('C', 26, 35, 57)

    Source
    ------
    `grades.bias`; the hidden last period of the paper.
    """
    fitted = fit_renewals(before)
    size = len(after.at_risk)
    padded = [column + (0,) * (size - len(column)) for column in before]
    at_risk, ended = (
        [late - early for late, early in zip(column, old, strict=True)]
        for column, old in zip(after, padded, strict=True)
    )
    came = sum(ended)
    if not fitted or not fitted.converged or not came:
        return None
    foreseen = sum(count * (1 - retention(fitted.parameters, period)) for period, count in enumerate(at_risk, start=1))
    carried_on = sum(at_risk) * sum(before.ended) / sum(before.at_risk)
    off = (foreseen - came) / came
    letter = max(bias_letter(off), "A" if abs(foreseen - came) <= abs(carried_on - came) else "B")
    return BackTest(letter, sum(at_risk), came, foreseen, carried_on, off)
