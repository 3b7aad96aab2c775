from contextlib import contextmanager

from odoo.tools import SQL

# memory for sorting the rows of an index that is built anew
INDEX_MEMORY = "256MB"


@contextmanager
def without_indexes(cr, table):
    """Drop the indexes of a table, its primary key included, and build them again at the end.

    Millions of rows go in several times faster that way. All of it is in the transaction of the cursor: whoever is
    interrupted leaves the table as it was, and nobody else reads the table meanwhile. A key to which another table
    refers stays, and so does an index of some rows only: there is little in it to build, but all rows to look at.
    """
    cr.execute(
        SQL(
            """
            SELECT relation.relname, pg_get_indexdef(relation.oid), obj_description(relation.oid, 'pg_class'),
                   held.contype = 'p'
              FROM pg_index
              JOIN pg_class relation ON relation.oid = pg_index.indexrelid
         LEFT JOIN pg_constraint held ON held.conindid = relation.oid AND held.conrelid = pg_index.indrelid
             WHERE pg_index.indrelid = %(table)s::regclass AND pg_index.indpred IS NULL
               AND (held.oid IS NULL OR held.contype = 'p' AND NOT EXISTS (
                   SELECT FROM pg_constraint referring
                    WHERE referring.confrelid = pg_index.indrelid AND referring.contype = 'f'))
          ORDER BY relation.relname
            """,
            table=table,
        )
    )
    indexes = cr.fetchall()
    for name, _definition, _comment, is_key in indexes:
        alter = SQL("ALTER TABLE %s DROP CONSTRAINT %s", SQL.identifier(table), SQL.identifier(name))
        cr.execute(alter if is_key else SQL("DROP INDEX %s", SQL.identifier(name)))
    yield
    cr.execute(SQL("SET LOCAL maintenance_work_mem = %s", INDEX_MEMORY))
    for name, definition, comment, is_key in indexes:
        cr.execute(SQL(definition.replace("%", "%%")))
        # Odoo keeps its own definition there, and would build the index again without it
        if comment:
            cr.execute(SQL("COMMENT ON INDEX %s IS %s", SQL.identifier(name), comment))
        if is_key:
            key = SQL.identifier(name)
            cr.execute(
                SQL("ALTER TABLE %s ADD CONSTRAINT %s PRIMARY KEY USING INDEX %s", SQL.identifier(table), key, key)
            )
