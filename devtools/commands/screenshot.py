"""Photograph a page of Odoo in a headless Chromium, logged in.

    ./dev screenshot crm.crm_lead_action_pipeline pipeline.png
    ./dev screenshot /odoo/contacts contacts.png --lang bg_BG --size 1440x900

Uses the server of `./dev run` when one runs, else starts one for the purpose.
"""

import json
import re
import subprocess
from pathlib import Path

from .. import run_database
from ..console import DevError, say, step
from ..context import Context
from .run import make_server

HELP = "photograph an action or a page in a headless Chromium"


def add_arguments(parser):
    parser.add_argument("target", metavar="ACTION-OR-URL", help="xml id of an action, or a path (/odoo/...)")
    parser.add_argument("file", help="the PNG to write")
    parser.add_argument("--login", default="admin", help="user (default admin)")
    parser.add_argument("--password", help="password (default: the login)")
    parser.add_argument("--lang", default="", help="language, for example es_ES or bg_BG")
    parser.add_argument("--size", default="1440x900", help="width x height (default 1440x900)")
    parser.add_argument("--wait", type=float, default=0.5, help="seconds to wait when the page is ready")
    parser.add_argument("--db", help="name of the database (default crm_extended)")
    parser.add_argument("--config", help="odoo.conf of the PostgreSQL server to use")


def run(options):
    if not re.fullmatch(r"\d+x\d+", options.size):
        raise DevError(f"--size {options.size} is not like 1440x900.")
    name = options.db or run_database.default_name()
    with Context(config=options.config) as context:
        with context.setup_lock():
            context.set_up()
            running = find_running(context, name)
            if not running:
                run_database.ensure(context, name)
        if running:
            return photograph(context, options, name, running["port"])
        server = make_server(context, name)
        try:
            with step("Odoo start"):
                server.start().wait_until_ready()
            return photograph(context, options, name, server.port)
        finally:
            server.stop()


def find_running(context, name):
    """The record of a server that `./dev run` started on this database."""
    servers = context.records.living("server")
    return next((record for record in servers if record["database"] == name), None)


def photograph(context, options, name, port):
    wanted = {
        "database": name,
        "port": port,
        "target": options.target,
        "file": str(Path(options.file).resolve()),
        "login": options.login,
        "password": options.password or options.login,
        "lang": options.lang,
        "size": options.size,
        "wait": options.wait,
    }
    with step("Screenshot"):
        code = subprocess.run(
            [context.env.python, "-m", "devtools.screenshot", json.dumps(wanted)],
            cwd=context.layout.repo,
            env=context.env.environ(),
            check=False,
        ).returncode
    if not code:
        say(f"  {options.file}")
    return code
