"""Return on what was spent on marketing: 0 = the money came back, 1 = it came back twice; higher is better."""

from __future__ import annotations

from .checks import not_negative


def incremental_conversions(*, rate_treated: float, rate_holdout: float, treated: int) -> float:
    """Return the conversions that the campaign caused.

    Parameters
    ----------
    rate_treated, rate_holdout:
        Shares that bought with and without the campaign.
    treated:
        Customers of the campaign.

    Returns
    -------
    A count; negative when the campaign did harm.

    Raises
    ------
    ValueError
        When the number of customers is negative.

    Example
    -------
    >>> round(incremental_conversions(rate_treated=0.08, rate_holdout=0.05, treated=1000), 6)
    30.0

    Source
    ------
    (rate treated - rate hold-out) x treated.
    """
    return (rate_treated - rate_holdout) * not_negative(treated, "treated")


def romi(incremental_margin: float | None, spend: float) -> float | None:
    """Return the return on marketing.

    Parameters
    ----------
    incremental_margin:
        Margin (not revenue) that would not have come without the campaign; ``None`` when not measured.
    spend:
        Cost of the campaign, in the same currency.

    Returns
    -------
    A ratio, -1 when nothing came back; ``None`` without a measured margin or without spend.

    Raises
    ------
    ValueError
        When the spend is negative.

    Example
    -------
    >>> romi(15_000, 10_000)
    0.5

    Source
    ------
    (incremental margin - spend) / spend; Lenskold 2003.
    """
    not_negative(spend, "spend")
    return (incremental_margin - spend) / spend if spend and incremental_margin is not None else None


def discount_dependence(at_discount: float, total: float) -> float | None:
    """Return the share of a customer's sales that was bought at a discount or in a promotion.

    Parameters
    ----------
    at_discount:
        Sales of the lines with a discount.
    total:
        All sales.

    Returns
    -------
    0 to 1 (higher: he waits for offers), or ``None`` without sales.

    Raises
    ------
    ValueError
        When the part exceeds the whole.

    Example
    -------
    >>> discount_dependence(300, 1200)
    0.25

    Source
    ------
    sales at a discount / sales.
    """
    if total <= 0:
        return None
    if not 0 <= at_discount <= total:
        raise ValueError(f"Sales at a discount ({at_discount!r}) are a part of all sales ({total!r}).")
    return at_discount / total
