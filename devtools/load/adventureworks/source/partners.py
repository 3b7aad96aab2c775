"""Resellers, persons, vendors and their addresses, as the files have them."""

from dataclasses import dataclass
from decimal import Decimal

from .values import BadRow, by_key, convert, flag, number, text


@dataclass(frozen=True)
class Address:
    """A postal address; the country and the state are ISO codes."""

    street: str
    street2: str
    city: str
    postcode: str
    state: str
    state_name: str
    country: str


@dataclass(frozen=True)
class Partner:
    key: str
    name: str
    phone: str
    email: str
    address: Address | None
    active: bool = True
    salesperson: str = ""
    territory: str = ""
    reference: str = ""


@dataclass(frozen=True)
class VendorPrice:
    """A vendor's price of one `unit` of a product."""

    key: str
    product: str
    vendor: str
    price: Decimal
    minimum: Decimal
    days: int
    unit: str


def customer_id(row, column):
    """Return the customer's number of a key such as AW00011000.

    >>> customer_id({"k": "AW00011000"}, "k")
    '11000'
    """
    key = text(row, column)
    digits = key.removeprefix("AW").lstrip("0")
    if not digits.isdigit():
        raise BadRow(f"{column} is not a customer's number: {key!r}")
    return digits


class Partners:
    """Reads the files of partners; addresses and e-mails are read once."""

    def __init__(self, folder, tally):
        self.folder = folder
        self.tally = tally
        self.emails = {row["businessentityid"]: row["emailaddress"] for row in folder.rows("oltp/emailaddress.csv")}
        self._geography = {row["GeographyKey"]: row for row in folder.rows("dw/DimGeography.csv")}
        self._customers = {row["customerid"]: row for row in folder.rows("oltp/customer.csv")}
        self._stores = {row["businessentityid"]: row for row in folder.rows("oltp/store.csv")}

    def resellers(self):
        rows, key = self.folder.rows("dw/DimReseller.csv"), "ResellerAlternateKey"
        return convert(rows, self._reseller, self.tally, "Resellers", key, identity=by_key)

    def persons(self, only=None):
        """Return the persons, or those of them whose customer number is in `only`."""
        rows = self.folder.rows("dw/DimCustomer.csv.gz")
        persons = convert(rows, self._person, self.tally, "Persons", "CustomerAlternateKey", identity=by_key)
        if only is None:
            return persons
        used = [person for person in persons if person.key in only]
        if len(used) < len(persons):
            reason = "is not a customer of the loaded orders (--customers used)"
            self.tally.skip("Persons", persons[0].key, reason, len(persons) - len(used))
        return used

    def vendors(self):
        addresses = self._entity_addresses()
        return convert(
            self.folder.rows("oltp/vendor.csv"),
            lambda row: Partner(
                key=text(row, "businessentityid"),
                name=text(row, "name"),
                phone="",
                email="",
                address=addresses.get(row["businessentityid"]),
                active=flag(row, "activeflag"),
                reference=row["accountnumber"],
            ),
            self.tally,
            "Vendors",
            "businessentityid",
            identity=by_key,
        )

    def vendor_prices(self):
        rows = self.folder.rows("oltp/productvendor.csv")
        return convert(rows, _vendor_price, self.tally, "Vendor prices", "productid", identity=by_key)

    def _reseller(self, row):
        key = customer_id(row, "ResellerAlternateKey")
        account = self._customers.get(key, {})
        store = self._stores.get(account.get("storeid"), {})
        return Partner(
            key=key,
            name=text(row, "ResellerName"),
            phone=row["Phone"].strip(),
            email="",
            address=self._address(row),
            salesperson=store.get("salespersonid", ""),
            territory=account.get("territoryid", ""),
            reference=row["ResellerAlternateKey"],
        )

    def _person(self, row):
        key = customer_id(row, "CustomerAlternateKey")
        names = (row[column].strip() for column in ("FirstName", "MiddleName", "LastName"))
        name = " ".join(part for part in names if part)
        if not name:
            raise BadRow("has no name")
        return Partner(
            key=key,
            name=name,
            phone=row["Phone"].strip(),
            email=row["EmailAddress"].strip(),
            address=self._address(row),
            territory=self._customers.get(key, {}).get("territoryid", ""),
            reference=row["CustomerAlternateKey"],
        )

    def _address(self, row):
        place = self._geography.get(row["GeographyKey"])
        if place is None:
            raise BadRow(f"names an unknown place, GeographyKey {row['GeographyKey']!r}")
        return Address(
            street=row["AddressLine1"].strip(),
            street2=row["AddressLine2"].strip(),
            city=place["City"].strip(),
            postcode=place["PostalCode"].strip(),
            state=place["StateProvinceCode"].strip(),
            state_name=place["StateProvinceName"].strip(),
            country=place["CountryRegionCode"].strip(),
        )

    def _entity_addresses(self):
        """Return {business entity: Address}, the first address of each."""
        states = {row["stateprovinceid"]: row for row in self.folder.rows("oltp/stateprovince.csv")}
        rows = {row["addressid"]: row for row in self.folder.rows("oltp/address.csv.gz")}
        found = {}
        for link in self.folder.rows("oltp/businessentityaddress.csv"):
            row = rows.get(link["addressid"])
            state = row and states.get(row["stateprovinceid"])
            if state:
                found.setdefault(link["businessentityid"], _oltp_address(row, state))
        return found


def _oltp_address(row, state):
    return Address(
        street=row["addressline1"].strip(),
        street2=row["addressline2"].strip(),
        city=row["city"].strip(),
        postcode=row["postalcode"].strip(),
        state=state["stateprovincecode"].strip(),
        state_name=state["name"].strip(),
        country=state["countryregioncode"].strip(),
    )


def _vendor_price(row):
    product, vendor = text(row, "productid"), text(row, "businessentityid")
    return VendorPrice(
        key=f"{product}_{vendor}",
        product=product,
        vendor=vendor,
        price=number(row, "standardprice", minimum=0),
        minimum=number(row, "minorderqty", minimum=0, default=0),
        days=int(number(row, "averageleadtime", minimum=0, default=0)),
        unit=text(row, "unitmeasurecode"),
    )
