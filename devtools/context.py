"""The whole set-up in one object: Odoo, Python, PostgreSQL, databases."""

import configparser
import contextlib
import os

from . import odoo_source, postgres, python_env
from .console import DevError, run_logged
from .databases import Databases
from .layout import Layout, digest
from .locks import exclusive, exclusive_within
from .processes import Records

# queue_job must be loaded by the server itself: its runner starts there.
SERVER_WIDE = "base,rpc,web,queue_job"
CHANNELS = "root:2"
# Minutes, not seconds: a long job is not to be ended by the server that runs it.
JOB_SECONDS = 3600
RELEASE_SECONDS = 5
NOT_TAKEN_OVER = {
    "db_name",
    "dbfilter",
    "http_port",
    "init",
    "log_db",
    "log_handler",
    "logfile",
    "pidfile",
    "syslog",
    "update",
    "with_demo",
    "without_demo",
    "workers",
}


class Context:
    """What a command works with. Use it as a context manager."""

    def __init__(self, cache=None, config=None):
        self.layout = Layout(cache)
        self.config = config
        self.records = Records(self.layout.records)
        self._embedded = None
        self._record = None
        self.server = None

    def __enter__(self):
        self.layout.make()
        self._record = self.records.add("dev", os.getpid(), databases=[])
        return self

    def __exit__(self, *_error):
        if self._embedded:
            self._release_postgres()
        self.records.forget(self._record)

    def _release_postgres(self):
        """Stop the cluster when nobody else uses it.

        The lock keeps another `./dev` from starting it at the same moment. Whoever has
        the lock for long sets itself up, and is then the one to stop the cluster.
        """
        with exclusive_within(self.layout.locks / "setup", RELEASE_SECONDS) as alone:
            self._embedded.release(may_stop=alone)

    def setup_lock(self, purpose="the set-up"):
        """One set-up at a time in a cache."""
        return exclusive(self.layout.locks / "setup", purpose)

    def set_up(self):
        """Get Odoo, Python and PostgreSQL ready. Call it under the set-up lock."""
        self.set_up_python()
        self.set_up_postgres()
        self.write_config()
        return self

    def set_up_python(self):
        self.odoo = odoo_source.obtain(self.layout)
        self.env = python_env.obtain(self.layout, self.odoo)

    def set_up_postgres(self):
        self._embedded = postgres.Embedded(self.layout)
        self._embedded.install(self.env)
        self.server = postgres.given_server(self._embedded.bin / "psql", self.config)
        if self.server:
            self._embedded = None
            self.server.check()
        else:
            self.server = self._embedded.start()
        base_key = digest(self.odoo.version, python_env.runtime_key(self.layout.repo))
        self.databases = Databases(self.layout, self.server, self.run_odoo, base_key)

    def use_databases(self, *names):
        """Keep others of this cache from dropping these as long as we run."""
        self._record["databases"] += names
        self._record = self.records.add("dev", os.getpid(), databases=self._record["databases"])

    def tidy_databases(self):
        in_use = {name for record in self.records.living("dev") for name in record["databases"]}
        self.databases.collect_garbage(in_use)

    # -- Odoo -------------------------------------------------------------

    @property
    def odoo_conf(self):
        """One per PostgreSQL server and tree: several trees may share a cache, and each has addons of its own."""
        key = digest(str(self.server.odoo_options()), self.config, str(self.layout.repo))
        return self.layout.cache / f"odoo-{key}.conf"

    def addons_path(self):
        """The repository, and Odoo's addons where they lie apart."""
        return [*self.odoo.addons_path, self.layout.repo]

    def write_config(self):
        """Write the odoo.conf that every Odoo of this set-up is started with."""
        parser = configparser.RawConfigParser()
        parser["options"] = {
            "admin_passwd": "admin",
            "http_interface": "127.0.0.1",
            "limit_time_cpu": JOB_SECONDS,
            "limit_time_real": JOB_SECONDS,
            **self._given_options(),
            **self.server.odoo_options(),
            # Our own, also with --config: the filestores of copied databases are copied there.
            "data_dir": self.layout.data,
            "server_wide_modules": SERVER_WIDE,
        }
        options = parser["options"]
        given = [part for part in options.get("addons_path", "").split(",") if part.strip()]
        options["addons_path"] = ",".join([*map(str, self.addons_path()), *given])
        parser["queue_job"] = {"channels": CHANNELS}
        draft = self.odoo_conf.with_suffix(".draft")
        draft.touch(mode=0o600)
        with draft.open("w") as handle:
            parser.write(handle)
        draft.rename(self.odoo_conf)

    def _given_options(self):
        """The options of --config, without those that would take the log or the databases from us."""
        given = postgres.read_config(self.config) if self.config else {}
        return {key: value for key, value in given.items() if key not in NOT_TAKEN_OVER}

    def odoo_command(self, *arguments):
        return [str(self.env.odoo), *map(str, arguments)]

    def run_odoo(self, arguments, *, log, failure, note=None, current=None, command=()):
        """Run Odoo (or another of its commands) to its end."""
        command = self.odoo_command(*command, "-c", self.odoo_conf, *arguments)
        return run_logged(
            command, log, failure=failure, note=note, current=current, env=self.env.environ(), cwd=self.layout.cache
        )

    def exports(self):
        """What programs need to know that start processes of their own."""
        return {
            "CRMX_CACHE": self.layout.cache,
            "CRMX_ODOO_BIN": self.env.odoo,
            "CRMX_ODOO_CONF": self.odoo_conf,
            **self.server.environ(),
        }


@contextlib.contextmanager
def prepared(cache=None, config=None):
    """A context that is set up, without databases."""
    with Context(cache, config) as context:
        with context.setup_lock():
            context.set_up()
        yield context


def require_addons(names):
    if not names:
        raise DevError("None of our addons is in the tree yet.")
    return names
