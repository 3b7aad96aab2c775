"""`./dev load adventureworks`: reading the files, and the whole load where the data is there.

The first part is plain Python on tiny files that the tests write. The second runs the command's module in a
process of its own on a copy of the template database, once, kills nothing, and once more: nothing may double.

CRMX_ADVENTUREWORKS_DIR     the folder with the files (default: shared/data/adventureworks beside the repository)
CRMX_ADVENTUREWORKS_ORDERS  how many orders the second part loads (default 200; 5 is enough for a quick look)
"""

import csv
import doctest
import gzip
import importlib
import os
import pkgutil
import re
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from devtools.console import DevError
from devtools.layout import REPO
from devtools.load.adventureworks import report, source
from devtools.load.adventureworks.source import amounts, boms, history, locations, orders, sales, units
from devtools.load.adventureworks.source.dates import Shift, offset_days
from devtools.load.adventureworks.source.files import COLUMNS, Folder
from devtools.load.adventureworks.source.partners import Partners
from devtools.load.adventureworks.source.products import Products
from devtools.load.adventureworks.source.tally import Tally
from devtools.load.adventureworks.source.values import BadRow, day, number, positive

DATA = Path(os.environ.get("CRMX_ADVENTUREWORKS_DIR") or REPO.parent / "shared" / "data" / "adventureworks")
ORDERS = int(os.environ.get("CRMX_ADVENTUREWORKS_ORDERS", "200"))
# A machine that does other things too needs several times the five minutes of a quiet one.
LOAD_TIMEOUT = 1800


@pytest.fixture
def tally():
    return Tally()


@pytest.fixture
def write(tmp_path):
    """Make a folder with all files, empty but for those that are given: `write({"oltp/x.csv": [row, ...]})`."""

    def make(rows_by_name=None):
        for name, columns in COLUMNS.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            opener = gzip.open if path.suffix == ".gz" else open
            with opener(path, "wt", encoding="utf-8-sig", newline="") as sink:
                writer = csv.DictWriter(sink, columns.split(), restval="")
                writer.writeheader()
                writer.writerows((rows_by_name or {}).get(name, ()))
        return tmp_path

    return make


def order_row(number="SO1", line=1, **values):
    """A row of sales_order_lines.csv.gz: one piece for 10.00 of a reseller."""
    row = {
        "order_number": number,
        "line": str(line),
        "channel": "reseller",
        "order_date": "2013-11-29",
        "due_date": "2013-12-11",
        "ship_date": "2013-12-06",
        "customer_id": "676",
        "salesperson_id": "279",
        "territory_id": "5",
        "product_id": "776",
        "qty": "1",
        "unit_price": "10.00",
        "discount_pct": "0.0",
        "sales_amount": "10.00",
        "special_offer_id": "1",
    }
    return row | values


def bom_row(key="1", assembly="775", component="516", **values):
    row = {
        "billofmaterialsid": key,
        "productassemblyid": assembly,
        "componentid": component,
        "startdate": "2010-03-04 00:00:00.000",
        "enddate": "",
        "unitmeasurecode": "EA ",
        "perassemblyqty": "1.00",
    }
    return row | values


def reasons(tally, kind):
    return dict(tally.reasons[kind])


# ------------------------------------------------------------
# Files
# ------------------------------------------------------------


def test_a_wrong_folder_is_one_sentence(tmp_path):
    with pytest.raises(DevError, match=r"^There is no folder .*/nowhere: name the one that holds oltp/ and dw/\.$"):
        Folder(tmp_path / "nowhere")
    with pytest.raises(DevError, match="does not hold the AdventureWorks files"):
        Folder(tmp_path)


def test_a_missing_file_is_named(write):
    folder = write()
    (folder / "oltp/vendor.csv").unlink()
    with pytest.raises(DevError, match=r"lacks oltp/vendor\.csv: copy the file there"):
        Folder(folder)


def test_a_missing_column_is_named(write):
    folder = write()
    (folder / "oltp/store.csv").write_text("businessentityid,label\n1,x\n")
    with pytest.raises(DevError, match=r"store\.csv has no column name, salespersonid"):
        Folder(folder)


def test_a_damaged_archive_is_one_sentence(write):
    folder = write()
    (folder / "oltp/address.csv.gz").write_bytes(b"no archive at all")
    with pytest.raises(DevError, match=r"address\.csv\.gz cannot be read"):
        Folder(folder)


def test_a_short_row_has_empty_cells(write):
    folder = write()
    (folder / "oltp/productcategory.csv").write_text("productcategoryid,name\n7\n")
    assert list(Folder(folder).rows("oltp/productcategory.csv")) == [{"productcategoryid": "7", "name": ""}]


# ------------------------------------------------------------
# Values
# ------------------------------------------------------------


def test_cells_are_converted():
    assert number({"x": " 2.50 "}, "x") == Decimal("2.5")
    assert number({"x": ""}, "x", default=0) == 0
    assert day({"x": "2013-11-29 00:00:00.000"}, "x") == date(2013, 11, 29)
    assert day({"x": ""}, "x", optional=True) is None


@pytest.mark.parametrize(
    ("convert", "cell", "sentence"),
    [
        (number, "two", "x is not a number: 'two'"),
        (number, "NaN", "x is not a number: 'NaN'"),
        (number, "", "x is not a number: ''"),
        (positive, "0", "x is not above zero: 0"),
        (day, "29.11.2013", "x is not a date: '29.11.2013'"),
    ],
)
def test_a_bad_cell_says_why(convert, cell, sentence):
    with pytest.raises(BadRow, match=f"^{re.escape(sentence)}$"):
        convert({"x": cell}, "x")


# ------------------------------------------------------------
# Units
# ------------------------------------------------------------


def test_paint_is_kept_in_fluid_ounces_and_tape_in_inches():
    assert units.stock_unit({"OZ"}, {"GAL"}) == units.FLUID_OUNCE
    assert units.stock_unit({"OZ"}, {"LB"}) == units.OUNCE
    assert units.stock_unit({"IN"}, {"PAK"}) == units.INCH
    assert units.stock_unit({"EA"}, {"CTN"}) == units.PIECE


def test_quantities_are_converted():
    assert 2 * units.factor("GAL", units.FLUID_OUNCE) == 256
    assert units.factor("PAK", units.INCH) == 40
    assert round(units.factor("LB", units.OUNCE), 6) == 16
    assert units.factor("IN", units.PIECE) is None
    assert units.kilograms(Decimal(1000), "G") == 1


def test_doctests():
    """The examples in the docstrings of the plain modules hold."""
    tried = 0
    for info in pkgutil.iter_modules(source.__path__):
        result = doctest.testmod(importlib.import_module(f"{source.__name__}.{info.name}"))
        assert not result.failed
        tried += result.attempted
    assert tried > 5


# ------------------------------------------------------------
# Dates
# ------------------------------------------------------------


def test_the_offset_makes_the_last_order_yesterday():
    shift = Shift(offset_days(date(2013, 11, 29), date(2026, 3, 2)))
    assert shift(date(2013, 11, 29)) == date(2026, 3, 1)
    assert shift(date(2013, 11, 28)) == date(2026, 2, 28)
    assert shift(None) is None


# ------------------------------------------------------------
# Bills of materials
# ------------------------------------------------------------


def test_ended_versions_are_told_from_todays(tally):
    rows = [
        bom_row("1", component="807", enddate="2010-08-08 00:00:00.000", perassemblyqty="2.00"),
        bom_row("2", component="807", startdate="2010-08-09 00:00:00.000"),
    ]
    current, ended = boms.versions(boms.read(rows, tally), date(2026, 3, 2), Shift(4475))
    assert [line.key for line in current["775"]] == ["2"]
    assert list(ended) == [("775", date(2010, 3, 4), date(2010, 8, 8))]


def test_a_version_that_the_offset_moves_over_today_is_valid(tally):
    [line] = boms.read([bom_row(enddate="2010-08-08")], tally)
    moved_to_today = Shift((date(2026, 3, 2) - date(2010, 8, 8)).days)
    assert line.is_valid(date(2026, 3, 2), moved_to_today)
    assert not line.is_valid(date(2026, 3, 3), moved_to_today)


def test_bad_bom_rows_are_skipped_with_a_reason(tally):
    rows = [bom_row(assembly=""), bom_row(perassemblyqty="0"), bom_row(startdate="soon"), bom_row()]
    assert len(boms.read(rows, tally)) == 1
    assert reasons(tally, boms.KIND) == {
        "names a top product, which is no component of anything": 1,
        "perassemblyqty is not above zero: 0": 1,
        "startdate is not a date: 'soon'": 1,
    }


def test_bom_lines_that_odoo_could_not_hold_are_skipped(tally):
    rows = [
        bom_row("1", "A", "B"),
        bom_row("2", "B", "A"),
        bom_row("3", "C", "C"),
        bom_row("4", "A", "unknown"),
        bom_row("5", "A", "C", unitmeasurecode="IN "),
    ]
    known = dict.fromkeys("ABC", units.PIECE)
    lines = boms.convertible(boms.read(rows, tally), known, tally)
    assert [line.key for line in boms.without_cycles(lines, tally)] == ["1"]
    assert set(reasons(tally, boms.KIND)) == {
        "would make product B a component of itself",
        "would make product C a component of itself",
        "names a product that was not loaded, unknown",
        "is in IN, which does not convert to the component's unit",
    }


# ------------------------------------------------------------
# Products, partners, sales
# ------------------------------------------------------------


def test_a_product_with_its_english_description(write, tally):
    folder = write(
        {
            "oltp/product.csv": [
                {
                    "productid": "749",
                    "name": "Road-150 Red, 62",
                    "productnumber": "BK-R93R-62",
                    "makeflag": "true",
                    "finishedgoodsflag": "true",
                    "color": "Red",
                    "standardcost": "2171.2942",
                    "listprice": "3578.27",
                    "size": "62",
                    "sizeunitmeasurecode": "CM ",
                    "weightunitmeasurecode": "LB ",
                    "weight": "15.00",
                    "daystomanufacture": "4",
                    "productmodelid": "25",
                },
                {"productid": "750", "name": "No number"},
            ],
            "oltp/productdescription.csv": [
                {"productdescriptionid": "457", "description": "This bike is ridden by race winners."},
                {"productdescriptionid": "1", "description": "Ce vélo est utilisé par les vainqueurs."},
            ],
            "oltp/productmodelproductdescriptionculture.csv": [
                {"productmodelid": "25", "productdescriptionid": "1", "cultureid": "fr    "},
                {"productmodelid": "25", "productdescriptionid": "457", "cultureid": "en    "},
            ],
        }
    )
    [product] = Products(Folder(folder), tally).products()
    assert (product.cost, product.list_price) == (Decimal("2171.2942"), Decimal("3578.27"))
    assert (product.made, product.days_to_make) == (True, 4)
    assert product.description == "This bike is ridden by race winners."
    assert product.details == "Color: Red, size: 62 CM"
    assert round(product.weight, 3) == Decimal("6.804")
    assert reasons(tally, "Products") == {"has no productnumber": 1}


def test_a_reseller_gets_the_address_of_its_place(write, tally):
    folder = write(
        {
            "dw/DimReseller.csv": [
                {"GeographyKey": "637", "ResellerAlternateKey": "AW00000001", "ResellerName": "A Bike Store"},
                {"GeographyKey": "9", "ResellerAlternateKey": "AW00000002", "ResellerName": "Nowhere"},
            ],
            "dw/DimGeography.csv": [
                {"GeographyKey": "637", "City": "Seattle", "StateProvinceCode": "WA", "CountryRegionCode": "US"}
            ],
            "oltp/customer.csv": [{"customerid": "1", "storeid": "934", "territoryid": "1"}],
            "oltp/store.csv": [{"businessentityid": "934", "name": "A Bike Store", "salespersonid": "280"}],
        }
    )
    [reseller] = Partners(Folder(folder), tally).resellers()
    assert (reseller.key, reseller.salesperson, reseller.territory) == ("1", "280", "1")
    assert (reseller.address.city, reseller.address.state, reseller.address.country) == ("Seattle", "WA", "US")
    assert reasons(tally, "Resellers") == {"names an unknown place, GeographyKey '9'": 1}


def test_only_used_persons(write, tally):
    persons = [
        {"GeographyKey": "1", "CustomerAlternateKey": f"AW0001100{digit}", "FirstName": "Jon", "LastName": "Yang"}
        for digit in range(3)
    ]
    folder = write({"dw/DimCustomer.csv.gz": persons, "dw/DimGeography.csv": [{"GeographyKey": "1"}]})
    partners = Partners(Folder(folder), tally)
    assert [person.name for person in partners.persons(only={"11001"})] == ["Jon Yang"]
    assert list(reasons(tally, "Persons").values()) == [2]


def test_sales_people_and_their_manager(write, tally):
    logins = {"274": ("stephen0", "North American Sales Manager"), "275": ("michael9", "Sales Representative")}
    folder = write(
        {
            "oltp/salesperson.csv": [
                {"businessentityid": "274"},
                {"businessentityid": "275", "territoryid": "2"},
                {"businessentityid": "999"},
            ],
            "oltp/employee.csv": [
                {"businessentityid": key, "loginid": f"adventure-works\\{login}", "jobtitle": job}
                for key, (login, job) in logins.items()
            ],
        }
    )
    people = sales.sales_people(Folder(folder), {"275": "michael9@adventure-works.com"}, tally)
    assert [(person.login, person.name) for person in people] == [("stephen0", "Stephen"), ("michael9", "Michael")]
    assert reasons(tally, "Sales people") == {"has no loginid": 1}
    assert sales.manager_of(sales.Territory("2", "Northeast", "US", "North America"), people).key == "274"
    assert sales.manager_of(sales.Territory("9", "Australia", "AU", "Pacific"), people) is None


def test_stores_are_not_work_centres(write, tally):
    folder = write(
        {
            "oltp/location.csv": [
                {"locationid": "1", "name": "Tool Crib", "costrate": "0", "availability": "0.00"},
                {"locationid": "10", "name": "Frame Forming", "costrate": "22.5", "availability": "96.00"},
            ]
        }
    )
    [location] = locations.work_centres(Folder(folder), tally)
    assert (location.hourly_cost, location.daily_hours) == (Decimal("22.5"), Decimal("19.2"))


# ------------------------------------------------------------
# Orders and amounts
# ------------------------------------------------------------


def test_the_last_orders_of_resellers_oldest_first(tally):
    rows = [
        order_row("SO3"),
        order_row("SO1", order_date="2013-10-01"),
        order_row("SO2", order_date="2013-11-28"),
        order_row("SO3", line=2),
        order_row("SO4", channel="internet", order_date="2014-01-28"),
    ]
    grouped = orders.reseller_rows(rows)
    chosen, in_files = orders.last(grouped, 2, tally)
    assert [(order.number, len(order.lines)) for order in chosen] == [("SO2", 1), ("SO3", 2)]
    assert chosen[1].amount == 20
    assert set(in_files) == {("SO2", 1), ("SO3", 1), ("SO3", 2)}
    assert orders.last_date(grouped) == date(2013, 11, 29)
    assert orders.last(grouped, 0, tally) == ([], {})


def test_an_order_with_a_bad_line_is_skipped_whole_and_its_amount_is_not_forgotten(tally):
    rows = [order_row("SO1"), order_row("SO1", line=2, qty="-1"), order_row("SO2")]
    chosen, in_files = orders.last(orders.reseller_rows(rows), 10, tally)
    assert [order.number for order in chosen] == ["SO2"]
    assert reasons(tally, orders.KIND) == {"has a bad line, of which qty is not above zero: -1": 1}
    found = amounts.differences(in_files, {("SO2", 1): Decimal("10.00")})
    assert [(item.line, item.reason, item.amount) for item in found] == [
        (1, amounts.NOT_LOADED, Decimal("-10.00")),
        (2, amounts.NOT_LOADED, Decimal("-10.00")),
    ]


def test_differences_are_explained_line_by_line():
    in_files = {("SO1", 1): Decimal("663.5750"), ("SO1", 2): Decimal("271.1952"), ("SO1", 3): Decimal("5.00")}
    in_odoo = {("SO1", 1): Decimal("663.58"), ("SO1", 2): Decimal("271.30"), ("SO1", 3): Decimal("5.00")}
    rounded, wrong = amounts.differences(in_files, in_odoo)
    assert (rounded.line, rounded.amount, rounded.reason) == (1, Decimal("0.0050"), amounts.ROUNDED)
    assert (wrong.line, wrong.amount, wrong.reason) == (2, Decimal("0.1048"), amounts.UNEXPLAINED)


def test_the_report_writes_every_difference(tmp_path):
    found = [amounts.Difference("SO1", line, Decimal("1.004"), Decimal("1.00"), amounts.ROUNDED) for line in range(30)]
    table = report.write(tmp_path / "load.txt", ["a line"], found)
    assert (tmp_path / "load.txt").read_text() == "a line\n"
    with table.open(newline="") as rows:
        assert len(list(csv.DictReader(rows))) == 30


# ------------------------------------------------------------
# The load
# ------------------------------------------------------------


class Loaded:
    """The report of a run, read back: `table["Products"]` (four numbers), `facts["Sales orders"]` (one)."""

    # A label of 28 characters, one or four numbers, perhaps a remark.
    LINE = re.compile(r"(\S.{27})((?: +-?\d[\d,.]*)+)(?: .*)?$")

    def __init__(self, text):
        self.text = text
        self.table = {}
        self.facts = {}
        for line in text.splitlines():
            found = self.LINE.match(line)
            if found:
                numbers = [Decimal(part.replace(",", "")) for part in found[2].split()]
                target = self.table if len(numbers) == 4 else self.facts
                target[found[1].strip()] = numbers if len(numbers) == 4 else numbers[0]

    def created(self):
        return {kind: int(numbers[1]) for kind, numbers in self.table.items() if numbers[1]}


@pytest.fixture
def load(committed_database, tmp_path):
    """Run the loader in a process on one fresh database: `load()` returns what it reported."""
    if not DATA.is_dir():
        pytest.skip(f"There is no {DATA}: set CRMX_ADVENTUREWORKS_DIR to the folder with the AdventureWorks files.")
    database = committed_database()

    def run(*options, data=DATA):
        environ = os.environ | {"CRMX_DB": database, "CRMX_FOLDER": str(tmp_path), "PYTHONPATH": str(REPO)}
        command = [sys.executable, "-m", "devtools.shell_runner", "load", "adventureworks", str(data)]
        # the history names customers who are in no loaded order
        customers = "all" if "--history" in options else "used"
        result = subprocess.run(
            [*command, "--customers", customers, *options],
            env=environ,
            cwd=REPO,
            capture_output=True,
            text=True,
            timeout=LOAD_TIMEOUT,
            check=False,
        )
        assert result.returncode == 0, f"{result.stdout[-3000:]}\n{result.stderr[-3000:]}"
        assert "Traceback" not in result.stderr
        return Loaded(result.stdout)

    return run


@pytest.mark.slow
def test_the_load_and_its_repetition(load, tmp_path):
    """N orders are won, converted and produced, their amounts are the files', and a second run makes nothing."""
    first = load("--orders", str(ORDERS), "--report", "load.txt")
    _check_master_data(first)
    _check_orders(first)
    _check_amounts(first, tmp_path / "load.differences.csv")

    second = load("--orders", str(ORDERS))
    assert second.created() == {}
    assert second.facts == first.facts


@pytest.mark.slow
def test_the_orders_are_planned_over_all_levels(load):
    """Made to plan: every quantity of every order is served by something, and what is short is told."""
    loaded = load("--orders", str(ORDERS), "--planning", "plan")
    assert loaded.facts["Sales orders"] == ORDERS
    assert loaded.facts["Manufacturing orders"] == 0
    assert loaded.facts["Planned products"] == loaded.table["Products"][1]
    assert loaded.facts["Proposals to make"] > 0
    assert loaded.facts["Proposals to buy"] > 0
    assert loaded.facts["Pegged share (%)"] == 100
    short = re.search(r"^Products short +(\d+)  (\d+) of them among the issues$", loaded.text, re.MULTILINE)
    assert short[1] == short[2]


@pytest.mark.slow
def test_all_past_orders_go_into_the_warehouse(load):
    """Both channels with the totals that Microsoft's tutorials name, once and again; then the 7P of two months."""
    first, second = load("--orders", "0", "--history"), load("--orders", "0", "--history", "--score", "2")
    for run in (first, second):
        assert re.search(r"^  internet +27,659 +60,398 +29,358,677\.22 +0\.00 +29,358,677\.22$", run.text, re.MULTILINE)
        assert re.search(r"^  reseller +3,796 +60,855 +80,450,596\.98 +0\.00 +80,450,596\.98$", run.text, re.MULTILINE)
        assert re.search(r"^  both +31,455 +121,253$", run.text, re.MULTILINE)
    assert "Scores" not in first.text
    scored = re.findall(r"^  \d{4}-\d\d-\d\d +([\d,]+) customers  Measures", second.text, re.MULTILINE)
    assert len(scored) == 2
    # all that ever bought, today: 18,484 persons and 635 resellers
    assert scored[-1] == "19,119"


def test_orders_that_are_in_odoo_are_no_history():
    rows = [
        order_row("SO1", product_number="BK-1", product_cost="4.00", discount_pct="0.02"),
        order_row("SO2", product_number="BK-1", product_cost="4.00", channel="internet", order_date="2014-01-28"),
    ]
    names = {"customer": {"676": "AW00000676"}, "salesperson": {}, "team": {"5": "Southeast"}}
    found = history.History(rows, {"SO2"}, names)
    assert (dict(found.lines), dict(found.left_out)) == ({"reseller": 1}, {"internet": Decimal("10.00")})
    assert found.content.decode().splitlines()[1] == (
        "SO1,1,2013-11-29,AW00000676,BK-1,1,10.00,2.00,10.00,4.00,,Southeast,reseller"
    )
    assert found.last_date == history.last_date(rows) == date(2014, 1, 28)


@pytest.mark.slow
def test_bad_rows_are_skipped_and_never_a_traceback(load, tmp_path):
    """The real files with bad rows at their ends: each kind of trouble is counted with its reason."""
    data = _spoilt_copy(tmp_path / "spoilt")
    loaded = load("--orders", "2", data=data)
    assert [int(loaded.table[kind][3]) for kind in ("Products", "Vendors", "Vendor prices")] == [2, 1, 1]
    for reason in (
        "standardcost is not a number: 'much'",
        "is there twice; the first row counts",
        "has no name",
        "names a product or a vendor that was not loaded",
        "names a product that was not loaded, 99999",
        "has a bad line, of which qty is not a number: 'many'",
    ):
        assert reason in loaded.text
    assert loaded.facts["Opportunities won"] == 1


def _spoilt_copy(folder):
    """Link the files into a folder, and add bad rows to copies of some of them."""
    spoilt = {
        "oltp/product.csv": ["99001,Bad cost,XX-1,true,true,,1,1,much,1", "776,Again,XX-2,true,true,,1,1,1,1"],
        "oltp/vendor.csv": ["99002,NONAME0001,,1,true,true"],
        "oltp/productvendor.csv": ["99999,1580,17,1.00,1,2011-08-29,1,5,3,EA "],
        "oltp/billofmaterials.csv": ["99003,99999,1,2010-03-04,,EA ,1,1.00"],
    }
    for name in COLUMNS:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name in spoilt:
            text = (DATA / name).read_text(encoding="utf-8-sig").rstrip("\n")
            path.write_text("\n".join([text, *spoilt[name], ""]))
        elif name == "sales_order_lines.csv.gz":
            with gzip.open(DATA / name, "rt", encoding="utf-8-sig") as lines:
                text = lines.read().rstrip("\n")
            path.write_bytes(gzip.compress(f"{text}\n{_spoilt_order(text)}\n".encode(), 1))
        else:
            path.symlink_to(DATA / name)
    return folder


def _spoilt_order(text):
    """An order of the last day, whose quantity is a word."""
    values = order_row("SO99999", qty="many")
    return ",".join(values.get(column, "") for column in text.partition("\n")[0].split(","))


def _check_master_data(loaded):
    expected = {
        "Products": (504, 504),
        "Product categories": (41, 42),
        "Vendors": (104, 104),
        "Vendor prices": (460, 460),
        "Bill of materials lines": (2679, 2576),
        "Work centres": (14, 7),
        "Sales people": (17, 17),
        "Sales teams": (10, 10),
        "Resellers": (701, 701),
        "Promotions": (16, 15),
    }
    assert {kind: tuple(loaded.table[kind][:2]) for kind in expected} == expected


def _check_orders(loaded):
    facts = loaded.facts
    assert facts["Opportunities won"] == facts["Sales orders"] == ORDERS
    assert facts["Manufacturing orders"] > 0
    assert facts["Purchase orders"] > 0
    shipped = loaded.table["Orders shipped"]
    assert shipped[0] == shipped[1]
    assert facts["Deliveries done"] == shipped[0]
    assert f"is of {date.today() - timedelta(days=1)}" in loaded.text


def _check_amounts(loaded, table):
    """Each line is the file's amount rounded to the cent, and the list accounts for the whole difference."""
    facts = loaded.facts
    assert facts["Amount of the orders"] - facts["Amount in the files"] == facts["Difference"]
    assert amounts.UNEXPLAINED not in loaded.text
    with table.open(newline="") as rows:
        listed = list(csv.DictReader(rows))
    assert sum(Decimal(row["difference"]) for row in listed) == facts["Difference"]
    assert {row["reason"] for row in listed} <= {amounts.ROUNDED}
    assert all(abs(Decimal(row["difference"])) <= Decimal("0.005") for row in listed)
