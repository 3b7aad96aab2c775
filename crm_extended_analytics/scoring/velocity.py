"""How much a pipeline is worth: money per day, and money weighted by probability."""

from __future__ import annotations

from collections.abc import Iterable

from .checks import not_negative, positive, probability


def sales_velocity(*, opportunities: int, average_value: float, win_rate: float, cycle_days: float) -> float | None:
    """Return the money a pipeline brings a day.

    Parameters
    ----------
    opportunities:
        Open ones.
    average_value:
        Of a won one.
    win_rate:
        Share of the closed ones that were won.
    cycle_days:
        Days from creation to the win; ``None`` when nothing was won yet.

    Returns
    -------
    Money per day, or ``None`` without a cycle.

    Raises
    ------
    ValueError
        When the rate is no share, the days are not above 0, or the number is negative.

    Example
    -------
    >>> round(sales_velocity(opportunities=50, average_value=10_000, win_rate=0.25, cycle_days=30), 2)
    4166.67

    Source
    ------
    opportunities x average value x win rate / cycle days.
    """
    if cycle_days is None:
        return None
    rate = probability(win_rate, "win rate")
    return not_negative(opportunities, "opportunities") * average_value * rate / positive(cycle_days, "cycle days")


def prorated_pipeline(opportunities: Iterable[tuple[float, float]]) -> float | None:
    """Return the expected revenue of open opportunities.

    Parameters
    ----------
    opportunities:
        Pairs (amount, probability).

    Returns
    -------
    Money, or ``None`` without opportunities.

    Raises
    ------
    ValueError
        When a probability lies outside 0 to 1.

    Example
    -------
    >>> prorated_pipeline([(3800, 0.9), (22500, 0.2)])
    7920.0

    Source
    ------
    Odoo's documentation of the forecast: sum(amount x probability).
    """
    parts = [amount * probability(chance, "probability") for amount, chance in opportunities]
    return sum(parts) if parts else None
