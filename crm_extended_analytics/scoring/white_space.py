"""White space: what customers of one place would buy more if they bought as their peers do; more is a larger chance."""

from __future__ import annotations

import math
from typing import NamedTuple

from .checks import not_negative

#: Customers of a place below which a share of buyers says nothing; unit: customers. Judgement: one customer more or
#: less would move it by more than 20 points.
LEAST_CUSTOMERS = 5

#: Peers to compare with at least; unit: customers. As for what peers buy.
LEAST_PEERS = 10

#: One-sided 5 % quantile of the normal distribution; unit: standard errors.
CLEAR = 1.645


class Space(NamedTuple):
    """Shares of buyers here and among the peers, what is missing here, and whether chance is an unlikely reason."""

    penetration: float
    peer_penetration: float
    missing_buyers: float
    missing_sales: float
    is_clear: bool


def white_space(
    *,
    customers: int,
    buyers: int,
    peers: int,
    peer_buyers: int,
    peer_sales: float,
    least_customers: int = LEAST_CUSTOMERS,
    least_peers: int = LEAST_PEERS,
) -> Space | None:
    """Return what is missing to the share of buyers among the peers.

    Parameters
    ----------
    customers, buyers:
        Customers of the place, and those of them who buy the product group.
    peers, peer_buyers, peer_sales:
        Customers to compare with, those of them who buy it, and what these spend in all.
    least_customers, least_peers:
        Fewer give no answer.

    Returns
    -------
    Missing buyers = (share among peers - share here) x customers, not below 0; missing sales = missing buyers x what
    a peer who buys spends on average. Clear when the test of two proportions rejects "no difference", one-sided, at
    5 %. ``None`` with too few customers or peers.

    Raises
    ------
    ValueError
        When there are more buyers than customers, or a number is negative.

    Example
    -------
    >>> found = white_space(customers=20, buyers=2, peers=40, peer_buyers=20, peer_sales=10_000)
    >>> found.penetration, found.peer_penetration, round(found.missing_buyers, 6), round(found.missing_sales, 6)
    (0.1, 0.5, 8.0, 4000.0)
    >>> found.is_clear
    True
    >>> white_space(customers=4, buyers=0, peers=40, peer_buyers=20, peer_sales=10_000) is None
    True

    Source
    ------
    Rule of this package; test of two proportions with the pooled share, as in `uplift`.
    """
    for name, (some, all_of_them) in {"buyers": (buyers, customers), "peer buyers": (peer_buyers, peers)}.items():
        if not_negative(some, name) > all_of_them:
            raise ValueError(f"There are more {name} ({some!r}) than customers ({all_of_them!r}).")
    if customers < least_customers or peers < least_peers:
        return None
    here, there = buyers / customers, peer_buyers / peers
    missing = max(there - here, 0.0) * customers
    pooled = (buyers + peer_buyers) / (customers + peers)
    error = math.sqrt(pooled * (1 - pooled) * (1 / customers + 1 / peers))
    return Space(
        penetration=here,
        peer_penetration=there,
        missing_buyers=missing,
        missing_sales=missing * peer_sales / peer_buyers if peer_buyers else 0.0,
        is_clear=error > 0 and there - here >= CLEAR * error,
    )
