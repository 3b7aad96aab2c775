from datetime import date
from typing import Any, NamedTuple

from dateutil.relativedelta import relativedelta


class PyramidScope(NamedTuple):
    """Which figures are counted: the pyramid, the company and the day; its window ends on the day."""

    pyramid: Any
    company: Any
    as_of: date

    @property
    def since(self):
        """Return the day after which the window begins."""
        return self.as_of - relativedelta(months=self.pyramid.window_months)

    @property
    def before(self):
        """Return the day after which the window before it begins."""
        return self.as_of - relativedelta(months=2 * self.pyramid.window_months)

    @property
    def values(self):
        """Return the values that SQL statements of the scope need."""
        return {"company": self.company.id, "as_of": self.as_of, "since": self.since, "before": self.before}
