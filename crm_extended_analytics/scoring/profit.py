"""Where the money stays: the ladder of margins, and how unequally the customers bring it.

All amounts are money in one currency. Gini is 0 when all bring the same and 1 when one brings all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .libraries import load

#: What may be subtracted between CM1 and CM2. Source: issue of this suite; delivery, terms, commission,
#: campaign and service are those a customer causes himself.
DIRECT_COSTS = ("delivery", "terms", "commission", "campaign", "service")


class Ladder(NamedTuple):
    """The steps from the list price to the net profit; a step is ``None`` where its cost is not known."""

    gross: float
    discounts: float
    returns: float
    net_sales: float
    cost_of_goods: float | None
    cm1: float | None
    direct_costs: float | None
    cm2: float | None
    overhead: float | None
    net_profit: float | None


def ladder(
    *,
    gross: float,
    discounts: float = 0.0,
    returns: float = 0.0,
    cost_of_goods: float | None = None,
    direct_costs: Mapping[str, float] | None = None,
    overhead: float | None = None,
) -> Ladder:
    """Return the ladder of margins.

    Parameters
    ----------
    gross:
        Sales at list price.
    discounts, returns:
        What was given and what came back, as amounts to subtract.
    cost_of_goods:
        Of what was sold and kept, as posted; ``None`` when not known.
    direct_costs:
        By name, out of `DIRECT_COSTS`; ``None`` when not known.
    overhead:
        Allocated by a key; ``None`` when none is set.

    Returns
    -------
    All steps. Below a cost that is not known the steps are ``None``: a margin without its cost is none.

    Raises
    ------
    ValueError
        For a direct cost that is not in the list.

    Example
    -------
    >>> costs = {"delivery": 90, "commission": 45, "service": 30}
    >>> steps = ladder(gross=1000, discounts=80, returns=20, cost_of_goods=540, direct_costs=costs, overhead=95)
    >>> steps.net_sales, steps.cm1, steps.cm2, steps.net_profit
    (900, 360, 195, 100)

    Source
    ------
    Multi-step contribution accounting.
    """
    if unknown := set(direct_costs or ()) - set(DIRECT_COSTS):
        raise ValueError(f"Direct costs are {', '.join(DIRECT_COSTS)}, not {', '.join(sorted(unknown))}.")
    net_sales = gross - discounts - returns
    cm1 = _less(net_sales, cost_of_goods)
    direct = None if direct_costs is None else sum(direct_costs.values())
    cm2 = _less(cm1, direct)
    return Ladder(gross, discounts, returns, net_sales, cost_of_goods, cm1, direct, cm2, overhead, _less(cm2, overhead))


def _less(amount: float | None, cost: float | None) -> float | None:
    return None if amount is None or cost is None else amount - cost


class Whale(NamedTuple):
    """The whale curve: shares of the whole profit after each customer, and where it peaks."""

    shares: Any
    peak: float
    peak_customers: int


def whale_curve(profits: Sequence[float]) -> Whale | None:
    """Return the cumulated share of the profit, from the best customer to the worst.

    Parameters
    ----------
    profits:
        One per customer; may be negative.

    Returns
    -------
    The curve, which ends at 1; ``None`` without customers or when the total is not above 0: no share of a
    loss can be read.

    Raises
    ------
    ValueError
        When a profit is not a finite number.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> curve = whale_curve([400, 300, 200, 100, 50, 20, 0, -20, -50, -200])
    >>> round(curve.peak, 4), curve.peak_customers, float(curve.shares[-1])
    (1.3375, 6, 1.0)

    Source
    ------
    Cooper and Kaplan 1991; Kaplan and Narayanan 2001.
    """
    np = load("numpy")
    values = np.sort(np.asarray(profits, dtype=float))[::-1]
    if not np.isfinite(values).all():
        raise ValueError("A profit is not a finite number.")
    total = values.sum()
    if not len(values) or total <= 0:
        return None
    shares = values.cumsum() / total
    shares[-1] = 1.0
    peak = int(shares.argmax())
    return Whale(shares, float(shares[peak]), peak + 1)


def gini(values: Sequence[float]) -> float | None:
    """Return how unequal the values are.

    Parameters
    ----------
    values:
        One per customer, none negative (give 0 for a loss, or leave it out, and say which).

    Returns
    -------
    0 (all equal) to below 1; ``None`` without anything to share.

    Raises
    ------
    ValueError
        When a value is negative: the index may leave 0 to 1 then.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> round(gini([50, 20, 10, 6, 4, 3, 3, 2, 1, 1]), 3)
    0.624

    Source
    ------
    Gini 1912: 2 sum(i x_i) / (n sum x) - (n + 1) / n, values ascending, without correction for small n.
    """
    np = load("numpy")
    ordered = np.sort(np.asarray(values, dtype=float))
    if len(ordered) and not ordered[0] >= 0:
        raise ValueError(f"The Gini index takes no negative value: {float(ordered[0])!r}.")
    count, total = len(ordered), ordered.sum()
    if not count or not total:
        return None
    return float(2 * (np.arange(1, count + 1) * ordered).sum() / (count * total) - (count + 1) / count)


def partner_contribution(*, margin: float, commissions: float = 0.0, funds: float = 0.0, support: float = 0.0) -> float:
    """Return what a dealer or agent brings net of what he costs.

    Parameters
    ----------
    margin:
        Margin of the sales he sourced.
    commissions, funds, support:
        Paid to him, marketing funds, cost of helping him.

    Returns
    -------
    Money; negative when he costs more than he brings.

    Raises
    ------
    TypeError
        When an amount is no number.

    Example
    -------
    >>> partner_contribution(margin=5000, commissions=800, funds=300, support=200)
    3700

    Source
    ------
    margin sourced - commissions - funds - support.
    """
    return margin - commissions - funds - support
