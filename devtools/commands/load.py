"""Load a data set into the database of `./dev run`.

    ./dev load --list
    ./dev load adventureworks DIR

What comes after the name is read by the data set: `./dev load NAME --help`.
"""

from .. import modules, run_database
from ..context import Context

HELP = "load a data set into the run database (--list shows them)"
TAKES_REST = True


def add_arguments(parser):
    parser.add_argument("name", nargs="?", help="the data set")
    parser.add_argument("--list", action="store_true", help="show the data sets")
    parser.add_argument("--db", help="name of the database (default crm_extended)")
    parser.add_argument("--config", help="odoo.conf of the PostgreSQL server to use")


def run(options):
    if options.list or not options.name:
        return modules.show_list("load")
    module = modules.load("load", options.name)
    modules.parse("load", options.name, module, options.rest)
    name = options.db or run_database.default_name()
    with Context(config=options.config) as context:
        with context.setup_lock():
            context.set_up()
            run_database.ensure(context, name)
        return modules.run(context, "load", options.name, options.rest, name)
