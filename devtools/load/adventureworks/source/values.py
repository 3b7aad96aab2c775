"""Texts of a CSV cell as numbers, dates and flags; a bad one is a sentence, not a traceback."""

from datetime import date
from decimal import Decimal, InvalidOperation


class BadRow(ValueError):
    """A row that cannot be loaded; the text says why and ends without a full stop."""


def text(row, column):
    value = row.get(column, "").strip()
    if not value:
        raise BadRow(f"has no {column}")
    return value


def number(row, column, *, minimum=None, default=None):
    """Return the cell as a Decimal.

    :param minimum: the smallest value that makes sense
    :param default: what an empty cell means; without it an empty cell is refused
    """
    value = row.get(column, "").strip()
    if not value and default is not None:
        return Decimal(default)
    try:
        result = Decimal(value)
    except InvalidOperation:
        raise BadRow(f"{column} is not a number: {value!r}") from None
    if not result.is_finite():
        raise BadRow(f"{column} is not a number: {value!r}")
    if minimum is not None and result < minimum:
        raise BadRow(f"{column} is below {minimum}: {value}")
    return result


def positive(row, column):
    result = number(row, column)
    if result <= 0:
        raise BadRow(f"{column} is not above zero: {result}")
    return result


def day(row, column, *, optional=False):
    """Return the date of a cell such as `2013-11-29` or `2013-11-29 00:00:00.000`."""
    value = row.get(column, "").strip()
    if optional and not value:
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        raise BadRow(f"{column} is not a date: {value!r}") from None


def flag(row, column):
    return row.get(column, "").strip().lower() in ("true", "1")


def convert(rows, converter, tally, kind, key, *, identity=None):
    """Convert rows one by one; those that raise BadRow are counted and left out.

    :param converter: function of a row
    :param key: name of the column that identifies a row to the reader
    :param identity: function of what was converted; a second one of the same identity is left out
    """
    rows = list(rows)
    tally.read(kind, len(rows))
    result, seen = [], set()
    for line, row in enumerate(rows, start=2):
        try:
            item = converter(row)
            if identity:
                _check_new(identity(item), seen)
            result.append(item)
        except BadRow as problem:
            tally.skip(kind, row.get(key) or f"line {line}", str(problem))
    return result


def by_key(item):
    return item.key


def _check_new(identity, seen):
    if identity in seen:
        raise BadRow("is there twice; the first row counts")
    seen.add(identity)
