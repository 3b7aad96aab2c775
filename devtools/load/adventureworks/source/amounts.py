"""The amounts in Odoo against the amounts in the files, line by line.

The files hold four decimals, Odoo's order lines two. A difference of at most half a cent a line, with the
file's amount rounding to Odoo's, is the rounding; anything else is told apart and not called explained.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ROUNDED = "rounded to the cent"
NOT_LOADED = "not loaded"
UNEXPLAINED = "unexplained"


def to_cents(amount):
    """Round half up to two decimals, as Odoo does with money.

    >>> to_cents(Decimal("2024.995")), to_cents(Decimal("0.0049"))
    (Decimal('2025.00'), Decimal('0.00'))
    """
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Difference:
    """One line whose amount is not the file's, in USD."""

    order: str
    line: int
    in_file: Decimal
    in_odoo: Decimal
    reason: str

    @property
    def amount(self):
        return self.in_odoo - self.in_file


def reason_of(in_file, in_odoo):
    """Say why the amounts of a line differ.

    Half a cent may round to either side: floats decide in Odoo.
    """
    rounded = abs(in_odoo - in_file) <= CENT / 2
    return ROUNDED if rounded else UNEXPLAINED


def differences(in_files, in_odoo):
    """Compare two dictionaries (order number, line number) -> amount.

    :param in_files: exact amounts, Decimal with up to four decimals
    :param in_odoo: amounts of the order lines; a missing key is a line that was not loaded
    :return: list of Difference, in the order of `in_files`
    """
    found = []
    for key, amount in in_files.items():
        loaded = in_odoo.get(key)
        if loaded is None:
            found.append(Difference(*key, amount, Decimal(0), NOT_LOADED))
        elif loaded != amount:
            found.append(Difference(*key, amount, loaded, reason_of(amount, loaded)))
    return found
