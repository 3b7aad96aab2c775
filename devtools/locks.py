"""File locks between several `./dev` of one cache.

A lock of the kernel (flock) disappears with its process, however that ends, so
there is no stale lock to clean up.
"""

import contextlib
import fcntl
import os
import time

from .console import say


@contextlib.contextmanager
def exclusive(path, purpose):
    """Hold the lock alone; say whom we wait for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            owner = handle.read().strip() or "another ./dev"
            say(f"  waiting for {owner} to finish {purpose}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        handle.seek(0)
        handle.truncate()
        handle.write(f"./dev with process id {os.getpid()}")
        handle.flush()
        yield


@contextlib.contextmanager
def exclusive_within(path, seconds):
    """Hold the lock if it can be had soon; yields whether it was."""
    deadline = time.monotonic() + seconds
    with path.open("a+") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() < deadline:
                    time.sleep(0.1)
                    continue
                yield False
                return
            yield True
            return


class SharedUse:
    """Many use a thing, the last one puts it away.

    Each user holds a shared lock; whoever can turn it into an exclusive one is
    the last.
    """

    def __init__(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self._handle = path.open("a+")

    def begin(self):
        fcntl.flock(self._handle, fcntl.LOCK_SH)

    def is_last(self):
        """True when nobody else uses it; the lock is exclusive from then on."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def end(self):
        self._handle.close()
