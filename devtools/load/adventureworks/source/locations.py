"""Locations of the plant: those with a cost rate are work centres, the others are shelves."""

from dataclasses import dataclass
from decimal import Decimal

from .values import BadRow, by_key, convert, number, text

WORKING_DAYS = 5


@dataclass(frozen=True)
class Location:
    key: str
    name: str
    hourly_cost: Decimal  # USD
    weekly_hours: Decimal

    @property
    def daily_hours(self):
        """Hours of each of five working days, at most 24."""
        return min(self.weekly_hours / WORKING_DAYS, Decimal(24))


def work_centres(folder, tally):
    return convert(folder.rows("oltp/location.csv"), _location, tally, "Work centres", "locationid", identity=by_key)


def _location(row):
    location = Location(
        key=text(row, "locationid"),
        name=text(row, "name"),
        hourly_cost=number(row, "costrate", minimum=0, default=0),
        weekly_hours=number(row, "availability", minimum=0, default=0),
    )
    if not location.weekly_hours:
        raise BadRow("is a place to store, without hours of work")
    return location
