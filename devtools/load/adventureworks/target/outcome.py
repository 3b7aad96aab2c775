"""What the database holds of the load: documents, states and amounts, the same after each run."""

from dataclasses import dataclass
from decimal import Decimal

from ..source.amounts import to_cents


@dataclass(frozen=True)
class Outcome:
    """Counts of what the loaded orders led to, and the amounts of their lines in USD."""

    won: int
    orders: int
    productions: int
    productions_done: int
    replenishing_productions: int
    purchases: int
    purchases_ordered: int
    deliveries_done: int
    conversions: int
    amounts: dict  # (order number, line number) -> Decimal


def of(session, orders):
    """Read the outcome of the given orders."""
    env, ids = session.env, session.ids
    numbers = [order.number for order in orders if f"order_{order.number}" in ids]
    sales = env["sale.order"].browse(ids[f"order_{number}"] for number in numbers)
    leads = env["crm.lead"].browse(ids[f"opportunity_{number}"] for number in numbers)
    confirmed = sales.filtered(lambda sale: sale.state == "sale")
    productions = confirmed.mrp_production_ids
    rules = list(ids.ids_of("reordering_").values())
    purchases = env["purchase.order.line"].search([("orderpoint_id", "in", rules)]).order_id
    return Outcome(
        won=len(leads.filtered(lambda lead: lead.stage_id.is_won)),
        orders=len(confirmed),
        productions=len(productions),
        productions_done=len(productions.filtered(lambda production: production.state == "done")),
        replenishing_productions=env["mrp.production"].search_count([("orderpoint_id", "in", rules)]),
        purchases=len(purchases),
        purchases_ordered=len(purchases.filtered(lambda purchase: purchase.state == "purchase")),
        deliveries_done=len(confirmed.picking_ids.filtered(lambda picking: picking.state == "done")),
        conversions=env["crm.conversion"].search_count([("order_id", "in", confirmed.ids)]),
        amounts=_amounts(session, orders),
    )


def _amounts(session, orders):
    found = {}
    for order in orders:
        for line in order.lines:
            name = f"orderline_{order.number}_{line.number}"
            if name in session.ids:
                found[order.number, line.number] = session.ids[name]
    lines = session.env["sale.order.line"].browse(found.values())
    subtotals = {line.id: to_cents(Decimal(str(line.price_subtotal))) for line in lines}
    return {key: subtotals[line] for key, line in found.items()}
