"""Fixtures for tests that need real processes on committed databases.

`./dev test` exports what they need:

CRMX_TEMPLATE_DB    the database with our addons; nobody is connected to it, copy it
CRMX_T1_DB ... T3   the dependencies of crm_extended, of analytics, of the bridge
CRMX_ODOO_BIN       the script that starts Odoo; CRMX_ODOO_CONF its configuration
PGHOST, PGUSER ...  the PostgreSQL server, as libpq reads it
"""

import itertools
import os
import re
import subprocess
from pathlib import Path

import psycopg2
import pytest

from devtools.databases import Databases
from devtools.layout import Layout
from devtools.odoo_log import parse
from devtools.postgres import Server
from devtools.processes import Records, start_moment
from devtools.server import OdooServer


def needs(variable):
    """Return what `./dev test` exported, or skip a test that was started without it."""
    value = os.environ.get(variable)
    if not value:
        pytest.skip(f"{variable} is not set: run this test with ./dev test")
    return value


def leave_the_road(database):
    """Let every company have all features as shipped: a new database begins at the first stage of the roadmap."""
    connection = psycopg2.connect(dbname=database)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('crm_roadmap_step')")
            if cursor.fetchone()[0]:
                cursor.execute("DELETE FROM crm_roadmap_step")
    finally:
        connection.close()


@pytest.fixture(scope="session")
def databases():
    """Copy and drop databases, with their filestores (see devtools/databases.py)."""
    server = Server(
        Path(needs("CRMX_PSQL")),
        host=os.environ.get("PGHOST", ""),
        port=os.environ.get("PGPORT", ""),
        user=os.environ.get("PGUSER", ""),
        password=os.environ.get("PGPASSWORD", ""),
    )
    server.check()
    return Databases(Layout(os.environ["CRMX_CACHE"]), server, run_odoo=None, base_key="")


@pytest.fixture
def committed_database(databases):
    """Factory: `committed_database()` returns the name of a fresh copy, dropped afterwards.

    `committed_database(os.environ["CRMX_T1_DB"])` copies another template.
    """
    made = []

    def make(source=None):
        made.append(databases.fresh_copy(source or needs("CRMX_TEMPLATE_DB"), "flow"))
        leave_the_road(made[-1])
        return made[-1]

    yield make
    for name in made:
        databases.drop(name)


@pytest.fixture
def odoo_cli(tmp_path):
    """Run Odoo to its end: `odoo_cli("-d", db, "-u", "crm_extended", "--stop-after-init")`.

    Returns the log; a failure of the process is a failure of the test.
    """
    count = itertools.count()

    def run(*arguments, input=None, timeout=600):
        log = tmp_path / f"odoo-cli-{next(count)}.log"
        command = [needs("CRMX_ODOO_BIN"), *arguments]
        with log.open("w") as sink:
            result = subprocess.run(
                list(map(str, command)),
                input=input,
                stdout=sink,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=timeout,
                cwd=tmp_path,
                check=False,
            )
        text = log.read_text(errors="replace")
        assert result.returncode == 0, f"{command} ended with {result.returncode}:\n{text[-3000:]}"
        return text

    return run


@pytest.fixture
def expected_log():
    """Patterns of our warnings that the servers of this test are expected to log."""
    return []


@pytest.fixture
def odoo_server(request, tmp_path, expected_log):
    """Factory: `odoo_server(database, workers=2)` starts a real server and waits for it.

    The result has `.url`, `.pid`, `.log`, `.rpc(model, method, args, kwargs)`, `.kill9()`,
    `.stop()`. What still runs at the end of the test is ended, and our warnings
    in its log are failures unless `expected_log` has a pattern for them.
    """
    servers = []
    records = Records(Layout().records)

    def start(database, workers=0, options=()):
        server = OdooServer(
            [needs("CRMX_ODOO_BIN"), "-c", needs("CRMX_ODOO_CONF")],
            database,
            log=tmp_path / f"odoo-server-{len(servers)}.log",
            workers=workers,
            options=options,
        )
        servers.append(server)
        server.start()
        # If this process is killed, `./dev stop` finds the server by its record.
        parent = {"pid": os.getpid(), "start": start_moment(os.getpid())}
        server.record = records.add("test-server", server.pid, port=server.port, database=database, parent=parent)
        return server.wait_until_ready()

    yield start
    for server in servers:
        server.stop()
        if server.record:
            records.forget(server.record)
    collector = getattr(request.config, "crmx_collector", None)
    for server in servers if collector else ():
        for entry in parse(server.log.read_text(errors="replace")):
            if not any(re.search(pattern, str(entry)) for pattern in expected_log):
                collector.add(entry, f"server of {request.node.nodeid}")
