"""What a person sees: one line a step with its time, one sentence an error."""

import contextlib
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

# How often a long step says something when the output is not a terminal.
QUIET_PROGRESS_SECONDS = 30
DISK_FULL = "No space left on device"


class DevError(Exception):
    """A situation that is told to the user in one sentence, without a traceback."""


def say(text=""):
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


def warn(text):
    """Print a sentence on stderr."""
    print(f"dev: {text}", file=sys.stderr, flush=True)


class Step:
    """A running step: set `note` to show how far it is."""

    def __init__(self, title):
        self.title = title
        self.note = ""
        self.started = time.monotonic()
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._show, daemon=True)
        self._terminal = sys.stdout.isatty()

    @property
    def seconds(self):
        return time.monotonic() - self.started

    def _line(self):
        note = f" ({self.note})" if self.note else ""
        return f"  {self.title}{note}"

    def _show(self):
        """Repeat the line: each second on a terminal, seldom in a log."""
        pause = 1 if self._terminal else QUIET_PROGRESS_SECONDS
        while not self._finished.wait(pause):
            if self._terminal:
                print(f"\r\033[K{self._line()[:100]} {self.seconds:.0f} s", end="", flush=True)
            else:
                say(f"{self._line()} ... {self.seconds:.0f} s so far")

    def start(self):
        self._thread.start()
        return self

    def finish(self, failed=False):
        self._finished.set()
        self._thread.join()
        start_of_line = "\r\033[K" if self._terminal else ""
        end = " failed" if failed else ""
        say(f"{start_of_line}{self._line()}{end}: {self.seconds:.1f} s")


@contextlib.contextmanager
def step(title):
    """Time a step and print its one line, also when it fails."""
    current = Step(title).start()
    try:
        yield current
    except BaseException:
        current.finish(failed=True)
        raise
    current.finish()


def tail(path, lines=15):
    """Return the last lines of a log."""
    with contextlib.suppress(OSError):
        return "\n".join(Path(path).read_text(errors="replace").splitlines()[-lines:])
    return ""


def run_logged(command, log, *, failure, note=None, current=None, **options):
    """Run a command with its output in a file; raise a sentence when it fails.

    :param failure: start of the sentence, e.g. "pip could not install x"
    :param note: a pattern whose first group, found in a line of the output,
        becomes the note of the step `current`
    """
    log = Path(log)
    log.parent.mkdir(parents=True, exist_ok=True)
    pattern = re.compile(note) if note else None
    with log.open("w") as sink:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            **options,
        )
        try:
            for line in process.stdout:
                sink.write(line)
                found = pattern and pattern.search(line)
                if found and current:
                    current.note = found.group(1)[:60]
            code = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if current:
        current.note = ""
    if code:
        raise DevError(describe_failure(failure, code, log))
    return log


def describe_failure(failure, code, log):
    """One sentence for a failed command, followed by the end of its log."""
    end = tail(log)
    if DISK_FULL in end:
        return f"{failure}: the disk is full."
    return f"{failure} (exit code {code}); the whole log is {log} and ends with:\n{end}"
