import csv
import tempfile
from contextlib import contextmanager

from odoo import api, models
from odoo.tools import SQL

from .history_file import NUMBERS
from .history_row import COPIED, TEXTS, HistoryRowParser

TABLE = "crm_history_stage"


class CrmHistoryStage(models.AbstractModel):
    """The staging table of an import of past sales: a temporary table of the transaction.

    Rows come in with COPY, `crm.history.match` finds what they mean, and the good ones become facts. All of it are
    statements over all rows at once, so the time grows with the size of the file and not with the number of
    questions to the database. What is wrong with a row is in ``problem``.
    """

    _name = "crm.history.stage"
    _description = "Staging of the History of Sales"

    @contextmanager
    def _open(self):
        """Make the table, and drop it again."""
        texts = SQL(", ").join(SQL("%s varchar", SQL.identifier(name)) for name in TEXTS)
        numbers = SQL(", ").join(SQL("%s numeric", SQL.identifier(name)) for name in NUMBERS)
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
        parser = HistoryRowParser(columns, formats, shift)
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
                    SQL("SELECT company_id, commercial_partner_id FROM written"), "crm.fact.sale"
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
