"""Clusters: customers who resemble each other, found by k-means on standardised measures, and said in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .libraries import load

#: Share of the values at each end that are drawn in to the limit of that share (winsorised); no unit.
WINSOR_SHARE = 0.025
#: Customers on whom the number of clusters is chosen; no unit. The silhouette compares each with each.
SAMPLE = 3000
#: Starts of k-means with different centres, of which the best is kept; no unit.
STARTS = 4
#: Distance in standard deviations, per measure, up to which a centre counts as the same one after another run.
SAME_DISTANCE = 0.75


class Scale(NamedTuple):
    """How measures are made comparable: limits that values are drawn in to, mean and deviation within them."""

    low: Any
    high: Any
    mean: Any
    deviation: Any


class Fit(NamedTuple):
    """The cluster of each row (from 0), the centres in the units of the measures, and how well they are apart."""

    labels: Any
    centres: Any
    silhouette: float | None
    tried: dict[int, float]


def scale(rows: Any) -> Scale:
    """Return how the measures of customers are made comparable.

    Parameters
    ----------
    rows:
        A row of measures per customer; not-a-number where one is not known.

    Returns
    -------
    The scale; a measure that is known of nobody, or the same for all, has the deviation 1.

    Raises
    ------
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> found = scale([[1.0], [2.0], [3.0]])
    >>> found.mean.round(3).tolist(), found.low.round(3).tolist()
    ([2.0], [1.05])

    Source
    ------
    Winsorised mean and standard deviation.
    """
    np = load("numpy")
    rows = np.asarray(rows, dtype=np.float64)
    low, high = np.empty(rows.shape[1]), np.empty(rows.shape[1])
    mean, deviation = np.zeros(rows.shape[1]), np.ones(rows.shape[1])
    for place in range(rows.shape[1]):
        known = rows[:, place][np.isfinite(rows[:, place])]
        if not len(known):
            low[place] = high[place] = 0.0
            continue
        low[place], high[place] = np.quantile(known, (WINSOR_SHARE, 1 - WINSOR_SHARE))
        drawn_in = np.clip(known, low[place], high[place])
        mean[place], deviation[place] = drawn_in.mean(), drawn_in.std() or 1.0
    return Scale(low, high, mean, deviation)


def standardise(rows: Any, of: Scale) -> Any:
    """Return the measures in standard deviations from the mean; what is not known is taken as average: 0.

    Parameters
    ----------
    rows:
        A row of measures per customer.
    of:
        Of `scale`.

    Returns
    -------
    Array of single precision, which halves the memory of a large company.

    Raises
    ------
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> rows = [[1.0], [2.0], [3.0], [float("nan")]]
    >>> standardise(rows, scale(rows)).astype(float).round(2).ravel().tolist()
    [-1.22, 0.0, 1.22, 0.0]

    Source
    ------
    z = (x - mean) / standard deviation.
    """
    np = load("numpy")
    rows = np.asarray(rows, dtype=np.float64)
    found = (np.clip(rows, of.low, of.high) - of.mean) / of.deviation
    return np.nan_to_num(found, nan=0.0).astype(np.float32)


def fit(rows: Any, *, counts: Sequence[int], seed: int = 1) -> Fit:
    """Return the clusters of customers.

    Parameters
    ----------
    rows:
        A row of measures per customer; not-a-number where one is not known, which is taken as average.
    counts:
        Numbers of clusters to choose from, by the silhouette on a sample; one is taken as it is.
    seed:
        The same rows and the same seed give the same clusters.

    Returns
    -------
    The fit; clusters are numbered from the largest to the smallest.

    Raises
    ------
    ValueError
        When a number of clusters is below 2, or above the number of customers.
    MissingLibrary
        Without numpy or scikit-learn.

    Example
    -------
    >>> rows = [[1.0, 1.0], [1.1, 1.0], [1.0, 1.1], [9.0, 9.0], [9.1, 9.0]]
    >>> found = fit(rows, counts=[2])
    >>> found.labels.tolist()
    [0, 0, 0, 1, 1]

    Source
    ------
    Lloyd (1982), k-means++ (Arthur and Vassilvitskii 2007); silhouette: Rousseeuw (1987).
    """
    np, cluster = load("numpy"), load("sklearn.cluster")
    if not counts or min(counts) < 2 or max(counts) > len(rows):
        raise ValueError(f"{len(rows)} customers cannot be divided into {list(counts)} clusters.")
    own_scale = scale(rows)
    points = standardise(rows, own_scale)
    chance = np.random.default_rng(seed)
    sample = points if len(points) <= SAMPLE else points[np.sort(chance.choice(len(points), SAMPLE, replace=False))]
    tried = {count: _try(sample, count, seed) for count in counts}
    chosen = max(tried, key=lambda count: (tried[count], -count))
    model = cluster.KMeans(n_clusters=chosen, n_init=STARTS, random_state=seed, algorithm="lloyd").fit(points)
    sizes = np.bincount(model.labels_, minlength=chosen)
    order = np.argsort(-sizes, kind="stable")
    labels = np.empty(chosen, dtype=np.int32)
    labels[order] = np.arange(chosen)
    centres = model.cluster_centers_[order] * own_scale.deviation + own_scale.mean
    return Fit(labels[model.labels_], centres, tried[chosen], tried)


def _try(sample: Any, count: int, seed: int) -> float:
    """Return the silhouette of so many clusters of the sample; -1 where they cannot be told apart."""
    cluster, metrics = load("sklearn.cluster"), load("sklearn.metrics")
    labels = cluster.KMeans(n_clusters=count, n_init=STARTS, random_state=seed, algorithm="lloyd").fit_predict(sample)
    if not 2 <= len(set(labels.tolist())) < len(sample):
        return -1.0
    return float(metrics.silhouette_score(sample, labels))


def match(old: Sequence[Sequence[float]], new: Sequence[Sequence[float]], of: Scale) -> dict[int, int]:
    """Return which new cluster is which old one.

    Parameters
    ----------
    old, new:
        Centres in the units of the measures.
    of:
        Of `scale`, of the customers of the new clusters.

    Returns
    -------
    Number of a new cluster -> number of the old one: pairs with the smallest sum of distances. Those that are further
    apart than `SAME_DISTANCE` in a measure, on average, are not the same.

    Raises
    ------
    MissingLibrary
        Without numpy or scipy.

    Example
    -------
    >>> of = Scale([0.0], [9.0], [0.0], [1.0])
    >>> match([[1.0], [5.0]], [[5.1], [1.2], [9.0]], of)
    {0: 1, 1: 0}

    Source
    ------
    Assignment problem (Kuhn 1955) on root mean square distances.
    """
    np, optimize = load("numpy"), load("scipy.optimize")
    if not len(old) or not len(new):
        return {}
    one, other = (np.asarray(centres, dtype=float) / np.asarray(of.deviation) for centres in (new, old))
    distance = np.sqrt(((one[:, None, :] - other[None, :, :]) ** 2).mean(axis=2))
    pairs = zip(*optimize.linear_sum_assignment(distance), strict=True)
    return {int(row): int(column) for row, column in pairs if distance[row, column] <= SAME_DISTANCE}


def profile(centres: Any, of: Scale) -> list[list[tuple[int, float, float, float]]]:
    """Return what sets each cluster apart, the most first.

    Parameters
    ----------
    centres:
        Of `fit`.
    of:
        Of `scale`, of all customers.

    Returns
    -------
    Per cluster: (place of the measure, its mean in the cluster, its mean over all, difference in deviations).

    Raises
    ------
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> of = Scale([0, 0], [9, 9], [4.0, 2.0], [2.0, 1.0])
    >>> profile([[5.0, 4.0]], of)
    [[(1, 4.0, 2.0, 2.0), (0, 5.0, 4.0, 0.5)]]

    Source
    ------
    Standardised difference of means.
    """
    np = load("numpy")
    differences = (np.asarray(centres, dtype=float) - np.asarray(of.mean)) / np.asarray(of.deviation)
    return [
        [
            (int(place), float(centre[place]), float(of.mean[place]), float(row[place]))
            for place in np.argsort(-np.abs(row), kind="stable")
        ]
        for centre, row in zip(np.asarray(centres, dtype=float), differences, strict=True)
    ]
