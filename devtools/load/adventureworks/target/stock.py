"""Stock on hand, reordering rules and their purchases."""

from collections import defaultdict

from ..source import units
from .external_ids import MODULE, commit

PENDING = f"{MODULE}.replenishment_pending"


def to_stock_unit(quantity, unit):
    """Turn a counted quantity into the unit of stock: paint is counted in gallons, tape in packs."""
    code = {units.FLUID_OUNCE: "GAL", units.INCH: "PAK"}.get(unit)
    return float(quantity * units.factor(code, unit)) if code else float(quantity)


def load_stock(session, stock, stock_units, batch=200):
    """Count the stock in, once a product: its name `stock_771` remembers that it was."""
    kind = "Stock on hand"
    missing = []
    for product, quantity in stock.items():
        if f"product_{product}" not in session.ids:
            session.tally.skip(kind, product, "names a product that was not loaded")
        elif f"stock_{product}" in session.ids:
            session.tally.present(kind, 1)
        else:
            missing.append((product, to_stock_unit(quantity, stock_units[product])))
    for start in range(0, len(missing), batch):
        part = missing[start : start + batch]
        products = session.env["product.product"].browse(session.ids[f"product_{key}"] for key, _quantity in part)
        add(session, dict(zip(products, (quantity for _key, quantity in part), strict=True)))
        session.ids.register([f"stock_{key}" for key, _quantity in part], products)
        commit(session.env)
    session.tally.created(kind, len(missing))
    session.tally.note(
        "Stock on hand is summed over AdventureWorks' locations and shelves; that of paint is taken as gallons, "
        "that of tape as packs."
    )


def warehouse(env):
    return env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)


def add(session, quantities):
    """Adjust the inventory upwards.

    :param quantities: {product.product: quantity to add, in its unit}
    """
    location = warehouse(session.env).lot_stock_id
    Quant = session.env["stock.quant"].with_context(inventory_mode=True)
    on_hand = defaultdict(float)
    for product, quantity in Quant._read_group(
        [("location_id", "=", location.id), ("product_id", "in", [product.id for product in quantities])],
        ["product_id"],
        ["quantity:sum"],
    ):
        on_hand[product.id] = quantity
    quants = Quant.create(
        [
            {"product_id": product.id, "location_id": location.id, "inventory_quantity": on_hand[product.id] + quantity}
            for product, quantity in quantities.items()
        ]
    )
    quants.action_apply_inventory()


def load_reordering_rules(session, products, stock_units):
    """Load the reorder point and the stock level of each product that can be refilled and is not made to order.

    The loader runs them once at its end; from then on Odoo's scheduler does.
    """
    kind = "Reordering rules"
    location = warehouse(session.env).lot_stock_id.id
    refillable = []
    for product in products:
        if product.made and f"bom_{product.key}" not in session.ids:
            session.tally.skip(kind, product.key, "is made, but has no bill of materials")
        else:
            refillable.append(product)
    values = {
        f"reordering_{product.key}": {
            "product_id": session.ids[f"product_{product.key}"],
            "location_id": location,
            "product_min_qty": to_stock_unit(product.reorder_at, stock_units[product.key]),
            "product_max_qty": to_stock_unit(max(product.stock_up_to, product.reorder_at), stock_units[product.key]),
            "trigger": "auto",
        }
        for product in refillable
    }
    session.create(kind, "stock.warehouse.orderpoint", values)


def reordering_rules(session):
    return session.env["stock.warehouse.orderpoint"].browse(session.ids.ids_of("reordering_").values())


def mark_replenishment(session):
    """Remember that orders were confirmed after which the reordering rules have not run yet."""
    session.env["ir.config_parameter"].sudo().set_param(PENDING, "1")


def replenish(session):
    """Run the reordering rules that are below their reorder point, if orders were confirmed since."""
    parameters = session.env["ir.config_parameter"].sudo()
    if not parameters.get_param(PENDING):
        return
    short = reordering_rules(session).filtered(lambda rule: rule.qty_to_order > 0)
    if short:
        short.action_replenish()
    parameters.set_param(PENDING, False)
