"""Checks of input that several modules share: each refuses with a sentence that repeats the bad value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .libraries import load


def probability(value: float, name: str) -> float:
    """Return `value` when it lies between 0 and 1.

    Parameters
    ----------
    value:
        A share or probability.
    name:
        What the caller calls it, for the message.

    Returns
    -------
    The same value.

    Raises
    ------
    ValueError
        When it lies outside.

    Example
    -------
    >>> probability(0.25, "retention")
    0.25
    >>> probability(25, "retention")
    Traceback (most recent call last):
        ...
    ValueError: retention is a share between 0 and 1, not 25.

    Source
    ------
    Rule of this package.
    """
    if not 0 <= value <= 1:
        raise ValueError(f"{name} is a share between 0 and 1, not {value!r}.")
    return value


def positive(value: float, name: str) -> float:
    """Return `value` when it is a finite number above zero.

    Parameters
    ----------
    value:
        The number.
    name:
        What the caller calls it, for the message.

    Returns
    -------
    The same value.

    Raises
    ------
    ValueError
        When it is zero, negative, infinite or no number.

    Example
    -------
    >>> positive(7, "half-life")
    7

    Source
    ------
    Rule of this package.
    """
    if not (value > 0 and math.isfinite(value)):
        raise ValueError(f"{name} must be above 0, not {value!r}.")
    return value


def not_negative(value: float, name: str) -> float:
    """Return `value` when it is a finite number of zero or more.

    Parameters
    ----------
    value:
        The number.
    name:
        What the caller calls it, for the message.

    Returns
    -------
    The same value.

    Raises
    ------
    ValueError
        When it is negative, infinite or no number.

    Example
    -------
    >>> not_negative(0, "orders")
    0

    Source
    ------
    Rule of this package.
    """
    if not (value >= 0 and math.isfinite(value)):
        raise ValueError(f"{name} must be 0 or more, not {value!r}.")
    return value


def same_length(**series: Sequence[Any]) -> int:
    """Return the length that all the named series have.

    Parameters
    ----------
    series:
        The series by name.

    Returns
    -------
    Their common length.

    Raises
    ------
    ValueError
        When one is longer than another.

    Example
    -------
    >>> same_length(actual=[1, 2], forecast=[3, 4])
    2
    >>> same_length(actual=[1, 2], forecast=[3])
    Traceback (most recent call last):
        ...
    ValueError: The series must be equally long: actual has 2, forecast has 1.

    Source
    ------
    Rule of this package.
    """
    lengths = {name: len(values) for name, values in series.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ValueError(f"The series must be equally long: {told}.")
    return next(iter(lengths.values()), 0)


def columns(**series: Any) -> tuple[Any, ...]:
    """Return the named numbers or series as arrays of one common shape.

    Parameters
    ----------
    series:
        Numbers, lists or arrays by name.

    Returns
    -------
    One float array per series, broadcast against each other.

    Raises
    ------
    MissingLibrary
        Without numpy.
    ValueError
        When the lengths do not fit, or when a value is not a finite number.

    Example
    -------
    >>> [column.tolist() for column in columns(x=[1, 2], weeks=39)]
    [[1.0, 2.0], [39.0, 39.0]]

    Source
    ------
    Rule of this package.
    """
    np = load("numpy")
    arrays = {name: np.asarray(values, dtype=float) for name, values in series.items()}
    for name, values in arrays.items():
        if not np.isfinite(values).all():
            raise ValueError(f"{name} holds a value that is not a finite number.")
    return tuple(np.broadcast_arrays(*arrays.values()))


def plain(values: Any) -> Any:
    """Return an array as it is, and an array of no dimension as a plain number.

    Parameters
    ----------
    values:
        An array, or a number of numpy.

    Returns
    -------
    The array, or a float.

    Raises
    ------
    AttributeError
        When it is not of numpy.

    Example
    -------
    >>> plain(columns(x=3)[0])
    3.0

    Source
    ------
    Rule of this package.
    """
    return float(values) if values.ndim == 0 else values
