"""How satisfied customers say they are: higher is better. No answers give ``None``."""

from __future__ import annotations

from collections.abc import Iterable

#: Lowest answer of a promoter and highest of a detractor on 0 to 10. Source: Reichheld, Harvard Business
#: Review, December 2003.
PROMOTER, DETRACTOR = 9, 6

#: Lowest answer of a satisfied customer on 1 to 5. Source: top-two-box practice.
SATISFIED = 4


def _checked(answers: Iterable[int], low: int, high: int) -> list[int]:
    values = list(answers)
    if wrong := [value for value in values if not low <= value <= high]:
        raise ValueError(f"An answer lies between {low} and {high}, not {wrong[0]!r}.")
    return values


def net_promoter_score(answers: Iterable[int]) -> float | None:
    """Return the net promoter score.

    Parameters
    ----------
    answers:
        0 to 10 each.

    Returns
    -------
    -100 to 100, or ``None`` without answers.

    Raises
    ------
    ValueError
        For an answer outside 0 to 10.

    Example
    -------
    60 % promoters, 15 % detractors:

    >>> net_promoter_score([10] * 12 + [8] * 5 + [3] * 3)
    45.0

    Source
    ------
    Reichheld 2003: % of 9 and 10 - % of 0 to 6.
    """
    values = _checked(answers, 0, 10)
    if not values:
        return None
    promoters = sum(value >= PROMOTER for value in values)
    detractors = sum(value <= DETRACTOR for value in values)
    return 100 * (promoters - detractors) / len(values)


def customer_satisfaction(answers: Iterable[int]) -> float | None:
    """Return the share of satisfied answers.

    Parameters
    ----------
    answers:
        1 to 5 each.

    Returns
    -------
    0 to 1, or ``None`` without answers.

    Raises
    ------
    ValueError
        For an answer outside 1 to 5.

    Example
    -------
    >>> customer_satisfaction([5] * 100 + [4] * 72 + [2] * 28)
    0.86

    Source
    ------
    answers of 4 and 5 / answers.
    """
    values = _checked(answers, 1, 5)
    return sum(value >= SATISFIED for value in values) / len(values) if values else None


def response_rate(answered: int, asked: int) -> float | None:
    """Return the share of those asked who answered.

    Parameters
    ----------
    answered, asked:
        Customers.

    Returns
    -------
    0 to 1, or ``None`` when nobody was asked.

    Raises
    ------
    ValueError
        When more answered than were asked.

    Example
    -------
    >>> response_rate(200, 800)
    0.25

    Source
    ------
    answered / asked.
    """
    if not 0 <= answered <= asked:
        raise ValueError(f"{answered!r} of {asked!r} cannot have answered.")
    return answered / asked if asked else None
