"""pytest plugin of `./dev test` (loaded with -p, on top of pytest-odoo).

* Each test runs once: a test class that a module merely imports from another
  one is not collected there again.
* A WARNING or ERROR in the log that our addons cause fails the run: while a test
  runs, while it is set up, in a server that a test started, and in the log of the
  installation. All are listed at the end. A test that expects one catches it with
  `assertLogs` (or hides it with `mute_logger`), as Odoo's own tests do; for a
  server process see `expected_log` in tests/conftest.py.
* A run without any executed test fails.
* All of that holds for a run by several processes (pytest-xdist): each hands over what
  it has seen when it ends.
* CRMX_RESULT_FILE names a file that gets {test: [outcome, message]} as JSON.
"""

import json
import logging
import os
from pathlib import Path

import pytest

from devtools.odoo_log import Entry, Judge

SHOWN_CHARACTERS = 2000


class Collector(logging.Handler):
    """Keeps the serious records that are ours, with the test that ran."""

    def __init__(self, takes_warnings):
        """:param takes_warnings: whether Python's own warnings are counted here"""
        super().__init__(level=logging.WARNING)
        self.takes_warnings = takes_warnings
        self.judge = Judge()
        self.problems = []
        self.current = "before the first test"

    def emit(self, record):
        try:
            text = record.getMessage()
            if record.exc_info:
                text += "\n" + logging.Formatter().formatException(record.exc_info)
        except Exception as error:  # a bad format string is a problem of ours to show, not to raise
            text = f"{record.msg!r} cannot be formatted: {error}"
        self.add(Entry(record.levelname, record.name, text))

    def add(self, entry, where=None):
        if self.judge.is_ours(entry):
            self.problems.append((where or self.current, entry))


def pytest_configure(config):
    config.crmx_collector = collector = Collector(takes_warnings=not is_worker(config))
    config.crmx_results = {}
    logging.getLogger().addHandler(collector)
    log = os.environ.get("CRMX_INSTALL_LOG")
    if log and not is_worker(config):
        for entry in collector.judge.ours(Path(log).read_text(errors="replace")):
            collector.add(entry, "installation of the addons")


def is_worker(config):
    """Tell whether this process runs tests for another one, which prints the result."""
    return hasattr(config, "workerinput")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config):
    """Give each process its own database, before pytest-odoo reads the option.

    pytest-odoo would make copies itself, but with one filestore for all, where the
    cleaning after a test takes away the files that another process has just written.
    """
    databases = os.environ.get("CRMX_TEST_DATABASES")
    if databases and is_worker(config):
        number = int(config.workerinput["workerid"].removeprefix("gw"))
        config.option.odoo_database = databases.split(",")[number]
        # what pytest-odoo makes copies by
        del os.environ["PYTEST_XDIST_WORKER"]
    return (yield)


def pytest_unconfigure(config):
    logging.getLogger().removeHandler(config.crmx_collector)


def pytest_collection_modifyitems(config, items):
    """Leave imported test classes to the module that defines them."""
    kept, dropped = [], []
    for item in items:
        cls = getattr(item, "cls", None)
        imported = cls is not None and cls.__module__ != item.module.__name__
        (dropped if imported else kept).append(item)
    if dropped:
        items[:] = kept
        config.hook.pytest_deselected(items=dropped)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    item.config.crmx_collector.current = item.nodeid
    yield
    item.config.crmx_collector.current = f"after {item.nodeid}"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Remember the outcome: of the call, or of what failed around it."""
    outcome = yield
    report = outcome.get_result()
    if report.when == "call" or report.outcome != "passed":
        message = "" if report.passed else getattr(report, "longreprtext", "")[-SHOWN_CHARACTERS:]
        item.config.crmx_results[test_name(item)] = [report.outcome, message]


def test_name(item):
    """A name without the folder where the addon happens to lie."""
    parts = item.path.parts
    if "addons" in parts:
        parts = parts[len(parts) - 1 - parts[::-1].index("addons") + 1 :]
        return "/".join(parts) + "::" + item.nodeid.partition("::")[2]
    return item.nodeid


def pytest_warning_recorded(warning_message, nodeid):
    """Python's own warnings (deprecations): pytest takes them before Odoo logs them.

    A worker tells the process that prints the result, and this is called again there.
    """
    text = f"{warning_message.filename}:{warning_message.lineno}: {warning_message.message}"
    for collector in _collectors():
        collector.add(Entry("WARNING", f"py.warnings ({warning_message.category.__name__})", text), nodeid or None)


def _collectors():
    return [h for h in logging.getLogger().handlers if isinstance(h, Collector) and h.takes_warnings]


def executed(config):
    return [name for name, (outcome, _m) in config.crmx_results.items() if outcome != "skipped"]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    """Take over what a worker has seen. One that crashed has told nothing; pytest fails the test that it ran."""
    seen = getattr(node, "workeroutput", {}).get("crmx_seen")
    if seen:
        node.config.crmx_results.update(seen["results"])
        for where, entry in seen["problems"]:
            node.config.crmx_collector.add(Entry(*entry), where)


def pytest_sessionfinish(session, exitstatus):
    config = session.config
    if is_worker(config):
        problems = [[where, [entry.level, entry.logger, entry.text]] for where, entry in config.crmx_collector.problems]
        config.workeroutput["crmx_seen"] = {"results": config.crmx_results, "problems": problems}
        return
    if os.environ.get("CRMX_RESULT_FILE"):
        Path(os.environ["CRMX_RESULT_FILE"]).write_text(json.dumps(config.crmx_results))
    if config.option.collectonly:
        return
    if exitstatus == 0 and (config.crmx_collector.problems or not executed(config)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    problems = config.crmx_collector.problems
    if problems:
        terminalreporter.section("warnings and errors in Odoo's log that are ours", red=True, bold=True)
        for where, entry in problems:
            terminalreporter.write_line(f"{where}:", bold=True)
            terminalreporter.write_line(f"    {str(entry)[:SHOWN_CHARACTERS]}", red=True)
        # Unknown keys of `stats` are counted in the closing line.
        terminalreporter.stats["logged problem" + "s" * (len(problems) > 1)] = problems
    if not config.option.collectonly and not executed(config):
        terminalreporter.section("no test was executed: that is a failure", red=True, bold=True)
