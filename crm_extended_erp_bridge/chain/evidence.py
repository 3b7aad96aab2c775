"""Where a deal stands, told only by what its documents prove.

There is no memory here: the state is worked out anew from the evidence each time, so it moves forward when a
document proves a step and falls back when the proof goes (order cancelled, goods returned, invoice reversed,
payment taken back).
"""

from dataclasses import dataclass

__all__ = ["EPSILON", "Evidence", "conversion_state"]

# Below this a quantity or an amount counts as nothing. Odoo rounds quantities to at most 5 and money to at most
# 3 decimals in practice; sums of floats are off by far less.
EPSILON = 1e-6

CONFIRMED_ORDER = "sale"
FULLY_INVOICED = ("invoiced", "upselling")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the documents of one order prove.

    Quantities are in the units of the order lines. "Goods" are order lines of physical products; on an order
    without goods the quantities are those of its services.
    """

    order_state: str = CONFIRMED_ORDER
    invoice_status: str = "no"
    has_goods: bool = False
    qty_ordered: float = 0.0
    qty_delivered: float = 0.0
    qty_missing: float = 0.0  # sum over lines of what is ordered and not yet delivered
    deliveries_open: int = 0  # transfers to the customer neither done nor cancelled
    deliveries_ready: int = 0  # of these: goods reserved
    deliveries_short: int = 0  # of these: waiting for goods
    supplies_open: int = 0  # manufacturing and purchase orders not finished (cancelled ones do not count)
    supplies_launched: int = 0  # of all: confirmed or further
    supplies_done: int = 0  # made or fully received
    invoices_posted: int = 0
    invoices_draft: int = 0
    amount_due: float = 0.0  # open amount of the posted invoices, taxes included


def conversion_state(evidence: Evidence) -> str:
    """Return the step that the deal has reached.

    A step is reached only when all earlier steps that the order has are reached: an order paid in advance stays
    in production until it is shipped; an order of services has no production, stock or shipping to go through.

    Returns
    -------
    str
        One of cancelled, confirmed, production, ready, shipping, delivered, invoiced, paid.

    Examples
    --------
    >>> conversion_state(Evidence(order_state="cancel"))
    'cancelled'
    >>> conversion_state(Evidence(has_goods=True, qty_missing=2, supplies_open=1, supplies_launched=1))
    'production'
    """
    if evidence.order_state != CONFIRMED_ORDER:
        return "cancelled"
    if _is_delivered(evidence):
        return _settlement_state(evidence)
    if evidence.qty_delivered > EPSILON:
        return "shipping"
    return _supply_state(evidence)


def _is_delivered(evidence):
    """Nothing is left to bring to the customer, or nobody can prove it because only services were sold."""
    if not evidence.has_goods:
        return _is_served(evidence) or _is_invoiced(evidence)
    if evidence.qty_delivered <= EPSILON:
        return False
    # A delivery closed without back order is the end of it, though less than ordered was shipped.
    return evidence.qty_missing <= EPSILON or not evidence.deliveries_open


def _is_served(evidence):
    return evidence.qty_ordered > EPSILON and evidence.qty_missing <= EPSILON


def _settlement_state(evidence):
    if not _is_invoiced(evidence):
        return "delivered"
    return "invoiced" if abs(evidence.amount_due) > EPSILON else "paid"


def _is_invoiced(evidence):
    """Odoo counts draft invoices as invoiced; here only posted ones prove anything."""
    if not evidence.invoices_posted or evidence.invoices_draft:
        return False
    if evidence.invoice_status in FULLY_INVOICED:
        return True
    # Short delivery billed by delivered quantity: Odoo says "nothing to invoice". Services never end that way.
    is_closed = evidence.has_goods and evidence.qty_delivered > EPSILON and not evidence.deliveries_open
    return evidence.invoice_status == "no" and is_closed


def _supply_state(evidence):
    if evidence.supplies_open:
        return "production" if evidence.supplies_launched else "confirmed"
    if evidence.deliveries_short:
        return "confirmed"
    return "ready" if evidence.deliveries_ready or evidence.supplies_done else "confirmed"
