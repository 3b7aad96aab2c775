"""How the database works on statements over many rows."""

from contextlib import contextmanager

from odoo.tools import SQL

# memory of one sort or hash in a job: a range of customers stays in it
WORK_MEMORY = "96MB"


def use_memory(cr):
    """Set the transaction up for statements over many rows: more memory than a form needs, and no compilation.

    The statements have hundreds of expressions; compiling them takes longer than it saves.
    """
    cr.execute(SQL("SET LOCAL work_mem = %s", WORK_MEMORY))
    cr.execute(SQL("SET LOCAL jit = off"))


def hash_joins(cr):
    """Keep PostgreSQL from nested loops for a while.

    It has no statistics of rows that this transaction has made, takes their tables for empty, and compares every row
    of one with every row of the other: minutes instead of a second. ANALYZE would help, but holds a lock until the
    end of the transaction, so that two jobs could not work at once.
    """
    return _without(cr, "enable_nestloop")


def hash_groups(cr):
    """Keep PostgreSQL from sorting what is put into groups for a while.

    It takes two groupings of the same rows for larger than they are, and sorts millions of rows for one of them, which
    takes longer than all the adding up. Groups that do not fit into the memory go to the disk.
    """
    return _without(cr, "enable_sort", "enable_incremental_sort")


def sort_into_groups(cr):
    """Let PostgreSQL sort what it puts into groups for a while.

    It takes groups by many columns for few, and hashes them. Where nearly every row is a group of its own, they go to
    the disk, and are sorted afterwards all the same; sorting first does both at once.
    """
    return _without(cr, "enable_hashagg")


@contextmanager
def _without(cr, *settings):
    """Switch ways of the planner off for a while.

    An exception leaves them as they are: the settings end with the transaction, which is rolled back.
    """
    for setting in settings:
        cr.execute(SQL("SET LOCAL %s = off", SQL.identifier(setting)))
    yield
    for setting in settings:
        cr.execute(SQL("SET LOCAL %s TO DEFAULT", SQL.identifier(setting)))
