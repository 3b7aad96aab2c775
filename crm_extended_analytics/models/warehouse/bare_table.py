from contextlib import contextmanager

from odoo.tools import SQL

# memory for sorting the rows of an index that is built anew
INDEX_MEMORY = "256MB"


@contextmanager
def without_indexes(cr, table):
    """Drop the indexes of a table, except those of constraints, and build them again at the end.

    Millions of rows go in several times faster that way. All of it is in the transaction of the cursor: whoever is
    interrupted leaves the table as it was, and nobody else reads the table meanwhile.
    """
    cr.execute(
        SQL(
            """
            SELECT relation.relname, pg_get_indexdef(relation.oid), obj_description(relation.oid, 'pg_class')
              FROM pg_index
              JOIN pg_class relation ON relation.oid = pg_index.indexrelid
             WHERE pg_index.indrelid = %s::regclass
               AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = relation.oid)
          ORDER BY relation.relname
            """,
            table,
        )
    )
    indexes = cr.fetchall()
    for name, _definition, _comment in indexes:
        cr.execute(SQL("DROP INDEX %s", SQL.identifier(name)))
    yield
    cr.execute(SQL("SET LOCAL maintenance_work_mem = %s", INDEX_MEMORY))
    for name, definition, comment in indexes:
        cr.execute(SQL(definition.replace("%", "%%")))
        # Odoo keeps its own definition there, and would build the index again without it
        if comment:
            cr.execute(SQL("COMMENT ON INDEX %s IS %s", SQL.identifier(name), comment))
