"""Look-alikes: which prospects resemble the best customers. A distance in standard deviations, lower is closer."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

from .checks import plain, positive, probability
from .libraries import load

#: Customers whom a value is taken to have been seen on before anything is known; no unit. Smooths rare values.
SMOOTHING = 5.0


class Evidence(NamedTuple):
    """What a value of an attribute says: `weight` above 0 speaks for a likeness to the best, below 0 against it."""

    weight: float
    best_share: float
    all_share: float


class Model(NamedTuple):
    """The middle of the model customers and the spread of the population, per measure."""

    centre: tuple[float, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]


def describe(population: Sequence[Sequence[float]], best: Sequence[Sequence[float]]) -> Model | None:
    """Return what to compare prospects with.

    Parameters
    ----------
    population:
        One row of measures per customer.
    best:
        The rows of the best of them.

    Returns
    -------
    The model; ``None`` without customers on either side. A measure without spread cannot tell anybody apart
    and does not count.

    Raises
    ------
    ValueError
        When the rows do not have the same measures, or a value is not a finite number.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> describe([[10, 1], [20, 1], [30, 1]], [[30, 1]]).centre
    (30.0, 1.0)

    Source
    ------
    Standardised Euclidean distance.
    """
    np = load("numpy")
    everybody, model = np.asarray(population, dtype=float), np.asarray(best, dtype=float)
    if not len(everybody) or not len(model):
        return None
    if everybody.ndim != 2 or model.ndim != 2 or everybody.shape[1] != model.shape[1]:
        raise ValueError("Each row has the same measures, in the same order.")
    if not (np.isfinite(everybody).all() and np.isfinite(model).all()):
        raise ValueError("A measure is not a finite number: leave that customer or that measure out.")
    parts = (np.median(model, axis=0), everybody.mean(axis=0), everybody.std(axis=0))
    return Model(*(tuple(map(float, part)) for part in parts))


def distances(prospects: Sequence[Sequence[float]], model: Model) -> Any:
    """Return how far each prospect is from the model customer.

    Parameters
    ----------
    prospects:
        One row of the same measures each; not-a-number where one is not known, which is left out of the mean.
    model:
        Of `describe`.

    Returns
    -------
    Array: root mean square of the differences in standard deviations; not-a-number where nothing is known.

    Raises
    ------
    ValueError
        When the rows do not have the model's measures.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> model = Model(centre=(30.0, 5.0), mean=(20.0, 4.0), deviation=(10.0, 2.0))
    >>> distances([[30, 5], [20, 5], [10, 1]], model).round(4).tolist()
    [0.0, 0.7071, 2.0]

    Source
    ------
    Standardised Euclidean distance, per measure.
    """
    np = load("numpy")
    rows = np.asarray(prospects, dtype=float)
    if rows.ndim != 2 or rows.shape[1] != len(model.centre):
        raise ValueError(f"Each prospect has the {len(model.centre)} measures of the model.")
    spread = np.asarray(model.deviation)
    used = spread > 0
    steps = (rows[:, used] - np.asarray(model.centre)[used]) / spread[used]
    known = np.isfinite(steps)
    count = known.sum(axis=1)
    squares = np.where(known, steps, 0.0) ** 2
    return np.sqrt(np.divide(squares.sum(axis=1), count, out=np.full(len(rows), np.nan), where=count > 0))


def similarity_score(distance: Any) -> Any:
    """Return a distance as a score.

    Parameters
    ----------
    distance:
        Of `distances`.

    Returns
    -------
    100 for a twin, about 61 one standard deviation away, towards 0 far off.

    Raises
    ------
    ValueError
        When a distance is negative.
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> similarity_score(0.0), round(similarity_score(1.0), 1)
    (100.0, 60.7)

    Source
    ------
    Gaussian kernel exp(-d^2 / 2).
    """
    np = load("numpy")
    distance = np.asarray(distance, dtype=float)
    if (distance < 0).any():
        raise ValueError("A distance is not negative.")
    return plain(np.asarray(100 * np.exp(-(distance**2) / 2)))


def evidence(
    everybody: Mapping[Hashable, int],
    best: Mapping[Hashable, int],
    *,
    customers: int,
    best_customers: int,
    smoothing: float = SMOOTHING,
) -> dict[Hashable, Evidence]:
    """Return how much each value of an attribute tells the best customers from the others.

    Parameters
    ----------
    everybody, best:
        Value -> number of customers with it, among all and among the best.
    customers, best_customers:
        How many there are.
    smoothing:
        Customers that each value gets beforehand, in the proportion of all customers: a rare value says little.

    Returns
    -------
    Value -> evidence; empty unless there are both best customers and others.

    Raises
    ------
    ValueError
        When the smoothing is not above 0, or a value is more frequent than there are customers.

    Example
    -------
    >>> found = evidence({"hotel": 80, "shop": 920}, {"hotel": 34, "shop": 66}, customers=1000, best_customers=100)
    >>> found["hotel"].best_share, found["hotel"].all_share, round(found["hotel"].weight, 3)
    (0.34, 0.08, 1.855)

    Source
    ------
    Naive Bayes: ln P(value | best) - ln P(value | others), each smoothed by the share of all customers.
    """
    positive(smoothing, "smoothing")
    others = customers - best_customers
    if best_customers <= 0 or others <= 0:
        return {}
    found = {}
    for value, count in everybody.items():
        best_count = best.get(value, 0)
        if not 0 <= best_count <= count <= customers:
            raise ValueError(f"{value!r}: {best_count!r} of the best and {count!r} of {customers!r} customers.")
        share = count / customers
        of_best = (best_count + smoothing * share) / (best_customers + smoothing)
        of_others = (count - best_count + smoothing * share) / (others + smoothing)
        if of_best and of_others:
            found[value] = Evidence(math.log(of_best / of_others), best_count / best_customers, share)
    return found


def likeness(weights: Sequence[float], *, base_rate: float) -> float:
    """Return the probability of being one of the best, given the evidence.

    Parameters
    ----------
    weights:
        Of the values that are known, one per attribute; the attributes are taken as independent.
    base_rate:
        Share of the best among all customers.

    Returns
    -------
    0 to 1; the base rate when nothing is known.

    Raises
    ------
    ValueError
        When the base rate is not between 0 and 1.

    Example
    -------
    >>> likeness([], base_rate=0.1), round(likeness([1.855], base_rate=0.1), 4)
    (0.1, 0.4153)

    Source
    ------
    Naive Bayes in odds: base odds x e^(sum of the weights).
    """
    if not 0 < probability(base_rate, "base rate") < 1:
        raise ValueError(f"A base rate lies between 0 and 1, not {base_rate!r}.")
    if not weights:
        return base_rate
    return 1 / (1 + (1 - base_rate) / base_rate * math.exp(-sum(weights)))
