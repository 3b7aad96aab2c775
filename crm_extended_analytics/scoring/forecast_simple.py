"""Forecasts that need no library: each a level per period in the unit of the series.

They are the baselines a better method has to beat. A series without values gives ``None``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from .checks import positive


class Croston(NamedTuple):
    """Size and interval of an intermittent demand, and the demand per period of both methods."""

    size: float
    interval: float
    forecast: float
    sba: float


def _smoothing(alpha: float) -> float:
    if not 0 < alpha <= 1:
        raise ValueError(f"The smoothing lies above 0 and up to 1, not {alpha!r}.")
    return alpha


def exponential_smoothing(series: Sequence[float], *, alpha: float = 0.3) -> list[float] | None:
    """Return the one-step forecasts by simple exponential smoothing.

    Parameters
    ----------
    series:
        Actuals, oldest first.
    alpha:
        Weight of the newest.

    Returns
    -------
    Forecasts of the 2nd period to the one after the last; the start is the first value. ``None`` without one.

    Raises
    ------
    ValueError
        When alpha is not above 0 and up to 1.

    Example
    -------
    >>> forecasts = exponential_smoothing([94764, 103900, 167777, 291264, 318568, 239092])
    >>> [round(value) for value in forecasts]
    [94764, 97505, 118586, 170390, 214843, 222118]

    Source
    ------
    Brown 1959: F(t+1) = alpha Y(t) + (1 - alpha) F(t).
    """
    _smoothing(alpha)
    if not series:
        return None
    forecasts = [series[0]]
    for value in series[1:]:
        forecasts.append(alpha * value + (1 - alpha) * forecasts[-1])
    return forecasts


def croston(series: Sequence[float], *, alpha: float = 0.1) -> Croston | None:
    """Return the forecast of a demand with many empty periods.

    Parameters
    ----------
    series:
        Demand by period, oldest first; the first interval is counted from period 1.
    alpha:
        Weight of the newest size and interval.

    Returns
    -------
    Croston's forecast and Syntetos and Boylan's (without its bias); ``None`` when nothing was demanded.

    Raises
    ------
    ValueError
        For a negative demand, or when alpha is not above 0 and up to 1.

    Example
    -------
    >>> found = croston([0, 0, 5, 0, 4, 0, 0, 0, 6, 0])
    >>> round(found.size, 2), round(found.interval, 2), round(found.forecast, 4), round(found.sba, 4)
    (5.01, 3.01, 1.6645, 1.5812)

    Source
    ------
    Croston 1972; Syntetos and Boylan 2005: x (1 - alpha / 2).
    """
    _smoothing(alpha)
    if any(value < 0 for value in series):
        raise ValueError("A demand is not negative: take the returns out first.")
    size = interval = None
    last = -1
    for period, value in enumerate(series):
        if value:
            gap = period - last
            size = value if size is None else size + alpha * (value - size)
            interval = gap if interval is None else interval + alpha * (gap - interval)
            last = period
    return None if size is None else Croston(size, interval, size / interval, size / interval * (1 - alpha / 2))


def seasonal_naive(series: Sequence[float], *, season: int, periods: int) -> list[float] | None:
    """Return the values of the last season again.

    Parameters
    ----------
    series:
        Actuals, oldest first.
    season:
        Periods of a season; 1 repeats the last value.
    periods:
        How many to forecast.

    Returns
    -------
    The forecasts, or ``None`` when less than one season is known.

    Raises
    ------
    ValueError
        For a season below 1 or a negative number of periods.

    Example
    -------
    >>> seasonal_naive([10, 20, 30, 12, 22, 32], season=3, periods=4)
    [12, 22, 32, 12]

    Source
    ------
    Hyndman and Athanasopoulos, Forecasting: Principles and Practice.
    """
    if season < 1 or periods < 0:
        raise ValueError(f"A season has one period or more and the future none below 0: {season!r}, {periods!r}.")
    if len(series) < season:
        return None
    return [series[len(series) - season + period % season] for period in range(periods)]


def bass_adopted(time: float, *, innovation: float, imitation: float) -> float:
    """Return the share of the market that has adopted a new product by then.

    Parameters
    ----------
    time:
        Since the launch, in periods.
    innovation, imitation:
        p and q, per period.

    Returns
    -------
    0 to below 1.

    Raises
    ------
    ValueError
        For a negative time or imitation, or an innovation not above 0.

    Example
    -------
    >>> [round(bass_adopted(time, innovation=0.03, imitation=0.38), 4) for time in (1, 5, 10)]
    [0.0358, 0.3312, 0.8128]

    Source
    ------
    Bass, Management Science 15(5), 1969; averages p 0.03 and q 0.38: Sultan, Farley and Lehmann 1990.
    """
    positive(innovation, "innovation")
    if time < 0 or imitation < 0:
        raise ValueError(f"Time and imitation are not negative: {time!r}, {imitation!r}.")
    decay = math.exp(-(innovation + imitation) * time)
    return (1 - decay) / (1 + imitation / innovation * decay)


def bass_peak(*, innovation: float, imitation: float) -> float | None:
    """Return when most adopt at once.

    Parameters
    ----------
    innovation, imitation:
        p and q, per period.

    Returns
    -------
    Periods since the launch; ``None`` when innovation is the stronger, where the launch itself is the peak.

    Raises
    ------
    ValueError
        When innovation is not above 0.

    Example
    -------
    >>> round(bass_peak(innovation=0.03, imitation=0.38), 3)
    6.193

    Source
    ------
    Bass 1969: ln(q / p) / (p + q).
    """
    positive(innovation, "innovation")
    if imitation <= innovation:
        return None
    return math.log(imitation / innovation) / (innovation + imitation)
