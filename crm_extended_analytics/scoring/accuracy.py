"""How good a forecast was: ``*_error`` is better when lower; bias is + when the forecast was too high.

MAE, RMSE are in the unit of the series; MAPE, WAPE, sMAPE and bias are shares (0.08 = 8 %); MASE is 1 for a
forecast as good as the naive one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from .checks import same_length


class Accuracy(NamedTuple):
    """All measures of one forecast; a measure that is not defined for the series is ``None``."""

    mean_absolute_error: float
    root_mean_squared_error: float
    #: Undefined when an actual is 0; `zero_actuals` says in how many periods.
    mape: float | None
    wape: float | None
    smape: float | None
    #: (sum of forecasts - sum of actuals) / sum of actuals: + = over-forecast.
    bias: float | None
    #: Sum of errors (forecast - actual) / MAE: beyond 4 in size the forecast is off to one side.
    tracking_signal: float | None
    mase: float | None
    zero_actuals: int


def accuracy(
    actual: Sequence[float], forecast: Sequence[float], *, history: Sequence[float] = (), season: int = 1
) -> Accuracy | None:
    """Return all measures of a forecast.

    Parameters
    ----------
    actual, forecast:
        By period.
    history:
        Actuals before the forecast, for MASE.
    season:
        The naive forecast repeats the value of so many periods before.

    Returns
    -------
    The measures, or ``None`` for an empty series.

    Raises
    ------
    ValueError
        When both series differ in length, or for a season below 1.

    Example
    -------
    >>> found = accuracy(
    ...     [100, 120, 80, 110, 90], [90, 125, 90, 100, 95], history=[95, 105, 100, 110, 98, 104])
    >>> found.mean_absolute_error, round(found.mape, 5), found.wape, found.bias, round(found.mase, 4)
    (8.0, 0.08263, 0.08, 0.0, 0.9302)

    Source
    ------
    Hyndman and Koehler, International Journal of Forecasting 22(4), 2006; Trigg 1964 (tracking signal).
    """
    if season < 1:
        raise ValueError(f"A season has one period or more, not {season!r}.")
    count = same_length(actual=actual, forecast=forecast)
    if not count:
        return None
    pairs = list(zip(actual, forecast, strict=True))
    errors = [guess - value for value, guess in pairs]
    absolute, total = sum(map(abs, errors)), sum(actual)
    mean_error, zeros = absolute / count, sum(not value for value in actual)
    size, naive = sum(map(abs, actual)), _naive_error(history, season)
    return Accuracy(
        mean_absolute_error=mean_error,
        root_mean_squared_error=math.sqrt(sum(error**2 for error in errors) / count),
        mape=None if zeros else sum(abs(guess - value) / abs(value) for value, guess in pairs) / count,
        wape=absolute / size if size else None,
        smape=sum(_symmetric(value, guess) for value, guess in pairs) / count,
        bias=sum(errors) / total if total else None,
        tracking_signal=sum(errors) / mean_error if mean_error else 0.0,
        mase=mean_error / naive if naive else None,
        zero_actuals=zeros,
    )


def _symmetric(value: float, guess: float) -> float:
    """Return the error over the mean of both; 0 when both are 0, as there is none."""
    size = (abs(value) + abs(guess)) / 2
    return abs(guess - value) / size if size else 0.0


def _naive_error(history: Sequence[float], season: int) -> float | None:
    """Return the mean absolute error of the naive forecast within the history."""
    steps = [abs(later - earlier) for earlier, later in zip(history, history[season:], strict=False)]
    return sum(steps) / len(steps) if steps else None


def forecast_value_added(naive_error: float | None, step_error: float | None) -> float | None:
    """Return what a step of the forecasting adds over doing nothing.

    Parameters
    ----------
    naive_error, step_error:
        Error of the naive forecast and after the step, in one measure.

    Returns
    -------
    Difference, above 0 when the step helps; ``None`` when one is unknown.

    Raises
    ------
    TypeError
        When an error is no number.

    Example
    -------
    >>> forecast_value_added(8.5, 8.0)
    0.5

    Source
    ------
    Gilliland 2010: error of the naive forecast - error of the step.
    """
    return None if naive_error is None or step_error is None else naive_error - step_error
