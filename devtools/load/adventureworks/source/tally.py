"""What happened to the rows: read, created, already there, skipped and why."""

from collections import Counter, defaultdict


class Tally:
    """Counts by kind of record, in the order in which the kinds appear."""

    def __init__(self):
        self.kinds = {}
        self.reasons = defaultdict(Counter)
        self.examples = {}
        self.notes = []

    def _of(self, kind):
        return self.kinds.setdefault(kind, Counter())

    def read(self, kind, number):
        self._of(kind)["read"] += number

    def created(self, kind, number):
        self._of(kind)["created"] += number

    def present(self, kind, number):
        """Records that an earlier run has made."""
        self._of(kind)["present"] += number

    def skip(self, kind, key, reason, number=1):
        """Count rows that are not loaded; the first key of each reason is kept as an example."""
        self._of(kind)["skipped"] += number
        self.reasons[kind][reason] += number
        self.examples.setdefault((kind, reason), str(key))

    def note(self, sentence):
        """An assumption or a deviation that the reader of the report has to know."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def rows(self):
        """Yield (kind, read, created, present, skipped), and its reasons as sentences."""
        for kind, count in self.kinds.items():
            numbers = [count[column] for column in ("read", "created", "present", "skipped")]
            yield (kind, numbers, [self._sentence(kind, *item) for item in self.reasons[kind].most_common()])

    def _sentence(self, kind, reason, number):
        return f"skipped {number:,}: {reason} (first: {self.examples[kind, reason]})"
