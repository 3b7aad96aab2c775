"""Check the code: ruff, pylint-odoo, Odoo 19's renames, manifests, XML, translations.

Every problem is listed as file:line. Exit code 1 when there is one.
"""

import tempfile
from pathlib import Path

from .. import addons, translations_run
from ..console import say, step
from ..context import Context
from ..lint import Problem, hygiene, manifests, renames, tools

HELP = "check style, Odoo 19 renames, manifests, XML and translations"
PYTHON_PATHS = ("dev", "devtools", "tests")


def add_arguments(parser):
    parser.add_argument("addons", nargs="*", help="only these addons (default: all)")
    parser.add_argument("--fast", action="store_true", help="leave out what needs a database: the translations")


def run(options):
    with Context() as context:
        with context.setup_lock():
            context.set_up_python()
        repo = context.layout.repo
        names = addons.present(repo, options.addons or addons.ADDONS)
        problems = collect(context, repo, names, whole=not options.addons, fast=options.fast)
    for problem in problems:
        say(problem)
    say(f"{len(problems)} problems." if problems else "No problem.")
    return 1 if problems else 0


def collect(context, repo, names, whole, fast):
    python_paths = [*names, *(PYTHON_PATHS if whole else ())]
    checks = {
        "Renames": lambda: renames.check(repo, names),
        "Manifests and XML": lambda: manifests.check(repo, names),
        "Paths, hosts and keys": lambda: hygiene.check(repo, names),
        "ruff": lambda: tools.ruff(context, python_paths),
        "pylint-odoo": lambda: tools.pylint(context, names),
    }
    if not fast:
        checks["Translations"] = lambda: check_translations(context, names)
    problems = []
    for title, check in checks.items():
        with step(title) as current:
            found = list(check())
            current.note = f"{len(found)} problems" if found else ""
        problems += found
    return sorted(set(problems))


def check_translations(context, names):
    """Compare the committed templates and translations with what Odoo exports now."""
    with tempfile.TemporaryDirectory() as folder:
        translations_run.export(context, Path(folder))
        for line in translations_run.call(context, "check", folder, *names):
            path, number, text = line.split(":", 2)
            yield Problem(path, int(number), text.strip())
