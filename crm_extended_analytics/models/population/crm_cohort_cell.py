from odoo import fields, models
from odoo.tools import format_date

from ..seven_p.known_float import KnownFloat

# the youngest cohorts on the screen; more columns do not fit on it
SHOWN = 24
FORMATS = {"month": "MMM y", "quarter": "QQQ y", "year": "y"}


class CrmCohortCell(models.Model):
    """Of those who first bought in one period, how many bought again so many periods later."""

    _name = "crm.cohort.cell"
    _inherit = ["crm.population.row.mixin"]
    _description = "Cohort"
    _log_access = False
    _order = "period desc, granularity, cohort, since, id"

    granularity = fields.Selection(
        selection=[("month", "Months"), ("quarter", "Quarters"), ("year", "Years")],
        string="Periods",
        required=True,
        readonly=True,
    )
    cohort = fields.Date(string="First Purchase", required=True, readonly=True, help="First day of the period.")
    since = fields.Integer(
        string="Periods Later",
        readonly=True,
        aggregator=None,
        help="Whole periods after the one of the first purchase.",
    )
    cohort_size = fields.Integer(
        string="Cohort", readonly=True, aggregator="max", help="Customers whose first purchase was in the period."
    )
    customer_count = fields.Integer(
        string="Customers", readonly=True, help="Customers of the cohort who bought in the later period."
    )
    retention = KnownFloat(
        string="Retention (%)",
        readonly=True,
        aggregator="avg",
        help="Customers who bought in the later period / customers of the cohort, in percent.",
    )
    revenue = fields.Monetary(
        string="Net Sales", readonly=True, help="Net sales to the customers of the cohort in the later period."
    )

    def action_open_customers(self):
        """Show the customers of the cell."""
        self.ensure_one()
        self.check_access("read")
        name = {
            "month": self.env._("First purchase %(cohort)s, bought %(since)s months later"),
            "quarter": self.env._("First purchase %(cohort)s, bought %(since)s quarters later"),
            "year": self.env._("First purchase %(cohort)s, bought %(since)s years later"),
        }[self.granularity] % {"cohort": self._get_label(), "since": self.since}
        return self._get_customers_action(name, self.env["crm.population.report.cohort"]._get_customers(self))

    def _get_label(self):
        return format_date(self.env, self.cohort, date_format=FORMATS[self.granularity])

    # ------------------------------------------------------------------
    # Screen
    # ------------------------------------------------------------------
    def _prepare_screen(self, rows, option):
        by_length = rows.grouped("granularity")
        option = option if option in by_length else self._choose_length(by_length)
        cohorts = by_length[option].grouped("cohort")
        shown = sorted(cohorts)[-SHOWN:]
        return {
            "option": option,
            "options": [
                pair for pair in self._fields["granularity"]._description_selection(self.env) if pair[0] in by_length
            ],
            "measures": [
                ["share", self.env._("Retention")],
                ["count", self.env._("Customers")],
                ["amount", self.env._("Net sales")],
            ],
            "corner": self.env._("First purchase"),
            "size_label": self.env._("Customers"),
            "currency_id": self.env.company.currency_id.id,
            "columns": [str(since) for since in range(len(cohorts[shown[0]]))],
            "rows": [cohorts[cohort]._prepare_row() for cohort in shown],
            "sentences": self._get_sentences(by_length[option]),
        }

    def _choose_length(self, by_length):
        """Return the shortest period of which the screen can show all columns."""
        return next(
            (length for length in FORMATS if length in by_length and max(by_length[length].mapped("since")) < SHOWN),
            list(by_length)[-1],
        )

    def _prepare_row(self):
        return {
            "label": self[0]._get_label(),
            "size": self[0].cohort_size,
            "cells": [
                {"ids": cell.ids, "share": cell.retention, "count": cell.customer_count, "amount": cell.revenue}
                for cell in self.sorted("since")
            ],
        }

    def _get_sentences(self, cells):
        """Return what the triangle says in words: how many come back at all, weighted by the size of the cohorts."""
        next_cells = cells.filtered(lambda cell: cell.since == 1)
        size = sum(next_cells.mapped("cohort_size"))
        sentences = [
            self.env._(
                "A row is a cohort: the customers whose first purchase was in that period. A column tells how many of "
                "them bought again so many periods later. Only whole periods are counted, and a customer of the first "
                "row may have bought before the warehouse begins."
            )
        ]
        if size:
            sentences.insert(
                0,
                self.env._(
                    "%(share)s %% of the customers buy again in the period after their first purchase.",
                    share=round(100 * sum(next_cells.mapped("customer_count")) / size),
                ),
            )
        return sentences
