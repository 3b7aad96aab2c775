"""AdventureWorks' units of measure in terms of Odoo's.

Odoo keeps a product in one unit, AdventureWorks does not say in which: a paint is bought by the gallon and
consumed by the ounce. The unit of consumption is taken as the unit of stock, so that no bill of materials
is rounded (8 fl oz are 0.0625 gal, which two decimals turn into 0.06).
"""

from decimal import Decimal

# Content of one unit of the key in the smaller unit, exact by definition.
FLUID_OUNCES = {"OZ": Decimal(1), "PT": Decimal(16), "GAL": Decimal(128)}
GRAMS = {"G": Decimal(1), "OZ": Decimal("28.349523125"), "LB": Decimal("453.59237"), "KG": Decimal(1000)}
INCHES = {"IN": Decimal(1), "FT": Decimal(12)}

# AdventureWorks does not say how long a pack of grip tape is. A handlebar takes 40 inches, and tape is sold
# by the handlebar: a pack is taken as that length.
INCHES_PER_PACK_OF_TAPE = Decimal(40)
# Containers whose content the files do not give: one is taken as one piece.
UNKNOWN_CONTENT = ("CTN", "CAN", "CS", "PAK", "BOX", "CAR", "PAL", "CR")

PIECE, FLUID_OUNCE, OUNCE, INCH = "EA", "FLOZ", "OZ", "IN"


def stock_unit(used_in, bought_in):
    """Return the unit a product is kept in: EA, FLOZ, OZ (weight) or IN.

    :param used_in: set of unit codes of the bill of materials lines that consume the product
    :param bought_in: set of unit codes of its vendors' prices

    >>> stock_unit({"OZ"}, {"GAL"}), stock_unit({"OZ"}, {"LB"}), stock_unit({"IN"}, {"PAK"}), stock_unit(set(), set())
    ('FLOZ', 'OZ', 'IN', 'EA')
    """
    if "IN" in used_in:
        return INCH
    if "OZ" in used_in:
        return FLUID_OUNCE if bought_in & {"GAL", "PT"} else OUNCE
    return PIECE


def factor(code, unit):
    """Return how many `unit` one `code` is, None when the two do not convert.

    >>> factor("GAL", "FLOZ"), factor("PAK", "IN"), factor("DZ", "EA"), factor("OZ", "EA") is None
    (Decimal('128'), Decimal('40'), Decimal('12'), True)
    """
    if unit == FLUID_OUNCE:
        return FLUID_OUNCES.get(code)
    if unit == OUNCE:
        return GRAMS[code] / GRAMS["OZ"] if code in GRAMS else None
    if unit == INCH:
        return INCHES_PER_PACK_OF_TAPE if code == "PAK" else INCHES.get(code)
    if code == "DZ":
        return Decimal(12)
    return Decimal(1) if code in ("EA", "PC", *UNKNOWN_CONTENT) else None


def kilograms(weight, code):
    """Return a weight in kg.

    >>> kilograms(Decimal("2.24"), "LB")
    Decimal('1.0160469088')
    """
    return weight * GRAMS[code] / GRAMS["KG"]
