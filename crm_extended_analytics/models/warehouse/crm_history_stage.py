import csv
import tempfile
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.tools import SQL

from . import history_file

TABLE = "crm_history_stage"
# columns that come from the file as they are
TEXTS = (
    "order_ref",
    "line_ref",
    "customer_ref",
    "customer_vat",
    "customer_name",
    "product_ref",
    "product_barcode",
    "product_name",
    "currency",
    "salesperson",
    "team",
    "channel",
    "country",
)
COPIED = ("number", "problem", "date", *TEXTS, *history_file.NUMBERS)


class CrmHistoryStage(models.AbstractModel):
    """The staging table of an import of past sales: a temporary table of the transaction.

    Rows come in with COPY; matching, checking and writing are statements over all rows at once, so the time
    grows with the size of the file and not with the number of questions to the database.
    A row keeps the first thing that is wrong with it in ``problem``.
    """

    _name = "crm.history.stage"
    _description = "Staging of the History of Sales"

    @contextmanager
    def _open(self):
        """Make the table, and drop it again."""
        texts = SQL(", ").join(SQL("%s varchar", SQL.identifier(name)) for name in TEXTS)
        numbers = SQL(", ").join(SQL("%s numeric", SQL.identifier(name)) for name in history_file.NUMBERS)
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(TABLE)))
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMPORARY TABLE %s (
                    number integer, problem varchar, date date, %s, %s,
                    partner_id integer, product_id integer, user_id integer, team_id integer, country_id integer,
                    currency_id integer, fact_id integer
                ) ON COMMIT DROP
                """,
                SQL.identifier(TABLE),
                texts,
                numbers,
            )
        )
        yield
        self.env.cr.execute(SQL("DROP TABLE %s", SQL.identifier(TABLE)))

    # ------------------------------------------------------------------
    # Into the table
    # ------------------------------------------------------------------
    @api.model
    def _fill(self, rows, columns, formats, shift):
        """Copy the rows into the table.

        :param columns: ``{meaning: position in the row}``
        :param formats: decimal sign and date format
        :param shift: timedelta that is added to each date
        """
        parser = _RowParser(columns, formats, shift)
        with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as buffer:
            writer = csv.writer(buffer)
            writer.writerows(parser.parse(number, row) for number, row in enumerate(rows))
            buffer.seek(0)
            names = SQL(", ").join(map(SQL.identifier, COPIED))
            statement = SQL("COPY %s (%s) FROM STDIN WITH (FORMAT csv)", SQL.identifier(TABLE), names)
            self.env.cr.copy_expert(statement.code, buffer)
        self._analyze()

    @api.model
    def _analyze(self):
        """Tell PostgreSQL what is in the table: nobody else does it for a temporary one."""
        self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(TABLE)))

    # ------------------------------------------------------------------
    # Matching
    # ------------------------------------------------------------------
    @api.model
    def _match(self, batch):
        """Find the records that the rows name, and what is wrong with the rows."""
        self.env.flush_all()
        self._match_customers(batch)
        self._match_products(batch)
        self._match_others(batch)
        self._match_currencies(batch)
        self._find_doubles(batch)
        # all columns have changed since the last time
        self._analyze()

    def _set_problem(self, code, condition):
        """Give the rows that meet ``condition`` a problem, unless they have one."""
        self.env.cr.execute(
            SQL("UPDATE crm_history_stage stage SET problem = %s WHERE problem IS NULL AND %s", code, condition)
        )

    def _match_customers(self, batch):
        """By reference, else by VAT number, else by name; a text that several contacts have is refused.

        Archived contacts count only where no other one has the text, and contacts below a commercial entity
        only where the entity does not have it.
        """
        rank = SQL("CASE WHEN partner.active THEN 0 ELSE 2 END + (partner.id <> partner.commercial_partner_id)::int")
        source = SQL(
            "res_partner partner WHERE (partner.company_id IS NULL OR partner.company_id = %s)", batch.company_id.id
        )
        vat = SQL("upper(regexp_replace(partner.vat, '[^[:alnum:]]', '', 'g'))")
        self._match_ways(
            "partner_id",
            "customer",
            SQL("partner.id"),
            source,
            rank,
            [
                (SQL("customer_ref"), SQL("partner.ref")),
                (SQL("upper(regexp_replace(customer_vat, '[^[:alnum:]]', '', 'g'))"), vat),
                (SQL("lower(customer_name)"), SQL("lower(partner.name)")),
            ],
        )
        named = SQL("COALESCE(customer_ref, customer_vat, customer_name) IS NOT NULL")
        self._set_problem("no_customer", SQL("NOT %s", named))
        self._set_problem("unknown_customer", SQL("partner_id IS NULL"))

    def _match_products(self, batch):
        """By internal reference, else by barcode, else by name; a line without any is a line without a product."""
        rank = SQL("CASE WHEN product.active THEN 0 ELSE 2 END")
        source = SQL(
            """
            product_product product JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE (template.company_id IS NULL OR template.company_id = %s)
            """,
            batch.company_id.id,
        )
        self._match_ways(
            "product_id",
            "product",
            SQL("product.id"),
            source,
            rank,
            [
                (SQL("product_ref"), SQL("product.default_code")),
                (SQL("product_barcode"), SQL("product.barcode")),
                (SQL("lower(product_name)"), SQL("lower(template.name->>'en_US')")),
            ],
        )
        named = SQL("COALESCE(product_ref, product_barcode, product_name) IS NOT NULL")
        self._set_problem("unknown_product", SQL("product_id IS NULL AND %s", named))

    def _match_ways(self, column, kind, record_id, source, rank, ways):
        """Fill ``column`` by the first of the ``ways`` that finds one: pairs of SQL of the row and of the record."""
        for wanted, offered in ways:
            self.env.cr.execute(
                SQL(
                    """
                    WITH wanted AS (
                        SELECT DISTINCT %(wanted)s AS text FROM crm_history_stage WHERE %(column)s IS NULL),
                    offered AS (
                        SELECT %(offered)s AS text, %(id)s AS id,
                               rank() OVER (PARTITION BY %(offered)s ORDER BY %(rank)s) AS place
                          FROM %(source)s AND %(offered)s IN (SELECT text FROM wanted WHERE text <> '')),
                    found AS (SELECT text, MIN(id) AS id, COUNT(*) AS number FROM offered WHERE place = 1 GROUP BY text)
                    UPDATE crm_history_stage stage
                       SET %(column)s = found.id,
                           problem = CASE WHEN problem IS NULL AND found.number > 1 THEN %(ambiguous)s ELSE problem END
                      FROM found
                     WHERE found.text = %(wanted)s AND stage.%(column)s IS NULL
                    """,
                    wanted=wanted,
                    offered=offered,
                    id=record_id,
                    rank=rank,
                    source=source,
                    column=SQL.identifier(column),
                    ambiguous=f"ambiguous_{kind}",
                )
            )

    def _match_others(self, batch):
        """Sellers, teams and countries; a row stays good without them."""
        ways = [
            ("user_id", "salesperson", SQL("SELECT MIN(id) AS id, lower(login) AS text FROM res_users GROUP BY 2")),
            (
                "user_id",
                "salesperson",
                SQL(
                    """
                    SELECT MIN(u.id) AS id, lower(p.name) AS text
                      FROM res_users u JOIN res_partner p ON p.id = u.partner_id GROUP BY 2 HAVING COUNT(*) = 1
                    """
                ),
            ),
            (
                "team_id",
                "team",
                SQL(
                    """
                    SELECT MIN(id) AS id, lower(name->>'en_US') AS text FROM crm_team
                     WHERE company_id IS NULL OR company_id = %s GROUP BY 2
                    """,
                    batch.company_id.id,
                ),
            ),
            ("country_id", "country", SQL("SELECT id, lower(code) AS text FROM res_country")),
            (
                "country_id",
                "country",
                SQL("SELECT MIN(id) AS id, lower(name->>'en_US') AS text FROM res_country GROUP BY 2"),
            ),
        ]
        for column, name, offered in ways:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE crm_history_stage stage SET %(column)s = offered.id FROM (%(offered)s) offered
                     WHERE stage.%(column)s IS NULL AND offered.text = lower(stage.%(name)s)
                    """,
                    column=SQL.identifier(column),
                    name=SQL.identifier(name),
                    offered=offered,
                )
            )

    def _match_currencies(self, batch):
        """Find the currency and its rate on the date: that of the file, else Odoo's, and never an invented 1."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_history_stage stage
                   SET currency_id = CASE WHEN stage.currency IS NULL THEN %(currency)s ELSE (
                       SELECT id FROM res_currency WHERE name = upper(stage.currency)) END
                """,
                currency=batch.currency_id.id,
            )
        )
        self._set_problem("unknown_currency", SQL("currency_id IS NULL"))
        self.env.cr.execute(
            SQL(
                """
                WITH day AS (SELECT DISTINCT currency_id, date FROM crm_history_stage WHERE rate IS NULL),
                valued AS (
                    SELECT day.currency_id, day.date,
                           CASE WHEN day.currency_id = %(own)s THEN 1 ELSE foreign_rate.rate / own_rate.rate END AS rate
                      FROM day
                      LEFT JOIN LATERAL (%(foreign_rate)s) foreign_rate ON TRUE
                      LEFT JOIN LATERAL (%(own_rate)s) own_rate ON TRUE)
                UPDATE crm_history_stage stage SET rate = valued.rate
                  FROM valued
                 WHERE stage.rate IS NULL AND stage.currency_id = valued.currency_id AND stage.date = valued.date
                """,
                own=batch.company_id.currency_id.id,
                foreign_rate=self._get_rate_sql(SQL("day.currency_id"), batch),
                own_rate=SQL(
                    "SELECT COALESCE((%s), 1) AS rate",
                    self._get_rate_sql(SQL("%s", batch.company_id.currency_id.id), batch),
                ),
            )
        )
        self._set_problem("no_rate", SQL("COALESCE(rate, 0) <= 0"))

    def _get_rate_sql(self, currency, batch):
        """Return the SELECT of Odoo's rate of a currency on ``day.date``: the last one before, else the first one."""
        return SQL(
            """
            SELECT known.rate FROM res_currency_rate known
             WHERE known.currency_id = %s AND (known.company_id IS NULL OR known.company_id = %s)
          ORDER BY (known.name <= day.date) DESC,
                   CASE WHEN known.name <= day.date THEN known.name END DESC, known.company_id, known.name
             LIMIT 1
            """,
            currency,
            batch.company_id.root_id.id,
        )

    def _find_doubles(self, batch):
        """Number lines without a number, and find those that are there already."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_history_stage stage SET line_ref = numbered.place::varchar
                  FROM (SELECT number, ROW_NUMBER() OVER (PARTITION BY order_ref ORDER BY number) AS place
                          FROM crm_history_stage) numbered
                 WHERE numbered.number = stage.number AND stage.line_ref IS NULL
                """
            )
        )
        self._set_problem(
            "is_order",
            SQL(
                "order_ref IN (SELECT name FROM sale_order WHERE company_id = %s AND state = 'sale')",
                batch.company_id.id,
            ),
        )
        self._set_problem(
            "imported",
            SQL(
                """
                EXISTS (SELECT FROM crm_fact_sale fact
                         WHERE fact.batch_id IS NOT NULL AND fact.company_id = %s
                           AND fact.document_name = stage.order_ref AND fact.line_ref = stage.line_ref)
                """,
                batch.company_id.id,
            ),
        )
        self._set_problem(
            "twice",
            SQL(
                """
                number IN (
                    SELECT number FROM (
                        SELECT number, ROW_NUMBER() OVER (PARTITION BY order_ref, line_ref ORDER BY number) AS place
                          FROM crm_history_stage WHERE problem IS NULL) placed
                     WHERE place > 1)
                """
            ),
        )

    # ------------------------------------------------------------------
    # Out of the table
    # ------------------------------------------------------------------
    def _get_net_sql(self):
        """Return the SQL of the net amount of a row."""
        return SQL("COALESCE(amount, quantity * price * (1 - COALESCE(discount, 0) / 100))")

    @api.model
    def _summarize(self, skipping):
        """Return the counts of the batch; ``skipping`` are the reasons that are no fault of the file."""
        (row,) = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*), COUNT(*) FILTER (WHERE problem IS NULL),
                       COUNT(*) FILTER (WHERE problem = ANY(%(skipping)s)),
                       COUNT(DISTINCT order_ref) FILTER (WHERE problem IS NULL),
                       COUNT(DISTINCT partner_id) FILTER (WHERE problem IS NULL),
                       COALESCE(SUM(ROUND(%(net)s / rate, 6)) FILTER (WHERE problem IS NULL), 0),
                       MIN(date) FILTER (WHERE problem IS NULL), MAX(date) FILTER (WHERE problem IS NULL)
                  FROM crm_history_stage
                """,
                skipping=skipping,
                net=self._get_net_sql(),
            )
        )
        names = (
            "row_count good_count skipped_count order_count customer_count amount_company date_first date_last".split()
        )
        values = dict(zip(names, row, strict=True))
        values["bad_count"] = values["row_count"] - values["good_count"] - values["skipped_count"]
        values["summary"] = {"reasons": self._get_reason_counts(), "sample": self._get_sample()}
        return values

    def _get_reason_counts(self):
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT problem, COUNT(*) FROM crm_history_stage WHERE problem IS NOT NULL"
                    " GROUP BY 1 ORDER BY 2 DESC, 1"
                )
            )
        )

    def _get_sample(self, limit=10):
        """Return the first good rows as they will be in the warehouse."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT stage.order_ref, stage.line_ref, stage.date, partner.complete_name, product.default_code,
                       stage.quantity, %(net)s, currency.name
                  FROM (SELECT * FROM crm_history_stage
                         WHERE problem IS NULL ORDER BY number LIMIT %(limit)s) stage
                  JOIN res_partner partner ON partner.id = stage.partner_id
                  JOIN res_currency currency ON currency.id = stage.currency_id
                  LEFT JOIN product_product product ON product.id = stage.product_id
              ORDER BY stage.number
                """,
                net=self._get_net_sql(),
                limit=limit,
            )
        )
        names = ("order", "line", "date", "customer", "product", "quantity", "amount", "currency")
        return [
            {
                name: value if isinstance(value, str) or value is None else str(value)
                for name, value in zip(names, row, strict=True)
            }
            for row in rows
        ]

    @api.model
    def _get_bad_rows(self):
        """Return ``[(number of the row, reason)]``."""
        return self.env.execute_query(
            SQL("SELECT number, problem FROM crm_history_stage WHERE problem IS NOT NULL ORDER BY number")
        )

    @api.model
    def _write_facts(self, batch):
        """Write the good rows into the sale facts of the batch."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_history_stage SET fact_id = nextval(pg_get_serial_sequence('crm_fact_sale', 'id'))
                 WHERE problem IS NULL
                """
            )
        )
        columns = self._get_fact_columns(batch)
        self.env.execute_query(
            SQL(
                """
                WITH known AS (
                    SELECT document_name, MIN(order_key) AS order_key FROM crm_fact_sale
                     WHERE batch_id IS NOT NULL AND company_id = %(company)s
                       AND document_name IN (SELECT order_ref FROM crm_history_stage WHERE problem IS NULL)
                  GROUP BY 1),
                written AS (
                    INSERT INTO crm_fact_sale (%(names)s)
                    SELECT %(values)s
                      FROM (SELECT row.*, %(net)s AS net, %(gross)s AS gross,
                                   -MIN(fact_id) OVER (PARTITION BY order_ref) AS new_key
                              FROM crm_history_stage row WHERE problem IS NULL) stage
                      JOIN res_partner p ON p.id = stage.partner_id
                      JOIN res_partner cp ON cp.id = p.commercial_partner_id
                      LEFT JOIN product_product product ON product.id = stage.product_id
                      LEFT JOIN product_template template ON template.id = product.product_tmpl_id
                      LEFT JOIN known ON known.document_name = stage.order_ref
                  ORDER BY stage.number
                 RETURNING company_id, commercial_partner_id),
                noted AS (%(note)s)
                SELECT COUNT(*) FROM written
                """,
                company=batch.company_id.id,
                names=SQL(", ").join(map(SQL.identifier, columns)),
                values=SQL(", ").join(columns.values()),
                net=self._get_net_sql(),
                gross=SQL(
                    "COALESCE(quantity * price, CASE WHEN COALESCE(discount, 0) < 100"
                    " THEN %(net)s / (1 - COALESCE(discount, 0) / 100) ELSE %(net)s END)",
                    net=self._get_net_sql(),
                ),
                note=self.env["crm.warehouse.change"]._get_note_sql(
                    SQL("SELECT company_id, commercial_partner_id FROM written")
                ),
            )
        )
        # What follows, such as a scoring, would take the facts for as few as they were
        self.env.cr.execute("ANALYZE crm_fact_sale")
        self.env["crm.fact.sale"].invalidate_model()

    def _get_fact_columns(self, batch):
        """Return ``{column of the fact: SQL}``."""
        return {
            "id": SQL("stage.fact_id"),
            "res_model": SQL("'crm.fact.sale'"),
            "res_id": SQL("stage.fact_id"),
            "batch_id": SQL("%s", batch.id),
            "company_id": SQL("%s", batch.company_id.id),
            "document_name": SQL("stage.order_ref"),
            "line_ref": SQL("stage.line_ref"),
            "order_key": SQL("COALESCE(known.order_key, stage.new_key)"),
            "date": SQL("stage.date"),
            "partner_id": SQL("p.id"),
            "commercial_partner_id": SQL("cp.id"),
            "owner_id": SQL("cp.user_id"),
            "grade_id": SQL("cp.grade_id"),
            "country_id": SQL("COALESCE(stage.country_id, p.country_id, cp.country_id)"),
            "user_id": SQL("stage.user_id"),
            "team_id": SQL("stage.team_id"),
            "channel": SQL("COALESCE(stage.channel, 'sales')"),
            "product_id": SQL("product.id"),
            "categ_id": SQL("template.categ_id"),
            "quantity": SQL("stage.quantity"),
            "currency_id": SQL("stage.currency_id"),
            "currency_rate": SQL("stage.rate"),
            "amount": SQL("ROUND(stage.net, 6)"),
            "amount_company": SQL("ROUND(stage.net / stage.rate, 6)"),
            "gross_company": SQL("ROUND(stage.gross / stage.rate, 6)"),
            "discount_company": SQL("ROUND((stage.gross - stage.net) / stage.rate, 6)"),
            "cost_company": SQL("ROUND(stage.cost / stage.rate, 6)"),
            "margin_company": SQL("ROUND((stage.net - stage.cost) / stage.rate, 6)"),
            "cost_origin": SQL("CASE WHEN stage.cost IS NULL THEN 'unknown' ELSE 'history' END"),
        }


class _RowParser:
    """Turns a row of the file into a row of the staging table."""

    def __init__(self, columns, formats, shift):
        self.columns = columns
        self.decimal, self.date_format = formats
        self.shift = shift
        self.today = fields.Date.today()
        # a file of years has few different days, and reading one is slow
        self.dates = {}

    def parse(self, number, row):
        """Return the cells in the order of `COPIED`; an empty text is NULL."""
        texts = {name: self._cell(row, name) for name in TEXTS}
        numbers = {name: self._number(row, name) for name in history_file.NUMBERS}
        day = self._date(self._cell(row, "date"))
        problem = self._get_problem(texts, numbers, day)
        values = [value if value is not None and problem != "bad_number" else "" for value in numbers.values()]
        return [number, problem, day or "", *texts.values(), *values]

    def _cell(self, row, name):
        position = self.columns.get(name)
        return row[position] if position is not None and position < len(row) else ""

    def _number(self, row, name):
        """Return the number as text, an empty text where there is none, and None where it cannot be read."""
        text = self._cell(row, name)
        return history_file.parse_number(text, self.decimal) if text else ""

    def _date(self, text):
        if text not in self.dates:
            found = history_file.parse_date(text, self.date_format)
            self.dates[text] = found and found + self.shift
        return self.dates[text]

    def _get_problem(self, texts, numbers, day):
        if not texts["order_ref"]:
            return "no_order"
        if day is None:
            return "bad_date"
        if day > self.today:
            return "future"
        if None in numbers.values():
            return "bad_number"
        if not numbers["amount"] and not (numbers["quantity"] and numbers["price"]):
            return "no_amount"
        if numbers["discount"] and not 0 <= float(numbers["discount"]) <= 100:
            return "bad_discount"
        return ""
