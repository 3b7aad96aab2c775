"""Run the tests of the three addons and of the repository, browser tests included.

What `./dev test` does not know itself is passed on to pytest:
    ./dev test crm_extended/tests -k won -x
    ./dev test --addons crm_extended crm_extended/tests
    ./dev test --processes 2 crm_extended/tests
    ./dev test --coverage
    ./dev test --odoo-suite sale_crm,crm

All tests together are run by as many processes as there are cores (four at most),
each on a database of its own; the tests of a class stay in one process.

A WARNING or ERROR in Odoo's log that our addons cause is a failure. A test that
expects one says so with `assertLogs` or `mute_logger`.
"""

import contextlib
import os
import shutil
import signal
import subprocess

from .. import addons, odoo_suite
from ..console import DevError, say, step, warn
from ..context import Context, require_addons
from ..layout import ADDONS
from ..server import free_port

HELP = "run all tests, or those that pytest's arguments select"
TAKES_REST = True
GRACE_SECONDS = 30
# Each has a registry, a database and at times a browser: more than four were never tried.
MOST_PROCESSES = 4
CHROMIUM_NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")


def add_arguments(parser):
    parser.add_argument("--config", help="odoo.conf of the PostgreSQL server to use")
    parser.add_argument(
        "--addons", default=",".join(ADDONS), help="install and test only these of our addons (comma separated)"
    )
    parser.add_argument("--processes", type=int, metavar="N", help="run the tests in so many processes")
    parser.add_argument("--coverage", action="store_true", help="measure the addons' coverage")
    parser.add_argument(
        "--odoo-suite",
        metavar="MODULES",
        help="run Odoo's own tests of these modules without and with our addons, and compare",
    )


def run(options):
    names = addons.present(names=[n for n in ADDONS if n in options.addons.split(",")])
    with Context(config=options.config) as context:
        browser = ensure_chromium()
        if options.odoo_suite:
            return odoo_suite.run(context, require_addons(names), options.odoo_suite.split(","))
        return run_pytest(context, require_addons(names), options, browser)


def run_pytest(context, names, options, browser):
    """Run the tests on a fresh copy of the installed database."""
    with context.setup_lock():
        context.set_up()
        installed, log = context.databases.ensure_installed(names)
        level = context.databases.level_of(names)
        templates = context.databases.ensure_templates(level)
        context.use_databases(installed, *templates.values())
        context.tidy_databases()
    number = count_processes(options)
    databases = []
    try:
        with step("Database for this run"):
            for _process in range(number):
                databases.append(context.databases.fresh_copy(installed))
        environ = test_environ(context, installed, templates, log)
        environ["CRMX_TEST_DATABASES"] = ",".join(databases)
        selection = [*in_processes(number), *(options.rest or default_paths(names))]
        code = call_pytest(context, pytest_arguments(context, databases[0], selection), environ, options.coverage)
    finally:
        for database in databases:
            context.databases.drop(database)
    if not browser:
        warn("the browser tests were SKIPPED: Chromium is not installed.")
    return code


def count_processes(options):
    """All tests together are run by all cores; a selection, and what measures coverage, by one."""
    if options.coverage:
        return 1
    return options.processes or (1 if options.rest else min(os.cpu_count() or 1, MOST_PROCESSES))


def in_processes(number):
    """pytest-xdist's options. A process that crashed is not replaced: its database is in an unknown state."""
    return ["-n", str(number), "--dist=loadscope", "--max-worker-restart=0"] if number > 1 else []


def default_paths(names):
    return [*names, "tests"]


def test_environ(context, installed, templates, log):
    """What the tests learn about their set-up (see tests/conftest.py)."""
    exports = {
        **context.exports(),
        "PYTHONPATH": context.layout.repo,
        "CRMX_PSQL": context.server.psql_path,
        "CRMX_TEMPLATE_DB": installed,
        "CRMX_INSTALL_LOG": log,
        **{f"CRMX_{level.upper()}_DB": name for level, name in templates.items()},
    }
    return context.env.environ(**exports)


def pytest_arguments(context, database, selection):
    return [
        *("-c", str(context.layout.repo / "setup.cfg"), f"--rootdir={context.layout.repo}"),
        *("-p", "devtools.pytest_crm_extended"),
        *("--import-mode=append", f"--odoo-database={database}"),
        *(f"--odoo-config={context.odoo_conf}", "--odoo-log-level=warn", "--odoo-http"),
        *("--odoo-extra", f"gevent-port={free_port()}"),
        *selection,
    ]


def call_pytest(context, arguments, environ, coverage=False):
    """Run the script (not `python -m pytest`, which would put the folder on the path)."""
    command = [context.env.pytest, *arguments]
    if coverage:
        command = [context.env.bin / "coverage", "run", "--rcfile=setup.cfg", *command]
        environ["COVERAGE_FILE"] = str(context.layout.cache / "coverage")
    # Ctrl-C reaches pytest as well, which ends its tests; we wait and clean up.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = subprocess.Popen(
            list(map(str, command)),
            cwd=context.layout.repo,
            env=environ,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        code = process.wait()
    except BaseException:
        # As Ctrl-C: pytest then ends what its tests have started.
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
        process.kill()
        process.wait()
        raise
    finally:
        signal.signal(signal.SIGINT, before)
    if coverage:
        report = [context.env.bin / "coverage", "report", "--rcfile=setup.cfg"]
        subprocess.run(report, cwd=context.layout.repo, env=environ, check=False)
    return code


def find_chromium():
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def ensure_chromium():
    """Install Chromium where that is permitted; tell whether it is there.

    Under CI a missing browser is a failure: skipped tests would look green.
    """
    if find_chromium():
        return True
    if os.geteuid() == 0 and shutil.which("apt-get"):
        with step("Chromium from Debian"):
            for words in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
                subprocess.run(
                    ["apt-get", "-q", *words],
                    env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                    capture_output=True,
                    check=False,
                )
    if find_chromium():
        return True
    if os.environ.get("CI", "").lower() in ("true", "1"):
        raise DevError("Chromium is not installed and could not be: the browser tests cannot run.")
    say("  Chromium is missing: THE BROWSER TESTS WILL BE SKIPPED (apt install chromium).")
    return False
