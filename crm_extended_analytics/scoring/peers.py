"""Where a customer stands among those like him, and what they buy and he does not; higher is better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from .checks import same_length
from .libraries import load

#: Least number of peers for a comparison; unit: customers, besides himself. Judgement: among five, one place is
#: a fifth of the scale.
LEAST_PEERS = 5


def percentile_among(value: float | None, peers: Sequence[float], *, least: int = LEAST_PEERS) -> float | None:
    """Return the place of a customer among his peers.

    Parameters
    ----------
    value:
        His measure.
    peers:
        Theirs, without his.
    least:
        How many are needed.

    Returns
    -------
    0 to 100: the share of the peers he is ahead of, equals counting half; ``None`` with too few of them.

    Raises
    ------
    TypeError
        When a measure is no number.

    Example
    -------
    >>> percentile_among(30, [10, 20, 30, 40, 50])
    50.0

    Source
    ------
    Percentile rank.
    """
    if value is None or len(peers) < max(least, 1):
        return None
    below = sum(1.0 if peer < value else 0.5 for peer in peers if peer <= value)
    return 100 * below / len(peers)


def percentiles(values: Sequence[float], groups: Sequence[int], *, least: int = LEAST_PEERS) -> Any:
    """Return the place of each customer among the others of his group.

    Parameters
    ----------
    values:
        One per customer.
    groups:
        Number of the group of each.
    least:
        How many others are needed.

    Returns
    -------
    Array of 0 to 100; not-a-number in groups that are too small.

    Raises
    ------
    ValueError
        When there are not as many groups as values.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> percentiles([10, 20, 30, 40, 99], [1, 1, 1, 1, 2], least=3).round(1).tolist()
    [0.0, 33.3, 66.7, 100.0, nan]

    Source
    ------
    As `percentile_among`.
    """
    np = load("numpy")
    same_length(values=values, groups=groups)
    amounts, group = np.asarray(values, dtype=float), np.asarray(groups)
    found = np.full(len(amounts), np.nan)
    if not len(amounts):
        return found
    order = np.lexsort((amounts, group))
    amounts, group = amounts[order], group[order]
    _names, first, inverse, count = np.unique(group, return_index=True, return_inverse=True, return_counts=True)
    starts = np.concatenate([[True], (amounts[1:] != amounts[:-1]) | (group[1:] != group[:-1])])
    run = starts.cumsum() - 1
    run_first, run_count = np.flatnonzero(starts)[run], np.bincount(run)[run]
    others = count[inverse] - 1
    ahead = run_first - first[inverse] + (run_count - 1) / 2
    enough = others >= max(least, 1)
    found[order[enough]] = 100 * ahead[enough] / others[enough]
    return found


class Gap(NamedTuple):
    """A category that peers buy and the customer does not; `typical` is their median where they buy it."""

    category: Hashable
    buyers: int
    share_of_peers: float
    typical: float


def category_gaps(
    bought: Iterable[Hashable],
    peers: Iterable[Mapping[Hashable, float]],
    *,
    least_share: float = 0.5,
    least: int = LEAST_PEERS,
) -> list[Gap] | None:
    """Return what the peers of a customer buy and he does not.

    Parameters
    ----------
    bought:
        Categories he buys.
    peers:
        Amount by category of each peer.
    least_share:
        Share of the peers that must buy a category.
    least:
        How many peers are needed.

    Returns
    -------
    The gaps, most common first, then by amount, then by name; ``None`` with too few peers.

    Raises
    ------
    ValueError
        When the share lies outside 0 to 1.

    Example
    -------
    >>> peers = [{"lamps": 100, "bulbs": 20}] * 4 + [{"lamps": 100}] * 2
    >>> category_gaps(["lamps"], peers)
    [Gap(category='bulbs', buyers=4, share_of_peers=0.6666666666666666, typical=20.0)]

    Source
    ------
    White-space analysis.
    """
    if not 0 <= least_share <= 1:
        raise ValueError(f"A share lies between 0 and 1, not {least_share!r}.")
    rows, own = list(peers), set(bought)
    if len(rows) < max(least, 1):
        return None
    buyers = Counter(category for row in rows for category, amount in row.items() if amount > 0)
    gaps = [
        Gap(category, count, count / len(rows), median([row[category] for row in rows if row.get(category, 0) > 0]))
        for category, count in buyers.items()
        if category not in own and count / len(rows) >= least_share
    ]
    return sorted(gaps, key=lambda gap: (-gap.buyers, -gap.typical, str(gap.category)))
