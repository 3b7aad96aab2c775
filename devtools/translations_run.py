"""Export the translatable terms from an installed database, and call translations.py."""

import subprocess

from . import addons
from .console import DevError
from .context import require_addons


def export(context, folder):
    """Write `<addon>.pot` of every addon of ours into the folder, as Odoo exports it."""
    names = require_addons(addons.present(context.layout.repo))
    with context.setup_lock():
        if not context.server:
            context.set_up()
        database, _log = context.databases.ensure_installed(names)
        context.use_databases(database)
    with context.databases.temporary_copy(database, "i18n") as copy:
        for name in names:
            # One addon a call: with several, Odoo writes into the addons' own folders.
            context.run_odoo(
                ["-d", copy, "-o", folder / f"{name}.pot", "-l", "pot", "--", name],
                command=("i18n", "export"),
                log=context.layout.logs / f"i18n-{name}.log",
                failure=f"Odoo could not export the terms of {name}",
            )


def call(context, *arguments):
    """Run devtools/translations.py in the environment; returns the lines it printed."""
    result = subprocess.run(
        [context.env.python, "-m", "devtools.translations", *map(str, arguments)],
        cwd=context.layout.repo,
        env=context.env.environ(),
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise DevError(f"The translations could not be read: {result.stderr.strip()[-1000:]}")
    return result.stdout.splitlines()
