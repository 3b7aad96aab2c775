from odoo.tools import SQL

# memory of one sort or hash in a job: a range of customers stays in it
WORK_MEMORY = "96MB"


def use_memory(cr):
    """Set the transaction up for statements over many rows: more memory than a form needs, and no compilation.

    The statements have hundreds of expressions; compiling them takes longer than it saves.
    """
    cr.execute(SQL("SET LOCAL work_mem = %s", WORK_MEMORY))
    cr.execute(SQL("SET LOCAL jit = off"))
