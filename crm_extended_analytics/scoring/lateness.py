"""Whether a customer is late by his own rhythm: days, and a probability that is worse when higher.

It also judges those whom BG/NBD cannot (one purchase: by the rhythm of his peers, given as intervals).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from statistics import median

#: Least number of intervals for a rhythm of one's own; unit: intervals. Judgement: with two purchases there is
#: one interval, and a median of one is an anecdote.
LEAST_INTERVALS = 2


def intervals(days: Iterable[date]) -> list[int]:
    """Return the days between the purchases of one customer.

    Parameters
    ----------
    days:
        Days of purchase, in any order; several purchases on one day count once.

    Returns
    -------
    One number per pair of neighbours; empty for a single day.

    Raises
    ------
    TypeError
        When a day is none.

    Example
    -------
    >>> intervals([date(2026, 3, 5), date(2026, 1, 1), date(2026, 1, 31), date(2026, 1, 31)])
    [30, 33]

    Source
    ------
    Difference of neighbouring days.
    """
    ordered = sorted(set(days))
    return [(later - earlier).days for earlier, later in zip(ordered, ordered[1:], strict=False)]


def cadence(gaps: Sequence[float], *, least: int = LEAST_INTERVALS) -> float | None:
    """Return the rhythm of a customer: the median days between his purchases.

    Parameters
    ----------
    gaps:
        His intervals.
    least:
        How many are needed.

    Returns
    -------
    Days, or ``None`` with fewer intervals.

    Raises
    ------
    ValueError
        When an interval is not above 0.

    Example
    -------
    >>> cadence([30, 33, 40])
    33

    Source
    ------
    Median: one long holiday does not move it.
    """
    if any(gap <= 0 for gap in gaps):
        raise ValueError("An interval between two purchases is above 0 days.")
    return median(gaps) if len(gaps) >= max(least, 1) else None


def expected_next(last: date, rhythm: float | None) -> date | None:
    """Return the day on which the next purchase is due.

    Parameters
    ----------
    last:
        Day of the last purchase.
    rhythm:
        Days between purchases.

    Returns
    -------
    The day (half days count in full), or ``None`` without a rhythm.

    Raises
    ------
    ValueError
        When the rhythm is not above 0.

    Example
    -------
    >>> expected_next(date(2026, 3, 5), 33.5)
    datetime.date(2026, 4, 8)

    Source
    ------
    last purchase + median interval, rounded up.
    """
    if rhythm is None:
        return None
    if rhythm <= 0:
        raise ValueError(f"A rhythm is above 0 days, not {rhythm!r}.")
    return last + timedelta(days=-int(-rhythm // 1))


def days_late(last: date, rhythm: float | None, *, today: date) -> int | None:
    """Return by how many days the next purchase is overdue.

    Parameters
    ----------
    last:
        Day of the last purchase.
    rhythm:
        Days between purchases.
    today:
        The day of the question.

    Returns
    -------
    Days, 0 while it is not due; ``None`` without a rhythm.

    Raises
    ------
    ValueError
        When the last purchase lies in the future.

    Example
    -------
    Buys every 34 days, 46 days ago for the last time: 12 days late.

    >>> days_late(date(2026, 3, 1), 34, today=date(2026, 4, 16))
    12

    Source
    ------
    max(0, today - expected day).
    """
    if last > today:
        raise ValueError(f"The last purchase ({last}) lies after {today}.")
    due = expected_next(last, rhythm)
    return None if due is None else max((today - due).days, 0)


def probability_late(gaps: Sequence[float], silent_days: float, *, least: int = LEAST_INTERVALS) -> float | None:
    """Return how unusual the present silence is: the share of the known intervals that were shorter.

    Parameters
    ----------
    gaps:
        Intervals of the customer, or of his peers when he has too few.
    silent_days:
        Days since his last purchase.
    least:
        How many intervals are needed.

    Returns
    -------
    0 to below 1: the estimated probability that he would have bought by now had nothing changed. An
    interval of the same length counts half; one more, unseen and longer, is assumed, so that few intervals
    never give certainty. ``None`` with too few intervals.

    Raises
    ------
    ValueError
        When the silence is negative.

    Example
    -------
    >>> probability_late([30, 33, 40], 45), probability_late([30, 33, 40], 10)
    (0.75, 0.0)

    Source
    ------
    Empirical distribution function with n + 1 (Weibull plotting position).
    """
    if silent_days < 0:
        raise ValueError(f"The silence cannot be negative: {silent_days!r}.")
    if len(gaps) < max(least, 1):
        return None
    shorter = sum(1.0 if gap < silent_days else 0.5 for gap in gaps if gap <= silent_days)
    return shorter / (len(gaps) + 1)
