"""Pick a Python that Odoo 19 accepts. Must stay valid for every Python 3."""

import os
import subprocess
import sys

OLDEST = (3, 10)
NEWEST = (3, 13)
# Which one is tried first when the current one does not do: the one with most use.
CANDIDATES = ("python3.12", "python3.11", "python3.13", "python3.10", "python3")
GUARD = "CRMX_INTERPRETER_CHOSEN"


def is_supported(version):
    """Tell whether Odoo 19 runs on this (major, minor, ...) version."""
    return OLDEST <= tuple(version[:2]) <= NEWEST


def probe(command):
    """Return the version of an interpreter, or None when it does not start.

    A version manager's shim may be on PATH for a Python that is not installed,
    so finding the name is not enough.
    """
    try:
        output = subprocess.check_output(
            [command, "-c", "import sys; print(sys.version_info[0], sys.version_info[1])"], stderr=subprocess.DEVNULL
        )
        return tuple(int(part) for part in output.split())
    except (OSError, subprocess.CalledProcessError, ValueError):
        return None


def find_supported(probe_function=probe):
    """Return the first command on PATH that is a supported Python, or None."""
    for command in CANDIDATES:
        version = probe_function(command)
        if version and is_supported(version):
            return command
    return None


def refusal(version):
    """The sentence for a machine without a Python that Odoo 19 accepts."""
    return (
        "This is Python {0}.{1}, Odoo 19 needs Python {2}.{3} to {4}.{5}, and no such "
        "interpreter is on PATH: install one, or run PYTHON ./dev with it."
    ).format(version[0], version[1], OLDEST[0], OLDEST[1], NEWEST[0], NEWEST[1])


def ensure_supported(argv):
    """Return when this Python does; else start `dev` again with one that does."""
    if is_supported(sys.version_info):
        return
    command = None if os.environ.get(GUARD) else find_supported()
    if not command:
        sys.stderr.write("dev: " + refusal(sys.version_info) + "\n")
        sys.exit(2)
    os.environ[GUARD] = "1"
    os.execvp(command, [command] + argv)
