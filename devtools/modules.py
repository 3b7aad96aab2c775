"""The modules of `./dev bench` and `./dev load`: found, described, run in Odoo."""

import argparse
import importlib
import os
import pkgutil
import subprocess

from .console import DevError, say

KINDS = ("bench", "load")


def names(kind):
    package = importlib.import_module(f"devtools.{kind}")
    return sorted(info.name for info in pkgutil.iter_modules(package.__path__))


def load(kind, name):
    if name not in names(kind):
        known = ", ".join(names(kind)) or "none yet"
        raise DevError(f"There is no {kind} {name!r}; there is: {known}.")
    return importlib.import_module(f"devtools.{kind}.{name}")


def parse(kind, name, module, arguments):
    """Read the module's own options."""
    parser = argparse.ArgumentParser(
        prog=f"./dev {kind} {name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if hasattr(module, "add_arguments"):
        module.add_arguments(parser)
    return parser.parse_args(arguments)


def show_list(kind):
    """Print each module with the first line of its docstring."""
    for name in names(kind):
        first_line = (load(kind, name).__doc__ or "").strip().partition("\n")[0]
        say(f"{name:20} {first_line}")
    if not names(kind):
        say("None yet.")


def run(context, kind, name, arguments, database):
    """Run a module in the environment, on the database; returns its exit code."""
    environ = context.env.environ(
        **context.exports(),
        PYTHONPATH=context.layout.repo,
        CRMX_DB=database,
        CRMX_FOLDER=os.getcwd(),
    )
    command = [context.env.python, "-m", "devtools.shell_runner", kind, name, *arguments]
    # In the repository's folder: `-m` puts the current one on the path, and an addon named
    # as a module of the standard library would be found there first.
    return subprocess.run(list(map(str, command)), cwd=context.layout.repo, env=environ, check=False).returncode
