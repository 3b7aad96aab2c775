"""Stop what an earlier `./dev` of this cache left running, and nothing else.

A `./dev run` that is still in use in another terminal is stopped as well.
"""

import os

from .. import processes
from ..console import say
from ..layout import Layout
from ..postgres import Embedded

HELP = "stop servers and the embedded PostgreSQL that an earlier ./dev left running"


def add_arguments(parser):
    """No options."""


def run(_options):
    layout = Layout()
    layout.make()
    stopped = stop_processes(layout)
    cluster = Embedded(layout)
    if cluster.is_running():
        cluster.shut_down()
        stopped.append("PostgreSQL")
    say(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.")
    return 0


def stop_processes(layout):
    """End the servers first: a `./dev run` then sees its server go and cleans up."""
    records = processes.Records(layout.records)
    stopped = []
    for kind in ("server", "dev"):
        for record in records.living(kind):
            if record["pid"] == os.getpid():
                continue
            processes.stop(record)
            records.forget(record)
            stopped.append(f"{kind} {record['pid']}")
    return stopped
