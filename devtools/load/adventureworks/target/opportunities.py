"""Reseller orders as opportunities with a quotation, which winning converts."""

from datetime import datetime, time

from odoo.exceptions import UserError
from odoo.fields import Command

from ..source.amounts import to_cents
from ..source.orders import KIND
from ..source.values import BadRow
from . import settings, stock
from .external_ids import commit, sentence_of

# Orders a transaction: what a kill can cost is one batch.
QUOTE_BATCH = 50
WIN_BATCH = 10


class OpportunityLoader:
    """Makes the opportunity and the quotation of an order, both or neither."""

    def __init__(self, session):
        self.session = session
        self.env = session.env
        self.money = settings.usd_to_company(session)
        self.pricelist = session.ids["pricelist_usd"]
        self.enriched = {"iap_enrich_done": True} if "iap_enrich_done" in session.env["crm.lead"]._fields else {}

    def load(self, orders, step):
        """Create what is missing, oldest first, and commit after each batch."""
        missing = []
        for order in orders:
            if f"order_{order.number}" in self.session.ids:
                self._count_present(order)
            elif self._is_complete(order):
                missing.append(order)
        for start in range(0, len(missing), QUOTE_BATCH):
            batch = missing[start : start + QUOTE_BATCH]
            self._create(batch)
            commit(self.env)
            step.note = f"{start + len(batch)} of {len(missing)}"

    def _count_present(self, order):
        for kind, number in (("Opportunities", 1), (KIND, 1), ("Order lines", len(order.lines))):
            self.session.tally.present(kind, number)

    def _is_complete(self, order):
        """Whether everything that the order names was loaded; else it is skipped with the reason."""
        try:
            for name in (f"customer_{order.customer}", f"team_{order.territory}", f"user_{order.salesperson}"):
                self._check_loaded(name)
            for line in order.lines:
                self._check_loaded(f"product_{line.product}")
        except BadRow as problem:
            self.session.tally.skip(KIND, order.number, str(problem))
            self.session.tally.skip("Order lines", order.number, "belongs to a skipped order", len(order.lines))
            return False
        return True

    def _check_loaded(self, name):
        if name not in self.session.ids:
            kind, key = name.split("_")
            raise BadRow(f"names a {kind} that was not loaded, {key}")

    def _create(self, orders):
        leads = self.env["crm.lead"].create([self._lead_values(order) for order in orders])
        self.session.ids.register([f"opportunity_{order.number}" for order in orders], leads)
        quotations = self.env["sale.order"].create(
            [self._order_values(order, lead) for order, lead in zip(orders, leads, strict=True)]
        )
        self.session.ids.register([f"order_{order.number}" for order in orders], quotations)
        names = [f"orderline_{order.number}_{line.number}" for order in orders for line in order.lines]
        lines = quotations.order_line.browse(line.id for quotation in quotations for line in quotation.order_line)
        self.session.ids.register(names, lines)
        for kind, number in (("Opportunities", len(leads)), (KIND, len(quotations)), ("Order lines", len(lines))):
            self.session.tally.created(kind, number)

    def _common_values(self, order):
        ids = self.session.ids
        return {
            "partner_id": ids[f"customer_{order.customer}"],
            "team_id": ids[f"team_{order.territory}"],
            "user_id": ids[f"user_{order.salesperson}"],
            "company_id": self.env.company.id,
        }

    def _lead_values(self, order):
        customer = self.env["res.partner"].browse(self.session.ids[f"customer_{order.customer}"])
        return {
            **self._common_values(order),
            **self.enriched,
            "name": f"{customer.name}: {order.number}",
            "type": "opportunity",
            "expected_revenue": self.money(to_cents(order.amount)),
            "date_deadline": self.session.shift(order.ordered),
        }

    def _order_values(self, order, lead):
        return {
            **self._common_values(order),
            "name": order.number,
            "opportunity_id": lead.id,
            "pricelist_id": self.pricelist,
            "origin": "AdventureWorks",
            "date_order": self.session.moment(order.ordered),
            "commitment_date": self.session.moment(order.due),
            "validity_date": False,
            "order_line": [
                Command.create(self._line_values(line, sequence)) for sequence, line in enumerate(order.lines)
            ],
        }

    def _line_values(self, line, sequence):
        return {
            "sequence": sequence,
            "product_id": self.session.ids[f"product_{line.product}"],
            "product_uom_qty": float(line.quantity),
            "price_unit": float(line.unit_price),
            "discount": float(line.discount * 100),
            "tax_ids": [Command.clear()],
        }


def win(session, orders, step):
    """Win the opportunities whose quotation is still open, oldest first; winning confirms it.

    The date of the order is put back after the confirmation, which sets it to now.
    """
    waiting = [order for order in orders if _quotation(session, order).state in ("draft", "sent")]
    if not waiting:
        step.note = "none is open"
        return
    with settings.paused_reservation(session):
        for start in range(0, len(waiting), WIN_BATCH):
            batch = waiting[start : start + WIN_BATCH]
            _win_batch(session, batch)
            step.note = f"{start + len(batch)} of {len(waiting)}"


def _win_batch(session, orders):
    stock.mark_replenishment(session)
    if not _try_to_win(session, orders):
        for order in orders:
            _try_to_win(session, [order], last=True)
    commit(session.env)


def _quotation(session, order):
    return session.env["sale.order"].browse(session.ids.get(f"order_{order.number}"))


def _try_to_win(session, orders, last=False):
    """Win a batch; what Odoo refuses is undone, and with `last` counted with its sentence."""
    try:
        with session.env.cr.savepoint():
            _win(session, orders)
    except UserError as refusal:
        session.env.invalidate_all()
        if last:
            session.tally.skip("Opportunities", orders[0].number, f"could not be won: {sentence_of(refusal)}")
        return False
    return True


def _win(session, orders):
    leads = session.env["crm.lead"].browse(session.ids[f"opportunity_{order.number}"] for order in orders)
    leads.action_set_won()
    for order, lead in zip(orders, leads, strict=True):
        quotation = _quotation(session, order)
        if quotation.state != "sale":
            company = session.env.company.name
            raise UserError(
                f"winning has not confirmed the quotation of {lead.name}; check in the settings of {company} that "
                "the feature is switched on"
            )
        quotation.date_order = session.moment(order.ordered)
        lead.date_closed = datetime.combine(session.shift(order.ordered), time(12))
