"""Why the revenue changed: the parts add up to the change, to the last cent of the arithmetic.

All results are money; positive means more than before.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import NamedTuple


class Bridge(NamedTuple):
    """The way from the old revenue to the new one."""

    old: float
    new_customers: float
    lost_customers: float
    new_products: float
    lost_products: float
    price: float
    volume: float
    mix: float
    new: float


def growth_rate(old: float | None, new: float) -> float | None:
    """Return the growth from the old amount to the new one.

    Parameters
    ----------
    old, new:
        Both amounts.

    Returns
    -------
    A share (0.1 = 10 % more), or ``None`` when the old amount is missing or not above 0.

    Raises
    ------
    TypeError
        When the new amount is missing.

    Example
    -------
    >>> growth_rate(2000, 2850)
    0.425

    Source
    ------
    new / old - 1.
    """
    return (new - old) / old if old is not None and old > 0 else None


def price_volume_mix(
    old: Mapping[Hashable, tuple[float, float]], new: Mapping[Hashable, tuple[float, float]]
) -> tuple[float, float, float]:
    """Split the change of revenue of things sold in both periods into price, volume and mix.

    Parameters
    ----------
    old, new:
        (quantity, revenue) by product, in one unit; both name the same products, with quantities above 0.

    Returns
    -------
    (price at new quantities, volume at the old average price, mix as the rest).

    Raises
    ------
    ValueError
        When a product is in one period only, or a quantity is not above 0.

    Example
    -------
    a: 100 at 10 -> 80 at 12; b: 50 at 20 -> 90 at 21.

    >>> split = price_volume_mix({"a": (100, 1000), "b": (50, 1000)}, {"a": (80, 960), "b": (90, 1890)})
    >>> [round(part, 2) for part in split]
    [250.0, 266.67, 333.33]

    Source
    ------
    Price-volume-mix analysis of management accounting.
    """
    if set(old) != set(new):
        raise ValueError("Price, volume and mix compare products that were sold in both periods.")
    if any(quantity <= 0 for period in (old, new) for quantity, _revenue in period.values()):
        raise ValueError("A price needs a quantity above 0.")
    if not old:
        return 0.0, 0.0, 0.0
    price = sum(new[key][1] - new[key][0] * old[key][1] / old[key][0] for key in old)
    quantity_old, quantity_new = (sum(quantity for quantity, _revenue in period.values()) for period in (old, new))
    revenue_old, revenue_new = (sum(revenue for _quantity, revenue in period.values()) for period in (old, new))
    volume = (quantity_new - quantity_old) * revenue_old / quantity_old
    return price, volume, revenue_new - revenue_old - price - volume


def revenue_bridge(
    old: Mapping[tuple[Hashable, Hashable], tuple[float, float]],
    new: Mapping[tuple[Hashable, Hashable], tuple[float, float]],
) -> Bridge:
    """Split the change of revenue into new and lost customers, new and lost products, price, volume and mix.

    Parameters
    ----------
    old, new:
        (quantity, revenue) by (customer, product).

    Returns
    -------
    The bridge. A customer is new (lost) when he is in the later (earlier) period only; what a staying
    customer starts or stops buying is a new or lost product. Where a quantity is not above 0 (returns), there
    is no price: the change counts as volume.

    Raises
    ------
    TypeError
        When a key is no pair.

    Example
    -------
    >>> bridge = revenue_bridge(
    ...     {("Ana", "lamp"): (100, 1000), ("Boris", "lamp"): (10, 100)},
    ...     {("Ana", "lamp"): (80, 960), ("Ana", "bulb"): (5, 50), ("Vera", "lamp"): (30, 300)},
    ... )
    >>> bridge.new_customers, bridge.lost_customers, bridge.new_products, bridge.price, bridge.volume, bridge.mix
    (300, -100, 50, 160.0, -200.0, 0.0)

    Source
    ------
    As `price_volume_mix`; new and lost business as in a revenue bridge.
    """
    was, here = {customer for customer, _product in old}, {customer for customer, _product in new}
    both = old.keys() & new.keys()
    priced = {key for key in both if old[key][0] > 0 and new[key][0] > 0}
    # in the order of the mapping: a sum over a set would depend on the hashes
    price, volume, mix = price_volume_mix(
        {key: value for key, value in old.items() if key in priced},
        {key: value for key, value in new.items() if key in priced},
    )
    volume += sum(new[key][1] - old[key][1] for key in old if key in both and key not in priced)
    return Bridge(
        old=sum(revenue for _quantity, revenue in old.values()),
        new_customers=sum(revenue for (customer, _p), (_q, revenue) in new.items() if customer not in was),
        lost_customers=-sum(revenue for (customer, _p), (_q, revenue) in old.items() if customer not in here),
        new_products=sum(new[key][1] for key in new if key not in old and key[0] in was),
        lost_products=-sum(old[key][1] for key in old if key not in new and key[0] in here),
        price=price,
        volume=volume,
        mix=mix,
        new=sum(revenue for _quantity, revenue in new.values()),
    )
