"""Where everything lies: the repository, and the cache that git ignores."""

import hashlib
import os
import shutil
import socket
from pathlib import Path

from .console import DevError

REPO = Path(__file__).resolve().parent.parent
# In the order of their dependencies: each may use the ones before it.
ADDONS = ("crm_extended", "crm_extended_analytics", "crm_extended_erp_bridge")
# Odoo unpacked, its package, the environment, the cluster and a few databases.
SETUP_BYTES = 6 * 1024**3
DATABASE_BYTES = 1024**3


def digest(*parts):
    """Return a short hash of the parts, in this order."""
    state = hashlib.sha256()
    for part in parts:
        state.update(part if isinstance(part, bytes) else str(part).encode())
        state.update(b"\0")
    return state.hexdigest()[:10]


class Layout:
    """The folders of one cache. Everything in it can be made again."""

    def __init__(self, cache=None, repo=REPO):
        self.repo = Path(repo)
        chosen = cache or os.environ.get("CRMX_CACHE") or self.repo / ".cache"
        self.cache = Path(chosen).expanduser().resolve()
        # Two caches may share one real server: their databases are told apart by this.
        self.tag = digest(socket.gethostname(), self.cache)[:4]

    def make(self):
        """Create the cache folder; the cache ignores itself, wherever it lies."""
        try:
            for folder in (self.cache, self.logs, self.data, self.records, self.locks):
                folder.mkdir(parents=True, exist_ok=True)
            ignore = self.cache / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n")
        except PermissionError as error:
            raise DevError(
                f"The cache folder {self.cache} cannot be written ({error.strerror}): set CRMX_CACHE to one that can."
            ) from error

    @property
    def logs(self):
        return self.cache / "log"

    @property
    def data(self):
        """Odoo's data_dir, with the filestores."""
        return self.cache / "data"

    @property
    def records(self):
        """One file for each process that `./dev` started."""
        return self.cache / "processes"

    @property
    def locks(self):
        return self.cache / "locks"

    def filestore(self, database):
        return self.data / "filestore" / database

    def require_space(self, needed, what):
        """Refuse to start what would fill the disk."""
        free = shutil.disk_usage(self.cache).free
        if free < needed:
            raise DevError(
                f"The disk is full: {what} needs {needed / 1024**3:.0f} GB and "
                f"{self.cache} has {free / 1024**3:.1f} GB left."
            )
