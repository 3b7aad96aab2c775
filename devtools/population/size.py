"""How large the company is."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Size:
    """Numbers of records; shares are of the orders.

    Attributes
    ----------
    customers, orders, lines : int
        Each customer has at least one order, each order one to five lines.
    days : int
        Length of the history, which ends yesterday.
    invoiced : float
        Share of the orders, the latest ones, that have an invoice.
    returned : float
        Share of the invoices that have a credit note over one line.
    led : float
        Share of the orders that come from a won opportunity.
    """

    customers: int = 200_000
    orders: int = 1_500_000
    lines: int = 4_500_000
    products: int = 500
    days: int = 1_095
    invoiced: float = 0.2
    returned: float = 0.03
    led: float = 0.1
    seed: float = 0.19

    def __post_init__(self):
        if not self.customers <= self.orders <= self.lines <= 5 * self.orders:
            raise ValueError("Each customer has at least one order, and each order one to five lines.")

    def scaled(self, factor):
        """Return the same company `factor` times as large.

        >>> Size().scaled(0.01).orders
        15000
        """
        numbers = {name: max(int(getattr(self, name) * factor), 1) for name in ("customers", "orders", "lines")}
        return Size(**{**self.__dict__, **numbers})
