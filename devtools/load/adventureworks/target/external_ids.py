"""External ids make the load safe to run again: what has one is not made twice.

A record and its external id are committed together, in batches, so a killed load goes on where it stopped.
"""

from collections import defaultdict

import psycopg2

from odoo.exceptions import UserError
from odoo.tools import html2plaintext

MODULE = "__adventureworks__"
BATCH = 500


class ExternalIds:
    """The records of earlier runs by name, e.g. `ids["product_771"]`."""

    def __init__(self, env):
        self.env = env
        self._ids = self._existing(
            env["ir.model.data"].search_read([("module", "=", MODULE)], ["name", "model", "res_id"])
        )

    def _existing(self, data):
        """Return {name: id} without the names whose record somebody has deleted since."""
        by_model = defaultdict(list)
        for item in data:
            if item["model"] in self.env:
                by_model[item["model"]].append(item)
        result = {}
        for model, items in by_model.items():
            alive = set(self.env[model].browse(item["res_id"] for item in items).exists().ids)
            result.update((item["name"], item["res_id"]) for item in items if item["res_id"] in alive)
        return result

    def __contains__(self, name):
        return name in self._ids

    def __getitem__(self, name):
        return self._ids[name]

    def get(self, name):
        """Return the id, or False: what a many2one takes."""
        return self._ids.get(name, False)

    def ids_of(self, prefix):
        """Return {rest of the name: id} for the names that start with `prefix`."""
        return {name.removeprefix(prefix): value for name, value in self._ids.items() if name.startswith(prefix)}

    def register(self, names, records):
        """Give each record its name."""
        self.env["ir.model.data"]._update_xmlids(
            [
                {"xml_id": f"{MODULE}.{name}", "record": record, "noupdate": True}
                for name, record in zip(names, records, strict=True)
            ]
        )
        self._ids.update(zip(names, records.ids, strict=True))

    def create(self, model, values, *, step=None, batch=BATCH, refused=None):
        """Create the records that are not there yet.

        :param values: {name: values}
        :param step: a running step of the console, told how far it is
        :param refused: function (name, sentence) that is told what Odoo does not take; without it, it is raised
        :return: names of the records created
        """
        missing = [name for name in values if name not in self._ids]
        created = []
        for start in range(0, len(missing), batch):
            names = missing[start : start + batch]
            created += self._create_batch(model, names, values, refused)
            commit(self.env)
            if step:
                step.note = f"{start + len(names):,} of {len(missing):,}"
        return created

    def _create_batch(self, model, names, values, refused):
        """Create some records at once; if one of them is refused, halve until it is alone."""
        try:
            with self.env.cr.savepoint():
                records = self.env[model].create([values[name] for name in names])
                self.env.flush_all()
        except (UserError, psycopg2.IntegrityError, psycopg2.DataError) as refusal:
            self.env.invalidate_all()
            if refused is None:
                raise
            if len(names) == 1:
                refused(names[0], sentence_of(refusal))
                return []
            middle = len(names) // 2
            halves = (names[:middle], names[middle:])
            return [name for half in halves for name in self._create_batch(model, half, values, refused)]
        self.register(names, records)
        return names


def sentence_of(refusal):
    """Return the first line of what Odoo says when it refuses something."""
    lines = html2plaintext(str(refusal)).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(refusal).__name__


def commit(env):
    """Keep what is done so far, and forget what was read, so that memory does not grow with the load."""
    env.flush_all()
    # A running server must forget the settings that it has in memory.
    env.registry.signal_changes()
    # A load of minutes that only commits at its end would lose everything to a kill.
    env.cr.commit()  # pylint: disable=invalid-commit
    env.invalidate_all()
