import hashlib
from contextlib import nullcontext
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ..database_settings import hash_joins
from .bare_table import without_indexes

# new or deleted rows of one load after which the planner needs to look at the facts anew
MANY_ROWS = 1_000
# decimals of an amount in a fact
FACT_DIGITS = 6


class SourceCounts(NamedTuple):
    """What one run of a source did."""

    read: int
    inserted: int
    updated: int
    deleted: int


class CrmWarehouseSource(models.AbstractModel):
    """One way from documents to facts: which model is read, which facts it fills, and its SQL.

    A source is an abstract model that inherits this one and says ``_fact``, ``_reads``, ``_select()``, ``_from()``,
    ``_where()`` and what else differs. It is absent as long as a model in ``_reads`` or ``_needs`` is not installed.
    Another addon adds a source in the same way, and changes one by inheriting it::

        class CrmWarehouseSourceSale(models.AbstractModel):
            _inherit = "crm.warehouse.source.sale"

            def _select(self):
                return super()._select() | {"channel": SQL("o.x_channel")}

    In the SQL the table of the companies to load is there as ``scope`` (company_id, tz, currency_id).
    A source whose SQL has changed since its last run is read in full, not from its watermark.
    """

    _name = "crm.warehouse.source"
    _description = "Source of the Sales Warehouse"

    # model of the facts, e.g. "crm.fact.sale"; a source without one is a base of others
    _fact = None
    # model of which each record becomes a fact
    _reads = None
    # further models and fields (model.field) that the SQL needs
    _needs = ()
    # order in which sources are loaded
    _sequence = 50
    # whether to keep the planner from looking records up one by one when all are read: it takes them for few. Not for
    # SQL that looks something up for each record
    _joins_at_once = False
    # column of the fact whose sum is the control total, read without the look-ups; None: rows are counted
    _control = None

    # ------------------------------------------------------------------
    # What a source says
    # ------------------------------------------------------------------
    def _key(self):
        """Return the SQL of the id of the record."""
        raise NotImplementedError

    def _company(self):
        """Return the SQL of the company of the record."""
        raise NotImplementedError

    def _select(self):
        """Return ``{column of the fact: SQL}``, without the columns that every source has."""
        raise NotImplementedError

    def _from(self):
        """Return the SQL of the tables that make a record, without FROM."""
        raise NotImplementedError

    def _lookups(self):
        """Return the joins that only describe a record, such as its product: counting records does without them."""
        return SQL("")

    def _where(self):
        """Return the SQL condition under which a record is a fact; a record that no longer meets it loses its fact."""
        raise NotImplementedError

    def _watermark_columns(self):
        """Return the SQL of the write dates of all records that a fact is made of: the line and its parents."""
        raise NotImplementedError

    # ------------------------------------------------------------------
    # Registry of sources
    # ------------------------------------------------------------------
    @api.model
    def _get_sources(self):
        """Return the names of the sources that can be read here, in the order in which they are loaded."""
        names = self.env.registry.descendants(["crm.warehouse.source"], "_inherit")
        sources = [self.env[name] for name in names]
        available = [source for source in sources if source._fact and source._is_available()]
        return [source._name for source in sorted(available, key=lambda source: (source._sequence, source._name))]

    def _is_available(self):
        """Return whether everything that the SQL reads is installed."""
        return self._has(self._reads) and all(self._has(needed) for needed in self._needs)

    def _has(self, name):
        """Return whether a model, or a stored field written as ``sale.order:website_id``, is installed."""
        model, _colon, field = name.partition(":")
        if model not in self.env or self.env[model]._abstract:
            return False
        return not field or (field in self.env[model]._fields and self.env[model]._fields[field].store)

    def _get_label(self):
        """Return the name of the source for the load log."""
        # sudo: who reads the log may read what its steps are called
        return self.env["ir.model"].sudo()._get(self._name).name

    # ------------------------------------------------------------------
    # Words of SQL that sources share
    # ------------------------------------------------------------------
    def _local_date(self, moment):
        """Return the SQL of the date of a UTC ``moment`` in the time zone of the company."""
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE scope.tz)::date", moment)

    def _party_from(self, partner, customer=None):
        """Return the joins of the contact as ``p`` and of his commercial entity as ``cp``.

        Without a ``customer`` of the document both are one table to join with: one look-up instead of two.
        """
        if customer:
            return SQL("LEFT JOIN res_partner p ON p.id = %s LEFT JOIN res_partner cp ON cp.id = %s", partner, customer)
        return SQL(
            "LEFT JOIN (res_partner p JOIN res_partner cp ON cp.id = p.commercial_partner_id) ON p.id = %s", partner
        )

    def _product_from(self):
        """Return the joins of the product of a line ``l`` with its template and its unit.

        Product, template and unit are one small table to join with: one look-up for each line instead of three.
        """
        return SQL(
            """
            LEFT JOIN (
                product_product product
                JOIN product_template template ON template.id = product.product_tmpl_id
                LEFT JOIN uom_uom uom_product ON uom_product.id = template.uom_id
            ) ON product.id = l.product_id
            """
        )

    def _line_factor(self):
        """Return the SQL of the factor of the unit of a line ``l``: looked up where it is asked for, on few lines."""
        return SQL("(SELECT uom_line.factor FROM uom_uom uom_line WHERE uom_line.id = l.product_uom_id)")

    def _party_select(self):
        """Return the columns of the party, for sources that join with `_party_from`."""
        return {
            "partner_id": SQL("p.id"),
            "commercial_partner_id": SQL("cp.id"),
            "owner_id": SQL("cp.user_id"),
            "grade_id": SQL("cp.grade_id"),
            "country_id": SQL("COALESCE(p.country_id, cp.country_id)"),
        }

    def _utm_select(self, alias):
        return {name: SQL.identifier(alias, name) for name in ("campaign_id", "medium_id", "source_id")}

    def _money(self, amount):
        """Return an amount with six decimals: far below the cent, and short in the table."""
        return SQL("ROUND((%s)::numeric, %s)", amount, FACT_DIGITS)

    # ------------------------------------------------------------------
    # Load
    # ------------------------------------------------------------------
    def _load(self, companies, since=None, find_deleted=True):
        """Bring the facts of ``companies`` up to date.

        :param since: moment (UTC); records written since are read. Without it all are.
        :param find_deleted: also look for facts whose record was deleted. Records that were changed so that they
            are no fact any more (a cancelled order) are found in any case.
        :return: `SourceCounts`
        """
        if not since and self._is_first():
            return self.with_context(warehouse_all_documents=True)._load_first(companies)
        deleted = self._delete_gone(companies, since) if since else 0
        if find_deleted or not since:
            deleted += self._delete_gone(companies)
        read, inserted, updated = self.env.execute_query(self._get_upsert_sql(companies, since))[0]
        if inserted + deleted >= MANY_ROWS:
            self._analyze()
        return SourceCounts(read, inserted, updated, deleted)

    def _is_first(self):
        """Return whether the source has no facts yet."""
        ((is_first,),) = self.env.execute_query(
            SQL(
                "SELECT NOT EXISTS (SELECT FROM %s WHERE res_model = %s)",
                SQL.identifier(self.env[self._fact]._table),
                self._reads,
            )
        )
        return is_first

    def _load_first(self, companies):
        """Insert all facts: nothing is there that they could meet.

        They lie in the order of their customers, whose facts are then read from few pages: by ranges of customers
        when all are scored, one by one when some are.
        """
        cr, columns, table = self.env.cr, self._get_columns(), SQL.identifier(self.env[self._fact]._table)
        order = {name: columns[name] for name in ("commercial_partner_id", "date") if name in columns}
        # first in the row too: there the sort finds what it compares without walking over the rest
        columns = order | columns
        insert = SQL(
            "INSERT INTO %s (%s) SELECT %s %s ORDER BY %s",
            table,
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(columns.values()),
            self._get_body_sql(companies),
            SQL(", ").join(order.values()),
        )
        with without_indexes(cr, self.env[self._fact]._table) if self._is_bulk() else nullcontext():
            with self._join():
                cr.execute(insert)
                inserted = cr.rowcount
        if inserted:
            self._analyze()
            self._note_first(companies, inserted)
        return SourceCounts(inserted, inserted, 0, 0)

    def _join(self):
        """Return the context for a statement that reads all documents."""
        return hash_joins(self.env.cr) if self._joins_at_once else nullcontext()

    def _note_first(self, companies, inserted):
        """Note whose facts are new: each customer, or everybody where naming them takes a while."""
        change = self.env["crm.warehouse.change"]
        if inserted < MANY_ROWS:
            change._note_all(self._fact, companies)
        else:
            change._note_whole(companies, change._get_readers(self._fact))

    def _is_bulk(self):
        """Return whether there are more documents to come than facts of other sources, by the planner's count."""
        ((documents, facts),) = self.env.execute_query(
            SQL(
                "SELECT (SELECT reltuples FROM pg_class WHERE oid = %s::regclass),"
                " (SELECT reltuples FROM pg_class WHERE oid = %s::regclass)",
                self.env[self._reads]._table,
                self.env[self._fact]._table,
            )
        )
        return documents > max(facts, MANY_ROWS)

    def _analyze(self):
        """Let the planner look at the facts: what follows would join them one by one."""
        self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(self.env[self._fact]._table)))

    def _get_scope_sql(self, companies):
        """Return a table of the companies to load with their time zone."""
        rows = SQL(", ").join(
            SQL("(%s, %s, %s)", company.id, company.partner_id.tz or "UTC", company.currency_id.id)
            for company in companies
        )
        return SQL("(VALUES %s) scope (company_id, tz, currency_id)", rows)

    def _get_body_sql(self, companies, since=None):
        """Return FROM and WHERE of all records that are facts, or of those written since."""
        joins = [self._lookups()]
        if since:
            # before the look-ups, of which the planner would otherwise do some for all records
            changed = SQL("SELECT DISTINCT id FROM (%s) every_change", self._get_changed_sql(since))
            joins = [SQL("JOIN (%s) changed ON changed.id = %s", changed, self._key()), *joins]
        return self._get_records_sql(companies, SQL(" ").join(joins))

    def _get_records_sql(self, companies, joins=None):
        """Return the same without the look-ups, or with the joins asked for."""
        return SQL(
            "FROM %s JOIN %s ON scope.company_id = %s %s WHERE %s",
            self._from(),
            self._get_scope_sql(companies),
            self._company(),
            joins or SQL(""),
            self._where(),
        )

    def _get_changed_sql(self, since):
        """Return the SQL of the ids of all records written since, with one arm per table."""
        return SQL(" UNION ").join(
            SQL("SELECT %s AS id FROM %s WHERE %s >= %s", self._key(), self._from(), column, since)
            for column in self._watermark_columns()
        )

    def _get_columns(self):
        """Return ``{column: SQL}`` of a fact, in a fixed order."""
        columns = {
            "res_model": SQL("%s::varchar", self._reads),
            "res_id": self._key(),
            "company_id": self._company(),
            **self._select(),
        }
        unknown = [name for name in columns if name not in self.env[self._fact]._fields]
        if unknown:
            raise ValueError(f"{self._name} fills columns that {self._fact} does not have: {', '.join(unknown)}")
        return dict(sorted(columns.items()))

    def _get_fingerprint(self, companies):
        """Return a word that changes when the SQL of the source or the companies change."""
        body = SQL("%s %s", SQL(", ").join(self._get_columns().values()), self._get_body_sql(companies))
        text = f"{body.code} {body.params} {sorted(self._get_columns())}"
        return hashlib.sha256(text.encode()).hexdigest()

    def _get_upsert_sql(self, companies, since):
        """Return one statement that inserts and updates the facts, notes their customers and counts."""
        columns = self._get_columns()
        return SQL(
            """
            WITH source AS (SELECT %(values)s %(body)s),
            written AS (
                INSERT INTO %(fact)s AS fact (%(names)s)
                SELECT %(names)s FROM source
                ON CONFLICT (res_id, res_model) DO UPDATE SET %(assignments)s
                 WHERE (%(compared_old)s) IS DISTINCT FROM (%(compared_new)s)
             RETURNING fact.id, fact.company_id, fact.commercial_partner_id, (xmax = 0) AS is_new),
            before AS (
                SELECT fact.company_id, fact.commercial_partner_id
                  FROM %(fact)s fact JOIN written ON written.id = fact.id AND NOT written.is_new),
            noted AS (%(note)s)
            SELECT %(read)s,
                   (SELECT COUNT(*) FROM written WHERE is_new),
                   (SELECT COUNT(*) FROM written WHERE NOT is_new)
            """,
            values=SQL(", ").join(SQL("%s AS %s", value, SQL.identifier(name)) for name, value in columns.items()),
            body=self._get_body_sql(companies, since),
            fact=SQL.identifier(self.env[self._fact]._table),
            names=SQL(", ").join(map(SQL.identifier, columns)),
            note=self.env["crm.warehouse.change"]._get_note_sql(
                SQL(
                    "SELECT company_id, commercial_partner_id FROM written "
                    "UNION ALL SELECT company_id, commercial_partner_id FROM before"
                ),
                self._fact,
            ),
            # a second pass over all documents would cost as much as the load; a full load counts what it compares
            read=SQL("(SELECT COUNT(*) FROM source)")
            if since
            else SQL("(SELECT COUNT(*) %s)", self._get_records_sql(companies)),
            **self._get_update_sql(columns),
        )

    def _get_update_sql(self, columns):
        """Return how an existing fact is updated: what it was then stays, as long as its anchor does."""
        as_then = self.env[self._fact]._as_then
        assignments, compared = [], []
        for name in columns:
            if name in ("res_id", "res_model"):
                continue
            column = SQL.identifier(name)
            anchor = as_then.get(name)
            if anchor in columns:
                value = SQL(
                    "CASE WHEN fact.%(anchor)s IS DISTINCT FROM EXCLUDED.%(anchor)s"
                    " THEN EXCLUDED.%(column)s ELSE fact.%(column)s END",
                    anchor=SQL.identifier(anchor),
                    column=column,
                )
            else:
                value = SQL("EXCLUDED.%s", column)
                compared.append(column)
            assignments.append(SQL("%s = %s", column, value))
        return {
            "assignments": SQL(", ").join(assignments),
            "compared_old": SQL(", ").join(SQL("fact.%s", column) for column in compared),
            "compared_new": SQL(", ").join(SQL("EXCLUDED.%s", column) for column in compared),
        }

    def _delete_gone(self, companies, since=None):
        """Delete facts whose record is no fact any more, and return their number.

        :param since: look only at records written since; without it at all, those that were deleted included
        """
        among = SQL("AND fact.res_id IN (%s)", self._get_changed_sql(since)) if since else SQL("")
        alive = SQL("SELECT FROM %s", SQL("(SELECT %s AS id %s) alive", self._key(), self._get_records_sql(companies)))
        (count,) = self.env.execute_query(
            SQL(
                """
                WITH gone AS (
                    DELETE FROM %(fact)s fact
                     WHERE fact.res_model = %(model)s
                       AND fact.company_id = ANY(%(companies)s) %(among)s
                       AND NOT EXISTS (%(alive)s WHERE alive.id = fact.res_id)
                 RETURNING fact.company_id, fact.commercial_partner_id),
                noted AS (%(note)s)
                SELECT COUNT(*) FROM gone
                """,
                fact=SQL.identifier(self.env[self._fact]._table),
                model=self._reads,
                companies=companies.ids,
                among=among,
                alive=alive,
                note=self.env["crm.warehouse.change"]._get_note_sql(
                    SQL("SELECT company_id, commercial_partner_id FROM gone"), self._fact
                ),
            )
        )[0]
        return count

    def _get_control_totals(self, companies):
        """Return ``((rows, total) of the facts, (rows, total) of the documents)`` of the companies."""
        total = SQL.identifier(self._control) if self._control else SQL("0")
        expression = self._get_columns()[self._control] if self._control else SQL("0")
        facts = SQL(
            "SELECT COUNT(*), COALESCE(SUM(%s), 0) FROM %s WHERE res_model = %s AND company_id = ANY(%s)",
            total,
            SQL.identifier(self.env[self._fact]._table),
            self._reads,
            companies.ids,
        )
        documents = SQL("SELECT COUNT(*), COALESCE(SUM(%s), 0) %s", expression, self._get_records_sql(companies))
        with self._join():
            return self.env.execute_query(facts)[0], self.env.execute_query(documents)[0]
