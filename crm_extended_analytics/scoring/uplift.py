"""What a campaign caused: treated customers beside a hold-out that was drawn at random.

Differences of rates (0.02 = two points more), positive is better; the p-value is the chance of so large a
difference when the campaign does nothing, smaller is stronger.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import NamedTuple

from .checks import not_negative, positive, probability
from .student import two_sided_p, two_sided_quantile

#: Significance and power that are asked for unless told otherwise; probabilities. Source: convention of
#: experiments (Cohen 1988).
SIGNIFICANCE, POWER = 0.05, 0.80

#: Least expected conversions and non-conversions in each group for the normal approximation; unit: customers.
#: Source: the rule of five (Cochran 1954).
LEAST_EXPECTED = 5


class Uplift(NamedTuple):
    """The measured effect; `incremental` is the conversions that the campaign caused."""

    rate_treated: float
    rate_holdout: float
    difference: float
    low: float
    high: float
    p_value: float | None
    incremental: float
    is_significant: bool
    #: False when a group is too small for the test; the interval is then a rough one.
    is_testable: bool


class MeanDifference(NamedTuple):
    """A difference of an amount per customer, with its interval."""

    difference: float
    low: float
    high: float
    p_value: float | None


def uplift(
    *, treated: int, treated_converted: int, holdout: int, holdout_converted: int, significance: float = SIGNIFICANCE
) -> Uplift | None:
    """Return the effect of a campaign with its interval and the test of two proportions.

    Parameters
    ----------
    treated, holdout:
        Customers in each group.
    treated_converted, holdout_converted:
        Those of them who bought.
    significance:
        Of the test; the interval covers 1 minus it.

    Returns
    -------
    The effect, or ``None`` when a group is empty.

    Raises
    ------
    ValueError
        When more converted than there are, or for a significance outside 0 to 1.

    Example
    -------
    >>> found = uplift(treated=1000, treated_converted=80, holdout=1000, holdout_converted=50)
    >>> round(found.difference, 3), round(found.p_value, 4), round(found.incremental, 1), found.is_significant
    (0.03, 0.0065, 30.0, True)

    Source
    ------
    Two-sided z-test with pooled variance; interval: Newcombe 1998, method 10 (from the Wilson intervals).
    """
    for found, total in ((treated_converted, treated), (holdout_converted, holdout)):
        if not 0 <= found <= total:
            raise ValueError(f"{found!r} of {total!r} customers cannot have converted.")
    quantile = _quantile(1 - significance / 2, significance)
    if not treated or not holdout:
        return None
    rate_t, rate_h = treated_converted / treated, holdout_converted / holdout
    difference = rate_t - rate_h
    low_t, high_t = _wilson(rate_t, treated, quantile)
    low_h, high_h = _wilson(rate_h, holdout, quantile)
    pooled = (treated_converted + holdout_converted) / (treated + holdout)
    error = math.sqrt(pooled * (1 - pooled) * (1 / treated + 1 / holdout))
    p_value = 2 * NormalDist().cdf(-abs(difference) / error) if error else None
    is_testable = min(treated, holdout) * min(pooled, 1 - pooled) >= LEAST_EXPECTED
    return Uplift(
        rate_treated=rate_t,
        rate_holdout=rate_h,
        difference=difference,
        low=difference - math.hypot(rate_t - low_t, high_h - rate_h),
        high=difference + math.hypot(high_t - rate_t, rate_h - low_h),
        p_value=p_value,
        incremental=difference * treated,
        is_significant=is_testable and p_value is not None and p_value < significance,
        is_testable=is_testable,
    )


def _quantile(share: float, significance: float) -> float:
    if not 0 < significance < 1:
        raise ValueError(f"A significance lies between 0 and 1, not {significance!r}.")
    return NormalDist().inv_cdf(share)


def _wilson(rate: float, total: int, quantile: float) -> tuple[float, float]:
    """Return Wilson's interval of a share."""
    square = quantile**2 / total
    centre = rate + square / 2
    half = quantile * math.sqrt(rate * (1 - rate) / total + square / (4 * total))
    return (centre - half) / (1 + square), (centre + half) / (1 + square)


def minimum_holdout(
    *,
    base_rate: float,
    least_uplift: float,
    treated_per_holdout: float = 1.0,
    significance: float = SIGNIFICANCE,
    power: float = POWER,
) -> int | None:
    """Return how many customers must be held out to see an uplift of that size.

    Parameters
    ----------
    base_rate:
        Share that buys without the campaign.
    least_uplift:
        Smallest difference of rates worth seeing.
    treated_per_holdout:
        How many are treated for each held out.
    significance, power:
        Chances of a false alarm, and of seeing the uplift when it is there.

    Returns
    -------
    Customers in the hold-out, rounded up; ``None`` when the uplift is 0 or leads above 100 %: no number
    suffices.

    Raises
    ------
    ValueError
        When a rate, significance, power or ratio cannot be.

    Example
    -------
    >>> minimum_holdout(base_rate=0.05, least_uplift=0.03)
    1059
    >>> minimum_holdout(base_rate=0.05, least_uplift=0.03, treated_per_holdout=9)
    624

    Source
    ------
    Fleiss, Levin and Paik 2003, sample size of two proportions without continuity correction.
    """
    other = probability(base_rate, "base rate") + least_uplift
    if not least_uplift or not 0 <= other <= 1:
        return None
    ratio = positive(treated_per_holdout, "treated per hold-out")
    z_significance = _quantile(1 - significance / 2, significance)
    z_power = _quantile(power, power)
    pooled = (base_rate + ratio * other) / (1 + ratio)
    spread_null = math.sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    spread_real = math.sqrt(base_rate * (1 - base_rate) + other * (1 - other) / ratio)
    return math.ceil(((z_significance * spread_null + z_power * spread_real) / least_uplift) ** 2)


def difference_of_means(
    *,
    treated: int,
    treated_mean: float,
    treated_deviation: float,
    holdout: int,
    holdout_mean: float,
    holdout_deviation: float,
    significance: float = SIGNIFICANCE,
) -> MeanDifference | None:
    """Return the difference of an amount per customer, with its interval and the test.

    Parameters
    ----------
    treated, holdout:
        Customers in each group, including those who bought nothing.
    treated_mean, holdout_mean:
        Mean amount per customer.
    treated_deviation, holdout_deviation:
        Sample standard deviations.
    significance:
        The interval covers 1 minus it.

    Returns
    -------
    The difference, or ``None`` with fewer than two customers in a group; no p-value where nobody differs.

    Raises
    ------
    ValueError
        When a deviation is negative.

    Example
    -------
    >>> [round(value, 2) for value in difference_of_means(
    ...     treated=400, treated_mean=52, treated_deviation=40, holdout=100, holdout_mean=45, holdout_deviation=30)]
    [7, -0.11, 14.11, 0.05]

    Source
    ------
    Unequal variances (Welch 1947), so that small groups get the wide interval that they deserve.
    """
    not_negative(treated_deviation, "deviation of the treated")
    not_negative(holdout_deviation, "deviation of the hold-out")
    if min(treated, holdout) < 2:
        return None
    difference = treated_mean - holdout_mean
    share_t, share_h = treated_deviation**2 / treated, holdout_deviation**2 / holdout
    if not share_t + share_h:
        return MeanDifference(difference, difference, difference, None)
    freedom = (share_t + share_h) ** 2 / (share_t**2 / (treated - 1) + share_h**2 / (holdout - 1))
    error = math.sqrt(share_t + share_h)
    half = two_sided_quantile(significance, freedom) * error
    p_value = two_sided_p(difference / error, freedom)
    return MeanDifference(difference, difference - half, difference + half, p_value)


class Group(NamedTuple):
    """Customers of one side of a test, those who bought nothing included; means and deviations are by measure."""

    count: int
    #: those of them who bought
    converted: int
    #: per customer; None where a measure is not known
    means: Mapping[str, float | None]
    #: sample standard deviations
    deviations: Mapping[str, float | None]


class TwoGroups(NamedTuple):
    """The treated beside those held out, whatever is compared: buyers or amounts.

    >>> groups = TwoGroups(
    ...     treated=Group(400, 80, {"margin": 52}, {"margin": 40}),
    ...     held_out=Group(100, 15, {"margin": 45}, {"margin": 30}))
    >>> round(groups.compare_buyers().difference, 2), groups.compare_means("margin").difference
    (0.05, 7)
    >>> groups.get_caused("margin")
    2800
    >>> unknown = TwoGroups(
    ...     treated=Group(400, 80, {"margin": None}, {"margin": None}), held_out=groups.held_out)
    >>> unknown.get_caused("margin") is unknown.compare_means("margin") is None
    True
    """

    treated: Group
    held_out: Group

    def compare_buyers(self) -> Uplift | None:
        """Return the effect on the share of buyers, or ``None`` when a group is empty; see `uplift`."""
        return uplift(
            treated=self.treated.count,
            treated_converted=self.treated.converted,
            holdout=self.held_out.count,
            holdout_converted=self.held_out.converted,
        )

    def compare_means(self, measure: str) -> MeanDifference | None:
        """Return the effect on a measure per customer, or ``None``; see `difference_of_means`.

        There is none with fewer than two customers, and none where the measure is not known of a group.
        """
        if not self._is_known(measure):
            return None
        return difference_of_means(
            treated=self.treated.count,
            treated_mean=self.treated.means[measure],
            treated_deviation=self.treated.deviations[measure],
            holdout=self.held_out.count,
            holdout_mean=self.held_out.means[measure],
            holdout_deviation=self.held_out.deviations[measure],
        )

    def get_caused(self, measure: str) -> float | None:
        """Return the sum of a measure that the action caused: difference per customer x treated customers."""
        if not self._is_known(measure):
            return None
        return (self.treated.means[measure] - self.held_out.means[measure]) * self.treated.count

    def _is_known(self, measure: str) -> bool:
        return self.treated.means[measure] is not None and self.held_out.means[measure] is not None
