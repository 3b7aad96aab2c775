"""Export the terms of our addons again and bring es.po and bg.po up to them.

Translations are kept; new terms are added untranslated, unused ones dropped.
"""

import tempfile
from pathlib import Path

from .. import addons, translations_run
from ..console import say, step
from ..context import Context

HELP = "export the .pot files again and merge the translations"


def add_arguments(parser):
    parser.add_argument("addons", nargs="*", help="only these addons (default: all)")


def run(options):
    with Context() as context, tempfile.TemporaryDirectory() as folder:
        names = addons.present(context.layout.repo, options.addons or addons.ADDONS)
        with context.setup_lock():
            context.set_up()
        with step("Terms"):
            translations_run.export(context, Path(folder))
        for line in translations_run.call(context, "merge", folder, *names):
            say(line)
    return 0
