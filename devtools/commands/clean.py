"""Remove the databases that `./dev` made, templates included; with --all the whole cache.

Databases of others, on the embedded or on a given server, are left alone.
"""

import shutil

from .. import run_database
from ..console import DevError, say, step
from ..context import Context
from ..layout import Layout
from ..postgres import Embedded
from ..processes import Records
from .stop import stop_servers, wait_for_others

HELP = "remove the databases that ./dev made (--all: the whole cache)"


def add_arguments(parser):
    parser.add_argument("--all", action="store_true", help="remove the cache folder with everything")
    parser.add_argument("--config", help="odoo.conf of the PostgreSQL server to use")


def run(options):
    layout = Layout()
    if not layout.cache.is_dir():
        say("There is nothing to remove.")
        return 0
    layout.make()
    refuse_while_at_work(layout)
    return remove_cache(layout) if options.all else remove_databases(options)


def refuse_while_at_work(layout):
    """A leftover server is stopped; a `./dev` that works is not disturbed."""
    if Records(layout.records).living("dev"):
        [other, *_more] = Records(layout.records).living("dev")
        raise DevError(f"./dev with process id {other['pid']} is at work in this cache: end it first.")
    stop_servers(layout)
    wait_for_others(layout)


def remove_databases(options):
    with Context(config=options.config) as context, context.setup_lock():
        context.set_up()
        names = [*context.databases.own(), *own_run_databases(context)]
        for name in names:
            with step(f"Removing {name}"):
                context.databases.drop(name)
    say(f"{len(names)} databases removed.")
    return 0


def own_run_databases(context):
    return [name for name, facts in context.server.databases().items() if facts.get("owner") == run_database.OWNER]


def remove_cache(layout):
    with step(f"Removing {layout.cache}"):
        Embedded(layout).remove()
        shutil.rmtree(layout.cache)
    return 0
