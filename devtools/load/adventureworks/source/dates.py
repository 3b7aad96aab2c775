"""One offset moves every date of the files, so that the last order that is loaded is yesterday's."""

from datetime import timedelta


def offset_days(last_order, today):
    """Return the days to add to each date.

    >>> from datetime import date
    >>> offset_days(date(2013, 11, 29), date(2026, 3, 2))
    4475
    """
    return (today - timedelta(days=1) - last_order).days


class Shift:
    """Adds the offset: `shift(day)`; None stays None."""

    def __init__(self, days):
        self.days = days
        self._delta = timedelta(days=days)

    def __call__(self, day):
        return day and day + self._delta
