"""Reads files of past sales: CSV in any usual encoding, XLSX, dates and decimals as people write them.

Plain Python, without Odoo: what a cell means is decided here, whose record it is is decided in the database.
"""

import csv
import io
import re
from datetime import date, datetime, timedelta

ENCODINGS = ("utf-8-sig", "cp1252", "cp1251", "iso8859-15", "iso8859-7", "cp1250", "utf-16")
DELIMITERS = ",;\t|"
# In the order in which they are tried: a format is taken when it reads every date of the sample.
DATE_FORMATS = (
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d-%m-%Y",
    "%Y%m%d",
    "%d.%m.%y",
)
SAMPLE_ROWS = 1000
XLSX_SIGNATURE = b"PK\x03\x04"
# Day 0 of the dates of a spreadsheet
SPREADSHEET_EPOCH = date(1899, 12, 30)

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
SPACES = re.compile(r"[\s\u00a0\u202f']")
CURRENCY_SIGNS = re.compile(r"^[^\d\-+.,(]+|[^\d.,)\-]+$")

# What a header may be called, without spaces and signs; the first words are the ones we write ourselves.
HEADERS = {
    "order_ref": "order_ref order_number order_no order sales_order invoice_number document so_number поръчка pedido",
    "line_ref": "line_ref line line_number line_no position pos ред linea",
    "date": "date order_date date_order invoice_date sale_date datum дата fecha",
    "customer_ref": "customer_ref customer_id customer_code customer_number customer account client_id клиент cliente",
    "customer_vat": "customer_vat vat vat_number tax_id ддс nif",
    "customer_name": "customer_name name client client_name име nombre",
    "product_ref": "product_ref product_number product_code product_id product sku default_code item артикул producto",
    "product_barcode": "product_barcode barcode ean ean13 gtin баркод",
    "product_name": "product_name description item_name продукт",
    "quantity": "quantity qty order_quantity количество cantidad",
    "price": "price unit_price price_unit цена precio",
    "discount": "discount discount_pct discount_percent отстъпка descuento",
    "amount": "amount net_amount sales_amount subtotal price_subtotal total стойност importe",
    "cost": "cost total_cost product_cost себестойност coste",
    "currency": "currency currency_code валута moneda",
    "rate": "rate currency_rate exchange_rate курс",
    "salesperson": "salesperson salesperson_id seller sales_rep user търговец vendedor comercial",
    "team": "team sales_team territory екип equipo",
    "channel": "channel sales_channel канал canal",
    "country": "country country_code държава pais",
}
NUMBERS = ("quantity", "price", "discount", "amount", "cost", "rate")


class HistoryFileError(Exception):
    """The file cannot be read; the message is a code, and the details are arguments."""


def read(content, *, encoding=None, delimiter=None):
    """Return ``(headers, iterator of rows)``; every cell is a text without blanks around it.

    :param content: bytes of the file
    :param encoding: of a CSV file; None: the first of `ENCODINGS` that reads it
    :param delimiter: of a CSV file; None: found from its first lines
    :raises HistoryFileError: empty, no_header, encoding, spreadsheet
    """
    if not content.strip():
        raise HistoryFileError("empty")
    rows = _xlsx_rows(content) if content.startswith(XLSX_SIGNATURE) else _csv_rows(content, encoding, delimiter)
    headers = next(rows, None)
    if not headers or not any(headers):
        raise HistoryFileError("no_header")
    return headers, (row for row in rows if any(row))


def decode(content, encoding=None):
    """Return the text of a CSV file.

    >>> decode("Kräftig".encode("cp1252"))
    'Kräftig'
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = encoding or "utf-16"
    for candidate in [encoding] if encoding else ENCODINGS[:2]:
        try:
            return content.decode("utf-8-sig" if candidate == "utf-8" else candidate)
        except (UnicodeDecodeError, LookupError):
            continue
    raise HistoryFileError("encoding")


def _csv_rows(content, encoding, delimiter):
    text = decode(content, encoding)
    delimiter = delimiter or guess_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return ([cell.strip() for cell in row] for row in reader)


def guess_delimiter(text):
    """Return the sign that the first line has most of.

    >>> guess_delimiter("Order;Date;Amount\\n1;2024-01-01;1,5")
    ';'
    """
    first = text.lstrip().partition("\n")[0]
    return max(DELIMITERS, key=first.count)


def _xlsx_rows(content):
    # only for spreadsheets, and it takes a moment to import
    import openpyxl  # noqa: PLC0415

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # a sheet that some programs write says that it has one cell only
        sheet.reset_dimensions()
    except Exception as problem:
        raise HistoryFileError("spreadsheet") from problem
    return ([_cell_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True))


def _cell_text(cell):
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def guess_columns(headers):
    """Return ``{position of a header: what it is}``; each meaning is given once.

    >>> guess_columns(["Order No.", "Date", "Customer ID", "Nonsense"])
    {0: 'order_ref', 1: 'date', 2: 'customer_ref'}
    """
    found = {}
    words = {word: target for target, names in HEADERS.items() for word in names.split()}
    for position, header in enumerate(headers):
        target = words.get(re.sub(r"\W+", "_", header.strip().lower()).strip("_"))
        if target and target not in found.values():
            found[position] = target
    return found


def guess_decimal(texts):
    """Return the decimal sign of some numbers: the one that stands last in them.

    A sign that is followed by three digits everywhere separates thousands or decimals, nobody can know: a comma
    then separates thousands.

    >>> guess_decimal(["1.234,50", "3,5"]), guess_decimal(["1,234.50"]), guess_decimal(["1,234"]), guess_decimal([])
    (',', '.', '.', '.')
    """
    for text in texts:
        clean = SPACES.sub("", text)
        comma, dot = clean.rfind(","), clean.rfind(".")
        if comma > dot and (dot >= 0 or (clean.count(",") == 1 and len(clean) - comma != 4)):
            return ","
        if dot > comma and (comma >= 0 or (clean.count(".") == 1 and len(clean) - dot != 4)):
            return "."
    return "."


def parse_number(text, decimal="."):
    """Return a number as the text that PostgreSQL reads, or None when it is none.

    >>> parse_number("1.234,50 €", ","), parse_number("(12.5)"), parse_number("-3"), parse_number("abc")
    ('1234.50', '-12.5', '-3', None)
    """
    clean = CURRENCY_SIGNS.sub("", SPACES.sub("", text))
    if clean.startswith("(") and clean.endswith(")"):
        clean = "-" + clean[1:-1]
    clean = clean.replace("." if decimal == "," else ",", "").replace(decimal, ".").removeprefix("+")
    return clean if NUMBER.fullmatch(clean) else None


def guess_date_format(texts):
    """Return the first of `DATE_FORMATS` that reads all of the dates, else the one that reads most.

    >>> guess_date_format(["03.02.2024"]), guess_date_format(["02/03/2024", "02/25/2024"])
    ('%d.%m.%Y', '%m/%d/%Y')
    """
    texts = [text for text in texts if text]
    counts = {form: sum(_strptime(text, form) is not None for text in texts) for form in DATE_FORMATS}
    return max(DATE_FORMATS, key=counts.get)


def parse_date(text, form):
    """Return the date of a text, or None; a moment after the date and the number of a spreadsheet day are taken too.

    >>> parse_date("31.12.2023 14:05", "%d.%m.%Y"), parse_date("45291", "%Y-%m-%d")
    (datetime.date(2023, 12, 31), datetime.date(2023, 12, 31))
    >>> parse_date("31.12.2023", "%Y-%m-%d")
    """
    found = _strptime(text, form)
    if found is None and re.fullmatch(r"\d{5}(\.\d+)?", text):
        found = SPREADSHEET_EPOCH + timedelta(days=int(float(text)))
    return found


def _strptime(text, form):
    try:
        return datetime.strptime(re.split(r"[T ]", text, maxsplit=1)[0], form).date()
    except ValueError:
        return None
