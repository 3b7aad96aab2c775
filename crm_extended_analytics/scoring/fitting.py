"""Maximum likelihood for the models of this package: one search, one result, one card.

A higher log-likelihood is a better fit on the same rows; it says nothing across different rows. Standard
errors come from the curvature at the maximum and are in the unit of the parameter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .libraries import load, one_thread

#: Bounds of a parameter (they are all above 0); no unit. Outside, the model has degenerated: no drop-out,
#: or everybody alike.
LOWEST, HIGHEST = 1e-4, 1e4

#: Two ends of the search tell of one maximum when their log-likelihoods differ by less; unit: nats per fit.
SAME_MAXIMUM = 1e-2

#: Where the search stops; units: relative change of the log-likelihood per customer, and its derivative by the
#: logarithm of a parameter. Judgement: the parameters are then right to five digits, far within their errors.
FLAT_VALUE, FLAT_GRADIENT = 1e-13, 1e-7

#: Derivative that still counts as flat when the search could not go on; same unit as `FLAT_GRADIENT`.
STILL_FLAT = 1e-5

#: Relative step of the numerical second derivative; no unit. The cube root of the precision of a double.
CURVATURE_STEP = 6e-6

#: Two-sided 95 % of the normal distribution; unit: standard errors.
Z_95 = 1.959963984540054

#: Standard error in units of its parameter beyond which the parameter is unknown; no unit. Judgement: the
#: interval would reach over 17 powers of ten.
LARGEST_ERROR = 10.0


class Grouped(NamedTuple):
    """Distinct rows and how many customers each stands for."""

    columns: tuple[Any, ...]
    weights: Any
    customers: float

    @classmethod
    def of(cls, *columns: Any, weights: Any = None) -> Grouped | None:
        """Return the rows counted together, or ``None`` without customers.

        Raises `ValueError` when a weight is negative or when there are not as many as rows.
        """
        np = load("numpy")
        rows = np.stack([np.atleast_1d(column) for column in columns], axis=1)
        count = np.ones(len(rows)) if weights is None else np.asarray(weights, dtype=float)
        if count.shape != (len(rows),) or (count < 0).any():
            raise ValueError("There must be one weight of 0 or more for each row.")
        if not count.sum():
            return None
        order, first = np.lexsort(rows.T[::-1]), None
        rows, count = rows[order], count[order]
        first = np.concatenate([[True], (rows[1:] != rows[:-1]).any(axis=1)])
        sums = np.add.reduceat(count, np.flatnonzero(first))
        return cls(tuple(rows[first].T.copy()), sums, float(count.sum()))


class Fit(NamedTuple):
    """The end of a search: the parameters and how far they can be trusted."""

    method: str
    parameters: Any
    log_likelihood: float
    #: One per parameter, same unit; ``None`` where the curvature gives none.
    standard_errors: tuple[float | None, ...]
    customers: float
    groups: int
    converged: bool
    #: Codes of what is wrong: ``no_convergence``, ``at_bound``, ``several_maxima``, ``no_curvature``.
    problems: tuple[str, ...]

    @property
    def interval(self) -> tuple[tuple[float, float] | None, ...]:
        """The 95 % interval of each parameter, taken on the log scale so that it stays above 0.

        ``None`` where the error is so large that nothing is known.
        """
        return tuple(
            None if error is None or error > value * LARGEST_ERROR else _interval(value, error)
            for value, error in zip(self.parameters, self.standard_errors, strict=True)
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, to be frozen as JSON."""
        names = self.parameters._fields
        return {
            "method": self.method,
            "parameters": dict(zip(names, map(float, self.parameters), strict=True)),
            "log_likelihood": self.log_likelihood,
            "standard_errors": dict(zip(names, self.standard_errors, strict=True)),
            "interval_95": dict(zip(names, (ends and list(ends) for ends in self.interval), strict=True)),
            "customers": self.customers,
            "groups": self.groups,
            "converged": self.converged,
            "problems": list(self.problems),
        }


def _interval(value: float, error: float) -> tuple[float, float]:
    factor = math.exp(Z_95 * error / value)
    return value / factor, value * factor


def weighted_sum(rows: Any, weights: Any) -> Any:
    """Return the sum over the customers of what each row holds, times how many the row stands for.

    Not by ``@``: that wakes the threads of the linear algebra library, which on a server whose processors are
    busy wait for each other (measured with two processors and 70,000 groups: a fit in 4 s and not in 0.6 s).

    Parameters
    ----------
    rows:
        Array whose last dimension is the row.
    weights:
        One per row.

    Returns
    -------
    A number, or an array without the last dimension.

    Raises
    ------
    ValueError
        When the lengths do not fit.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> weighted_sum(load("numpy").array([[1.0, 2.0], [0.0, 1.0]]), [10, 1]).tolist()
    [12.0, 1.0]

    Source
    ------
    Weighted sum.
    """
    return load("numpy").einsum("...i,i->...", rows, weights)


def numerical_gradient(function: Callable[[Any], float]) -> Callable[[Any], tuple[float, Any]]:
    """Return a function that gives the value and its gradient by central differences.

    Parameters
    ----------
    function:
        Log-likelihood by parameters.

    Returns
    -------
    What `maximize` asks for.

    Raises
    ------
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> value, gradient = numerical_gradient(lambda p: -((p[0] - 3) ** 2))([2.0])
    >>> float(value), round(float(gradient[0]), 5)
    (-1.0, 2.0)

    Source
    ------
    Central difference.
    """
    np = load("numpy")

    def value_and_gradient(parameters: Any) -> tuple[float, Any]:
        point = np.asarray(parameters, dtype=float)
        gradient = np.empty_like(point)
        for place in range(len(point)):
            step = np.zeros_like(point)
            step[place] = CURVATURE_STEP * point[place]
            gradient[place] = (function(point + step) - function(point - step)) / (2 * step[place])
        return function(point), gradient

    return value_and_gradient


def maximize(
    method: str,
    shape: Any,
    value_and_gradient: Callable[[Any], tuple[float, Any]],
    starts: Sequence[Sequence[float]],
    *,
    grouped: Grouped,
) -> Fit:
    """Return the highest maximum of the log-likelihood that the starts lead to.

    Parameters
    ----------
    method:
        Name of the model, for the card.
    shape:
        NamedTuple of its parameters, all above 0.
    value_and_gradient:
        Gives the log-likelihood of all customers and its derivatives.
    starts:
        Where to begin; the search runs on the logarithms, once from each.
    grouped:
        The rows, for their counts.

    Returns
    -------
    The fit. Trouble is in `Fit.problems`, not an exception: the caller decides by it.

    Raises
    ------
    ValueError
        Without a start.
    MissingLibrary
        Without numpy or scipy.

    Example
    -------
    >>> class Mean(NamedTuple):
    ...     mean: float
    >>> rows = Grouped((), None, 4.0)
    >>> found = maximize("normal", Mean, numerical_gradient(lambda p: -2 * (p[0] - 3) ** 2), [[1.0]], grouped=rows)
    >>> round(found.parameters.mean, 4), round(found.standard_errors[0], 3)
    (3.0, 0.5)

    Source
    ------
    L-BFGS-B of scipy (Byrd, Lu, Nocedal and Zhu 1995); standard errors from the inverse observed information.
    """
    if not len(starts):
        raise ValueError("The search needs a start.")
    np, optimize = load("numpy"), load("scipy.optimize")

    def cost(logs: Any) -> tuple[float, Any]:
        point = np.exp(logs)
        value, gradient = value_and_gradient(point)
        # per customer, so that the tolerance means the same for 100 and for 200,000 of them
        return -value / grouped.customers, -gradient * point / grouped.customers

    low, high = math.log(LOWEST), math.log(HIGHEST)
    bounds = [(low, high)] * len(starts[0])
    options = {"maxiter": 1000, "ftol": FLAT_VALUE, "gtol": FLAT_GRADIENT}
    with one_thread():
        ends = [
            optimize.minimize(cost, np.log(start), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
            for start in starts
        ]
    best = min(ends, key=lambda end: end.fun)
    parameters = shape(*(float(value) for value in np.exp(best.x)))
    errors = _standard_errors(np, value_and_gradient, np.exp(best.x))
    # the line search may stop for lack of progress at the floor of a double: a flat gradient is an end too
    converged = bool(best.success or np.abs(best.jac).max() < STILL_FLAT)
    found = {
        "no_convergence": not converged,
        "at_bound": bool((np.abs(best.x - low) < 1e-6).any() or (np.abs(best.x - high) < 1e-6).any()),
        "several_maxima": any(_elsewhere(best, end, grouped.customers) for end in ends),
        "no_curvature": None in errors,
    }
    return Fit(
        method=method,
        parameters=parameters,
        log_likelihood=float(-best.fun * grouped.customers),
        standard_errors=errors,
        customers=grouped.customers,
        groups=0 if grouped.weights is None else len(grouped.weights),
        converged=converged,
        problems=tuple(problem for problem, is_found in found.items() if is_found),
    )


def _elsewhere(best: Any, end: Any, customers: float) -> bool:
    """Tell whether a search ended at another, lower maximum."""
    return bool(end.success) and (end.fun - best.fun) * customers > SAME_MAXIMUM


def _standard_errors(np: Any, value_and_gradient: Any, point: Any) -> tuple[float | None, ...]:
    """Return the square roots of the diagonal of the inverse of minus the second derivatives."""
    size = len(point)
    second = np.empty((size, size))
    for place in range(size):
        step = np.zeros(size)
        step[place] = max(CURVATURE_STEP * 10 * point[place], 1e-9)
        above, below = value_and_gradient(point + step)[1], value_and_gradient(point - step)[1]
        second[place] = (above - below) / (2 * step[place])
    try:
        variance = np.diag(np.linalg.inv(-(second + second.T) / 2))
    except np.linalg.LinAlgError:
        return (None,) * size
    return tuple(float(math.sqrt(value)) if value > 0 else None for value in variance)
