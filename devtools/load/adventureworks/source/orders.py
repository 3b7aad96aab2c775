"""Reseller orders: the last N by date, whole or not at all."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .values import BadRow, day, number, positive, text

KIND = "Orders"


@dataclass(frozen=True)
class OrderLine:
    number: int
    product: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal  # 0.02 is two percent
    amount: Decimal  # USD, what the file says for the line
    special_offer: str


@dataclass
class Order:
    """An order of the files; the dates are those of the file."""

    number: str
    ordered: date
    due: date
    ship: date
    customer: str
    salesperson: str
    territory: str
    lines: list = field(default_factory=list)

    @property
    def amount(self):
        return sum((line.amount for line in self.lines), Decimal(0))


def parse_line(row):
    discount = number(row, "discount_pct", minimum=0, default=0)
    if discount > 1:
        raise BadRow(f"discount_pct is above 1: {discount}")
    return OrderLine(
        number=int(positive(row, "line")),
        product=text(row, "product_id"),
        quantity=positive(row, "qty"),
        unit_price=number(row, "unit_price", minimum=0),
        discount=discount,
        amount=number(row, "sales_amount", minimum=0),
        special_offer=row["special_offer_id"].strip(),
    )


def parse(rows):
    """Make one order of its rows.

    :raise BadRow: when one of the lines is bad: half an order is not the order
    """
    first = rows[0]
    order = Order(
        number=text(first, "order_number"),
        ordered=day(first, "order_date"),
        due=day(first, "due_date"),
        ship=day(first, "ship_date"),
        customer=text(first, "customer_id"),
        salesperson=text(first, "salesperson_id"),
        territory=text(first, "territory_id"),
    )
    for row in rows:
        try:
            order.lines.append(parse_line(row))
        except BadRow as problem:
            raise BadRow(f"has a bad line, of which {problem}") from None
    if len({line.number for line in order.lines}) < len(order.lines):
        raise BadRow("has two lines of the same number")
    return order


def reseller_rows(rows):
    """Group the rows of the reseller channel by order number."""
    grouped = defaultdict(list)
    for row in rows:
        if row["channel"] == "reseller":
            grouped[row["order_number"]].append(row)
    return grouped


def last_date(grouped):
    """Return the date of the last reseller order, whatever number of them is loaded."""
    return max(_dates(grouped), default=None)


def _dates(grouped):
    for rows in grouped.values():
        try:
            yield day(rows[0], "order_date")
        except BadRow:
            continue


def last(grouped, count, tally):
    """Return the last `count` orders, oldest first, and the exact amounts of all of their lines.

    :return: (orders, {(order number, line number): amount}); the amounts also hold the lines of the orders
        that are skipped, so that the comparison at the end cannot look better than it is
    """
    newest = sorted(grouped, key=lambda key: (grouped[key][0]["order_date"], key))[-count:] if count else []
    tally.read("Opportunities", len(newest))
    tally.read(KIND, len(newest))
    tally.read("Order lines", sum(len(grouped[key]) for key in newest))
    orders, amounts = [], {}
    for key in newest:
        amounts.update(_amounts(grouped[key]))
        try:
            orders.append(parse(grouped[key]))
        except BadRow as problem:
            tally.skip(KIND, key, str(problem))
    return orders, amounts


def _amounts(rows):
    for row in rows:
        try:
            yield ((row["order_number"], int(number(row, "line"))), number(row, "sales_amount"))
        except BadRow:
            continue
