"""Which document holds a deal up.

Goods travel from the vendor through production to the customer, so the first unfinished step upstream is what
everything else waits for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

__all__ = ["Bottleneck", "Document", "find_bottleneck"]

# Steps in the order in which goods and money travel.
STEPS = ("opportunity", "order", "purchase", "receipt", "production", "delivery", "invoice", "payment")
SETTLED = {"cancelled": "cancelled", "paid": "nothing"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document of the chain as the rules see it."""

    step: str
    model: str
    id: int
    name: str
    state: str
    planned: datetime | None = None  # when the document is to be finished (an invoice: paid)
    is_open: bool = False  # neither finished nor cancelled
    is_draft: bool = False  # nobody has launched it yet
    is_short: bool = False  # a transfer without its goods
    is_blocked: bool = False  # a transfer behind another transfer or a manufacturing order
    state_label: str = ""  # in the reader's language
    detail: str = ""  # product made, vendor or customer

    @property
    def sort_key(self):
        """Order of the timeline: by step, then by date (undated last)."""
        return STEPS.index(self.step), self.planned or datetime.max, self.id


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """What the deal waits for: a code that the screen turns into a sentence, and the document if there is one."""

    code: str
    document: Document | None = None


def find_bottleneck(state: str, documents: Iterable[Document], *, has_goods: bool = False) -> Bottleneck:
    """Return what a deal in `state` waits for; `has_goods`: physical products were sold, not only services.

    Examples
    --------
    >>> find_bottleneck("paid", []).code
    'nothing'
    >>> find_bottleneck("delivered", []).code
    'invoice_missing'
    """
    if state in SETTLED:
        return Bottleneck(SETTLED[state])
    pending = sorted((document for document in documents if document.is_open), key=lambda each: each.sort_key)
    if state in ("delivered", "invoiced"):
        return _find_money_bottleneck(pending)
    return _find_goods_bottleneck(pending, has_goods)


def _find_goods_bottleneck(pending, has_goods):
    purchases = [document for document in pending if document.step == "purchase"]
    for document in purchases:
        if document.is_draft:
            return Bottleneck("purchase_draft", document)
    if purchases:
        # the receipt planned last decides when production can go on
        return Bottleneck("purchase", purchases[-1])
    for step in ("production", "delivery"):
        for document in pending:
            if document.step == step and not document.is_blocked:
                return Bottleneck("stock" if document.is_short else step, document)
    return Bottleneck("delivery_missing" if has_goods else "service")


def _find_money_bottleneck(pending):
    invoices = [document for document in pending if document.step == "invoice"]
    for document in invoices:
        if document.is_draft:
            return Bottleneck("invoice_draft", document)
    return Bottleneck("payment", invoices[0]) if invoices else Bottleneck("invoice_missing")
