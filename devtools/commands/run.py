"""Set everything up and start Odoo with the three addons and demo data.

The first run takes a few minutes, later ones seconds. Addons whose code changed
are updated in the database first. Ctrl-C stops what was started.
"""

import time

from .. import run_database
from ..console import DevError, say, step
from ..context import Context
from ..odoo_log import parse
from ..server import OdooServer, require_free_port

HELP = "start Odoo with the three addons and demo data on 127.0.0.1"
WELCOME = """
  {url}
  Log in as admin with the password admin. Database: {database}. Log: {log}

{first_steps}

  Ctrl-C stops the server.
"""
WITH_DEMO = """  What to click first: CRM, open "Room lamps, Athens" and press Won: its quotation is
  an order, and the button Conversions shows its way to the customer. "Spring range for
  14 stores" has three quotations and asks which are won. CRM > Sales > Conversions shows
  all orders on their way; CRM > Configuration > Settings has the policies."""
WITHOUT_DEMO = """  What to click first: CRM > Configuration > Settings, block Quotations and Opportunities:
  decide what winning and confirming do. Then make an opportunity with a quotation and
  win it."""
FIRST_LINE_CHARACTERS = 160


def add_arguments(parser):
    parser.add_argument("--port", type=int, default=8069, help="port of the server (default 8069)")
    parser.add_argument("--db", help="name of the database (default crm_extended)")
    parser.add_argument("--config", help="odoo.conf of the PostgreSQL server to use")
    parser.add_argument("--no-demo", action="store_true", help="make the database without demo data")
    parser.add_argument(
        "--workers",
        type=int,
        default=0,
        help="worker processes; 0 (default) is one process with threads, in which jobs and the "
        "live notifications work without a proxy in front",
    )


def run(options):
    require_free_port(options.port)
    name = options.db or run_database.default_name(not options.no_demo)
    with Context(config=options.config) as context:
        with context.setup_lock():
            context.set_up()
            run_database.ensure(context, name, not options.no_demo)
        require_free_port(options.port)
        server = make_server(context, name, options.port, options.workers)
        record = None
        try:
            with step("Odoo start"):
                server.start()
                record = context.records.add("server", server.pid, port=server.port, database=name, url=server.url)
                server.wait_until_ready()
                server.warm_up()
            first_steps = WITHOUT_DEMO if options.no_demo else WITH_DEMO
            say(WELCOME.format(url=server.url, database=name, log=server.log, first_steps=first_steps))
            follow(server)
        finally:
            if server.process:
                with step("Odoo stop"):
                    server.stop()
            if record:
                context.records.forget(record)
    return 0


def make_server(context, database, port=None, workers=0):
    return OdooServer(
        context.odoo_command("-c", context.odoo_conf),
        database,
        log=context.layout.logs / f"server-{database}.log",
        port=port,
        workers=workers,
        environ=context.env.environ(),
    )


def follow(server):
    """Show in a line each what goes wrong in the server, until it ends or Ctrl-C is pressed."""
    position = server.log.stat().st_size
    try:
        while server.is_alive():
            time.sleep(1)
            with server.log.open(errors="replace") as log:
                log.seek(position)
                fresh = log.read()
                position = log.tell()
            for entry in parse(fresh):
                if entry.level in ("WARNING", "ERROR", "CRITICAL"):
                    say(f"  {str(entry).splitlines()[0][:FIRST_LINE_CHARACTERS]}")
    except KeyboardInterrupt:
        say()
        return
    raise DevError(f"Odoo ended by itself: see {server.log}.")
