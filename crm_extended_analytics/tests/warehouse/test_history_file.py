import doctest
import io
from datetime import date

from odoo.tests import BaseCase, tagged

from ...models.warehouse import history_file
from ...models.warehouse.history_file import HistoryFileError, guess_date_format, parse_number, read


@tagged("post_install", "-at_install")
class TestHistoryFile(BaseCase):
    """Files as people have them."""

    def _read(self, content, **options):
        headers, rows = read(content, **options)
        return headers, list(rows)

    def test_examples_in_the_docstrings(self):
        failed, tried = doctest.testmod(history_file)
        self.assertEqual(failed, 0)
        self.assertGreater(tried, 5)

    def test_encodings(self):
        text = "Kunde;Betrag\nKräftig €;1\n"
        for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
            self.assertEqual(self._read(text.encode(encoding)), (["Kunde", "Betrag"], [["Kräftig €", "1"]]), encoding)
        self.assertEqual(self._read("клиент;x\nХотел;1".encode("cp1251"), encoding="cp1251")[0][0], "клиент")

    def test_empty_lines_and_blanks_are_left_out(self):
        self.assertEqual(self._read(b"a,b\n 1 , 2\n,\n\n3\n")[1], [["1", "2"], ["3"]])

    def test_quoted_cells_with_breaks(self):
        self.assertEqual(self._read(b'a,b\n"1\n2","3,4"\n')[1], [["1\n2", "3,4"]])

    def test_spreadsheet(self):
        import openpyxl  # noqa: PLC0415

        book = openpyxl.Workbook()
        book.active.append(["Order", "Date", "Amount", "Code"])
        book.active.append(["S1", date(2024, 2, 3), 12.5, 7])
        output = io.BytesIO()
        book.save(output)
        self.assertEqual(
            self._read(output.getvalue()), (["Order", "Date", "Amount", "Code"], [["S1", "2024-02-03", "12.5", "7"]])
        )

    def test_what_cannot_be_read(self):
        for content, code in ((b"", "empty"), (b" \n", "empty"), (b"PK\x03\x04nonsense", "spreadsheet")):
            with self.assertRaisesRegex(HistoryFileError, code):
                self._read(content)
        with self.assertRaisesRegex(HistoryFileError, "encoding"):
            self._read("a;é".encode("cp1252"), encoding="utf-8-sig")

    def test_american_dates_are_told_from_european_ones(self):
        self.assertEqual(guess_date_format(["01/02/2024", "13/02/2024"]), "%d/%m/%Y")
        self.assertEqual(guess_date_format(["01/02/2024", "02/13/2024"]), "%m/%d/%Y")

    def test_numbers_that_are_none(self):
        for text in ("abc", "1.2.3", "-", "", "12a34", "NaN", "inf"):
            self.assertIsNone(parse_number(text), text)
