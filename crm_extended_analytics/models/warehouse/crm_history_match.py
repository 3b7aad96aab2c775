from odoo import api, models
from odoo.tools import SQL


class CrmHistoryMatch(models.AbstractModel):
    """Finds the records that the staged rows of past sales name, and what is wrong with the rows.

    Every step is a statement over all rows of `crm.history.stage` at once. A row keeps the first thing that is wrong
    with it in ``problem``.
    """

    _name = "crm.history.match"
    _description = "Matching of the History of Sales"

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
        self.env["crm.history.stage"]._analyze()

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
