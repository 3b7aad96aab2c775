from datetime import date
from typing import Any, NamedTuple

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL


def exact(column):
    """Return a measure without the last digits of a double, which depend on the order in which rows are summed.

    Ranks compare measures with limits that are measures themselves: equal must stay equal. A sum of amounts of facts,
    which have six decimals, is that of the decimals. Nothing is minus 0.
    """
    return SQL("round((%s)::float8 * 1e6) / 1e6 + 0", column)


def doubles(values):
    """Return an array of doubles as one literal: hundreds of numbers would each be parsed as an expression."""
    return SQL("%s::float8[]", "{" + ",".join(map(repr, values)) + "}")


# kinds of customers that are compared apart: values of `customer_kind` of the measures
KINDS = ("company", "person")


class ScoringScope(NamedTuple):
    """Which customers are measured, and as of when: the company, the day, the method, and a range of customers.

    Without a range all customers of the company are meant. `partner_ids` is for an incremental run. A `kind` restricts
    the rows of measures to one kind of customers (see KINDS), not the facts.
    """

    company: Any
    as_of: date
    method: Any
    partner_from: int | None = None
    partner_to: int | None = None
    partner_ids: tuple[int, ...] | None = None
    kind: str | None = None

    @property
    def period(self):
        """Return the month of the scores: its first day."""
        return self.as_of.replace(day=1)

    def months_ago(self, months):
        """Return the day after which a window of so many months begins."""
        return self.as_of - relativedelta(months=months)

    @property
    def since(self):
        """Return the day after which the window of the method begins."""
        return self.months_ago(self.method.window_months)

    @property
    def before(self):
        """Return the day after which the window before that of the method begins."""
        return self.months_ago(2 * self.method.window_months)

    def partners(self, column):
        """Return the SQL condition that `column` is a customer of the scope."""
        if self.partner_ids is not None:
            return SQL("%s = ANY(%s)", column, list(self.partner_ids))
        if self.partner_from is not None:
            return SQL("%s BETWEEN %s AND %s", column, self.partner_from, self.partner_to)
        return SQL("TRUE")

    def facts(self, since=None):
        """Return the SQL condition of the facts of the scope, up to its day and after `since`."""
        column = SQL("commercial_partner_id")
        after = SQL("AND date > %s", since) if since else SQL("")
        return SQL(
            "company_id = %s AND date <= %s %s AND %s IS NOT NULL AND %s",
            self.company.id,
            self.as_of,
            after,
            column,
            self.partners(column),
        )

    def rows(self, alias="m"):
        """Return the SQL condition of the rows of measures of the scope."""
        return SQL(
            "%(m)s.company_id = %(company)s AND %(m)s.period = %(period)s AND %(partners)s %(kind)s",
            m=SQL.identifier(alias),
            company=self.company.id,
            period=self.period,
            partners=self.partners(SQL.identifier(alias, "partner_id")),
            kind=SQL("AND %s = %s", SQL.identifier(alias, "customer_kind"), self.kind) if self.kind else SQL(""),
        )
