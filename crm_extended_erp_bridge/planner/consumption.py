"""Forecast that orders have not yet consumed.

The rule: demand of a period = max(forecast, orders due in it). Orders are demand of their own, so what is left of the
forecast of a period is max(0, forecast - orders). Quantities are in the unit of the product.
"""

from collections.abc import Iterable, Sequence
from datetime import date


def unconsumed_forecast(
    periods: Sequence[tuple[date, date, float]], orders: Iterable[tuple[date, float]]
) -> list[float]:
    """What orders leave of the forecast of each period.

    An order consumes the forecast of the period it is due in. Where periods overlap, it consumes the one that ends
    first, then the next, so that no order consumes twice. More orders than forecast leave nothing; what they are more
    is not taken from other periods.

    Parameters
    ----------
    periods : first day, last day and quantity of each
    orders : due date and quantity of each

    Returns
    -------
    The rest of each period, in the order of `periods`.

    Example
    -------
    >>> week = (date(2026, 3, 2), date(2026, 3, 8), 100.0)
    >>> unconsumed_forecast([week], [(date(2026, 3, 4), 30.0), (date(2026, 3, 9), 50.0)])
    [70.0]
    """
    rest = [quantity for _first, _last, quantity in periods]
    by_end = sorted(range(len(periods)), key=lambda i: (periods[i][1], periods[i][0], i))
    for due, quantity in sorted(orders):
        for index in by_end:
            if quantity <= 0:
                break
            first, last, _forecast = periods[index]
            if first <= due <= last:
                taken = min(quantity, max(rest[index], 0.0))
                rest[index] -= taken
                quantity -= taken
    return [max(quantity, 0.0) for quantity in rest]


def share(quantity: float, first: int, days: int, total_days: int) -> tuple[float, float]:
    """The part of `quantity` up to a stretch of days and up to its end, spread evenly.

    Both ends are returned, so that a caller who rounds each and subtracts loses nothing over the whole period.

    Parameters
    ----------
    first : days before the stretch
    days : length of the stretch
    total_days : length of the whole, more than 0

    Raises
    ------
    ValueError : the whole has no days

    Example
    -------
    >>> share(70.0, 7, 7, 28)
    (17.5, 35.0)
    """
    if total_days <= 0:
        raise ValueError("A forecast is spread over one day at least.")
    before = min(max(first, 0), total_days)
    after = min(before + max(days, 0), total_days)
    return quantity * before / total_days, quantity * after / total_days
