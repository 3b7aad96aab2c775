"""Which touch earned a conversion: credits in conversions or money.

In every model the credits sum to what was converted. A rule model answers "by which convention do we share",
Markov "what would be lost without that channel"; neither measures a cause, a hold-out does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from .checks import not_negative, positive
from .libraries import load

#: Shares of the first and last touch in U; no unit. Source: position-based model of web analytics, 40/20/40.
U_ENDS = 0.4

#: Share of first, lead-making and deal-making touch in W; no unit. Source: W-shaped model, 30/30/30/10.
W_POINTS = 0.3

#: Half-life of time decay; unit: days. Source: the default of web analytics, a week.
HALF_LIFE_DAYS = 7.0

START, WON, LOST = object(), object(), object()


def first_touch(count: int) -> list[float]:
    """Return the shares of a path's touches when the first gets all.

    Parameters
    ----------
    count:
        Number of touches.

    Returns
    -------
    One share per touch, in their order; they sum to 1.

    Raises
    ------
    ValueError
        Without a touch.

    Example
    -------
    >>> first_touch(3)
    [1.0, 0.0, 0.0]

    Source
    ------
    Convention.
    """
    return _at(count, 0)


def last_touch(count: int) -> list[float]:
    """Return the shares of a path's touches when the last gets all.

    Parameters
    ----------
    count:
        Number of touches.

    Returns
    -------
    One share per touch, in their order; they sum to 1.

    Raises
    ------
    ValueError
        Without a touch.

    Example
    -------
    >>> last_touch(3)
    [0.0, 0.0, 1.0]

    Source
    ------
    Convention.
    """
    return _at(count, count - 1)


def _at(count: int, place: int) -> list[float]:
    _check(count)
    return [float(touch == place) for touch in range(count)]


def _check(count: int) -> None:
    if count < 1:
        raise ValueError("A path has one touch or more.")


def linear(count: int) -> list[float]:
    """Return the shares of a path's touches when all get the same.

    Parameters
    ----------
    count:
        Number of touches.

    Returns
    -------
    One share per touch, in their order; they sum to 1.

    Raises
    ------
    ValueError
        Without a touch.

    Example
    -------
    >>> linear(4)
    [0.25, 0.25, 0.25, 0.25]

    Source
    ------
    Convention.
    """
    _check(count)
    return [1 / count] * count


def u_shaped(count: int) -> list[float]:
    """Return the shares when the ends get 40 % each and those between share 20 %.

    Parameters
    ----------
    count:
        Number of touches.

    Returns
    -------
    One share per touch, in their order; two touches get half each, a single one all.

    Raises
    ------
    ValueError
        Without a touch.

    Example
    -------
    >>> [round(share, 2) for share in u_shaped(4)], u_shaped(2)
    ([0.4, 0.1, 0.1, 0.4], [0.5, 0.5])

    Source
    ------
    `U_ENDS`.
    """
    if count < 3:
        return linear(count)
    between = (1 - 2 * U_ENDS) / (count - 2)
    return [U_ENDS] + [between] * (count - 2) + [U_ENDS]


def w_shaped(count: int, lead: int, deal: int) -> list[float]:
    """Return the shares when first touch, lead and deal get 30 % each and the rest shares 10 %.

    Parameters
    ----------
    count:
        Number of touches.
    lead, deal:
        Places (from 0) of the touch that made the lead and of the one that made the opportunity.

    Returns
    -------
    One share per touch, in their order. A touch that plays two roles gets both shares; without other touches
    the 10 % are spread over the roles.

    Raises
    ------
    ValueError
        Without a touch, or when a place lies outside the path.

    Example
    -------
    >>> [round(share, 3) for share in w_shaped(5, lead=2, deal=4)]
    [0.3, 0.05, 0.3, 0.05, 0.3]
    >>> w_shaped(1, lead=0, deal=0)
    [1.0]

    Source
    ------
    `W_POINTS`.
    """
    _check(count)
    if not (0 <= lead < count and 0 <= deal < count):
        raise ValueError(f"Lead ({lead!r}) and deal ({deal!r}) are places from 0 to {count - 1}.")
    roles = [0, lead, deal]
    others = [touch for touch in range(count) if touch not in roles]
    point = W_POINTS if others else 1 / 3
    rest = (1 - 3 * W_POINTS) / len(others) if others else 0.0
    return [point * roles.count(touch) if touch in roles else rest for touch in range(count)]


def time_decay(days: Sequence[float], *, half_life: float = HALF_LIFE_DAYS) -> list[float]:
    """Return the shares when a touch counts half after each half-life.

    Parameters
    ----------
    days:
        Day of each touch, counted from any day; the conversion is on the day of the last one.
    half_life:
        Days.

    Returns
    -------
    One share per touch, in their order.

    Raises
    ------
    ValueError
        Without a touch or for a half-life not above 0.

    Example
    -------
    >>> [round(12000 * share) for share in time_decay([0, 5, 12, 30, 38])]
    [175, 287, 575, 3417, 7545]

    Source
    ------
    weight 2^(-days before the conversion / half-life).
    """
    _check(len(days))
    last = max(days)
    weights = [2 ** (-(last - day) / positive(half_life, "half-life")) for day in days]
    return [weight / sum(weights) for weight in weights]


def credits(
    paths: Iterable[tuple[Sequence[Hashable], float]], *, shares: Callable[[int], list[float]] = linear
) -> dict[Hashable, float]:
    """Return the credit of each channel by a rule.

    Parameters
    ----------
    paths:
        Pairs (channels in order of touch, what was converted: 1 or money; 0 when lost).
    shares:
        Gives the shares of a path by its number of touches: `first_touch`, `last_touch`, `linear`, `u_shaped`.

    Returns
    -------
    Channel -> credit; they sum to what was converted. Conversions without a touch are under ``None``.

    Raises
    ------
    ValueError
        When a conversion is negative.

    Example
    -------
    >>> credits([("AB", 1), ("A", 0), ("B", 1)], shares=linear)
    {'A': 0.5, 'B': 1.5}

    Source
    ------
    Rule-based attribution.
    """
    totals: dict[Hashable, float] = defaultdict(float)
    for channels, converted in paths:
        not_negative(converted, "conversion")
        for channel, share in zip(channels or [None], shares(len(channels) or 1), strict=True):
            totals[channel] += share * converted
    return dict(totals)


def conversion_rate(paths: Sequence[tuple[Sequence[Hashable], float]], *, without: Hashable = LOST) -> float | None:
    """Return the probability of a conversion in the first-order Markov chain of the paths.

    Parameters
    ----------
    paths:
        Pairs (channels in order of touch, number of conversions 0 or 1).
    without:
        A channel to remove: who would come to it is lost.

    Returns
    -------
    0 to 1, or ``None`` without paths.

    Raises
    ------
    ValueError
        When a path is neither won (1) nor lost (0).

    Example
    -------
    >>> paths = [("AB", 1), ("A", 0), ("B", 1), ("AC", 0), ("CB", 1), ("ACB", 1)]
    >>> round(conversion_rate(paths), 4)
    0.6667

    Source
    ------
    Anderl, Becker, von Wangenheim and Schumann, International Journal of Research in Marketing 33(3), 2016.
    """
    chain = _chain(paths)
    return _absorption(chain, without) if chain else None


def _chain(paths: Sequence[tuple[Sequence[Hashable], float]]) -> dict[Hashable, dict[Hashable, float]]:
    """Return the shares of the transitions from each state."""
    counts: dict[Hashable, dict[Hashable, float]] = defaultdict(lambda: defaultdict(float))
    for channels, converted in paths:
        if converted not in (0, 1):
            raise ValueError(f"A path is won (1) or lost (0), not {converted!r}.")
        states = [START, *channels, WON if converted else LOST]
        for state, following in zip(states, states[1:], strict=False):
            counts[state][following] += 1
    return {
        state: {following: count / sum(row.values()) for following, count in row.items()}
        for state, row in counts.items()
    }


def _absorption(chain: dict[Hashable, dict[Hashable, float]], without: Hashable) -> float:
    """Return the chance of ending at WON from START: Gauss-Jordan on (I - Q) h = r, exact for few channels."""
    states = [state for state in chain if state is not without]
    place = {state: number for number, state in enumerate(states)}
    rows = []
    for state in states:
        row = [0.0] * (len(states) + 1)
        row[place[state]] = 1.0
        for following, share in chain[state].items():
            if following in place:
                row[place[following]] -= share
        row[-1] = chain[state].get(WON, 0.0)
        rows.append(row)
    _solve(rows)
    return rows[place[START]][-1]


def _solve(rows: list[list[float]]) -> None:
    """Turn the equations into their solution, in place."""
    for column in range(len(rows)):
        best = max(range(column, len(rows)), key=lambda number: abs(rows[number][column]))
        rows[column], rows[best] = rows[best], rows[column]
        pivot = rows[column][column]
        rows[column] = [value / pivot for value in rows[column]]
        for number, row in enumerate(rows):
            if number != column and row[column]:
                factor = row[column]
                rows[number] = [value - factor * own for value, own in zip(row, rows[column], strict=True)]


def removal_effects(paths: Sequence[tuple[Sequence[Hashable], float]]) -> dict[Hashable, float] | None:
    """Return the share of the conversions that is lost when a channel is removed.

    Parameters
    ----------
    paths:
        As `conversion_rate`.

    Returns
    -------
    Channel -> 0 to 1; ``None`` when nothing was converted.

    Raises
    ------
    ValueError
        As `conversion_rate`.

    Example
    -------
    >>> paths = [("AB", 1), ("A", 0), ("B", 1), ("AC", 0), ("CB", 1), ("ACB", 1)]
    >>> {channel: round(effect, 4) for channel, effect in removal_effects(paths).items()}
    {'A': 0.5833, 'B': 1.0, 'C': 0.5}

    Source
    ------
    Anderl et al. 2016: 1 - rate without the channel / rate.
    """
    chain = _chain(paths)
    base = _absorption(chain, LOST) if chain else 0.0
    if not base:
        return None
    # a dict keeps the order of first appearance
    channels = dict.fromkeys(channel for path, _converted in paths for channel in path)
    return {channel: 1 - _absorption(chain, channel) / base for channel in channels}


def markov_credits(paths: Sequence[tuple[Sequence[Hashable], float]]) -> dict[Hashable, float]:
    """Return the credit of each channel by the Markov chain.

    Parameters
    ----------
    paths:
        As `conversion_rate`.

    Returns
    -------
    Channel -> credit, in proportion to the removal effects; they sum to the conversions. Conversions without
    any touch are under ``None``. Empty when nothing was converted.

    Raises
    ------
    ValueError
        As `conversion_rate`.

    Example
    -------
    >>> paths = [("AB", 1), ("A", 0), ("B", 1), ("AC", 0), ("CB", 1), ("ACB", 1)]
    >>> {channel: round(credit, 2) for channel, credit in markov_credits(paths).items()}
    {'A': 1.12, 'B': 1.92, 'C': 0.96}

    Source
    ------
    Anderl et al. 2016.
    """
    touched = [(channels, converted) for channels, converted in paths if len(channels)]
    untouched = sum(converted for channels, converted in paths if not len(channels))
    effects = removal_effects(touched) or {}
    conversions, total = sum(converted for _channels, converted in touched), sum(effects.values())
    found = {channel: effect / total * conversions for channel, effect in effects.items()}
    return {**found, None: untouched} if untouched else found


def transition_effects(
    transitions: Mapping[tuple[Hashable, Hashable], float],
    *,
    start: Hashable = START,
    won: Hashable = WON,
    lost: Hashable = LOST,
) -> dict[Hashable, float] | None:
    """Return the removal effects of all channels from the counted transitions of any number of paths.

    Parameters
    ----------
    transitions:
        (state, following state) -> how often.
    start, won, lost:
        The states before the first touch and after the last one.

    Returns
    -------
    Channel -> 0 to 1, as `removal_effects`; ``None`` when nothing was converted.

    Raises
    ------
    MissingLibrary
        Without numpy.

    Example
    -------
    >>> transition_effects({(START, "A"): 2, (START, "B"): 1, ("A", "B"): 1, ("A", LOST): 1, ("B", WON): 2})
    {'A': 0.5, 'B': 1.0}

    Source
    ------
    Anderl et al. 2016. One inverse N = (I - Q)^-1 for all channels: the chance of coming from the start to channel j
    is N(start, j) / N(j, j), and without j exactly that times the rate from j on is lost.
    """
    np = load("numpy")
    states = list(dict.fromkeys(state for state, _following in transitions if state != start))
    place = {state: number for number, state in enumerate([start, *states])}
    chain, wins = np.zeros((len(place), len(place))), np.zeros(len(place))
    totals: dict[Hashable, float] = defaultdict(float)
    for (state, _following), number in transitions.items():
        totals[state] += number
    for (state, following), number in transitions.items():
        if following == won:
            wins[place[state]] += number / totals[state]
        elif following != lost:
            chain[place[state], place[following]] += number / totals[state]
    visits = np.linalg.inv(np.eye(len(place)) - chain)
    rates = visits @ wins
    if not rates[0]:
        return None
    effects = visits[0] / visits.diagonal() * rates / rates[0]
    return {state: float(effects[place[state]]) for state in states}
