"""Template databases, the installed database, and copies of them.

    t1   what crm_extended depends on
    t2   t1 and what crm_extended_analytics depends on
    t3   t2 and what crm_extended_erp_bridge depends on
    installed   the one of them that is needed, with our addons

Each name ends with a hash of what decides its content, so a name that exists is
right. It is made under another name and renamed when it is whole: an
interrupted one is never used.
"""

import contextlib
import itertools
import os
import re
import shutil
import time

from . import addons
from .console import DevError, step, warn
from .layout import ADDONS, DATABASE_BYTES, digest
from .odoo_log import Judge
from .postgres import module_states
from .processes import start_moment

LEVELS = dict(zip(("t1", "t2", "t3"), ADDONS, strict=True))
LOADING = r"Loading module (\S+ \(\d+/\d+\))"
# Numbers the copies of this process.
_copies = itertools.count()
COPY_NAME = re.compile(r"crmx_[0-9a-f]{4}_[a-z0-9]+_(?P<pid>\d+)_\d+")
# How many databases of one kind are kept: going back to an earlier state is then quick.
KEPT = {"t1": 2, "t2": 2, "t3": 2, "installed": 3}


class Databases:
    """The databases of one cache on one server."""

    def __init__(self, layout, server, run_odoo, base_key):
        """
        :param run_odoo: function (arguments, log, failure, current) that runs Odoo to its end
        :param base_key: hash of the Odoo version and the Python requirements
        """
        self.layout = layout
        self.server = server
        self.run_odoo = run_odoo
        self.base_key = base_key

    # -- names ------------------------------------------------------------

    def _name(self, kind, key):
        return f"crmx_{self.layout.tag}_{kind}_{key}"

    def template_keys(self):
        """{level: key}; each key contains the one of the level it is built upon."""
        keys, parent = {}, self.base_key
        for level, addon in LEVELS.items():
            if addon not in addons.present(self.layout.repo):
                break
            parent = digest(parent, *addons.foreign_dependencies(addon, self.layout.repo))
            keys[level] = parent
        return keys

    def installed_key(self, names):
        keys = self.template_keys()
        contents = [addons.content_hash(name, self.layout.repo) for name in names]
        return digest(keys[self.level_of(names)], *names, *contents)

    @staticmethod
    def level_of(names):
        """The template that has what these addons need."""
        return {addon: level for level, addon in LEVELS.items()}[names[-1]]

    # -- making -----------------------------------------------------------

    def ensure_templates(self, last="t3"):
        """Make t1 to `last` where they are missing; returns {level: database}."""
        made, parent = {}, None
        for level, key in self.template_keys().items():
            name = self._name(level, key)
            if not self.server.exists(name):
                modules = addons.foreign_dependencies(LEVELS[level], self.layout.repo)
                title = f"Template {level} ({len(modules)} dependencies of {LEVELS[level]})"
                self._make(name, parent, modules, title)
            made[level] = parent = name
            if level == last:
                break
        if last not in made:
            raise DevError(f"The addon {LEVELS[last]} is not in the tree.")
        return made

    def ensure_installed(self, names):
        """Make the database with our addons; returns (database, its install log)."""
        level = self.level_of(names)
        parent = self.ensure_templates(level)[level]
        name = self._name("installed", self.installed_key(names))
        log = self.layout.logs / f"install-{name}.log"
        if self.server.exists(name) and log.is_file():
            return name, log
        self.server.drop(name)
        self._make(name, parent, names, f"Installing {', '.join(names)}", log)
        return name, log

    def _make(self, name, parent, modules, title, log=None):
        """Build a database under a draft name, and give it its own when it is whole."""
        self.layout.require_space(DATABASE_BYTES, "a new database")
        draft = f"{name}_draft"
        self.drop(draft)
        with step(title) as current:
            if parent:
                self.copy(parent, draft)
            if modules:
                self.install(draft, modules, log, current)
            self.rename(draft, name)
        self.server.comment(name, {"made": time.time()})

    def install(self, database, modules, log=None, current=None, demo=False, update=False):
        """Run `odoo -i` (or -u) and refuse a database on which it did not work."""
        log = log or self.layout.logs / f"install-{database}.log"
        # A draft of the log becomes the log when Odoo is through: a log that is there is whole.
        draft_log = log.with_suffix(".draft")
        self.run_odoo(
            [
                *("-d", database, "-u" if update else "-i", ",".join(modules)),
                *("--stop-after-init", "--no-http", "--max-cron-threads=0"),
                *(["--with-demo"] if demo else []),
            ],
            log=draft_log,
            failure=f"Odoo could not install {', '.join(modules)}",
            note=LOADING,
            current=current,
        )
        states = module_states(self.server, database)
        missing = [name for name in modules if states.get(name) != "installed"]
        if missing:
            raise DevError(f"Odoo did not install {', '.join(missing)}: see {draft_log}.")
        draft_log.rename(log)
        return log

    # -- copies -----------------------------------------------------------

    def copy(self, source, name):
        """Copy a database with its filestore.

        The files of a filestore are never changed, only added and removed, so
        the copy can share them.
        """
        for attempt in range(10):
            try:
                self.server.copy(source, name)
                break
            except DevError as error:
                if "being accessed by other users" not in str(error) or attempt == 9:
                    raise
                time.sleep(1)
        files = self.layout.filestore(source)
        if files.is_dir():
            shutil.copytree(files, self.layout.filestore(name), copy_function=_link, dirs_exist_ok=True)

    def rename(self, name, new_name):
        self.server.rename(name, new_name)
        files = self.layout.filestore(name)
        shutil.rmtree(self.layout.filestore(new_name), ignore_errors=True)
        if files.is_dir():
            files.rename(self.layout.filestore(new_name))

    def drop(self, name):
        self.server.drop(name)
        shutil.rmtree(self.layout.filestore(name), ignore_errors=True)

    def fresh_copy(self, source, purpose="test"):
        """A copy that is dropped when its process is gone (see `collect_garbage`)."""
        pid = os.getpid()
        name = f"crmx_{self.layout.tag}_{purpose}_{pid}_{next(_copies)}"
        self.drop(name)
        self.copy(source, name)
        self.server.comment(name, {"pid": pid, "start": start_moment(pid)})
        return name

    @contextlib.contextmanager
    def temporary_copy(self, source, purpose="test"):
        name = self.fresh_copy(source, purpose)
        try:
            yield name
        finally:
            self.drop(name)

    # -- tidying ----------------------------------------------------------

    def own(self):
        """{name: comment} of the databases of this cache, except those to run on."""
        prefix = f"crmx_{self.layout.tag}_"
        return {name: facts for name, facts in self.server.databases().items() if name.startswith(prefix)}

    def collect_garbage(self, in_use):
        """Drop copies whose process is gone, drafts, and all but the latest of each kind.

        Call it under the set-up lock: a draft is then nobody's.
        """
        by_kind = {}
        for name, facts in self.own().items():
            if name.endswith("_draft") or is_orphan(name, facts):
                self._try_drop(name)
            elif "made" in facts and name not in in_use:
                by_kind.setdefault(name.split("_")[2], []).append((facts["made"], name))
        for kind, found in by_kind.items():
            for _made, name in sorted(found, reverse=True)[KEPT.get(kind, 1) :]:
                self._try_drop(name)

    def _try_drop(self, name):
        try:
            self.drop(name)
            (self.layout.logs / f"install-{name}.log").unlink(missing_ok=True)
        except DevError as error:
            warn(f"the old database {name} could not be dropped: {error}")


def is_orphan(name, facts):
    """Tell whether a copy was left by a process that is gone (also one that could not even mark it)."""
    if "pid" in facts:
        return start_moment(facts["pid"]) != facts["start"]
    copy = COPY_NAME.fullmatch(name)
    return bool(copy) and not facts and start_moment(int(copy["pid"])) is None


def _link(source, target):
    """Link a file, or copy it where links are not to be had."""
    try:
        os.link(source, target)
    except FileExistsError:
        pass
    except OSError:
        shutil.copy2(source, target)


def install_problems(log, repo):
    """Our warnings in an install log."""
    return Judge(repo).ours(log.read_text(errors="replace"))
