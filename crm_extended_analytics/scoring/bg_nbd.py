"""BG/NBD: how often customers without a contract buy, and whether they still do.

A customer buys at random with his own rate (gamma over the customers: r, alpha) and may leave for ever
after any purchase with his own probability (beta over the customers: a, b). Three numbers suffice:
``x`` repeat purchases (the first one does not count), ``t_x`` the time from the first purchase to the
last, ``age`` (T) the time from the first purchase to today, all in one unit, usually weeks.

Probabilities lie between 0 and 1, expected purchases are counts. **Known weakness**: who has bought once
(x = 0) has P(alive) = 1 by construction; judge him by lateness. All functions take numbers or arrays.

Source of everything here: Fader, Hardie and Lee, "Counting Your Customers" the Easy Way, Marketing Science
24(2), 2005, and Fader and Hardie's notes 2004-2013 (overflow: note 27).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .checks import columns, plain
from .fitting import Fit, Grouped, maximize, weighted_sum
from .libraries import load

#: Starting points of the search, as (r, alpha, a, b); no unit. Judgement: a usual population, a loyal one and
#: one that leaves quickly. The best end point counts.
STARTS = ((1.0, 10.0, 1.0, 3.0), (0.3, 5.0, 0.3, 3.0), (0.5, 20.0, 2.0, 2.0))

#: Distance from the removable singularities of the formula of expected purchases (a = 1, a + b = 1); no unit.
#: Large against the rounding of a double, small against any standard error.
SINGULARITY = 1e-6


class Parameters(NamedTuple):
    """The four parameters; r and alpha of the purchase rate, a and b of the drop-out."""

    r: float
    alpha: float
    a: float
    b: float


def _history(parameters: Parameters, x: Any, t_x: Any, age: Any) -> tuple[Any, ...]:
    """Return the checked columns."""
    if min(parameters) <= 0:
        raise ValueError(f"The four parameters must be above 0: {tuple(parameters)}.")
    x, t_x, age = columns(x=x, t_x=t_x, age=age)
    if (x < 0).any() or (t_x < 0).any() or (t_x > age).any():
        raise ValueError("Each customer needs x >= 0 and 0 <= t_x <= age.")
    return x, t_x, age


def _leave_odds(parameters: Parameters, x: Any, t_x: Any, age: Any) -> Any:
    """Return the odds that a customer has left; 0 without a repeat purchase."""
    np = load("numpy")
    r, alpha, a, b = parameters
    # b + x - 1 may be 0 or below for x = 0, where the term is not used
    scale = np.log(a) - np.log(np.where(x > 0, b + x - 1, 1.0))
    power = (r + x) * (np.log(alpha + age) - np.log(alpha + t_x))
    return np.where(x > 0, np.exp(np.minimum(scale + power, 700.0)), 0.0)


def probability_alive(parameters: Parameters, x: Any, t_x: Any, age: Any) -> Any:
    """Return the probability that a customer still buys.

    Parameters
    ----------
    parameters:
        The fitted ones.
    x, t_x, age:
        His history, see above.

    Returns
    -------
    0 to 1; 1 for x = 0.

    Raises
    ------
    ValueError
        For a history that cannot be, or parameters not above 0.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> cdnow = Parameters(0.243, 4.414, 0.793, 2.426)
    >>> round(probability_alive(cdnow, 2, 30.43, 38.86), 4)
    0.7266

    Source
    ------
    Fader, Hardie and Lee, note "Computing P(alive) using the BG/NBD model", 2008.
    """
    x, t_x, age = _history(parameters, x, t_x, age)
    return plain(1 / (1 + _leave_odds(parameters, x, t_x, age)))


def _safe(parameters: Parameters) -> Parameters:
    """Return the parameters moved off the removable singularities a = 1 and a + b = 1."""
    r, alpha, a, b = parameters
    if abs(a - 1) < SINGULARITY:
        a = 1 + SINGULARITY
    if abs(a + b - 1) < SINGULARITY:
        b += 2 * SINGULARITY
    return Parameters(r, alpha, a, b)


def expected_purchases_alive(parameters: Parameters, x: Any, age: Any, t: Any) -> Any:
    """Return the purchases to expect in the next `t` of a customer who is surely alive.

    Euler's transformation turns the published (1-z)^(r+x) 2F1(r+x, b+x; a+b+x-1; z) into
    (1-z)^(a-1) 2F1(a+b-1-r, a-1; a+b+x-1; z), which overflows for no x.

    Parameters
    ----------
    parameters:
        The fitted ones.
    x, age:
        His purchases and age; when the last one was does not matter then.
    t:
        Length of the future.

    Returns
    -------
    A count; times P(alive) it is `expected_purchases`.

    Raises
    ------
    ValueError
        For a negative `t`.
    MissingLibrary
        Without numpy or scipy.

    Example
    -------
    >>> cdnow = Parameters(0.243, 4.414, 0.793, 2.426)
    >>> round(expected_purchases_alive(cdnow, 2, 38.86, 39), 4)
    1.6874

    Source
    ------
    Fader, Hardie and Lee 2005, numerator of equation 10; Euler: DLMF 15.8.1.
    """
    special = load("scipy.special")
    x, age, t = columns(x=x, age=age, t=t)
    if (t < 0).any():
        raise ValueError("The future cannot have a negative length.")
    r, alpha, a, b = _safe(parameters)
    z = t / (alpha + age + t)
    tail = (1 - z) ** (a - 1) * special.hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, z)
    return plain((a + b + x - 1) / (a - 1) * (1 - tail))


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
    >>> cdnow = Parameters(0.243, 4.414, 0.793, 2.426)
    >>> round(expected_purchases(cdnow, 2, 30.43, 38.86, 39), 3)
    1.226

    Source
    ------
    Fader, Hardie and Lee 2005, equation 10.
    """
    x, t_x, age = _history(parameters, x, t_x, age)
    return expected_purchases_alive(parameters, x, age, t) * plain(1 / (1 + _leave_odds(parameters, x, t_x, age)))


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
        Without numpy or scipy.

    Example
    -------
    >>> round(expected_purchases_new(Parameters(0.243, 4.414, 0.793, 2.426), 32), 4)
    1.0452

    Source
    ------
    Fader, Hardie and Lee 2005, equation 9.
    """
    return expected_purchases_alive(parameters, 0.0, 0.0, t)


def probability_of_purchases(parameters: Parameters, n: int, t: float) -> float:
    """Return the probability that a new customer makes exactly `n` repeat purchases in `t`.

    Parameters
    ----------
    parameters:
        The fitted ones.
    n:
        Number of repeat purchases.
    t:
        Length of time.

    Returns
    -------
    0 to 1.

    Raises
    ------
    ValueError
        For a negative `n` or `t`.
    MissingLibrary
        Without numpy or scipy.

    Example
    -------
    >>> round(probability_of_purchases(Parameters(0.243, 4.414, 0.793, 2.426), 0, 39), 5)
    0.57379

    Source
    ------
    Fader, Hardie and Lee 2005, equation 8.
    """
    if n < 0 or n != int(n) or t < 0:
        raise ValueError(f"n is a whole number of purchases and t not negative: {n!r}, {t!r}.")
    special, np = load("scipy.special"), load("numpy")
    r, alpha, a, b = parameters
    count = np.arange(int(n) + 1)
    # the negative binomial of a customer who never leaves
    purchases = np.exp(
        special.gammaln(r + count)
        - special.gammaln(r)
        - special.gammaln(count + 1)
        + r * np.log(alpha / (alpha + t))
        + special.xlogy(count, t / (alpha + t))
    )
    beta = special.betaln(a, b)
    stays = np.exp(special.betaln(a, b + n) - beta) * purchases[-1]
    left = np.exp(special.betaln(a + 1, b + n - 1) - beta) * (1 - purchases[:-1].sum()) if n else 0.0
    return float(stays + left)


class _Likelihood:
    """The log-likelihood of fixed rows and its gradient: what does not depend on the parameters is kept.

    The gamma functions are needed once per distinct x, not once per customer.
    """

    def __init__(self, x: Any, t_x: Any, age: Any) -> None:
        np = load("numpy")
        self.np, self.special = np, load("scipy.special")
        self.distinct, self.place = np.unique(x, return_inverse=True)
        self.x, self.t_x, self.age = x, t_x, age
        self.repeated = x > 0

    def rows(self, parameters: Any) -> tuple[Any, Any, Any, Any]:
        """Return per row the log-likelihood, the chance of being alive, and the logs of both ages."""
        np, gammaln = self.np, self.special.gammaln
        r, alpha, a, b = parameters
        per_x = gammaln(r + self.distinct) - gammaln(r) + r * np.log(alpha)
        per_x += gammaln(a + b) - gammaln(b) + gammaln(b + self.distinct) - gammaln(a + b + self.distinct)
        log_age, log_last = np.log(alpha + self.age), np.log(alpha + self.t_x)
        alive = -(r + self.x) * log_age
        scale = np.log(a) - np.log(np.where(self.distinct > 0, b + self.distinct - 1, 1.0))
        left = np.where(self.repeated, scale[self.place] - (r + self.x) * log_last, -np.inf)
        total = np.logaddexp(alive, left)
        return per_x[self.place] + total, np.exp(alive - total), log_age, log_last

    def gradient(self, parameters: Any, alive: Any, log_age: Any, log_last: Any) -> Any:
        """Return the derivatives of each row by r, alpha, a and b."""
        np, psi = self.np, self.special.psi
        r, alpha, a, b = parameters
        distinct, place, gone = self.distinct, self.place, 1 - alive
        both = psi(a + b) - psi(a + b + distinct)
        by_r = (psi(r + distinct) - psi(r) + np.log(alpha))[place] - alive * log_age - gone * log_last
        by_alpha = r / alpha - (r + self.x) * (alive / (alpha + self.age) + gone / (alpha + self.t_x))
        by_a = both[place] + gone / a
        rest = np.where(distinct > 0, b + distinct - 1, 1.0)[place]
        by_b = (both + psi(b + distinct) - psi(b))[place] - gone / rest
        return np.stack([by_r, by_alpha, by_a, by_b])


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
    An array (one customer: an array of one).

    Raises
    ------
    ValueError
        For a history that cannot be, or parameters not above 0.
    MissingLibrary
        Without numpy or scipy.

    Example
    -------
    >>> cdnow = Parameters(0.243, 4.414, 0.793, 2.426)
    >>> log_likelihood(cdnow, [2, 0], [30.43, 0], [38.86, 38.86]).round(3).tolist()
    [-9.459, -0.555]

    Source
    ------
    Fader, Hardie and Lee 2005, equation 6, summed as logarithms (note 27).
    """
    np = load("numpy")
    x, t_x, age = (np.atleast_1d(column) for column in _history(parameters, x, t_x, age))
    return _Likelihood(x, t_x, age).rows(parameters)[0]


def fit(x: Any, t_x: Any, age: Any, *, weights: Any = None, starts: Any = STARTS) -> Fit | None:
    """Fit the four parameters by maximum likelihood from several starts.

    Parameters
    ----------
    x, t_x, age:
        The histories. Customers with equal ones are counted together, which changes nothing but the time.
    weights:
        How many customers a row stands for; 1 by default.
    starts:
        Starting points (r, alpha, a, b).

    Returns
    -------
    The fit with its card; ``None`` without customers. `Fit.converged` and `Fit.problems` say whether it may
    be used.

    Raises
    ------
    ValueError
        For a history that cannot be, or a negative weight.
    MissingLibrary
        Without numpy or scipy.

    Example
    -------
    >>> found = fit([0, 1, 2, 0, 4, 1], [0, 5, 30, 0, 35, 20], 39, weights=[60, 12, 9, 5, 7, 8])
    >>> found.customers, found.converged, min(found.parameters) > 0
    (101.0, True, True)

    Source
    ------
    Fader, Hardie and Lee 2005, section 4; Nocedal and Wright for L-BFGS-B.
    """
    x, t_x, age = _history(Parameters(1, 1, 1, 1), x, t_x, age)
    grouped = Grouped.of(x, t_x, age, weights=weights)
    if grouped is None:
        return None
    rows = _Likelihood(*grouped.columns)

    def value_and_gradient(parameters: Any) -> tuple[float, Any]:
        likelihood, alive, log_age, log_last = rows.rows(parameters)
        gradient = rows.gradient(parameters, alive, log_age, log_last)
        return float(weighted_sum(likelihood, grouped.weights)), weighted_sum(gradient, grouped.weights)

    return maximize("bg_nbd", Parameters, value_and_gradient, starts, grouped=grouped)


def card(fitted: Fit, x: Any, t_x: Any, age: Any, *, weights: Any = None) -> dict[str, Any]:
    """Return the card of a fit: what was fitted on what, and how the data of the fit look beside it.

    Parameters
    ----------
    fitted:
        Result of `fit`.
    x, t_x, age, weights:
        The rows it was fitted on.

    Returns
    -------
    Plain values: those of `Fit.as_dict`, and the expected beside the actual repeat purchases and customers
    without one. Both pairs should agree within a few per cent; a card does not replace a back-test.

    Raises
    ------
    ValueError
        As `fit`.
    MissingLibrary
        Without numpy or scipy.

    Example
    -------
    >>> rows = [0, 1, 2, 0, 4, 1], [0, 5, 30, 0, 35, 20], 39
    >>> card(fit(*rows), *rows)["actual_repeat_purchases"]
    8.0

    Source
    ------
    Fader, Hardie and Lee 2005, figures 2 and 3.
    """
    np = load("numpy")
    x, t_x, age = _history(fitted.parameters, x, t_x, age)
    weight = np.ones_like(x) if weights is None else np.asarray(weights, dtype=float)
    r, alpha, _a, _b = fitted.parameters
    return {
        **fitted.as_dict(),
        "actual_repeat_purchases": float(weighted_sum(x, weight)),
        "expected_repeat_purchases": float(weighted_sum(expected_purchases_new(fitted.parameters, age), weight)),
        "actual_without_repeat": float(weighted_sum(x == 0, weight)),
        "expected_without_repeat": float(weighted_sum((alpha / (alpha + age)) ** r, weight)),
        "limits": ["one_time_buyers_always_alive", "no_season", "no_contract"],
    }
