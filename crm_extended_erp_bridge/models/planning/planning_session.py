"""What one planning of one area keeps in memory: what was read for all products at once, and what is to be written."""

import time
from collections import defaultdict

# Seconds between two reports of progress of the same step: each is a transaction of its own.
REPORT_SECONDS = 1.0


class PlanningCancelled(Exception):
    """Somebody cancelled the run; what was planned is not to be kept."""


class PlannedSupply:
    """A planned order that is not in the database yet, as the explosion of its demand sees it.

    It answers for the values of the record to be, and for its position among those waiting to be created.
    """

    def __init__(self, values):
        self.values = values
        self.record_id = None

    def __getattr__(self, name):
        try:
            return self.__dict__["values"][name]
        except KeyError:
            raise AttributeError(name) from None


class PlanningSession:
    """Carried in the context of the planning as `crm_planning_session`; gone with it.

    Parameters
    ----------
    area : the `mrp.area` that is planned
    notify : called with `step`, `done`, `total` when there is progress to report
    """

    def __init__(self, area, notify=None):
        self.area = area
        self._notify = notify
        self._reported = (None, 0.0)
        self.params = {}
        self.left_out = set()
        self.levels = {}
        self.rules = {}
        self.seen_missing = set()
        self.cache = defaultdict(dict)
        self.stock_moves = defaultdict(list)
        self.purchase_lines = defaultdict(list)
        self.estimates = None
        self.moves = []
        self.orders = []
        self.issues = {}
        self.late_releases = {}

    def progress(self, step, done, total):
        """Report progress, at most once a second within a step.

        :raises PlanningCancelled: when the run was cancelled
        """
        now = time.monotonic()
        last_step, last_time = self._reported
        if self._notify and (step != last_step or now - last_time >= REPORT_SECONDS):
            self._reported = (step, now)
            self._notify(step=step, done=done, total=total)

    def remember(self, kind, key, compute):
        """Return what `compute()` gave for `key` the first time."""
        known = self.cache[kind]
        if key not in known:
            known[key] = compute()
        return known[key]

    def mark(self):
        """Where the buffers are: what came after it can be dropped."""
        return len(self.moves), len(self.orders), dict(self.late_releases)

    def drop_since(self, mark):
        moves, orders, self.late_releases = mark
        del self.moves[moves:]
        del self.orders[orders:]

    def add_issue(self, values):
        """Keep one issue per kind, product and record."""
        key = (values["kind"], values.get("product_id"), values["res_model"], values["res_id"])
        self.issues.setdefault(key, values)
