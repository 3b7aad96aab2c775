"""Gamma-gamma: the money a customer will spend per purchase, drawn towards the mean when little is known.

Purchases vary around each customer's own mean (gamma: p), and the means vary over the customers (q, v). The
result is money per purchase in the currency of the input. It assumes that **value is independent of
frequency**: look at `correlation` before using it. Only customers with x > 0 purchases of mean m > 0 have
a say; the x is that of the mean (for the CDNOW example: repeat purchases).

Source of everything here: Fader and Hardie, "The Gamma-Gamma Model of Monetary Value", note 25, 2013.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from .checks import columns, plain
from .fitting import Fit, Grouped, maximize, weighted_sum
from .libraries import load

#: Starting points of the search, as (p, q, v); v in money, scaled by the mean of the data. Judgement.
STARTS = ((6.0, 4.0, 0.5), (2.0, 2.5, 1.0))

#: Correlation of frequency and value above which the assumption of independence is in doubt; no unit.
#: Source: formulas of this suite; CDNOW has 0.11.
CORRELATION_WARNING = 0.3


class Parameters(NamedTuple):
    """p within a customer, q and v over the customers; v is money."""

    p: float
    q: float
    v: float


def population_mean(parameters: Parameters) -> float | None:
    """Return the mean spend per purchase over all customers.

    Parameters
    ----------
    parameters:
        The fitted ones.

    Returns
    -------
    Money, or ``None`` when q <= 1: the mean of such a population does not exist.

    Raises
    ------
    ValueError
        When a parameter is not above 0.

    Example
    -------
    >>> round(population_mean(Parameters(6.25, 3.74, 15.44)), 2)
    35.22

    Source
    ------
    p v / (q - 1).
    """
    _check(parameters)
    return parameters.p * parameters.v / (parameters.q - 1) if parameters.q > 1 else None


def _check(parameters: Parameters) -> None:
    if min(parameters) <= 0:
        raise ValueError(f"The three parameters must be above 0: {tuple(parameters)}.")


def expected_value(parameters: Parameters, x: Any, m: Any) -> Any:
    """Return the expected spend per purchase of each customer.

    Parameters
    ----------
    parameters:
        The fitted ones.
    x:
        Number of purchases behind the mean; 0 gives the mean of the population.
    m:
        Mean spend per purchase.

    Returns
    -------
    Money.

    Raises
    ------
    ValueError
        When q <= 1, when x is negative, or when m is not above 0 where x is.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> round(expected_value(Parameters(6.25, 3.74, 15.44), 2, 22.35), 2)
    24.66

    Source
    ------
    p (v + x m) / (p x + q - 1), equation 5.
    """
    _check(parameters)
    if parameters.q <= 1:
        raise ValueError("With q <= 1 the spend per purchase has no mean: the fit cannot be used.")
    x, m = columns(x=x, m=m)
    if (x < 0).any() or ((x > 0) & (m <= 0)).any():
        raise ValueError("x must be 0 or more, and the mean spend above 0 where x is.")
    p, q, v = parameters
    return plain(load("numpy").asarray(p * (v + x * m) / (p * x + q - 1)))


def correlation(x: Any, m: Any) -> float | None:
    """Return the correlation of frequency and value, the check of the model's assumption.

    Parameters
    ----------
    x, m:
        Purchases and mean spend of each customer with a purchase.

    Returns
    -------
    -1 to 1 (doubtful beyond `CORRELATION_WARNING`), or ``None`` for fewer than three customers or no spread.

    Raises
    ------
    ValueError
        When a value is not a finite number.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> round(correlation([1, 2, 3], [10, 12, 14]), 6)
    1.0

    Source
    ------
    Pearson's coefficient.
    """
    np = load("numpy")
    x, m = (np.atleast_1d(column) for column in columns(x=x, m=m))
    if len(x) < 3 or not x.std() or not m.std():
        return None
    return float(np.corrcoef(x, m)[0, 1])


def log_likelihood(parameters: Parameters, x: Any, m: Any) -> Any:
    """Return the log-likelihood of each customer.

    Parameters
    ----------
    parameters:
        The three.
    x, m:
        Purchases and mean spend, both above 0.

    Returns
    -------
    An array, or a number for one customer.

    Raises
    ------
    ValueError
        When x or m is not above 0.
    MissingLibrary
        Without numpy or scipy.

    Example
    -------
    >>> round(log_likelihood(Parameters(6.25, 3.74, 15.44), 2, 22.35), 4)
    -3.5513

    Source
    ------
    Note 25, equation 1a.
    """
    _check(parameters)
    np, gammaln = load("numpy"), load("scipy.special").gammaln
    x, m = columns(x=x, m=m)
    if (x <= 0).any() or (m <= 0).any():
        raise ValueError("The gamma-gamma model knows customers with x > 0 and m > 0 only.")
    p, q, v = parameters
    logs = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
    return plain(np.asarray(logs + (p * x - 1) * np.log(m) + p * x * np.log(x) - (p * x + q) * np.log(v + x * m)))


def fit(x: Any, m: Any, *, weights: Any = None, starts: Any = STARTS) -> Fit | None:
    """Fit the three parameters by maximum likelihood from several starts.

    Parameters
    ----------
    x, m:
        Purchases and mean spend; rows without a purchase or with nothing earned are left out.
    weights:
        How many customers a row stands for; 1 by default.
    starts:
        Starting points (p, q, v / mean of the data).

    Returns
    -------
    The fit, or ``None`` when no row is left.

    Raises
    ------
    ValueError
        When a value is not a finite number or a weight is negative.
    MissingLibrary
        Without numpy or scipy.

    Example
    -------
    >>> fit([1, 2, 3, 1, 0], [20.0, 35.0, 30.0, 80.0, 0.0]).customers
    4.0

    Source
    ------
    Note 25, section 3.
    """
    np = load("numpy")
    x, m = (np.atleast_1d(column) for column in columns(x=x, m=m))
    counted = (x > 0) & (m > 0)
    weights = np.ones_like(x) if weights is None else np.asarray(weights, dtype=float)
    grouped = Grouped.of(x[counted], m[counted], weights=weights[counted])
    if grouped is None:
        return None
    # in units of the mean, so that the bounds of the search mean the same for cents and for millions
    scale = float(weighted_sum(grouped.columns[1], grouped.weights)) / grouped.customers
    scaled = grouped._replace(columns=(grouped.columns[0], grouped.columns[1] / scale))
    return _in_money(maximize("gamma_gamma", Parameters, _Likelihood(scaled), starts, grouped=scaled), scale)


def _in_money(fitted: Fit, scale: float) -> Fit:
    """Return a fit of amounts in units of `scale` as one of the amounts themselves: only v is money."""
    p, q, v = fitted.parameters
    *errors, error = fitted.standard_errors
    return fitted._replace(
        parameters=Parameters(p, q, v * scale),
        standard_errors=(*errors, error and error * scale),
        log_likelihood=fitted.log_likelihood - fitted.customers * math.log(scale),
    )


class _Likelihood:
    """The log-likelihood of all rows and its gradient; the gamma functions once per distinct x."""

    def __init__(self, grouped: Grouped) -> None:
        np = load("numpy")
        self.np, self.special, self.grouped = np, load("scipy.special"), grouped
        self.x, self.m = grouped.columns
        self.distinct, self.place = np.unique(self.x, return_inverse=True)
        # sums over the rows that do not move with the parameters
        self.per_x = np.bincount(self.place, weights=grouped.weights)
        log_m = np.log(self.m)
        self.sum_log_m = float(weighted_sum(log_m, grouped.weights))
        self.sum_x_log_m = float(weighted_sum(self.x * log_m, grouped.weights))

    def __call__(self, parameters: Any) -> tuple[float, Any]:
        np, psi, gammaln, weights = self.np, self.special.psi, self.special.gammaln, self.grouped.weights
        p, q, v = parameters
        inside = v + self.x * self.m
        log_inside = np.log(inside)
        per_x = gammaln(p * self.distinct + q) - gammaln(p * self.distinct) + p * self.distinct * np.log(self.distinct)
        total = per_x @ self.per_x + self.grouped.customers * (q * np.log(v) - gammaln(q))
        total += p * self.sum_x_log_m - self.sum_log_m - weighted_sum((p * self.x + q) * log_inside, weights)
        joint, own = psi(p * self.distinct + q), psi(p * self.distinct)
        of_x = (self.distinct * (joint - own + np.log(self.distinct))) @ self.per_x
        by_p = of_x + self.sum_x_log_m - weighted_sum(self.x * log_inside, weights)
        by_q = (joint - psi(q) + np.log(v)) @ self.per_x - weighted_sum(log_inside, weights)
        by_v = weighted_sum(q / v - (p * self.x + q) / inside, weights)
        return float(total), np.array([by_p, by_q, by_v])
