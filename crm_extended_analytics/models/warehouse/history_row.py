"""The rows of a file of past sales, as they go into the staging table."""

from odoo import fields

from .history_file import NUMBERS, parse_date, parse_number

# columns that come from the file as they are
TEXTS = (
    "order_ref",
    "line_ref",
    "customer_ref",
    "customer_vat",
    "customer_name",
    "product_ref",
    "product_barcode",
    "product_name",
    "currency",
    "salesperson",
    "team",
    "channel",
    "country",
)
COPIED = ("number", "problem", "date", *TEXTS, *NUMBERS)


class HistoryRowParser:
    """Turns a row of the file into a row of the staging table."""

    def __init__(self, columns, formats, shift):
        self.columns = columns
        self.decimal, self.date_format = formats
        self.shift = shift
        self.today = fields.Date.today()
        # a file of years has few different days, and reading one is slow
        self.dates = {}

    def parse(self, number, row):
        """Return the cells in the order of `COPIED`; an empty text is NULL."""
        texts = {name: self._cell(row, name) for name in TEXTS}
        numbers = {name: self._number(row, name) for name in NUMBERS}
        day = self._date(self._cell(row, "date"))
        problem = self._get_problem(texts, numbers, day)
        values = [value if value is not None and problem != "bad_number" else "" for value in numbers.values()]
        return [number, problem, day or "", *texts.values(), *values]

    def _cell(self, row, name):
        position = self.columns.get(name)
        return row[position] if position is not None and position < len(row) else ""

    def _number(self, row, name):
        """Return the number as text, an empty text where there is none, and None where it cannot be read."""
        text = self._cell(row, name)
        return parse_number(text, self.decimal) if text else ""

    def _date(self, text):
        if text not in self.dates:
            found = parse_date(text, self.date_format)
            self.dates[text] = found and found + self.shift
        return self.dates[text]

    def _get_problem(self, texts, numbers, day):
        if not texts["order_ref"]:
            return "no_order"
        if day is None:
            return "bad_date"
        if day > self.today:
            return "future"
        if None in numbers.values():
            return "bad_number"
        if not numbers["amount"] and not (numbers["quantity"] and numbers["price"]):
            return "no_amount"
        if numbers["discount"] and not 0 <= float(numbers["discount"]) <= 100:
            return "bad_discount"
        return ""
