"""Look-alikes: which prospects resemble the best customers. A distance in standard deviations, lower is closer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .checks import plain
from .libraries import load


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
