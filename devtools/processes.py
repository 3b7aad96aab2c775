"""Which processes `./dev` started, so that these are stopped and no others.

A process id alone does not tell: it is given again after a while. A record
holds the moment the process started as well, and only a process with both is
taken for ours.
"""

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path


def start_moment(pid):
    """Return when the process started, as the system tells it; None if it is gone."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            # The name (in brackets) may hold blanks; the 20th field after it is the start.
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] == "Z" else fields[19]
    found = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


class Records:
    """The records of one cache: a file for each process."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def add(self, kind, pid, **facts):
        """Remember a process; returns its record."""
        record = {"kind": kind, "pid": pid, "start": start_moment(pid), **facts}
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{kind}-{pid}.json"
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(record))
        draft.rename(path)
        return record

    def forget(self, record):
        with contextlib.suppress(OSError):
            (self.folder / f"{record['kind']}-{record['pid']}.json").unlink()

    def living(self, kind=None):
        """The records whose process still runs; the others are removed."""
        found = []
        for path in sorted(self.folder.glob("*.json")):
            try:
                record = json.loads(path.read_text())
            except (OSError, ValueError):
                continue
            if not is_alive(record):
                self.forget(record)
            elif kind in (None, record["kind"]):
                found.append(record)
        return found


def is_alive(record):
    moment = start_moment(record["pid"])
    return moment is not None and moment == record["start"]


def stop(record, patience=15):
    """End a recorded process with its group: politely, then not."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not is_alive(record):
            break
        send(record["pid"], number)
        deadline = time.monotonic() + patience
        while is_alive(record) and time.monotonic() < deadline:
            time.sleep(0.1)
    return not is_alive(record)


def send(pid, number):
    """Signal the process; SIGKILL goes to its group, since it cannot tell its children."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if number == signal.SIGKILL and os.getpgid(pid) == pid:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
