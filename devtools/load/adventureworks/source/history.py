"""All order lines of both channels as a file of past sales, which Odoo's import of history reads."""

import csv
import io
from collections import defaultdict
from datetime import date
from decimal import Decimal

from .values import BadRow, day, number

KIND = "History: order lines"
HEADER = (
    "order_ref",
    "line_ref",
    "date",
    "customer_ref",
    "product_ref",
    "quantity",
    "price",
    "discount_pct",
    "amount",
    "cost",
    "salesperson",
    "team",
    "channel",
)


class History:
    """The rows of `sales_order_lines.csv.gz`, with the words by which Odoo knows who and what is meant.

    :param rows: dictionaries of the file
    :param documents: numbers of the orders that are in Odoo as sales orders, which are left out
    :param names: {"customer": {key: reference}, "salesperson": {key: login}, "team": {key: name}}
    """

    def __init__(self, rows, documents, names):
        self.names = names
        self.lines = defaultdict(int)
        self.orders = defaultdict(set)
        self.amounts = defaultdict(Decimal)
        self.left_out = defaultdict(Decimal)
        self.last_date = None
        self.content = self._write(rows, documents)

    def _write(self, rows, documents):
        output = io.StringIO()
        writer = csv.writer(output)
        writer.writerow(HEADER)
        for row in rows:
            channel, amount = row["channel"], number(row, "sales_amount")
            self.last_date = max(self.last_date or date.min, day(row, "order_date"))
            if row["order_number"] in documents:
                self.left_out[channel] += amount
                continue
            self.lines[channel] += 1
            self.orders[channel].add(row["order_number"])
            self.amounts[channel] += amount
            writer.writerow(self._cells(row))
        return output.getvalue().encode()

    def _cells(self, row):
        return (
            row["order_number"],
            row["line"],
            row["order_date"],
            self._name("customer", row["customer_id"]),
            row["product_number"],
            row["qty"],
            row["unit_price"],
            # 0.02 in the file is two percent
            number(row, "discount_pct", default=0) * 100,
            row["sales_amount"],
            row["product_cost"],
            self._name("salesperson", row["salesperson_id"]),
            self._name("team", row["territory_id"]),
            row["channel"],
        )

    def _name(self, kind, key):
        return self.names[kind].get(key, "")


def last_date(rows):
    """Return the date of the last order of both channels, or None."""
    dates = set()
    for row in rows:
        try:
            dates.add(day(row, "order_date"))
        except BadRow:
            continue
    return max(dates, default=None)
