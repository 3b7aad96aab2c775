"""What every subject needs: the environment, the names, the tally, the offset and today's date."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time

from devtools import console

from ..source.dates import Shift
from .external_ids import ExternalIds, commit

# No followers, no chatter and above all no e-mail for records that are history.
QUIET = {
    "lang": "en_US",
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "mail_auto_subscribe_no_notify": True,
    "mail_activity_automation_skip": True,
    "no_reset_password": True,
    "skip_sms": True,
    "skip_activity": True,
}


@dataclass
class Session:
    """A running load."""

    env: object
    ids: ExternalIds
    tally: object
    shift: Shift = None
    today: object = None

    @contextmanager
    def step(self, title, kind=None, total=None):
        """Time a step; with a kind, what it counted becomes the note of its line."""
        with console.step(title) as current:
            yield current
            commit(self.env)
            current.note = self._counts(kind) if kind else current.note

    def _counts(self, kind):
        count = self.tally.kinds.get(kind, {})
        words = {"read": "read", "created": "created", "present": "already there", "skipped": "skipped"}
        return ", ".join(f"{count[key]:,} {word}" for key, word in words.items() if count.get(key))

    def create(self, kind, model, values, **options):
        """Create what is missing of {name: values}, and count it; return the names of what is new."""
        present = sum(name in self.ids for name in values)

        def refused(name, sentence):
            self.tally.skip(kind, name.rpartition("_")[2], f"is refused by Odoo: {sentence}")

        created = self.ids.create(model, values, refused=refused, **options)
        self.tally.created(kind, len(created))
        self.tally.present(kind, present)
        return created

    def moment(self, day):
        """Return noon UTC of a date of the files, moved by the offset."""
        return day and datetime.combine(self.shift(day), time(12))
