"""Bill of materials rows: today's version, the ended ones, and what cannot be used."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from . import units
from .values import BadRow, by_key, convert, day, positive, text

KIND = "Bill of materials lines"


@dataclass(frozen=True)
class BomLine:
    """A component of an assembly; the dates are those of the file."""

    key: str
    assembly: str
    component: str
    unit: str
    quantity: Decimal
    start: date
    end: date | None

    def is_valid(self, today, shift):
        """Whether the line holds today, the file's dates moved by `shift`."""
        return shift(self.start) <= today and (self.end is None or shift(self.end) >= today)


def parse(row):
    if not row["productassemblyid"].strip():
        raise BadRow("names a top product, which is no component of anything")
    return BomLine(
        key=text(row, "billofmaterialsid"),
        assembly=text(row, "productassemblyid"),
        component=text(row, "componentid"),
        unit=text(row, "unitmeasurecode"),
        quantity=positive(row, "perassemblyqty"),
        start=day(row, "startdate"),
        end=day(row, "enddate", optional=True),
    )


def read(rows, tally):
    return convert(rows, parse, tally, KIND, "billofmaterialsid", identity=by_key)


def convertible(lines, stock_units, tally):
    """Keep the lines of known products whose unit converts to the unit of the component.

    :param stock_units: {product id: unit of stock}
    """
    kept = []
    for line in lines:
        unknown = next((key for key in (line.assembly, line.component) if key not in stock_units), None)
        if unknown:
            tally.skip(KIND, line.key, f"names a product that was not loaded, {unknown}")
        elif units.factor(line.unit, stock_units[line.component]) is None:
            tally.skip(KIND, line.key, f"is in {line.unit}, which does not convert to the component's unit")
        else:
            kept.append(line)
    return kept


def without_cycles(lines, tally):
    """Leave out the lines that would make a product its own component, at whatever depth."""
    components = defaultdict(set)
    kept = []
    for line in lines:
        if _reaches(components, line.component, line.assembly):
            tally.skip(KIND, line.key, f"would make product {line.assembly} a component of itself")
            continue
        components[line.assembly].add(line.component)
        kept.append(line)
    return kept


def _reaches(components, start, goal):
    """Whether `goal` is `start` or below it."""
    seen, waiting = set(), [start]
    while waiting:
        product = waiting.pop()
        if product == goal:
            return True
        if product not in seen:
            seen.add(product)
            waiting.extend(components.get(product, ()))
    return False


def versions(lines, today, shift):
    """Split lines into today's bills and the ended ones.

    :return: ({assembly: lines}, {(assembly, start, end): lines})
    """
    current, ended = defaultdict(list), defaultdict(list)
    for line in lines:
        if line.is_valid(today, shift):
            current[line.assembly].append(line)
        else:
            ended[line.assembly, line.start, line.end].append(line)
    return dict(current), dict(ended)
