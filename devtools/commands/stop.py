"""Stop what an earlier `./dev` of this cache left running, and nothing else.

The server of a `./dev run` in another terminal is stopped as well; tests, loads
and shells that are at work are not, nor is the PostgreSQL that they use.
"""

import time

from .. import processes
from ..console import say
from ..layout import Layout
from ..postgres import Embedded

HELP = "stop servers and the embedded PostgreSQL that an earlier ./dev left running"
# A `./dev run` whose server ended needs a moment to end itself.
PATIENCE_SECONDS = 10


def add_arguments(parser):
    """No options."""


def run(_options):
    layout = Layout()
    if not layout.cache.is_dir():
        say("Nothing was running.")
        return 0
    layout.make()
    stopped = stop_servers(layout)
    others = wait_for_others(layout)
    cluster = Embedded(layout)
    if cluster.is_running() and cluster.release(may_stop=not others):
        stopped.append("PostgreSQL")
    say(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was left running.")
    for record in others:
        say(f"./dev with process id {record['pid']} is at work; it was left alone, with its PostgreSQL.")
    return 0


def stop_servers(layout):
    """End the servers that are recorded in this cache; returns their names."""
    records = processes.Records(layout.records)
    stopped = []
    orphans = [record for record in records.living("test-server") if not processes.is_alive(record["parent"])]
    for record in [*records.living("server"), *orphans]:
        processes.stop(record)
        records.forget(record)
        stopped.append(f"the server on port {record['port']}")
    return stopped


def wait_for_others(layout):
    """The other `./dev` of this cache that go on working."""
    records = processes.Records(layout.records)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while records.living("dev") and time.monotonic() < deadline:
        time.sleep(0.2)
    return records.living("dev")
