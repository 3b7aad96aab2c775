"""`./dev test --odoo-suite`: Odoo's own tests without our addons and with them, compared.

Stock Odoo fails some of its own tests, so the yardstick is what it does on the
same set-up without us. That side takes as long as the other, and is kept in the
cache under a hash of what decides its result.

A ceiling on the number of queries (`assertQueryCount`) is judged apart: an addon
that does something in a flow needs queries for it. It fails above 10 % more.
"""

import json
import os
import re
from dataclasses import dataclass, field

from .commands import test as test_command
from .console import DevError, say, step
from .layout import digest

# The tests of these suites expect that these are installed as well.
COMPANIONS = ("contacts", "mass_mailing")
QUERY_COUNT = re.compile(r"Query count more than expected for user \S+: (?P<actual>\d+) > (?P<expected>\d+)")
MORE_QUERIES_ALLOWED = 1.10
# Bring a cached result out of use when the way it is obtained changes.
METHOD = 1


@dataclass
class Comparison:
    """What our addons change in the outcome of Odoo's own tests."""

    new_failures: list = field(default_factory=list)
    gone_failures: list = field(default_factory=list)
    ceilings: list = field(default_factory=list)
    too_many_queries: list = field(default_factory=list)
    not_run: list = field(default_factory=list)

    @property
    def is_bad(self):
        return bool(self.new_failures or self.too_many_queries or self.not_run)


def compare(without, with_us):
    """Compare {test: [outcome, message]} of both sides."""
    result = Comparison()
    for name in sorted(without.keys() | with_us.keys()):
        before = without.get(name, ["missing", ""])
        after = with_us.get(name, ["missing", ""])
        if after[0] == "missing":
            result.not_run.append(name)
        elif after[0] == "failed":
            _judge_failure(result, name, before, after[1])
        elif before[0] == "failed" and after[0] != "failed":
            result.gone_failures.append(name)
    return result


def _judge_failure(result, name, before, message):
    """A ceiling is measured against what stock Odoo needs here, which may exceed it as well."""
    ceiling = QUERY_COUNT.search(message)
    if not ceiling:
        if before[0] != "failed":
            result.new_failures.append(name)
        return
    without = QUERY_COUNT.search(before[1])
    allowed = int(without["actual"] if without else ceiling["expected"])
    actual = int(ceiling["actual"])
    if actual > allowed:
        line = f"{name}: {actual} queries instead of {allowed}"
        result.ceilings.append(line)
        if actual > allowed * MORE_QUERIES_ALLOWED:
            result.too_many_queries.append(line)


def run(context, names, modules):
    """Run both sides, print the difference; returns 0 or 1."""
    with context.setup_lock():
        context.set_up()
        level = context.databases.level_of(names)
        templates = context.databases.ensure_templates(level)
        installed, log = context.databases.ensure_installed(names)
        context.use_databases(installed, *templates.values())
    paths = [suite_path(context, module) for module in modules]
    base_key = digest(METHOD, templates[level], *sorted(modules), *COMPANIONS)
    wanted = sorted({*modules, *COMPANIONS})
    cached = context.layout.cache / "odoo-suite" / f"{base_key}.json"
    if cached.is_file():
        without = json.loads(cached.read_text())
        say(f"  Without our addons: {count(without)} (from an earlier run, {cached})")
    else:
        without = run_side(context, templates[level], wanted, paths, "Without our addons")
        cached.parent.mkdir(exist_ok=True)
        cached.write_text(json.dumps(without))
    with_us = run_side(context, installed, wanted, paths, f"With {', '.join(names)}", log)
    comparison = compare(without, with_us)
    report(comparison, without, with_us)
    return 1 if comparison.is_bad else 0


def suite_path(context, module):
    """Where the tests of `module` are: of Odoo, or of an addon we depend on."""
    homes = (context.odoo.core_addons, context.env.site_packages / "odoo" / "addons")
    for path in (home / module / "tests" for home in homes):
        if path.is_dir():
            return str(path)
    raise DevError(f"Neither Odoo nor the addons of requirements.txt have an addon {module} with tests.")


def run_side(context, source, modules, paths, title, log=None):
    """Run the suites on a copy of a database; returns {test: [outcome, message]}."""
    result_file = context.layout.cache / "odoo-suite" / f"result-{os.getpid()}.json"
    result_file.parent.mkdir(exist_ok=True)
    result_file.unlink(missing_ok=True)
    with context.databases.temporary_copy(source, "suite") as database:
        with step(f"{title}: modules of the suites") as current:
            context.databases.install(database, modules, current=current)
        environ = test_command.test_environ(context, source, {}, log or "")
        environ["CRMX_RESULT_FILE"] = str(result_file)
        say(f"  {title}: pytest")
        # No tracebacks: failures that stock Odoo has as well would drown the difference.
        selection = ["--tb=no", "-q", "-r", "", *paths]
        test_command.call_pytest(context, test_command.pytest_arguments(context, database, selection), environ)
    if not result_file.is_file():
        raise DevError(f"{title}: pytest ended without a result.")
    results = json.loads(result_file.read_text())
    result_file.unlink()
    return results


def count(results):
    outcomes = [outcome for outcome, _message in results.values()]
    return ", ".join(f"{outcomes.count(kind)} {kind}" for kind in ("passed", "failed", "skipped"))


def report(comparison, without, with_us):
    say()
    say(f"Without our addons: {count(without)}")
    say(f"With our addons:    {count(with_us)}")
    for title, lines in (
        ("Failures that only our addons bring", comparison.new_failures),
        ("Tests that our addons keep from running", comparison.not_run),
        ("Failures that are gone with our addons", comparison.gone_failures),
        ("Ceilings of queries that are exceeded only with our addons", comparison.ceilings),
        ("of these by more than 10 %", comparison.too_many_queries),
    ):
        say(f"{title}: {len(lines)}")
        for line in lines:
            say(f"    {line}")
