"""Categories and products with costs, prices, descriptions, units and routes."""

from collections import defaultdict

from odoo.fields import Command

from ..source import units
from . import settings

UNITS = {
    units.PIECE: "uom.product_uom_unit",
    units.FLUID_OUNCE: "uom.product_uom_floz",
    units.OUNCE: "uom.product_uom_oz",
    units.INCH: "uom.product_uom_inch",
    "GAL": "uom.product_uom_gal",
    "DZ": "uom.product_uom_dozen",
}
PARTS = "Manufacturing parts"
MADE_TO_ORDER = "1"  # productcategoryid of Bikes


def unit_ids(env):
    return {code: env.ref(xmlid).id for code, xmlid in UNITS.items()}


def stock_units(products, bom_lines, prices):
    """Return {product id: unit of stock} from where the product is consumed and bought."""
    used, bought = defaultdict(set), defaultdict(set)
    for line in bom_lines:
        used[line.component].add(line.unit)
    for price in prices:
        bought[price.product].add(price.unit)
    return {product.key: units.stock_unit(used[product.key], bought[product.key]) for product in products}


def load_categories(session, categories, subcategories):
    """Load category > subcategory, and one category for the parts that have none."""
    kind = "Product categories"
    values = {f"category_{key}": {"name": name} for key, name in categories.items()}
    values["category_parts"] = {"name": PARTS}
    session.create(kind, "product.category", values)
    children = {}
    for key, (parent, name) in subcategories.items():
        if f"category_{parent}" not in session.ids:
            session.tally.skip(kind, key, "belongs to a category that was not loaded")
            continue
        children[f"subcategory_{key}"] = {"name": name, "parent_id": session.ids[f"category_{parent}"]}
    session.create(kind, "product.category", children)


class ProductLoader:
    """Makes the values of a product."""

    def __init__(self, session, stock_units, subcategories, assemblies):
        self.session = session
        self.stock_units = stock_units
        self.subcategories = subcategories
        self.assemblies = assemblies
        self.units = unit_ids(session.env)
        self.money = settings.usd_to_company(session)
        ref = session.env.ref
        self.manufacture = ref("mrp.route_warehouse0_manufacture").id
        self.buy = ref("purchase_stock.route_warehouse0_buy").id
        self.to_order = ref("stock.route_warehouse0_mto").id

    def load(self, products):
        values = {f"product_{product.key}": self._values(product) for product in products}
        free = sum(not product.cost for product in products)
        if free:
            self.session.tally.note(
                f"{free} products, most of them bought parts, have no standard cost in the files and are loaded so."
            )
        self.session.create("Products", "product.product", values)

    def is_made_to_order(self, product):
        """Whether a sold product is made for each order: bicycles are, parts come from stock."""
        is_bicycle = self.subcategories.get(product.subcategory, ("",))[0] == MADE_TO_ORDER
        return product.made and is_bicycle and product.key in self.assemblies

    def _values(self, product):
        on_sale = product.end_of_sale is None or self.session.shift(product.end_of_sale) >= self.session.today
        return {
            "name": product.name,
            "default_code": product.code,
            "type": "consu",
            "is_storable": True,
            "categ_id": self.session.ids.get(f"subcategory_{product.subcategory}")
            or self.session.ids["category_parts"],
            "uom_id": self.units[self.stock_units[product.key]],
            "standard_price": self.money(product.cost),
            "list_price": self.money(product.list_price),
            "description_sale": product.description,
            "description": product.details,
            "weight": float(product.weight),
            "sale_ok": product.sold and on_sale,
            "purchase_ok": not product.made,
            "route_ids": [Command.set(self._routes(product))],
            # The files' taxes are per order: products carry none, so that amounts compare.
            "taxes_id": [Command.clear()],
            "supplier_taxes_id": [Command.clear()],
        }

    def _routes(self, product):
        if not product.made:
            return [self.buy]
        if product.key not in self.assemblies:
            self.session.tally.note(f"{product.name} is made, but has no bill of materials: it comes from stock only.")
            return []
        return [self.manufacture, *([self.to_order] if self.is_made_to_order(product) else [])]
