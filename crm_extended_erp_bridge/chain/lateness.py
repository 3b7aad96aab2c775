"""By how many days a deal misses what was promised or agreed."""

from datetime import date, datetime

__all__ = ["days_late", "is_planned_late"]


def days_late(
    *,
    today: date,
    promised: date | None = None,
    expected: date | None = None,
    due: date | None = None,
) -> int:
    """Return the calendar days by which the deal is, or is planned to be, late; 0 when it is on time.

    Parameters
    ----------
    today : date
        The reader's day.
    promised : date, optional
        Day promised to the customer; None when everything is delivered.
    expected : date, optional
        Last planned day of the open documents.
    due : date, optional
        Earliest due day of the unpaid invoices.

    Examples
    --------
    >>> days_late(today=date(2026, 3, 10), promised=date(2026, 3, 6))
    4
    >>> days_late(today=date(2026, 3, 2), promised=date(2026, 3, 6), expected=date(2026, 3, 9))
    3
    """
    delivery = (max(today, expected or today) - promised).days if promised else 0
    payment = (today - due).days if due else 0
    return max(delivery, payment, 0)


def is_planned_late(promised: datetime | None, expected: datetime | None) -> bool:
    """True when the plan of the open documents ends on a later day than was promised.

    Examples
    --------
    >>> is_planned_late(datetime(2026, 3, 6, 8), datetime(2026, 3, 6, 17))
    False
    >>> is_planned_late(datetime(2026, 3, 6), datetime(2026, 3, 7))
    True
    """
    return bool(promised and expected and expected.date() > promised.date())
