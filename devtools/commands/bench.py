"""Run a benchmark on a fresh copy of the installed database; its last line is JSON.

./dev bench --list
./dev bench win -n 50
"""

from .. import addons, modules
from ..context import Context, require_addons

HELP = "run a benchmark (--list shows them)"
TAKES_REST = True


def add_arguments(parser):
    parser.add_argument("name", nargs="?", help="the benchmark")
    parser.add_argument("--list", action="store_true", help="show the benchmarks")
    parser.add_argument("--config", help="odoo.conf of the PostgreSQL server to use")


def run(options):
    if options.list or not options.name:
        return modules.show_list("bench")
    module = modules.load("bench", options.name)
    # A wrong option is told before the set-up, not after it.
    modules.parse("bench", options.name, module, options.rest)
    with Context(config=options.config) as context:
        with context.setup_lock():
            context.set_up()
            names = require_addons(addons.present(context.layout.repo))
            installed, _log = context.databases.ensure_installed(names)
            context.use_databases(installed)
            context.tidy_databases()
        with context.databases.temporary_copy(installed, "bench") as database:
            return modules.run(context, "bench", options.name, options.rest, database)
