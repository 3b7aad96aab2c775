"""Student's t: how far a mean of few customers may be off. A p-value is smaller where the evidence is stronger."""

from __future__ import annotations

import math

from .checks import positive

#: Steps and precision of the continued fraction; no unit. Source: Press et al., Numerical Recipes 2007, 6.4.
STEPS, PRECISION = 300, 1e-14

#: Halvings of the search of a quantile: 2^-200 of its first range; no unit.
HALVINGS = 200


def two_sided_p(t: float, freedom: float) -> float:
    """Return the chance that a t is as far from 0, when there is no effect.

    Parameters
    ----------
    t:
        Difference / its standard error.
    freedom:
        Degrees of freedom, not necessarily whole.

    Returns
    -------
    0 to 1.

    Raises
    ------
    ValueError
        When the degrees of freedom are not above zero.

    Example
    -------
    >>> round(two_sided_p(2.228, 10), 3), round(two_sided_p(-1.96, 1e6), 3)
    (0.05, 0.05)

    Source
    ------
    Regularised incomplete beta function: I(freedom / (freedom + t^2); freedom / 2, 1 / 2).
    """
    positive(freedom, "degrees of freedom")
    return _beta_share(freedom / (freedom + t * t), freedom / 2, 0.5)


def two_sided_quantile(significance: float, freedom: float) -> float:
    """Return the t beyond which, on both sides together, lies a chance of `significance`.

    Parameters
    ----------
    significance:
        0 to 1, both excluded.
    freedom:
        Degrees of freedom.

    Returns
    -------
    A t above 0.

    Raises
    ------
    ValueError
        When the significance or the degrees of freedom cannot be.

    Example
    -------
    >>> [round(two_sided_quantile(0.05, freedom), 3) for freedom in (1, 10, 30)]
    [12.706, 2.228, 2.042]

    Source
    ------
    Inverse of `two_sided_p`; the example is that of printed tables.
    """
    if not 0 < significance < 1:
        raise ValueError(f"A significance lies between 0 and 1, not {significance!r}.")
    low, high = 0.0, 1.0
    while two_sided_p(high, freedom) > significance:
        low, high = high, 2 * high
    for _step in range(HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if two_sided_p(middle, freedom) > significance else (low, middle)
    return high


def _beta_share(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """Return the continued fraction of the incomplete beta function, by the method of Lentz."""
    tiny = 1e-300
    ratio, result = 1.0, 1 / (1 - (a + b) * x / (a + 1) or tiny)
    factor = result
    for step in range(1, STEPS):
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        for term in (even, odd):
            factor = 1 / (1 + term * factor or tiny)
            ratio = 1 + term / ratio or tiny
            change = factor * ratio
            result *= change
        if abs(change - 1) < PRECISION:
            break
    return result
