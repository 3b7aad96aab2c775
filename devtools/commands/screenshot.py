"""Not written yet."""

HELP = "not written yet"


def add_arguments(parser):
    pass


def run(options):
    raise NotImplementedError
