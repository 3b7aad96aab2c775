"""How the database joins the rows of a plan that is not committed yet."""

from contextlib import contextmanager


@contextmanager
def hash_joins(cr):
    """Keep PostgreSQL from nested loops for a while.

    It has no statistics of rows that this transaction has made, takes their tables for empty, and compares every row
    of one with every row of the other: minutes instead of a second. ANALYZE would help, but holds a lock until the
    end of the transaction, so that two areas could not be planned at once.

    An exception leaves the setting as it is: it ends with the transaction, which is rolled back.
    """
    cr.execute("SET LOCAL enable_nestloop = off")
    yield
    cr.execute("SET LOCAL enable_nestloop TO DEFAULT")
