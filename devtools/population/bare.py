"""Tables without foreign keys and indexes while millions of rows go in."""

from contextlib import contextmanager

from psycopg2 import sql

KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])
"""
INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
    FROM pg_index
    WHERE indrelid = ANY(%s::regclass[]) AND NOT indisunique
"""


@contextmanager
def bare(cr, tables):
    """Drop foreign keys and plain indexes of `tables`, and build them again at the end, which checks all rows.

    A check for each row and key, and each index kept up to date, would take several times as long. All of it is in
    the transaction of the cursor: whoever is interrupted leaves the tables as they were.
    """
    cr.execute(KEYS, [list(tables)])
    keys = cr.fetchall()
    cr.execute(INDEXES, [list(tables)])
    indexes = cr.fetchall()
    for table, name, _definition in keys:
        statement = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
        cr.execute(statement.format(sql.Identifier(table), sql.Identifier(name)).as_string(cr._cnx))
    for name, _definition in indexes:
        cr.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)).as_string(cr._cnx))
    yield
    for _name, definition in indexes:
        cr.execute(definition)
    for table, name, definition in keys:
        statement = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} ").format(sql.Identifier(table), sql.Identifier(name))
        cr.execute(statement.as_string(cr._cnx) + definition)
