"""Territories, sales people and special offers, as the files have them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .values import by_key, convert, day, number, text

OFFER_KIND = "Promotions"
RULE_KIND = "Promotion rules"


@dataclass(frozen=True)
class Territory:
    key: str
    name: str
    country: str
    group: str


@dataclass(frozen=True)
class SalesPerson:
    key: str
    login: str
    name: str
    job: str
    email: str
    phone: str
    territory: str


@dataclass(frozen=True)
class Offer:
    """A promotion; the dates are those of the file, the discount 0-1."""

    key: str
    name: str
    discount: Decimal
    start: date
    end: date
    minimum: Decimal
    maximum: Decimal | None
    products: tuple


def territories(folder, tally):
    return convert(
        folder.rows("oltp/salesterritory.csv"),
        lambda row: Territory(
            text(row, "territoryid"), text(row, "name"), row["countryregioncode"].strip(), text(row, "group")
        ),
        tally,
        "Sales teams",
        "territoryid",
        identity=by_key,
    )


def sales_people(folder, emails, tally):
    """Return the sales people; the files have no names, so the login gives the first name."""
    employees = {row["businessentityid"]: row for row in folder.rows("oltp/employee.csv")}
    phones = {row["businessentityid"]: row["phonenumber"] for row in folder.rows("oltp/personphone.csv")}

    def convert_row(row):
        key = text(row, "businessentityid")
        employee = employees.get(key, {})
        login = text(employee, "loginid").rpartition("\\")[2]
        return SalesPerson(
            key=key,
            login=login,
            name=first_name(login),
            job=employee["jobtitle"].strip(),
            email=emails.get(key, "").strip(),
            phone=phones.get(key, "").strip(),
            territory=row["territoryid"].strip(),
        )

    rows, key = folder.rows("oltp/salesperson.csv"), "businessentityid"
    return convert(rows, convert_row, tally, "Sales people", key, identity=by_key)


def first_name(login):
    """Return the name in a login.

    >>> first_name("josé1"), first_name("tete0")
    ('José', 'Tete')
    """
    return login.rstrip("0123456789").capitalize() or login


def manager_of(territory, people):
    """Return the sales manager of a territory's group: "European Sales Manager" leads Europe."""
    managers = (person for person in people if person.job.endswith("Sales Manager"))
    return next((person for person in managers if _same_group(person.job, territory.group)), None)


def _same_group(job, group):
    return job.startswith((group, f"{group}an"))


def offers(folder, tally):
    products = defaultdict(list)
    for row in folder.rows("oltp/specialofferproduct.csv"):
        products[row["specialofferid"].strip()].append(row["productid"].strip())
    rows, key = folder.rows("oltp/specialoffer.csv"), "specialofferid"
    read = convert(rows, lambda row: _offer(row, products), tally, OFFER_KIND, key, identity=by_key)
    tally.read(RULE_KIND, sum(len(keys) for keys in products.values()))
    orphans = set(products) - {offer.key for offer in read}
    for key in sorted(orphans):
        tally.skip(RULE_KIND, key, "belongs to a promotion that was not loaded", len(products[key]))
    return read


def _offer(row, products):
    maximum = row["maxqty"].strip()
    key = text(row, "specialofferid")
    return Offer(
        key=key,
        name=text(row, "description"),
        discount=number(row, "discountpct", minimum=0, default=0),
        start=day(row, "startdate"),
        end=day(row, "enddate"),
        minimum=number(row, "minqty", minimum=0, default=0),
        maximum=number(row, "maxqty", minimum=0) if maximum else None,
        products=tuple(products.get(key, ())),
    )
