"""What is bought together: never judge a rule by its confidence alone, a popular product has it for free.

Lift above 1 (leverage above 0, conviction above 1) says that the two are bought together more often than by
chance. All but lift and conviction are shares.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable
from itertools import combinations
from typing import NamedTuple

#: Baskets with more products are left out of the pairs; unit: products. Judgement: the opening order of a
#: dealer holds everything and says nothing, and its pairs grow with the square.
LARGEST_BASKET = 100


class Rule(NamedTuple):
    """Who buys `antecedent` also buys `consequent`."""

    antecedent: Hashable
    consequent: Hashable
    together: int
    support: float
    confidence: float
    lift: float
    leverage: float
    conviction: float


class Measures(NamedTuple):
    """How a rule differs from chance; `conviction` is infinite when the confidence is 1."""

    support: float
    confidence: float
    lift: float
    leverage: float
    conviction: float


def measures(support_a: float, support_b: float, support_both: float) -> Measures | None:
    """Return the measures of the rule "who buys A buys B".

    Parameters
    ----------
    support_a, support_b, support_both:
        Shares of the baskets with A, with B, and with both.

    Returns
    -------
    The measures, or ``None`` when A or B is in no basket.

    Raises
    ------
    ValueError
        When the shares contradict each other.

    Example
    -------
    >>> [round(value, 4) for value in measures(0.05, 0.10, 0.02)]
    [0.02, 0.4, 4.0, 0.015, 1.5]

    Tea and coffee: a confidence of 75 %, and tea drinkers drink less coffee than others.

    >>> round(measures(0.20, 0.90, 0.15).lift, 4)
    0.8333

    Source
    ------
    Agrawal, Imielinski and Swami 1993; Brin et al. 1997; Tan, Steinbach and Kumar, chapter 6.
    """
    # a share is a count over a count: the least difference of two of them is far above this rounding
    tiny = 1e-12
    fits = max(0.0, support_a + support_b - 1) - tiny <= support_both <= min(support_a, support_b) + tiny
    if not fits or max(support_a, support_b) > 1:
        raise ValueError(f"Shares of baskets contradict each other: {support_a!r}, {support_b!r}, {support_both!r}.")
    if not support_a or not support_b:
        return None
    confidence = min(support_both / support_a, 1.0)
    conviction = (1 - support_b) / (1 - confidence) if confidence < 1 else math.inf
    chance = support_a * support_b
    return Measures(support_both, confidence, support_both / chance, support_both - chance, conviction)


def pair_rules(
    baskets: Iterable[Iterable[Hashable]], *, least_together: int = 2, largest_basket: int = LARGEST_BASKET
) -> list[Rule]:
    """Return the rules between pairs of products.

    Parameters
    ----------
    baskets:
        Products of each order, or of each customer; each counts once a basket.
    least_together:
        Pairs in fewer baskets are left out: two baskets prove little.
    largest_basket:
        Larger baskets count for the single products, not for pairs.

    Returns
    -------
    Both directions of each pair, by lift, then by how often together, then by name.

    Raises
    ------
    ValueError
        When fewer than one basket is asked for.

    Example
    -------
    >>> rules = pair_rules([["lamp", "bulb"], ["lamp", "bulb"], ["lamp"], ["cable"]])
    >>> [(rule.antecedent, rule.consequent, round(rule.lift, 3)) for rule in rules]
    [('bulb', 'lamp', 1.333), ('lamp', 'bulb', 1.333)]

    Source
    ------
    As `measures`.
    """
    if least_together < 1:
        raise ValueError(f"A rule needs one basket or more, not {least_together!r}.")
    single, pairs, total = Counter(), Counter(), 0
    for basket in baskets:
        products = sorted(set(basket), key=str)
        total += 1
        single.update(products)
        if len(products) <= largest_basket:
            pairs.update(combinations(products, 2))
    rules = []
    for pair, together in pairs.items():
        if together >= least_together:
            for one, other in (pair, pair[::-1]):
                found = measures(single[one] / total, single[other] / total, together / total)
                rules.append(Rule(one, other, together, *found))
    return sorted(rules, key=lambda rule: (-rule.lift, -rule.together, str(rule.antecedent), str(rule.consequent)))
