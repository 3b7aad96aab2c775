"""The table at the end, and the files next to it."""

import csv
from decimal import Decimal
from pathlib import Path

from devtools.console import DevError

from .source.amounts import UNEXPLAINED, differences

# Lines of differences on the screen; the file has them all.
SHOWN = 10
COLUMNS = ("", "read", "created", "there", "skipped")


def render(tally, outcome, in_files, facts=None):
    """Return the lines of the report and the differences between files and orders.

    :param facts: {label: (number, remark)} to print after the outcome
    """
    found = differences(in_files, outcome.amounts)
    lines = [
        *_table(tally),
        "",
        *_outcome(outcome),
        *_facts(facts or {}),
        "",
        *_amounts(in_files, outcome.amounts, found),
    ]
    if tally.notes:
        lines += ["", "Notes", *(f"  - {note}" for note in tally.notes)]
    return lines, found


def _table(tally):
    yield _row(COLUMNS)
    for kind, numbers, reasons in tally.rows():
        yield _row((kind, *(f"{number:,}" for number in numbers)))
        yield from (f"    {reason}" for reason in reasons)


def _row(cells):
    return f"{cells[0]:<28}" + "".join(f"{cell:>10}" for cell in cells[1:])


def _outcome(outcome):
    facts = (
        ("Opportunities won", outcome.won, ""),
        ("Sales orders", outcome.orders, ""),
        ("Conversions (chains)", outcome.conversions, ""),
        ("Manufacturing orders", outcome.productions, f"{outcome.productions_done:,} done"),
        ("  to refill the stock", outcome.replenishing_productions, "by reordering rules"),
        ("Purchase orders", outcome.purchases, f"{outcome.purchases_ordered:,} ordered, the others are requests"),
        ("Deliveries done", outcome.deliveries_done, ""),
    )
    return _facts({label: (number, remark) for label, number, remark in facts})


def _facts(facts):
    for label, (number, remark) in facts.items():
        yield f"{label:<28}{number:>10,}  {remark}".rstrip()


def _amounts(in_files, in_odoo, found):
    total, loaded = (sum(in_files.values(), Decimal(0)), sum(in_odoo.values(), Decimal(0)))
    yield f"{'Amount in the files':<28}{total:>20,.4f} USD"
    yield f"{'Amount of the orders':<28}{loaded:>20,.4f} USD"
    yield f"{'Difference':<28}{loaded - total:>20,.4f} USD"
    if loaded == total and not found:
        yield "The amounts are equal to the cent."
        return
    for reason in sorted({item.reason for item in found}):
        items = [item for item in found if item.reason == reason]
        yield f"  {reason + ':':<26}{sum(item.amount for item in items):>20,.4f} USD in {len(items):,} lines"
    worst = sorted(found, key=lambda item: (item.reason != UNEXPLAINED, -abs(item.amount)))
    yield from (f"    {_difference(item)}" for item in worst[:SHOWN])
    if len(found) > SHOWN:
        yield f"    ... and {len(found) - SHOWN:,} lines more (all of them with --report FILE)"


def _difference(item):
    return (
        f"{item.order} line {item.line}: {item.in_file:,.4f} in the file, {item.in_odoo:,.2f} in Odoo, "
        f"{item.amount:+.4f}, {item.reason}"
    )


def write(path, lines, found):
    """Write the report, and every difference to a CSV file next to it."""
    path = Path(path)
    table = path.with_name(f"{path.stem}.differences.csv")
    try:
        path.write_text("\n".join(lines) + "\n")
        with table.open("w", newline="") as sink:
            writer = csv.writer(sink)
            writer.writerow(("order", "line", "in_file", "in_odoo", "difference", "reason"))
            writer.writerows(
                (item.order, item.line, item.in_file, item.in_odoo, item.amount, item.reason) for item in found
            )
    except OSError as problem:
        raise DevError(f"The report could not be written to {path}: {problem.strerror}.") from None
    return table
