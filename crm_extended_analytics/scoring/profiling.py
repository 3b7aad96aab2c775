"""How well a customer is known and how safely he pays.

Delay, days of sales outstanding and limit use are risks: higher is worse. Completeness is a share, higher
is better. A customer without the underlying documents gives ``None``: nothing is known, which is not zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from .checks import not_negative, positive


def weighted_delay_days(payments: Iterable[tuple[float, float]]) -> float | None:
    """Return the days of delay per unit of money paid.

    Parameters
    ----------
    payments:
        Pairs (amount, days late); days are negative when paid early.

    Returns
    -------
    Days, or ``None`` without payments.

    Raises
    ------
    ValueError
        When an amount is negative.

    Example
    -------
    1,000 paid 10 days late and 3,000 on the day: 10,000 / 4,000.

    >>> weighted_delay_days([(1000, 10), (3000, 0)])
    2.5

    Source
    ------
    sum(amount x days late) / sum(amount), the weighted delay of the ageing report.
    """
    total = weighted = 0.0
    for amount, days in payments:
        total += not_negative(amount, "amount")
        weighted += amount * days
    return weighted / total if total else None


def share_overdue(overdue: float, receivable: float) -> float | None:
    """Return the share of the receivable that is past its due date.

    Parameters
    ----------
    overdue:
        Amount past due.
    receivable:
        All that is open, in the same currency.

    Returns
    -------
    0 to 1, or ``None`` when nothing is open.

    Raises
    ------
    ValueError
        When the overdue amount is negative or exceeds the receivable.

    Example
    -------
    >>> share_overdue(250, 1000)
    0.25

    Source
    ------
    overdue / receivable.
    """
    if receivable <= 0:
        return None
    if not_negative(overdue, "overdue") > receivable:
        raise ValueError(f"overdue ({overdue!r}) exceeds the receivable ({receivable!r}).")
    return overdue / receivable


def limit_use(credit: float, open_orders: float, limit: float | None) -> float | None:
    """Return how much of the credit limit is used; above 1 the limit is exceeded.

    Parameters
    ----------
    credit:
        Open receivable.
    open_orders:
        Confirmed and not yet invoiced.
    limit:
        Credit limit in the same currency; empty or 0 means that none was granted.

    Returns
    -------
    A ratio, or ``None`` without a limit.

    Raises
    ------
    ValueError
        When the limit is negative.

    Example
    -------
    >>> limit_use(6000, 3000, 10000)
    0.9

    Source
    ------
    (credit + open orders) / limit.
    """
    if not limit:
        return None
    return (credit + open_orders) / positive(limit, "limit")


def dso_simple(receivable: float, sales: float, days: int) -> float | None:
    """Return the days of sales outstanding of a period.

    Parameters
    ----------
    receivable:
        Open at the end of the period.
    sales:
        Sales of the period, in the same currency and with tax as the receivable.
    days:
        Length of the period.

    Returns
    -------
    Days, or ``None`` without sales.

    Raises
    ------
    ValueError
        When the period has no days.

    Example
    -------
    >>> round(dso_simple(500, 750, 92), 2)
    61.33

    Source
    ------
    receivable / sales x days.
    """
    positive(days, "days")
    return receivable / sales * days if sales > 0 else None


def dso_countback(receivable: float, months: Sequence[tuple[float, int]]) -> float | None:
    """Return the days of sales outstanding by consuming the latest months first.

    A season does not distort it, as it does the simple figure.

    Parameters
    ----------
    receivable:
        Open at the end of the last month.
    months:
        Pairs (sales, days of the month), the latest first.

    Returns
    -------
    Days; ``None`` when the months given do not cover the receivable (ask for more of them).

    Raises
    ------
    ValueError
        When a month has no days or negative sales.

    Example
    -------
    200 + 300 cover 500: both months in full, 31 + 30 days.

    >>> dso_countback(500, [(200, 31), (300, 30), (250, 31)])
    61.0
    >>> dso_countback(350, [(200, 31), (300, 30)])
    46.0

    Source
    ------
    Count-back (exhaustion) method.
    """
    open_amount, days_counted = receivable, 0.0
    for sales, days in months:
        positive(days, "days")
        if open_amount <= not_negative(sales, "sales"):
            return days_counted + (open_amount / sales * days if sales else 0.0)
        open_amount -= sales
        days_counted += days
    return days_counted if open_amount <= 0 and months else None


def completeness(filled: Mapping[str, bool], weights: Mapping[str, float]) -> float | None:
    """Return the weighted share of the fields that are filled.

    Parameters
    ----------
    filled:
        Whether each field holds something; a field not named counts as empty.
    weights:
        What each field counts.

    Returns
    -------
    0 to 1, or ``None`` when nothing has weight.

    Raises
    ------
    ValueError
        When a weight is negative.

    Example
    -------
    >>> completeness({"email": True, "phone": False}, {"email": 3, "phone": 1})
    0.75

    Source
    ------
    weight of the filled fields / weight of all.
    """
    total = sum(not_negative(weight, f"weight of {field}") for field, weight in weights.items())
    return sum(weight for field, weight in weights.items() if filled.get(field)) / total if total else None


def data_age_days(confirmed_on: date | None, *, today: date) -> int | None:
    """Return the days since somebody last confirmed the data.

    Parameters
    ----------
    confirmed_on:
        Day of the last confirmation.
    today:
        The day of the question.

    Returns
    -------
    Days, or ``None`` when never confirmed.

    Raises
    ------
    ValueError
        When the confirmation lies in the future.

    Example
    -------
    >>> data_age_days(date(2026, 1, 1), today=date(2026, 1, 31))
    30

    Source
    ------
    today - day of the last confirmation.
    """
    if confirmed_on is None:
        return None
    return int(not_negative((today - confirmed_on).days, "days since the confirmation"))


def concentration(amounts: Iterable[float]) -> float | None:
    """Return the Herfindahl-Hirschman index of the amounts: 1/n when equal, 1 when all is in one.

    Parameters
    ----------
    amounts:
        What each product group, place or contact contributes.

    Returns
    -------
    Above 0, up to 1, or ``None`` when there is nothing.

    Raises
    ------
    ValueError
        When an amount is negative.

    Example
    -------
    >>> concentration([50, 50])
    0.5

    Source
    ------
    Herfindahl 1950: sum of the squared shares.
    """
    values = [not_negative(amount, "amount") for amount in amounts]
    total = sum(values)
    return sum((value / total) ** 2 for value in values) if total else None
