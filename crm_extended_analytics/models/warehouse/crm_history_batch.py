import base64
import csv
import hashlib
import io
import time
from datetime import timedelta
from itertools import islice

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from . import history_file

HEADER_SAMPLES = 3


class CrmHistoryBatch(models.Model):
    """A file of past sales lines of another system, and what became of its rows.

    A dry run says how many rows are good, and why the others are not. The import writes the good ones into the
    sale facts, without making orders, and gives the bad ones back as a file. An import can be undone.
    The database does the work on a staging table (``crm.history.stage``).
    """

    _name = "crm.history.batch"
    _description = "History of Sales"
    _order = "id desc"

    name = fields.Char(required=True, default=lambda self: self.env._("Sales history"))
    state = fields.Selection(
        selection=[("draft", "New"), ("checked", "Dry run"), ("done", "Imported"), ("undone", "Undone")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, default=lambda self: self.env.company, index=True
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        default=lambda self: self.env.company.currency_id,
        required=True,
        help="Currency of the rows that name none.",
    )
    file = fields.Binary(attachment=True, copy=False)
    file_name = fields.Char(copy=False)
    file_hash = fields.Char(readonly=True, copy=False)
    encoding = fields.Selection(
        selection=[(name, name) for name in history_file.ENCODINGS],
        help="Of a CSV file; empty: found from the file.",
    )
    delimiter = fields.Char(size=1, help="Of a CSV file; empty: found from the file.")
    decimal_sign = fields.Selection(
        selection=[(".", "Point: 1,234.50"), (",", "Comma: 1.234,50")],
        help="Empty: found from the file.",
    )
    date_format = fields.Char(help="As Python writes it, such as %d.%m.%Y. Empty: found from the file.")
    date_shift = fields.Integer(
        string="Move Dates by",
        help="Days added to every date; 0 for a real history, something else to bring old data to today.",
    )
    column_ids = fields.One2many(comodel_name="crm.history.batch.column", inverse_name="batch_id", copy=False)
    row_count = fields.Integer(string="Rows", readonly=True, copy=False, help="Rows of the file below the header.")
    good_count = fields.Integer(string="Good Rows", readonly=True, copy=False, help="Rows that can be imported.")
    bad_count = fields.Integer(string="Bad Rows", readonly=True, copy=False, help="Rows that cannot be imported.")
    skipped_count = fields.Integer(
        string="Known Rows",
        readonly=True,
        copy=False,
        help="Rows left out because the same line was imported before, or the order is one of Odoo's.",
    )
    order_count = fields.Integer(string="Orders", readonly=True, copy=False, help="Different orders of the good rows.")
    customer_count = fields.Integer(
        string="Customers", readonly=True, copy=False, help="Different customers of the good rows."
    )
    amount_company = fields.Monetary(
        string="Net Amount",
        currency_field="company_currency_id",
        readonly=True,
        copy=False,
        help="Sum of the net amounts of the good rows, in the currency of the company, at the rate of their dates.",
    )
    date_first = fields.Date(string="First Sale", readonly=True, copy=False)
    date_last = fields.Date(string="Last Sale", readonly=True, copy=False)
    seconds = fields.Float(readonly=True, copy=False, help="Seconds that the last run took.")
    summary = fields.Json(readonly=True, copy=False)
    reason_text = fields.Text(
        string="Why Rows Are Left Out", compute="_compute_reason_text", help="Number of rows per reason."
    )
    sample_html = fields.Html(string="First Good Rows", compute="_compute_sample_html", sanitize=False)
    bad_file = fields.Binary(string="Rows Left Out", attachment=True, readonly=True, copy=False)
    bad_file_name = fields.Char(compute="_compute_bad_file_name")
    fact_count = fields.Integer(compute="_compute_fact_count", help="Lines of the batch in the warehouse now.")

    _file_uniq = models.UniqueIndex(
        "(company_id, file_hash) WHERE state = 'done'",
        "This file was imported already. Undo the earlier import first.",
    )

    @api.depends("state")
    def _compute_fact_count(self):
        groups = self.env["crm.fact.sale"]._read_group([("batch_id", "in", self.ids)], ["batch_id"], ["__count"])
        counts = {batch.id: count for batch, count in groups}
        for batch in self:
            batch.fact_count = counts.get(batch.id, 0)

    @api.depends("file_name")
    def _compute_bad_file_name(self):
        for batch in self:
            stem = (batch.file_name or "history").rpartition(".")[0] or batch.file_name or "history"
            batch.bad_file_name = self.env._("%(file)s left out.csv", file=stem)

    @api.depends("summary")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        for batch in self:
            reasons = (batch.summary or {}).get("reasons", {})
            lines = (f"{count:,}: {batch._get_reason(code)}" for code, count in reasons.items())
            batch.reason_text = "\n".join(lines)

    @api.depends("summary")
    @api.depends_context("lang")
    def _compute_sample_html(self):
        for batch in self:
            rows = (batch.summary or {}).get("sample", [])
            batch.sample_html = rows and self.env["ir.qweb"]._render(
                "crm_extended_analytics.history_sample", {"rows": rows}
            )

    @api.constrains("date_format")
    def _check_date_format(self):
        today = fields.Date.today()
        for batch in self.filtered("date_format"):
            if history_file.parse_date(today.strftime(batch.date_format), batch.date_format) != today:
                raise ValidationError(
                    self.env._(
                        "%(format)s is not a format of dates: write one such as %(example)s, or leave it empty.",
                        format=batch.date_format,
                        example="%d.%m.%Y",
                    )
                )

    @api.model
    def _get_reasons(self):
        """Return ``{code: sentence}`` of everything that keeps a row out."""
        return {
            "no_order": self.env._("The order reference is missing."),
            "bad_date": self.env._("The date is missing or is not in the date format of the file."),
            "future": self.env._("The date lies in the future."),
            "no_customer": self.env._("The customer is missing."),
            "unknown_customer": self.env._("No contact has this reference, VAT number or name."),
            "ambiguous_customer": self.env._("Several contacts have this reference, VAT number or name."),
            "unknown_product": self.env._("No product has this internal reference, barcode or name."),
            "ambiguous_product": self.env._("Several products have this internal reference, barcode or name."),
            "bad_number": self.env._("The quantity, price, discount, amount, cost or rate is not a number."),
            "no_amount": self.env._("There is neither a net amount nor a quantity with a price."),
            "bad_discount": self.env._("The discount is not between 0 and 100 percent."),
            "unknown_currency": self.env._("The currency does not exist in Odoo."),
            "no_rate": self.env._("The currency has no rate in Odoo, and the file gives none."),
            "twice": self.env._("The same line of the same order stands higher up in the file."),
            "imported": self.env._("The same line of the same order was imported before."),
            "is_order": self.env._("The order is in Odoo as a sales order."),
        }

    @api.model
    def _get_skipping_reasons(self):
        """Return the codes of rows that are known already, which is no fault of the file."""
        return ["imported", "is_order"]

    @api.model
    def _get_reason(self, code):
        return self._get_reasons().get(code, code)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        batches = super().create(vals_list)
        batches.filtered("file")._guess_columns()
        return batches

    def write(self, vals):
        if "file" in vals and any(batch.state == "done" for batch in self):
            raise UserError(self.env._("The file of an import cannot be changed: undo the import first."))
        result = super().write(vals)
        if vals.get("file"):
            self._guess_columns()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        for batch in self.filtered(lambda batch: batch.state == "done"):
            raise UserError(self.env._("%(batch)s is imported: undo it before you delete it.", batch=batch.name))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_check(self):
        """Dry run: say what the import would do, and write nothing."""
        for batch in self:
            batch._run(is_dry=True)

    def action_import(self):
        """Import the good rows; the others come back as a file."""
        for batch in self:
            batch._run(is_dry=False)

    def action_undo(self):
        """Take the lines of the batch out of the warehouse again."""
        for batch in self.filtered(lambda batch: batch.state == "done"):
            batch._delete_facts()
            batch.state = "undone"
            batch._count_months()

    def action_open_facts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_fact_sale_action")
        return action | {"domain": [("batch_id", "=", self.id)], "context": {}}

    # ------------------------------------------------------------------
    # File
    # ------------------------------------------------------------------
    def _read_file(self):
        """Return the headers and the rows of the file."""
        self.ensure_one()
        if not self.file:
            raise UserError(self.env._("%(batch)s has no file: choose one first.", batch=self.name))
        content = base64.b64decode(self.file)
        try:
            return history_file.read(content, encoding=self.encoding or None, delimiter=self.delimiter or None)
        except history_file.HistoryFileError as problem:
            raise UserError(self._get_file_problem(str(problem))) from None

    def _get_file_problem(self, code):
        name = self.file_name or self.name
        if code == "encoding":
            return self.env._("%(file)s cannot be read as text: choose its encoding, or save it as UTF-8.", file=name)
        if code == "spreadsheet":
            return self.env._("%(file)s is not a spreadsheet that can be read: save it as XLSX or CSV.", file=name)
        return self.env._("%(file)s has no rows: its first row must hold the names of the columns.", file=name)

    def _guess_columns(self):
        """Read the head of the file, and guess what each column means."""
        for batch in self:
            headers, rows = batch._read_file()
            samples = list(islice(rows, HEADER_SAMPLES))
            targets = history_file.guess_columns(headers)
            batch.state = "draft"
            batch.column_ids = [
                fields.Command.clear(),
                *(
                    fields.Command.create(
                        {
                            "position": position,
                            "header": header,
                            "sample": " | ".join(row[position] for row in samples if position < len(row)),
                            "target": targets.get(position),
                        }
                    )
                    for position, header in enumerate(headers)
                ),
            ]

    def _get_columns(self):
        """Return ``{meaning: position}``, and refuse a mapping that cannot work."""
        columns = {column.target: column.position for column in self.column_ids if column.target}
        lacking = [] if "order_ref" in columns else ["order_ref"]
        lacking += [] if "date" in columns else ["date"]
        lacking += [] if columns.keys() & {"customer_ref", "customer_vat", "customer_name"} else ["customer_ref"]
        lacking += [] if "amount" in columns or {"quantity", "price"} <= columns.keys() else ["amount"]
        if lacking:
            labels = dict(self.column_ids._fields["target"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "No column of %(file)s means: %(meanings)s. Choose the column in the list of columns.",
                    file=self.file_name or self.name,
                    meanings=", ".join(labels[target] for target in lacking),
                )
            )
        return columns

    # ------------------------------------------------------------------
    # Run
    # ------------------------------------------------------------------
    def _run(self, is_dry):
        """Stage the file, match it, count; and unless ``is_dry`` write the good rows into the facts."""
        self.ensure_one()
        self._check_can_run()
        started = time.monotonic()
        columns = self._get_columns()
        headers, rows = self._read_file()
        stage = self.env["crm.history.stage"]
        with stage._open():
            stage._fill(rows, columns, self._get_formats(columns), timedelta(days=self.date_shift))
            self.env["crm.history.match"]._match(self)
            values = stage._summarize(self._get_skipping_reasons())
            values["bad_file"] = self._make_bad_file(headers, stage._get_bad_rows())
            if not is_dry:
                stage._write_facts(self)
        self.write(
            {
                **values,
                "file_hash": hashlib.sha256(base64.b64decode(self.file)).hexdigest(),
                "state": "checked" if is_dry else "done",
                "seconds": time.monotonic() - started,
            }
        )
        if not is_dry:
            self._count_months()

    def _count_months(self):
        """Let the sales by month follow in a job."""
        # `sudo`: nobody may write them, and whoever may import a history may change what they are counted from
        self.env["crm.sales.month.build"].sudo()._enqueue(self.company_id)

    def _check_can_run(self):
        if self.state == "done":
            raise UserError(self.env._("%(batch)s is imported already.", batch=self.name))
        digest = hashlib.sha256(base64.b64decode(self.file or b"")).hexdigest()
        earlier = self.search(
            [("company_id", "=", self.company_id.id), ("file_hash", "=", digest), ("state", "=", "done")], limit=1
        )
        if earlier:
            raise UserError(
                self.env._(
                    "The same file was imported as %(batch)s. Undo that import before you repeat it.",
                    batch=earlier.name,
                )
            )

    def _get_formats(self, columns):
        """Return the decimal sign and the date format: those that are set, else those of the first rows."""
        _headers, rows = self._read_file()
        sample = list(islice(rows, history_file.SAMPLE_ROWS))
        position = columns["date"]
        dates = [row[position] for row in sample if position < len(row)]
        numbers = [columns[name] for name in history_file.NUMBERS if name in columns]
        texts = [row[position] for row in sample for position in numbers if position < len(row)]
        return (
            self.decimal_sign or history_file.guess_decimal(texts),
            self.date_format or history_file.guess_date_format(dates),
        )

    def _make_bad_file(self, headers, bad_rows):
        """Return the rows that are left out as CSV with a reason column, or False when there is none."""
        if not bad_rows:
            return False
        reasons = self._get_reasons()
        output = io.StringIO()
        writer = csv.writer(output)
        writer.writerow([*headers, self.env._("Reason")])
        by_number = dict(bad_rows)
        _headers, rows = self._read_file()
        for number, row in enumerate(rows):
            if number in by_number:
                cells = [*row, *[""] * (len(headers) - len(row))]
                writer.writerow([*cells, reasons.get(by_number[number], by_number[number])])
        return base64.b64encode(output.getvalue().encode("utf-8-sig"))

    def _delete_facts(self):
        self.env.execute_query(
            SQL(
                """
                WITH gone AS (
                    DELETE FROM crm_fact_sale WHERE batch_id = %(batch)s
                 RETURNING company_id, commercial_partner_id),
                noted AS (%(note)s)
                SELECT COUNT(*) FROM gone
                """,
                batch=self.id,
                note=self.env["crm.warehouse.change"]._get_note_sql(
                    SQL("SELECT company_id, commercial_partner_id FROM gone"), "crm.fact.sale"
                ),
            )
        )
        self.env["crm.fact.sale"].invalidate_model()
