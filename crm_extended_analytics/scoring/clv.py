"""Customer lifetime value: the money a customer is worth today, in the currency of the margin given.

Three ways, by how much is known: the historic margin, the present value of a constant margin under a
constant retention, and the discounted purchases of BG/NBD times the spend of gamma-gamma. `choose_method`
names the best one that the data carry and why. A rate of interest belongs to one period of the retention
(usually a year). The acquisition cost is never in the value unless it is given.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from . import bg_nbd
from .checks import columns, not_negative, plain, positive, probability

#: Weeks of a month in the discounted forecast; unit: weeks. Source: formulas of this suite, month of 30 days.
WEEKS_PER_MONTH = 30 / 7

#: Least number of customers, and of repeat buyers among them, for a fit; unit: customers. Judgement: below,
#: the standard error of CDNOW's r would exceed a quarter of r.
LEAST_CUSTOMERS, LEAST_REPEAT_BUYERS = 200, 50

#: Least history of the cohort for a fit; unit: median purchase intervals. Judgement: one interval must have
#: been able to pass twice before silence means something.
LEAST_INTERVALS = 2.0

#: Least number of customers at the start and whole periods seen, for a retention rate; units: customers, periods.
#: Judgement: with 30 customers and r = 0.8 the standard error of the rate is 0.07.
LEAST_AT_START, LEAST_PERIODS = 30, 2


def margin_multiple(retention: float, interest: float, *, growth: float = 0.0) -> float:
    """Return what a margin per period is worth when the first one comes after a period.

    Parameters
    ----------
    retention:
        Share of the customers who stay for another period.
    interest:
        Discount rate per period.
    growth:
        Growth of the margin per period.

    Returns
    -------
    A multiple, 0 or more.

    Raises
    ------
    ValueError
        When retention x (1 + growth) reaches 1 + interest: the sum does not end.

    Example
    -------
    >>> round(margin_multiple(0.8, 0.1), 2), round(margin_multiple(0.8, 0.12, growth=0.05), 3)
    (2.67, 2.857)

    Source
    ------
    Gupta and Lehmann 2003 and 2005: r / (1 + i - r (1 + g)).
    """
    probability(retention, "retention")
    not_negative(interest, "interest")
    rest = 1 + interest - retention * (1 + growth)
    if rest <= 0 or growth <= -1:
        raise ValueError(
            f"retention x (1 + growth) must stay below 1 + interest: {retention!r}, {growth!r}, {interest!r}."
        )
    return retention / rest


def present_value(
    margin: float,
    retention: float,
    interest: float,
    *,
    growth: float = 0.0,
    acquisition_cost: float = 0.0,
    is_margin_at_start: bool = False,
    periods: int | None = None,
) -> float | None:
    """Return the present value of a constant margin under a constant retention.

    Parameters
    ----------
    margin:
        Margin per period; may be negative; ``None`` when unknown.
    retention, interest, growth:
        As `margin_multiple`.
    acquisition_cost:
        Subtracted; 0 for a customer one already has.
    is_margin_at_start:
        True when the first margin comes now, at the start, and not after a period.
    periods:
        Horizon as a number of margins; by default without end.

    Returns
    -------
    Money, or ``None`` without a margin.

    Raises
    ------
    ValueError
        As `margin_multiple` (a finite horizon always has a sum), or for a horizon below 1.

    Example
    -------
    >>> round(present_value(100, 0.8, 0.1), 2), round(present_value(100, 0.8, 0.1, is_margin_at_start=True), 2)
    (266.67, 366.67)
    >>> round(present_value(100, 0.8, 0.1, periods=5), 2)
    212.41

    Source
    ------
    Gupta and Lehmann 2003; Gupta, Lehmann and Stuart, Journal of Marketing Research 2004.
    """
    if margin is None:
        return None
    if periods is None:
        multiple = margin_multiple(retention, interest, growth=growth)
    else:
        multiple = _finite_multiple(retention, interest, growth, periods)
    if is_margin_at_start:
        multiple = _with_start(multiple, retention, interest, growth, periods)
    return margin * multiple - acquisition_cost


def _finite_multiple(retention: float, interest: float, growth: float, periods: int) -> float:
    """Return r/(1+i) + ... over that many periods, the first margin not yet grown."""
    if periods < 1 or growth <= -1:
        raise ValueError(f"The horizon is at least 1 period and growth above -1: {periods!r}, {growth!r}.")
    first = probability(retention, "retention") / (1 + not_negative(interest, "interest"))
    return sum(first * (first * (1 + growth)) ** period for period in range(periods))


def _with_start(multiple: float, retention: float, interest: float, growth: float, periods: int | None) -> float:
    """Return the multiple of a stream that begins now: one margin at once, the rest grown by one period."""
    if periods is None:
        return 1 + multiple * (1 + growth)
    if periods == 1:
        return 1.0
    return 1 + _finite_multiple(retention, interest, growth, periods - 1) * (1 + growth)


def retention_elasticity(retention: float, interest: float) -> float:
    """Return by how many per cent the value rises when retention rises by one per cent of itself.

    Parameters
    ----------
    retention, interest:
        As `margin_multiple`.

    Returns
    -------
    Per cent per per cent, 1 or more.

    Raises
    ------
    ValueError
        As `margin_multiple`.

    Example
    -------
    The published "1 % of retention is 5 % of value" is that of 90 % and 12 %.

    >>> round(retention_elasticity(0.9, 0.12), 1)
    5.1

    Source
    ------
    Derivative of r / (1 + i - r): (1 + i) / (1 + i - r); Gupta, Lehmann and Stuart 2004.
    """
    margin_multiple(retention, interest)
    return (1 + interest) / (1 + interest - retention)


def historic_margin(margins: Iterable[float]) -> float | None:
    """Return what a customer has brought so far, not discounted.

    Parameters
    ----------
    margins:
        Margin of each period or document; returns are negative.

    Returns
    -------
    Money, or ``None`` without history.

    Raises
    ------
    TypeError
        When a margin is no number.

    Example
    -------
    >>> historic_margin([120, 80, -30])
    170

    Source
    ------
    Sum of the contribution margins.
    """
    values = list(margins)
    return sum(values) if values else None


def baseline(monthly_purchase: float, months: float, retention: float) -> float:
    """Return the simple forecast of a customer's purchases that any model has to beat.

    Parameters
    ----------
    monthly_purchase:
        His average purchases per month.
    months:
        Length of the future.
    retention:
        Overall retention rate of the customers.

    Returns
    -------
    Money.

    Raises
    ------
    ValueError
        When the retention is no share or the months are negative.

    Example
    -------
    >>> baseline(200, 12, 0.75)
    1800.0

    Source
    ------
    Average monthly purchase x months x retention, the baseline of Microsoft's CLV prediction.
    """
    return monthly_purchase * not_negative(months, "months") * probability(retention, "retention")


def discounted_purchases(
    parameters: bg_nbd.Parameters,
    x: Any,
    t_x: Any,
    age: Any,
    *,
    months: int = 12,
    monthly_interest: float = 0.01,
    weeks_per_month: float = WEEKS_PER_MONTH,
) -> Any:
    """Return the expected purchases of the next months, each discounted from the end of its month.

    Parameters
    ----------
    parameters:
        BG/NBD, in weeks.
    x, t_x, age:
        The histories, in weeks.
    months:
        Horizon.
    monthly_interest:
        Discount rate a month; 0 gives the plain expectation.
    weeks_per_month:
        Weeks a month.

    Returns
    -------
    Discounted purchases; times the margin per purchase they are the value.

    Raises
    ------
    ValueError
        For a horizon below 1, a negative interest, or a history that cannot be.
    MissingLibrary
        Without numpy or scipy.

    Example
    -------
    >>> cdnow = bg_nbd.Parameters(0.243, 4.414, 0.793, 2.426)
    >>> round(24.6637 * discounted_purchases(cdnow, 2, 30.43, 38.86), 2)
    35.88

    Source
    ------
    Fader, Hardie and Lee, "RFM and CLV", Journal of Marketing Research 42(4), 2005, with months as steps.
    """
    if months < 1:
        raise ValueError(f"The horizon is at least 1 month, not {months!r}.")
    not_negative(monthly_interest, "monthly interest")
    positive(weeks_per_month, "weeks per month")
    x, t_x, age = columns(x=x, t_x=t_x, age=age)
    total, before = x * 0.0, 0.0
    alive = bg_nbd.probability_alive(parameters, x, t_x, age)
    for month in range(1, months + 1):
        # P(alive) is the same for every month: multiply once, at the end
        until = bg_nbd.expected_purchases_alive(parameters, x, age, month * weeks_per_month)
        total = total + (until - before) / (1 + monthly_interest) ** month
        before = until
    return plain(total * alive)


class Choice(NamedTuple):
    """The method to use and why: `reason` is a code, `numbers` what a sentence about it needs."""

    method: str
    reason: str
    numbers: dict[str, float]


def choose_method(
    *,
    customers: int,
    repeat_buyers: int,
    history_intervals: float | None,
    at_start: int = 0,
    periods: int = 0,
    is_contractual: bool = False,
) -> Choice:
    """Return the best method of value that the data carry.

    Parameters
    ----------
    customers, repeat_buyers:
        Those of the population with a first, and with a second purchase.
    history_intervals:
        Length of the observation in median purchase intervals.
    at_start, periods:
        Customers at the start of the retention's period, and whole periods observed.
    is_contractual:
        True where the end of a customer is told (a contract): no BG/NBD there.

    Returns
    -------
    ``bg_nbd_gamma_gamma``, ``present_value`` or ``historic_margin``, with what was missing for the better one.

    Raises
    ------
    ValueError
        When a count is negative or there are more repeat buyers than customers.

    Example
    -------
    >>> choose_method(customers=2357, repeat_buyers=946, history_intervals=8).method
    'bg_nbd_gamma_gamma'
    >>> choose_method(customers=50, repeat_buyers=20, history_intervals=8, at_start=45, periods=3)
    Choice(method='present_value', reason='few_customers', numbers={'found': 50, 'needed': 200})

    Source
    ------
    Thresholds above.
    """
    if not 0 <= repeat_buyers <= customers or at_start < 0 or periods < 0:
        raise ValueError(f"Counts cannot be: {repeat_buyers!r} repeat buyers of {customers!r} customers.")
    intervals = history_intervals or 0.0
    hurdles = (
        ("contractual", float(not is_contractual), 1.0),
        ("few_customers", customers, LEAST_CUSTOMERS),
        ("few_repeat_buyers", repeat_buyers, LEAST_REPEAT_BUYERS),
        ("short_history", intervals, LEAST_INTERVALS),
    )
    missing = next(((code, found, needed) for code, found, needed in hurdles if found < needed), None)
    if missing is None:
        return Choice("bg_nbd_gamma_gamma", "enough_data", {"found": customers, "needed": LEAST_CUSTOMERS})
    code, found, needed = missing
    if at_start >= LEAST_AT_START and periods >= LEAST_PERIODS:
        return Choice("present_value", code, {} if code == "contractual" else {"found": found, "needed": needed})
    if at_start < LEAST_AT_START:
        return Choice("historic_margin", "few_at_start", {"found": at_start, "needed": LEAST_AT_START})
    return Choice("historic_margin", "few_periods", {"found": periods, "needed": LEAST_PERIODS})


def value_at_risk(value: float | None, probability_alive: float | None) -> float | None:
    """Return the part of a customer's value that is in danger of being lost.

    Parameters
    ----------
    value:
        His value if he is still there.
    probability_alive:
        Probability that he is.

    Returns
    -------
    Money, or ``None`` when one of both is unknown; a negative value is at no risk (0).

    Raises
    ------
    ValueError
        When the probability is none.

    Example
    -------
    >>> value_at_risk(1000, 0.75)
    250.0

    Source
    ------
    CLV x (1 - P(alive)).
    """
    if value is None or probability_alive is None:
        return None
    return max(value, 0.0) * (1 - probability(probability_alive, "P(alive)"))
