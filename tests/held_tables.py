"""Hold a table, so that a server gets so far and no further: how tests make two things happen at the same moment."""

import time
from contextlib import closing, contextmanager

import psycopg2
from psycopg2 import sql

SECONDS = 180
# who waits for the table itself, for a reference to one of its rows, or for a row that somebody else wrote
BLOCKED = """
    SELECT COUNT(DISTINCT pid) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'
       AND (query LIKE %(text)s
            OR pid IN (SELECT pid FROM pg_locks WHERE relation = %(table)s::regclass AND NOT granted))
"""


@contextmanager
def hold_tables(database, *tables):
    """Keep others from writing to the tables, which they may read."""
    with closing(psycopg2.connect(dbname=database)) as connection:
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(sql.SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(sql.Identifier(table)))
        yield


def wait_until_blocked(database, table, count=1):
    """Wait until so many connections want to write to a table and are kept waiting."""
    deadline = time.monotonic() + SECONDS
    with closing(psycopg2.connect(dbname=database)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            while time.monotonic() < deadline:
                cursor.execute(BLOCKED, {"table": table, "text": f"%{table}%"})
                if cursor.fetchone()[0] >= count:
                    return
                time.sleep(0.1)
    raise AssertionError(f"{count} did not come to write {table} at the same time")
