"""Production and delivery of the orders whose ship date has passed."""

from collections import defaultdict

from odoo.exceptions import UserError

from . import stock
from .external_ids import commit, sentence_of

BATCH = 10
KIND = "Orders shipped"


def complete(session, orders, step):
    """Produce and deliver what should have left by today, oldest first.

    Components that are not on hand are added by an inventory adjustment first, which the report tells: what
    AdventureWorks had in store on those days is not in the files.
    """
    due = [order for order in orders if _is_due(session, order)]
    session.tally.read(KIND, len(due))
    waiting = [order for order in due if _pickings(session, [order])]
    session.tally.present(KIND, len(due) - len(waiting))
    for start in range(0, len(waiting), BATCH):
        _complete_batch(session, waiting[start : start + BATCH])
        step.note = f"{min(start + BATCH, len(waiting))} of {len(waiting)}"


def _is_due(session, order):
    name = f"order_{order.number}"
    if name not in session.ids or session.shift(order.ship) >= session.today:
        return False
    return session.env["sale.order"].browse(session.ids[name]).state == "sale"


def _sale_orders(session, orders):
    return session.env["sale.order"].browse(session.ids[f"order_{order.number}"] for order in orders)


def _pickings(session, orders):
    return _sale_orders(session, orders).picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel"))


def _complete_batch(session, orders):
    try:
        with session.env.cr.savepoint():
            _produce(session, orders)
            _deliver(session, orders)
    except UserError as refusal:
        session.env.invalidate_all()
        reason = f"could not be shipped: {sentence_of(refusal)}"
        session.tally.skip(KIND, orders[0].number, reason, len(orders))
    else:
        session.tally.created(KIND, len(orders))
    commit(session.env)


def _produce(session, orders):
    productions = _sale_orders(session, orders).mrp_production_ids.filtered(
        lambda production: production.state not in ("done", "cancel")
    )
    if not productions:
        return
    _top_up(session, productions.move_raw_ids)
    productions.action_assign()
    productions.with_context(skip_redirection=True).button_mark_done()
    open_ones = productions.filtered(lambda production: production.state != "done")
    if open_ones:
        raise UserError(f"{open_ones[0].display_name} could not be marked as done")
    for order in orders:
        done = _sale_orders(session, [order]).mrp_production_ids & productions
        done.write({"date_finished": session.moment(order.ship)})


def _deliver(session, orders):
    pickings = _pickings(session, orders)
    _top_up(session, pickings.move_ids)
    pickings.action_assign()
    for move in pickings.move_ids:
        if move.product_uom.compare(move.quantity, move.product_uom_qty) < 0:
            move.quantity = move.product_uom_qty
    pickings.move_ids.picked = True
    pickings.with_context(skip_backorder=True).button_validate()
    for order in orders:
        done = _sale_orders(session, [order]).picking_ids & pickings
        done.write({"date_done": session.moment(order.ship)})


def _top_up(session, moves):
    """Add to stock what the moves need beyond what is reserved for them and what is free."""
    needed = defaultdict(float)
    for move in moves:
        if move.state not in ("done", "cancel") and not move.move_orig_ids:
            missing = move.product_uom_qty - move.quantity
            needed[move.product_id] += move.product_uom._compute_quantity(missing, move.product_id.uom_id)
    shortages = {
        product: quantity - product.free_qty
        for product, quantity in needed.items()
        if product.uom_id.compare(quantity, product.free_qty) > 0
    }
    if shortages:
        stock.add(session, shortages)
        session.tally.created("Stock topped up (products)", len(shortages))
