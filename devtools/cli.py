"""`./dev`: reads the command line and runs one module of `commands`."""

import argparse
import errno
import importlib
import signal

from . import modules
from .console import DevError, warn

# In the order in which a newcomer needs them.
COMMANDS = (
    "run", "test", "lint", "i18n", "shell", "bench", "load", "screenshot", "stop", "clean",
)  # fmt: skip
INTERRUPTED = 130


def build_parser():
    parser = argparse.ArgumentParser(
        prog="./dev",
        description="Run, test and check CRM Extended. Needs nothing but Python and Debian "
        "(or an Odoo 19 named by ODOO_SOURCE): everything else is fetched into a cache.",
        epilog="Environment: ODOO_SOURCE=folder of an Odoo 19; CRMX_CACHE=cache folder (default "
        ".cache); PGHOST, PGPORT, PGUSER, PGPASSWORD=a PostgreSQL server of your own.",
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        module = importlib.import_module(f"devtools.commands.{name}")
        subparser = subparsers.add_parser(
            name,
            help=module.HELP,
            description=module.__doc__,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(subparser)
        subparser.set_defaults(run=module.run, takes_rest=getattr(module, "TAKES_REST", False))
    return parser


def parse(argv):
    """Parse; what a command does not know is passed on if it takes that (`options.rest`)."""
    parser = build_parser()
    show_module_help(argv)
    options, rest = parser.parse_known_args(argv)
    if rest and not options.takes_rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    options.rest = rest
    return options


def show_module_help(argv):
    """`./dev bench NAME --help` is about NAME, not about `bench`."""
    if len(argv) > 2 and argv[0] in modules.KINDS and argv[1] in modules.names(argv[0]):
        if {"-h", "--help"} & set(argv[2:]):
            modules.parse(argv[0], argv[1], modules.load(argv[0], argv[1]), ["--help"])


def clean_up_on_signals():
    """A terminated ./dev cleans up as an interrupted one does.

    A shell starts what is in its background with SIGINT ignored; what was started with
    nohup, which ignores SIGHUP, is to survive its terminal.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)


def main(argv):
    """Run a command; every foreseen bad situation is one sentence and a code other than 0."""
    clean_up_on_signals()
    options = parse(argv)
    try:
        return options.run(options) or 0
    except DevError as error:
        warn(str(error))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        warn(f"The disk is full: {error.filename or 'no space is left'}.")
    except KeyboardInterrupt:
        warn("interrupted.")
        return INTERRUPTED
    return 1
