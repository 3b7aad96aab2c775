"""ruff and pylint-odoo, run from the environment; their findings become problems."""

import re
import subprocess

from ..console import DevError
from . import Problem

FINDING = re.compile(r"^(?P<path>[^:\s][^:]*):(?P<line>\d+)(:\d+)?: (?P<text>.+)$")
UNFORMATTED = re.compile(r"^(?:Would reformat: |unformatted: File would be reformatted.*--> )(?P<path>\S+)")


def run(context, program, *arguments):
    return subprocess.run(
        [context.env.bin / program, *arguments],
        cwd=context.layout.repo,
        env=context.env.environ(),
        capture_output=True,
        text=True,
        check=False,
    )


def findings(result, name, expected_codes):
    """Parse `path:line: text` lines; a tool that broke is an error of its own."""
    if result.returncode not in expected_codes:
        raise DevError(f"{name} broke: {(result.stderr or result.stdout)[-2000:]}")
    for line in result.stdout.splitlines():
        found = FINDING.match(line)
        if found:
            yield Problem(found["path"], int(found["line"]), f"{name}: {found['text']}")


def ruff(context, paths):
    result = run(context, "ruff", "check", "--no-cache", "--output-format=concise", *paths)
    yield from findings(result, "ruff", (0, 1))
    result = run(context, "ruff", "format", "--no-cache", "--check", "--quiet", *paths)
    listing = run(context, "ruff", "format", "--no-cache", "--check", *paths)
    if result.returncode not in (0, 1):
        raise DevError(f"ruff format broke: {result.stderr[-2000:]}")
    for line in listing.stdout.splitlines():
        found = UNFORMATTED.match(line)
        if found:
            yield Problem(found["path"], 1, "ruff format: the file is not formatted (ruff format)")


def pylint(context, names):
    """pylint-odoo on the addons; its exit code is a bit mask of what it found."""
    result = run(context, "pylint", "--rcfile=.pylintrc", *names)
    yield from findings(result, "pylint", range(32))
