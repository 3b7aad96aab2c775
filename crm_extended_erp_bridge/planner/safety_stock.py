"""How much stock stands between a swinging demand and an empty shelf."""

from math import sqrt
from statistics import NormalDist

#: Days of a month; unit: days. Source: Gregorian year of 365.25 days / 12.
DAYS_PER_MONTH = 365.25 / 12


def safety_factor(service_level: float) -> float:
    """Standard deviations that cover the demand of a replenishment in so many of 100 cases; no unit.

    Parameters
    ----------
    service_level : percent, from 0 to below 100. At 50 and below there is no safety stock: the mean is enough.

    Raises
    ------
    ValueError : when it is no such percentage.

    Example
    -------
    >>> round(safety_factor(95), 4), round(safety_factor(97.5), 4), safety_factor(50)
    (1.6449, 1.96, 0.0)
    """
    if not 0 <= service_level < 100:
        raise ValueError(f"A service level is 0 or more and below 100 %: {service_level!r}.")
    return max(NormalDist().inv_cdf(service_level / 100), 0.0) if service_level else 0.0


def safety_stock(service_level: float, deviation: float, lead_days: float) -> float:
    """Safety stock: factor x standard deviation of a month's demand x square root of the lead time in months.

    The demands of months are taken as independent and normal, and the lead time as sure; the plan buys as soon as the
    stock is short, so that only the lead time has to be covered.

    Parameters
    ----------
    service_level : percent of replenishments without a shortage
    deviation : of the demand of a month, in the unit of the product
    lead_days : from the order to the receipt

    Example
    -------
    A deviation of 40 pieces a month and two months of lead time at 97.5 %: 1.96 x 40 x 1.4142.

    >>> round(safety_stock(97.5, 40, 2 * DAYS_PER_MONTH), 2)
    110.87

    Source
    ------
    Silver, Pyke and Peterson, Inventory Management and Production Planning and Scheduling, 3rd ed. 1998, ch. 7.
    """
    return safety_factor(service_level) * deviation * sqrt(max(lead_days, 0) / DAYS_PER_MONTH)
