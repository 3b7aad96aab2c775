"""An interactive Odoo shell (`env`, `self`) on the database of `./dev run`."""

import os
import signal
import subprocess

from .. import run_database
from ..context import Context

HELP = "open an Odoo shell on the run database"


def add_arguments(parser):
    parser.add_argument("--db", help="name of the database (default crm_extended)")
    parser.add_argument("--config", help="odoo.conf of the PostgreSQL server to use")


def run(options):
    name = options.db or run_database.default_name()
    with Context(config=options.config) as context:
        with context.setup_lock():
            context.set_up()
            run_database.ensure(context, name)
        command = context.odoo_command("shell", "-c", context.odoo_conf, "-d", name, "--no-http", "--log-level=warn")
        # Ctrl-C belongs to the shell.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return subprocess.run(
                command,
                env=context.env.environ(),
                cwd=os.getcwd(),
                check=False,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            ).returncode
        finally:
            signal.signal(signal.SIGINT, before)
