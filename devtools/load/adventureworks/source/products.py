"""Products and their categories, descriptions and stock, as the files have them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import itemgetter

from . import units
from .values import by_key, convert, day, flag, number, text

ENGLISH = "en"
UNITS_OF_WEIGHT = tuple(units.GRAMS)


@dataclass(frozen=True)
class Product:
    key: str
    name: str
    code: str
    made: bool
    sold: bool
    subcategory: str
    description: str
    details: str
    cost: Decimal  # USD
    list_price: Decimal  # USD
    weight: Decimal  # kg
    days_to_make: int
    reorder_at: Decimal
    stock_up_to: Decimal
    end_of_sale: date | None


class Products:
    """Reads product.csv with what belongs to it."""

    def __init__(self, folder, tally):
        self.folder = folder
        self.tally = tally
        self._descriptions = self._english_descriptions()

    def products(self):
        rows = self.folder.rows("oltp/product.csv")
        return convert(rows, self._product, self.tally, "Products", "productid", identity=by_key)

    def categories(self):
        """Return ({id: name}, {id: (parent id, name)}) of categories and subcategories."""
        categories = self._named("oltp/productcategory.csv", "productcategoryid")
        children = convert(
            self.folder.rows("oltp/productsubcategory.csv"),
            lambda row: (text(row, "productsubcategoryid"), (text(row, "productcategoryid"), text(row, "name"))),
            self.tally,
            "Product categories",
            "productsubcategoryid",
            identity=itemgetter(0),
        )
        return categories, dict(children)

    def stock(self):
        """Return {product id: quantity} over all locations and shelves."""
        rows = convert(
            self.folder.rows("oltp/productinventory.csv"),
            lambda row: (text(row, "productid"), number(row, "quantity", minimum=0)),
            self.tally,
            "Stock on hand",
            "productid",
        )
        stock = defaultdict(Decimal)
        for product, quantity in rows:
            stock[product] += quantity
        return dict(stock)

    def _named(self, name, key):
        rows = self.folder.rows(name)
        kind = "Product categories"
        pairs = convert(
            rows, lambda row: (text(row, key), text(row, "name")), self.tally, kind, key, identity=itemgetter(0)
        )
        return dict(pairs)

    def _english_descriptions(self):
        texts = {
            row["productdescriptionid"]: row["description"].strip()
            for row in self.folder.rows("oltp/productdescription.csv")
        }
        return {
            row["productmodelid"]: texts.get(row["productdescriptionid"], "")
            for row in self.folder.rows("oltp/productmodelproductdescriptionculture.csv")
            if row["cultureid"].strip() == ENGLISH
        }

    def _product(self, row):
        return Product(
            key=text(row, "productid"),
            name=text(row, "name"),
            code=text(row, "productnumber"),
            made=flag(row, "makeflag"),
            sold=flag(row, "finishedgoodsflag"),
            subcategory=row["productsubcategoryid"].strip(),
            description=self._descriptions.get(row["productmodelid"].strip(), ""),
            details=_details(row),
            cost=number(row, "standardcost", minimum=0, default=0),
            list_price=number(row, "listprice", minimum=0, default=0),
            weight=_weight(row),
            days_to_make=int(number(row, "daystomanufacture", minimum=0, default=0)),
            reorder_at=number(row, "reorderpoint", minimum=0, default=0),
            stock_up_to=number(row, "safetystocklevel", minimum=0, default=0),
            end_of_sale=day(row, "sellenddate", optional=True),
        )


def _details(row):
    """Return color and size in a line, e.g. "Color: Black, size: 58 CM"."""
    size = " ".join(part for part in (row["size"].strip(), row["sizeunitmeasurecode"].strip()) if part)
    found = (("Color", row["color"].strip()), ("size", size))
    return ", ".join(f"{label}: {value}" for label, value in found if value)


def _weight(row):
    code = row["weightunitmeasurecode"].strip()
    weight = number(row, "weight", minimum=0, default=0)
    return units.kilograms(weight, code) if code in UNITS_OF_WEIGHT else Decimal(0)
