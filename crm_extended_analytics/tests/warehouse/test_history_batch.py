import base64
import csv
import io

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common_warehouse import WarehouseCase

HEADER = "order,line,date,customer,product,quantity,price,discount,cost,currency,salesperson,channel,country\n"


@tagged("post_install", "-at_install")
@freeze_time("2026-06-10 09:00:00")
class TestHistoryBatch(WarehouseCase):
    """Past sales of another system."""

    def _batch(self, rows, header=HEADER, name="history.csv", **values):
        content = rows if isinstance(rows, bytes) else (header + rows).encode()
        return self.env["crm.history.batch"].create(
            {"company_id": self.company.id, "file": base64.b64encode(content), "file_name": name, **values}
        )

    def _import(self, rows, **values):
        batch = self._batch(rows, **values)
        batch.action_import()
        return batch

    def _history(self, batch):
        return self.env["crm.fact.sale"].search([("batch_id", "=", batch.id)], order="document_name, line_ref")

    def _reasons(self, batch):
        return batch.summary["reasons"]

    # ------------------------------------------------------------------
    # Good rows
    # ------------------------------------------------------------------
    def test_good_row(self):
        """3 at 100 dollars less 10 % are 270 dollars, at 1.25 to the euro 216 euros; cost 180 dollars are 144 euros."""
        batch = self._import("A1,1,2026-02-10,WHX-1,WHX-LAMP,3,100,10,180,USD,whx_seller,fair,BG\n")
        fact = self._history(batch)
        self.assertRecordValues(
            fact,
            [
                {
                    "document_name": "A1",
                    "line_ref": "1",
                    "order_id": False,
                    "order_key": -fact.id,
                    "partner_id": self.hotel.id,
                    "commercial_partner_id": self.hotel.id,
                    "user_id": self.seller.id,
                    "owner_id": self.seller.id,
                    "product_id": self.lamp.id,
                    "categ_id": self.indoor.id,
                    "quantity": 3,
                    "amount": 270,
                    "amount_company": 216,
                    "gross_company": 240,
                    "discount_company": 24,
                    "cost_company": 144,
                    "margin_company": 72,
                    "cost_origin": "history",
                    "currency_id": self.usd.id,
                    "currency_rate": 1.25,
                    "channel": "fair",
                    "country_id": self.env.ref("base.bg").id,
                }
            ],
        )
        self.assertEqual((batch.state, batch.good_count, batch.bad_count, batch.fact_count), ("done", 1, 0, 1))

    def test_net_amount_of_the_file_counts(self):
        batch = self._import(b"order,date,customer,amount\nA1,2026-02-10,WHX-1,99.999\n")
        self.assertRecordValues(
            self._history(batch),
            [
                {
                    "amount": 99.999,
                    "gross_company": 99.999,
                    "cost_origin": "unknown",
                    "product_id": False,
                    "line_ref": "1",
                }
            ],
        )

    def test_lines_of_an_order_share_its_number(self):
        batch = self._import(
            "A1,,2026-02-10,WHX-1,WHX-LAMP,1,100,,,,,,\n"
            "A1,,2026-02-10,WHX-1,WHX-LAMP,1,50,,,,,,\n"
            "A2,,2026-02-10,WHX-1,WHX-LAMP,1,50,,,,,,\n"
        )
        facts = self._history(batch)
        self.assertEqual(facts.mapped("line_ref"), ["1", "2", "1"])
        self.assertEqual(facts[0].order_key, facts[1].order_key)
        self.assertEqual(len(set(facts.mapped("order_key"))), 2)
        self.assertEqual(batch.order_count, 2)

    def test_decimal_commas_and_dotted_dates(self):
        batch = self._import(
            "Order;Date;Customer;Qty;Unit price\nA1;31.01.2026;WHX-1;2;1.234,50\nA2;01.02.2026;WHX-1;1;0,5\n".encode(
                "cp1252"
            )
        )
        self.assertEqual(self._history(batch).mapped("amount_company"), [2469, 0.5])
        self.assertEqual(str(batch.date_last), "2026-02-01")

    def test_dates_can_be_moved(self):
        batch = self._import("A1,1,2024-02-10,WHX-1,WHX-LAMP,1,1,,,,,,\n", date_shift=10)
        self.assertEqual(str(self._history(batch).date), "2024-02-20")

    def test_customer_by_vat_then_name(self):
        """The reference counts first; who has none is found by VAT number, else by name."""
        vat = self.env["res.partner"].create({"name": "By VAT", "is_company": True, "vat": "BG0477472701"})
        name = self.env["res.partner"].create({"name": "Named Customer WHX", "is_company": True})
        batch = self._import(
            b"order,date,customer ref,vat,name,amount\n"
            b"A1,2026-02-10,WHX-1,BG0477472701,Named Customer WHX,1\n"
            b"A2,2026-02-10,,bg 0477472701,,2\n"
            b"A3,2026-02-10,NONE,,named customer whx,3\n",
        )
        self.assertEqual(self._history(batch).mapped("partner_id"), self.hotel + vat + name)

    def test_active_contact_goes_before_an_archived_one(self):
        self.env["res.partner"].create({"name": "Old", "ref": "WHX-1", "active": False})
        batch = self._import("A1,1,2026-02-10,WHX-1,WHX-LAMP,1,1,,,,,,\n")
        self.assertEqual(self._history(batch).partner_id, self.hotel)

    def test_product_by_barcode_then_name(self):
        self.lamp.barcode = "3800000000012"
        batch = self._import(
            b"order,date,customer,sku,ean,product name,amount\n"
            b"A1,2026-02-10,WHX-1,,3800000000012,,1\n"
            b"A2,2026-02-10,WHX-1,,,floor lamp whx,2\n",
        )
        self.assertEqual(self._history(batch).product_id, self.lamp)
        self.assertEqual(batch.good_count, 2)

    # ------------------------------------------------------------------
    # Bad rows
    # ------------------------------------------------------------------
    def test_bad_rows_come_back_with_their_reason(self):
        double = self.env["res.partner"].create([{"name": "Twin", "ref": "TWIN"}, {"name": "Twin", "ref": "TWIN"}])
        self.assertEqual(len(double), 2)
        rows = (
            ("A1,1,2026-02-10,WHX-1,WHX-LAMP,1,100,,,,,,", None),
            (",1,2026-02-10,WHX-1,WHX-LAMP,1,100,,,,,,", "no_order"),
            ("B1,1,soon,WHX-1,WHX-LAMP,1,100,,,,,,", "bad_date"),
            ("B2,1,2027-02-10,WHX-1,WHX-LAMP,1,100,,,,,,", "future"),
            ("B3,1,2026-02-10,,WHX-LAMP,1,100,,,,,,", "no_customer"),
            ("B4,1,2026-02-10,NOBODY,WHX-LAMP,1,100,,,,,,", "unknown_customer"),
            ("B5,1,2026-02-10,TWIN,WHX-LAMP,1,100,,,,,,", "ambiguous_customer"),
            ("B6,1,2026-02-10,WHX-1,NOTHING,1,100,,,,,,", "unknown_product"),
            ("B7,1,2026-02-10,WHX-1,WHX-LAMP,many,100,,,,,,", "bad_number"),
            ("B8,1,2026-02-10,WHX-1,WHX-LAMP,1,,,,,,,", "no_amount"),
            ("B9,1,2026-02-10,WHX-1,WHX-LAMP,1,100,130,,,,,", "bad_discount"),
            ("C1,1,2026-02-10,WHX-1,WHX-LAMP,1,100,,,XYZ,,,", "unknown_currency"),
            ("C2,1,2026-02-10,WHX-1,WHX-LAMP,1,100,,,JPY,,,", "no_rate"),
            ("A1,1,2026-02-10,WHX-1,WHX-LAMP,9,100,,,,,,", "twice"),
        )
        self.env["res.currency.rate"].search([("currency_id.name", "=", "JPY")]).unlink()
        batch = self._import("\n".join(row for row, _reason in rows))
        self.assertEqual((batch.row_count, batch.good_count, batch.bad_count), (14, 1, 13))
        self.assertEqual(self._history(batch).amount_company, 100)
        back = list(csv.reader(io.StringIO(base64.b64decode(batch.bad_file).decode("utf-8-sig"))))
        self.assertEqual(back[0], [*HEADER.strip().split(","), "Reason"])
        sentences = batch._get_reasons()
        expected = [[*row.split(","), sentences[reason]] for row, reason in rows if reason]
        self.assertEqual(back[1:], expected)
        self.assertIn("1: No contact has this reference", batch.reason_text)

    def test_file_of_bad_rows_can_be_put_right_and_imported(self):
        """The file that comes back has the same columns, so it is a file of history itself."""
        first = self._import("A1,1,2026-02-10,LATER,WHX-LAMP,1,100,,,,,,\nA2,1,2026-02-10,WHX-1,WHX-LAMP,1,100,,,,,,\n")
        self.env["res.partner"].create({"name": "Comes Later", "ref": "LATER"})
        second = self._import(base64.b64decode(first.bad_file))
        self.assertEqual((first.good_count, second.good_count, second.bad_count), (1, 1, 0))

    def test_dry_run_writes_nothing(self):
        batch = self._batch("A1,1,2026-02-10,WHX-1,WHX-LAMP,1,100,,,,,,\nA2,1,2026-02-10,NO,WHX-LAMP,1,100,,,,,,\n")
        batch.action_check()
        self.assertEqual((batch.state, batch.good_count, batch.bad_count), ("checked", 1, 1))
        self.assertEqual((batch.order_count, batch.customer_count, batch.amount_company), (1, 1, 100))
        self.assertFalse(self._history(batch))
        self.assertIn("Hotel Balkan", batch.sample_html)

    # ------------------------------------------------------------------
    # Twice, undo
    # ------------------------------------------------------------------
    def test_same_file_twice_is_refused(self):
        rows = "A1,1,2026-02-10,WHX-1,WHX-LAMP,1,100,,,,,,\n"
        self._import(rows, name="first.csv")
        with self.assertRaisesRegex(UserError, "imported as"):
            self._import(rows)

    def test_same_line_in_another_file_is_skipped(self):
        row = "A1,1,2026-02-10,WHX-1,WHX-LAMP,1,100,,,,,,\n"
        first = self._import(row)
        second = self._import(row + "A1,2,2026-02-10,WHX-1,WHX-LAMP,1,7,,,,,,\n")
        self.assertEqual((second.good_count, second.bad_count, second.skipped_count), (1, 0, 1))
        self.assertEqual(self._reasons(second), {"imported": 1})
        self.assertEqual(self._history(second).order_key, self._history(first).order_key)

    def test_order_that_is_in_odoo_is_skipped(self):
        order = self._order()
        batch = self._import(f"{order.name},1,2026-02-10,WHX-1,WHX-LAMP,1,100,,,,,,\n")
        self.assertEqual(self._reasons(batch), {"is_order": 1})

    def test_undo_and_again(self):
        batch = self._import("A1,1,2026-02-10,WHX-1,WHX-LAMP,1,100,,,,,,\n")
        self.env["crm.warehouse.change"].search([]).unlink()
        batch.action_undo()
        self.assertEqual((batch.state, batch.fact_count), ("undone", 0))
        self.assertEqual(self.env["crm.warehouse.change"].search([]).commercial_partner_id, self.hotel)
        batch.action_check()
        batch.action_import()
        self.assertEqual((batch.state, batch.fact_count), ("done", 1))

    def test_imported_batch_is_neither_deleted_nor_changed(self):
        batch = self._import("A1,1,2026-02-10,WHX-1,WHX-LAMP,1,100,,,,,,\n")
        with self.assertRaisesRegex(UserError, "undo"):
            batch.unlink()
        with self.assertRaisesRegex(UserError, "undo"):
            batch.file = base64.b64encode(b"order\n1\n")
        with self.assertRaisesRegex(UserError, "imported already"):
            batch.action_import()

    # ------------------------------------------------------------------
    # Columns
    # ------------------------------------------------------------------
    def test_columns_are_guessed_and_can_be_changed(self):
        batch = self._batch(b"Beleg,Date,Customer No.,Net amount\nA1,2026-02-10,WHX-1,5\n")
        self.assertEqual(batch.column_ids.mapped("target"), [False, "date", False, "amount"])
        self.assertEqual(batch.column_ids[0].sample, "A1")
        with self.assertRaisesRegex(UserError, "Order reference"):
            batch.action_check()
        batch.column_ids[0].target = "order_ref"
        batch.column_ids[2].target = "customer_ref"
        batch.action_check()
        self.assertEqual(batch.good_count, 1)

    def test_form_guesses_after_saving(self):
        form = Form(self.env["crm.history.batch"])
        form.file = base64.b64encode((HEADER + "A1,1,2026-02-10,WHX-1,WHX-LAMP,1,100,,,,,,\n").encode())
        batch = form.save()
        self.assertEqual(len(batch.column_ids), 13)

    def test_format_of_dates_must_be_one(self):
        with self.assertRaisesRegex(ValidationError, "format of dates"):
            self._batch("A1,1,2026-02-10,WHX-1,WHX-LAMP,1,100,,,,,,\n", date_format="dd.mm.yyyy")

    def test_file_without_rows(self):
        for content in (b"", b"\n"):
            with self.assertRaisesRegex(UserError, "no (rows|file)"):
                self._batch(content)._read_file()

    # ------------------------------------------------------------------
    # With the rest of the warehouse
    # ------------------------------------------------------------------
    def test_load_leaves_the_history_alone(self):
        """Neither the search for deleted orders nor the reconciliation takes it for an order of Odoo."""
        batch = self._import("A1,1,2026-02-10,WHX-1,WHX-LAMP,1,100,,,,,,\n")
        self._order()
        load = self._load(is_full=True)
        self.assertEqual(len(self._history(batch)), 1)
        self.assertFalse(self._line_of(load, "sale").has_difference)
        self.assertFalse(self.env["crm.warehouse.reconciliation"].search([("is_different", "=", True)]))

    def test_questions_to_the_database_do_not_grow_with_the_rows(self):
        def count(orders):
            rows = "".join(f"{orders}-{number},1,2026-02-10,WHX-1,WHX-LAMP,1,100,,,,,,\n" for number in range(orders))
            batch = self._batch(rows)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            batch.action_import()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(2), count(200))
