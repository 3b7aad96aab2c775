"""Which records of Odoo's log are ours: a WARNING or worse that our addons caused.

Used on log files (installation, servers of a test) and on the records of a
test run, so that both are judged alike.
"""

import re
from dataclasses import dataclass

from . import addons
from .layout import REPO

# 2026-01-31 12:00:00,123 4711 WARNING some_db odoo.addons.crm: text
HEAD = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ (?P<level>[A-Z]+) (?P<database>\S+) (?P<logger>[\w.?-]+): ?(?P<text>.*)$"
)
SERIOUS = {"WARNING", "ERROR", "CRITICAL"}
OUR_NAME = re.compile(r"crm_extended")
# Databases are named after the project: their names do not make a record ours.
DATABASE_NAME = re.compile(r"\bcrm(x|_extended)_[0-9a-f]{4}_\w+|\bcrm_extended(_\w+)?@|database [\"']?crm_extended\w*")


@dataclass
class Entry:
    """One record of a log, with the lines of its trace."""

    level: str
    logger: str
    text: str

    def __str__(self):
        return f"{self.level} {self.logger}: {self.text}"


def parse(text):
    """Yield the records of a log; lines without a head belong to the record before."""
    entry = None
    for line in text.splitlines():
        head = HEAD.match(line)
        if head:
            if entry:
                yield entry
            entry = Entry(head["level"], head["logger"], head["text"])
        elif entry:
            entry.text += "\n" + line
    if entry:
        yield entry


class Judge:
    """Tells our records from Odoo's."""

    def __init__(self, repo=REPO):
        names = sorted(addons.model_names(repo), key=len, reverse=True)
        alternatives = "|".join(re.escape(name) for name in names)
        self._models = re.compile(rf"(?<![\w.])(?:{alternatives})(?![\w.])") if names else None

    def is_ours(self, entry):
        """A serious record from our loggers, or that names an addon or model of ours."""
        if entry.level not in SERIOUS:
            return False
        if entry.logger.startswith("odoo.addons.crm_extended"):
            return True
        text = DATABASE_NAME.sub("", entry.text)
        return bool(OUR_NAME.search(text) or (self._models and self._models.search(text)))

    def ours(self, text):
        """Our serious records in a log text."""
        return [entry for entry in parse(text) if self.is_ours(entry)]
