"""Vendors with their prices, resellers and persons, with addresses."""

from collections import Counter

from ..source import units
from . import catalog


class PartnerLoader:
    """Makes contacts; countries and states are looked up once."""

    def __init__(self, session):
        self.session = session
        self.company = session.env.company
        env = session.env
        self.countries = {country.code: country.id for country in env["res.country"].search([])}
        states = env["res.country.state"].search([])
        self.states = {(state.country_id.code, state.code): state.id for state in states}
        self.states |= {(state.country_id.code, state.name.lower()): state.id for state in states}
        self.without_state = Counter()

    def load_vendors(self, vendors):
        values = {
            f"vendor_{vendor.key}": {**self._values(vendor), "is_company": True, "supplier_rank": 1}
            for vendor in vendors
        }
        self.session.create("Vendors", "res.partner", values)

    def load_resellers(self, resellers, step=None):
        values = {
            f"customer_{reseller.key}": {**self._customer_values(reseller), "is_company": True}
            for reseller in resellers
        }
        self.session.create("Resellers", "res.partner", values, step=step)

    def load_persons(self, persons, step=None):
        values = {f"customer_{person.key}": self._customer_values(person) for person in persons}
        self.session.create("Persons", "res.partner", values, step=step)

    def note_states(self):
        """Tell which addresses have no state because Odoo does not know it."""
        if self.without_state:
            names = ", ".join(f"{name} {count:,}" for name, count in self.without_state.most_common(4))
            self.session.tally.note(
                f"{self.without_state.total():,} addresses have no state, as Odoo has none of that name: {names} ..."
            )

    def _customer_values(self, partner):
        return {
            **self._values(partner),
            "customer_rank": 1,
            "user_id": self.session.ids.get(f"user_{partner.salesperson}"),
        }

    def _values(self, partner):
        return {
            "name": partner.name,
            "ref": partner.reference,
            "phone": partner.phone,
            "email": partner.email,
            "active": partner.active,
            **self._address_values(partner.address),
        }

    def _address_values(self, address):
        if address is None:
            return {}
        state = self.states.get((address.country, address.state)) or self.states.get(
            (address.country, address.state_name.lower())
        )
        if not state:
            self.without_state[f"{address.state_name} ({address.country})"] += 1
        return {
            "street": address.street,
            "street2": address.street2,
            "city": address.city,
            "zip": address.postcode,
            "state_id": state or False,
            "country_id": self.countries.get(address.country, False),
        }


def load_prices(session, prices, stock_units):
    """Load vendors' prices, each in the unit in which the vendor sells."""
    kind, values = "Vendor prices", {}
    seller_units = _seller_units(session)
    usd = session.env.ref("base.USD").id
    for price in prices:
        product, vendor = f"product_{price.product}", f"vendor_{price.vendor}"
        if product not in session.ids or vendor not in session.ids:
            session.tally.skip(kind, price.key, "names a product or a vendor that was not loaded")
            continue
        unit = stock_units[price.product]
        if units.factor(price.unit, unit) is None:
            session.tally.skip(kind, price.key, f"is per {price.unit}, which does not convert to the product's unit")
            continue
        values[f"price_{price.key}"] = {
            "partner_id": session.ids[vendor],
            "product_tmpl_id": session.env["product.product"].browse(session.ids[product]).product_tmpl_id.id,
            "price": float(price.price),
            "currency_id": usd,
            "min_qty": float(price.minimum),
            "delay": price.days,
            "product_uom_id": seller_units(price.unit, unit),
        }
    _note_containers(session, prices, stock_units)
    session.create(kind, "product.supplierinfo", values)


def _note_containers(session, prices, stock_units):
    unknown = sum(
        price.unit in units.UNKNOWN_CONTENT and stock_units.get(price.product) == units.PIECE for price in prices
    )
    session.tally.note(
        f"{unknown} vendor prices are per carton, can, case or pack, of which the files do not give the content: "
        "one is taken as one piece, so purchases of those come out too dear."
    )
    session.tally.note(
        f"A pack of grip tape is taken as {units.INCHES_PER_PACK_OF_TAPE} inches (one handlebar), paint is kept in "
        "fluid ounces (128 to the gallon in which it is bought)."
    )


def _seller_units(session):
    """Return a function (unit of the price, unit of stock) -> id of the unit in Odoo."""
    ids = catalog.unit_ids(session.env)
    pack = {
        "uom_pack_of_tape": {
            "name": "Pack of tape",
            "relative_factor": float(units.INCHES_PER_PACK_OF_TAPE),
            "relative_uom_id": ids[units.INCH],
        }
    }
    session.ids.create("uom.uom", pack)

    def seller_unit(code, stock_unit):
        if stock_unit == units.INCH and code == "PAK":
            return session.ids["uom_pack_of_tape"]
        if stock_unit == units.FLUID_OUNCE and code == "OZ":
            return ids[units.FLUID_OUNCE]
        return ids.get(code, ids[stock_unit])

    return seller_unit
