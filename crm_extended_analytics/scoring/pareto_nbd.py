"""Pareto/NBD: how often customers without a contract buy, when they may leave at any moment.

As BG/NBD (see there for ``x``, ``t_x`` and ``age``), except that a customer's life ends at a random moment
(exponential with a rate that is gamma over the customers: s, beta) and not after a purchase; a one-time
buyer can therefore be gone. It takes the hypergeometric function for each customer and each step of the
search, so it is here to check BG/NBD on a sample, not for the nightly run.

Source of everything here: Schmittlein, Morrison and Colombo, Management Science 33(1), 1987; the formulas as
in Fader and Hardie, "A note on deriving the Pareto/NBD model", 2005.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .checks import columns, plain
from .fitting import Fit, Grouped, maximize, numerical_gradient, weighted_sum
from .libraries import load

#: Starting points of the search, as (r, alpha, s, beta); no unit. Judgement: a usual population and a loyal one.
STARTS = ((0.5, 10.0, 0.5, 10.0), (1.0, 20.0, 0.3, 30.0))

#: Distance from the removable singularity of the formula of expected purchases at s = 1; no unit.
SINGULARITY = 1e-6


class Parameters(NamedTuple):
    """r and alpha of the purchase rate, s and beta of the end of life."""

    r: float
    alpha: float
    s: float
    beta: float


def _history(parameters: Parameters, x: Any, t_x: Any, age: Any) -> tuple[Any, ...]:
    """Return the checked columns."""
    if min(parameters) <= 0:
        raise ValueError(f"The four parameters must be above 0: {tuple(parameters)}.")
    x, t_x, age = columns(x=x, t_x=t_x, age=age)
    if (x < 0).any() or (t_x < 0).any() or (t_x > age).any():
        raise ValueError("Each customer needs x >= 0 and 0 <= t_x <= age.")
    return x, t_x, age


def _log_integral(parameters: Any, x: Any, t: Any) -> Any:
    """Return the logarithm of the hypergeometric term at time t.

    Euler's transformation leaves 2F1(1, . ; r+s+x+1; z) of moderate size, whatever x.
    """
    np, special = load("numpy"), load("scipy.special")
    r, alpha, s, beta = parameters
    c = r + s + x + 1
    if alpha >= beta:
        series = special.hyp2f1(1.0, r + x, c, (alpha - beta) / (alpha + t))
        return -(r + x) * np.log(alpha + t) - s * np.log(beta + t) + np.log(series)
    series = special.hyp2f1(1.0, s + 1, c, (beta - alpha) / (beta + t))
    return -(r + x - 1) * np.log(alpha + t) - (s + 1) * np.log(beta + t) + np.log(series)


def _logs(parameters: Any, x: Any, t_x: Any, age: Any) -> tuple[Any, Any]:
    """Return the logarithms of being alive and of having left, up to one factor."""
    np = load("numpy")
    r, alpha, s, beta = parameters
    alive = -(r + x) * np.log(alpha + age) - s * np.log(beta + age)
    last, now = _log_integral(parameters, x, t_x), _log_integral(parameters, x, age)
    with np.errstate(divide="ignore"):
        # nobody has left who bought this moment: the logarithm of 0 is wanted
        left = np.log(s / (r + s + x)) + last + np.log(-np.expm1(np.minimum(now - last, 0.0)))
    return alive, left


def log_likelihood(parameters: Parameters, x: Any, t_x: Any, age: Any) -> Any:
    """Return the log-likelihood of each customer.

    Parameters
    ----------
    parameters:
        The four.
    x, t_x, age:
        The histories.

    Returns
    -------
    An array, or a number for one customer.

    Raises
    ------
    ValueError
        For a history that cannot be, or parameters not above 0.
    MissingLibrary
        Without numpy or scipy.

    Example
    -------
    >>> cdnow = Parameters(0.553, 10.578, 0.606, 11.669)
    >>> round(log_likelihood(cdnow, 2, 30.43, 38.86), 3)
    -9.554

    Source
    ------
    Schmittlein, Morrison and Colombo 1987.
    """
    np, special = load("numpy"), load("scipy.special")
    x, t_x, age = _history(parameters, x, t_x, age)
    r, alpha, s, beta = parameters
    factor = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    return plain(factor + np.logaddexp(*_logs(parameters, x, t_x, age)))


def probability_alive(parameters: Parameters, x: Any, t_x: Any, age: Any) -> Any:
    """Return the probability that a customer still buys.

    Parameters
    ----------
    parameters:
        The fitted ones.
    x, t_x, age:
        His history.

    Returns
    -------
    0 to 1.

    Raises
    ------
    ValueError
        For a history that cannot be, or parameters not above 0.
    MissingLibrary
        Without numpy or scipy.

    Example
    -------
    >>> round(probability_alive(Parameters(0.553, 10.578, 0.606, 11.669), 26, 30.86, 31), 4)
    0.9979

    Source
    ------
    Schmittlein, Morrison and Colombo 1987.
    """
    np = load("numpy")
    x, t_x, age = _history(parameters, x, t_x, age)
    alive, left = _logs(parameters, x, t_x, age)
    return plain(np.exp(alive - np.logaddexp(alive, left)))


def _life(parameters: Parameters, age: Any, t: Any) -> Any:
    """Return the expected time alive during the next `t`, times (beta + age) free, of somebody alive now."""
    _r, _alpha, s, beta = parameters
    if abs(s - 1) < SINGULARITY:
        s = 1 + SINGULARITY
    return (beta + age) / (s - 1) * (1 - ((beta + age) / (beta + age + t)) ** (s - 1))


def expected_purchases(parameters: Parameters, x: Any, t_x: Any, age: Any, t: Any) -> Any:
    """Return the purchases to expect of a customer with a history in the next `t`.

    Parameters
    ----------
    parameters:
        The fitted ones.
    x, t_x, age:
        His history.
    t:
        Length of the future, same unit.

    Returns
    -------
    A count, 0 or more.

    Raises
    ------
    ValueError
        For a history that cannot be, or a negative `t`.
    MissingLibrary
        Without numpy or scipy.

    Example
    -------
    >>> round(expected_purchases(Parameters(0.553, 10.578, 0.606, 11.669), 26, 30.86, 31, 52), 2)
    25.46

    Source
    ------
    Schmittlein, Morrison and Colombo 1987.
    """
    alive = probability_alive(parameters, x, t_x, age)
    x, age, t = columns(x=x, age=age, t=t)
    if (t < 0).any():
        raise ValueError("The future cannot have a negative length.")
    rate = (parameters.r + x) / (parameters.alpha + age)
    result = alive * rate * _life(parameters, age, t)
    return plain(load("numpy").asarray(result))


def expected_purchases_new(parameters: Parameters, t: Any) -> Any:
    """Return the repeat purchases to expect of a new customer in the `t` after his first purchase.

    Parameters
    ----------
    parameters:
        The fitted ones.
    t:
        Length of time.

    Returns
    -------
    A count, 0 or more.

    Raises
    ------
    ValueError
        For a negative `t`.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> round(expected_purchases_new(Parameters(0.553, 10.578, 0.606, 11.669), 5), 4)
    0.2336

    Source
    ------
    Schmittlein, Morrison and Colombo 1987.
    """
    (t,) = columns(t=t)
    if (t < 0).any():
        raise ValueError("The future cannot have a negative length.")
    return plain(load("numpy").asarray(parameters.r / parameters.alpha * _life(parameters, 0.0, t)))


def fit(x: Any, t_x: Any, age: Any, *, weights: Any = None, starts: Any = STARTS) -> Fit | None:
    """Fit the four parameters by maximum likelihood from several starts.

    Parameters
    ----------
    x, t_x, age:
        The histories; use a sample of some thousand.
    weights:
        How many customers a row stands for; 1 by default.
    starts:
        Starting points (r, alpha, s, beta).

    Returns
    -------
    The fit, or ``None`` without customers.

    Raises
    ------
    ValueError
        For a history that cannot be, or a negative weight.
    MissingLibrary
        Without numpy or scipy.

    Example
    -------
    >>> fit([0, 1, 2, 0, 4, 1], [0, 5, 30, 0, 35, 20], 39, weights=[60, 12, 9, 5, 7, 8]).customers
    101.0

    Source
    ------
    Fader and Hardie 2005; L-BFGS-B with central differences.
    """
    x, t_x, age = _history(Parameters(1, 1, 1, 1), x, t_x, age)
    grouped = Grouped.of(x, t_x, age, weights=weights)
    if grouped is None:
        return None

    def total(parameters: Any) -> float:
        return float(weighted_sum(log_likelihood(Parameters(*parameters), *grouped.columns), grouped.weights))

    return maximize("pareto_nbd", Parameters, numerical_gradient(total), starts, grouped=grouped)
