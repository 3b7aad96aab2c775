"""Hours of work and the weeks they fall in: what a work centre is asked for, and what could wait.

Hours are decimal hours, weeks are named by their Monday, a day counts from midnight to midnight in the
time zone of the work centre. More hours than available is an overload, whatever the cause.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from math import ceil

__all__ = ["can_leave_week", "days_of_slack", "monday", "operation_minutes", "spread"]

# A quotient as 3.0000000001 comes of binary fractions, not of a fourth cycle
CYCLE_DIGITS = 9
DAYS_A_WEEK = 7


def operation_minutes(
    quantity: float,
    *,
    batch: float,
    minutes_per_cycle: float,
    setup: float = 0.0,
    cleanup: float = 0.0,
    efficiency_pct: float = 100.0,
) -> float:
    """Return how long an operation takes for a quantity, in minutes, as Odoo plans its work orders.

    ``batch`` is the quantity made in parallel in one cycle; a last batch that is not full takes a whole
    cycle. Setup and cleanup come once and do not get faster with the efficiency.

    Raises ValueError where the work centre can make nothing (a batch or an efficiency of zero): the time
    would be infinite.

    >>> operation_minutes(10, batch=4, minutes_per_cycle=30, setup=10, cleanup=5, efficiency_pct=90)
    115.0
    """
    if batch <= 0 or efficiency_pct <= 0:
        raise ValueError(f"no capacity: batch {batch}, efficiency {efficiency_pct} %")
    cycles = ceil(round(quantity / batch, CYCLE_DIGITS))
    return setup + cleanup + cycles * minutes_per_cycle * 100.0 / efficiency_pct


def monday(day: date) -> date:
    """Return the Monday of a day's week.

    >>> monday(date(2026, 3, 8))
    datetime.date(2026, 3, 2)
    """
    return day - timedelta(days=day.weekday())


def spread(hours: float, start: date, end: date, day_hours: Mapping[date, float]) -> dict[date, float]:
    """Share hours out over the weeks from ``start`` to ``end``, as the working hours of the days allow.

    A day with twice the working hours takes twice the work, a holiday none. Where no day of the span is a
    working day, every day takes the same, so that the work is not lost.

    >>> spread(6, date(2026, 3, 5), date(2026, 3, 9), {date(2026, 3, 5): 8, date(2026, 3, 6): 8, date(2026, 3, 9): 8})
    {datetime.date(2026, 3, 2): 4.0, datetime.date(2026, 3, 9): 2.0}
    """
    end = max(start, end)
    if monday(start) == monday(end):
        return {monday(start): hours}
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    weights = {day: day_hours.get(day, 0.0) for day in days}
    total = sum(weights.values())
    if not total:
        weights, total = dict.fromkeys(days, 1.0), float(len(days))
    shares: dict[date, float] = {}
    for day, weight in weights.items():
        if weight:
            shares[monday(day)] = shares.get(monday(day), 0.0) + hours * weight / total
    return shares


def days_of_slack(end: date, *, needed: date | None, feasible: date | None = None, unpegged: int) -> int:
    """Return how many days an order can end later without making the first demand it serves late.

    Parameters
    ----------
    end: the day on which the order ends as planned
    needed: the day of the first demand; None when it serves none, then ``unpegged`` days are free
    feasible: the day on which it can really end, when that is later than planned

    >>> days_of_slack(date(2026, 3, 6), needed=date(2026, 3, 20), feasible=date(2026, 3, 10), unpegged=365)
    10
    """
    if needed is None:
        return unpegged
    return max(0, (needed - max(end, feasible or end)).days)


def can_leave_week(start: date, slack_days: int, week: date) -> bool:
    """Tell whether an order that starts on ``start`` can move out of a week altogether.

    >>> can_leave_week(date(2026, 3, 5), 4, date(2026, 3, 2)), can_leave_week(date(2026, 3, 5), 3, date(2026, 3, 2))
    (True, False)
    """
    return start + timedelta(days=slack_days) >= week + timedelta(days=DAYS_A_WEEK)
