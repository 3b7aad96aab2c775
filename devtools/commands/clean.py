"""Remove the databases that `./dev` made, templates included; with --all the whole cache.

Databases of others, on the embedded or on a given server, are left alone.
"""

import shutil

from .. import run_database
from ..console import DevError, say, step
from ..context import Context
from ..layout import Layout
from ..locks import exclusive
from ..postgres import Embedded
from ..processes import Records
from .stop import stop_processes

HELP = "remove the databases that ./dev made (--all: the whole cache)"


def add_arguments(parser):
    parser.add_argument("--all", action="store_true", help="remove the cache folder with everything")
    parser.add_argument("--config", help="odoo.conf of the PostgreSQL server to use")


def run(options):
    layout = Layout()
    layout.make()
    if options.all:
        return remove_cache(layout)
    others = Records(layout.records).living()
    if others:
        raise DevError(f"./dev with process id {others[0]['pid']} is at work in this cache: end it first (./dev stop).")
    with Context(config=options.config) as context:
        with context.setup_lock():
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
    """Stop what runs in the cache, then delete it."""
    with exclusive(layout.locks / "setup", "its set-up"):
        stop_processes(layout)
        with step(f"Removing {layout.cache}"):
            Embedded(layout).remove()
            shutil.rmtree(layout.cache)
    return 0
