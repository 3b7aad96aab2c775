"""BG/BB: whether customers still buy where there is one chance a period (a fair, a season, a yearly gift).

In each period a living customer buys with his own probability (beta: alpha, beta) and leaves before a period
with his own probability (beta: gamma, delta). Of ``n`` chances he used ``x``, the last one in period ``t_x``
(0 when x is 0). The result is a probability.

Source of everything here: Fader, Hardie and Shang, "Customer-Base Analysis in a Discrete-Time Noncontractual
Setting", Marketing Science 29(6), 2010. Plain numbers, no library needed.
"""

from __future__ import annotations

import math
from typing import NamedTuple


class Parameters(NamedTuple):
    """alpha and beta of buying in a period, gamma and delta of leaving before it."""

    alpha: float
    beta: float
    gamma: float
    delta: float


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _check(parameters: Parameters, x: int, t_x: int, n: int) -> None:
    """Refuse what cannot be."""
    if min(parameters) <= 0:
        raise ValueError(f"The four parameters must be above 0: {tuple(parameters)}.")
    if not 0 <= x <= t_x <= n or (x == 0) != (t_x == 0):
        raise ValueError(f"{x} purchases, the last in period {t_x} of {n}, cannot be.")


def likelihood(parameters: Parameters, x: int, t_x: int, n: int) -> float:
    """Return the probability of one exact history.

    Parameters
    ----------
    parameters:
        The fitted ones.
    x, t_x, n:
        Purchases, period of the last one, number of periods.

    Returns
    -------
    0 to 1.

    Raises
    ------
    ValueError
        For a history that cannot be, or parameters not above 0.

    Example
    -------
    >>> round(likelihood(Parameters(1.204, 0.750, 0.657, 2.783), 0, 0, 6), 4)
    0.3112

    Source
    ------
    Fader, Hardie and Shang 2010, equation 5.
    """
    _check(parameters, x, t_x, n)
    alpha, beta, gamma, delta = parameters
    scale = _log_beta(alpha, beta) + _log_beta(gamma, delta)
    total = math.exp(_log_beta(alpha + x, beta + n - x) + _log_beta(gamma, delta + n) - scale)
    for late in range(n - t_x):
        buys = _log_beta(alpha + x, beta + t_x - x + late)
        total += math.exp(buys + _log_beta(gamma + 1, delta + t_x + late) - scale)
    return total


def probability_alive(parameters: Parameters, x: int, t_x: int, n: int) -> float:
    """Return the probability that a customer is alive in the period after the last observed one.

    Parameters
    ----------
    parameters:
        The fitted ones.
    x, t_x, n:
        Purchases, period of the last one, number of periods.

    Returns
    -------
    0 to 1; below 1 even for who bought in the last period, because he may leave before the next.

    Raises
    ------
    ValueError
        For a history that cannot be, or parameters not above 0.

    Example
    -------
    >>> donations = Parameters(1.204, 0.750, 0.657, 2.783)
    >>> [round(probability_alive(donations, *history, 6), 2) for history in [(0, 0), (2, 4), (6, 6)]]
    [0.11, 0.59, 0.93]

    Source
    ------
    Fader, Hardie and Shang 2010, equation 11 and table 6.
    """
    _check(parameters, x, t_x, n)
    alpha, beta, gamma, delta = parameters
    buys = _log_beta(alpha + x, beta + n - x) - _log_beta(alpha, beta)
    stays = _log_beta(gamma, delta + n + 1) - _log_beta(gamma, delta)
    return math.exp(buys + stays) / likelihood(parameters, x, t_x, n)
