from odoo import api, fields, models
from odoo.tools import format_date

from ..warehouse.fact_fields import FactMany2one

# groups on the screen, the largest ones; the rest is one group
SHOWN = 12
NONE, REST = 0, -1


class CrmSwitchCell(models.Model):
    """How many customers moved from one product group to another, or stayed, came, or left."""

    _name = "crm.switch.cell"
    _inherit = ["crm.population.row.mixin"]
    _description = "Switching"
    _log_access = False
    _order = "period desc, customer_count desc, id"

    date_before = fields.Date(string="Before: After", readonly=True, help="The window before begins after this day.")
    date_since = fields.Date(string="Since: After", readonly=True, help="The window begins after this day.")
    categ_id = FactMany2one(
        comodel_name="product.category",
        string="Group Before",
        readonly=True,
        help="Category with most of the customer's net sales in the window before; empty: a new customer.",
    )
    other_categ_id = FactMany2one(
        comodel_name="product.category",
        string="Group Now",
        readonly=True,
        help="Category with most of the customer's net sales in the window; empty: the customer has left.",
    )
    customer_count = fields.Integer(string="Customers", readonly=True, help="Customers who made this move.")
    share = fields.Float(
        string="Share (%)",
        readonly=True,
        aggregator="sum",
        help="Customers who made this move / customers of the group before, in percent; a group sums to 100 %.",
    )
    sales_before = fields.Monetary(
        string="Net Sales Before", readonly=True, help="Net sales to these customers in the window before."
    )
    sales = fields.Monetary(string="Net Sales", readonly=True, help="Net sales to these customers in the window.")

    def action_open_customers(self):
        """Show the customers of one cell, or of the cells that the screen shows as one."""
        self.check_access("read")
        name = self.env._(
            "%(before)s → %(after)s",
            before=self._get_union_label(self.categ_id, is_before=True),
            after=self._get_union_label(self.other_categ_id, is_before=False),
        )
        partners = self.env["crm.population.report.switch"]._get_customers(self) if self else []
        return self._get_customers_action(name, partners)

    # ------------------------------------------------------------------
    # Screen
    # ------------------------------------------------------------------
    def _prepare_screen(self, rows, option):
        groups = rows._get_shown_groups()
        by_place = rows.grouped(
            lambda cell: (rows._get_place(cell.categ_id, groups), rows._get_place(cell.other_categ_id, groups))
        )
        places = [*groups.ids, REST, NONE]
        befores = [place for place in places if any(before == place for before, _after in by_place)]
        afters = [place for place in places if any(after == place for _before, after in by_place)]
        categories = {category.id: category for category in groups}

        def label(place, is_before):
            return self._get_label(categories.get(place), place, is_before)

        return {
            "measures": [
                ["share", self.env._("Share")],
                ["count", self.env._("Customers")],
                ["amount", self.env._("Net sales")],
            ],
            "corner": self.env._("Before ↓  Now →"),
            "size_label": self.env._("Customers"),
            "currency_id": self.env.company.currency_id.id,
            "columns": [label(place, False) for place in afters],
            "rows": [
                self._prepare_row(label(before, True), [by_place.get((before, after)) for after in afters])
                for before in befores
            ],
            "sentences": rows._get_sentences(),
        }

    @api.model
    def _prepare_row(self, label, row):
        """Return the label, the size and the cells of a row, whose shares sum to 100 %."""
        size = sum(sum(cells.mapped("customer_count")) for cells in row if cells)
        return {"label": label, "size": size, "cells": [self._prepare_cell(cells, size) for cells in row]}

    @api.model
    def _prepare_cell(self, cells, size):
        if not cells:
            return False
        count = sum(cells.mapped("customer_count"))
        return {"ids": cells.ids, "share": 100 * count / size, "count": count, "amount": sum(cells.mapped("sales"))}

    def _get_shown_groups(self):
        """Return the categories with the most customers, before or now."""
        counts = {}
        for cell in self:
            for category in cell.categ_id | cell.other_categ_id:
                counts[category] = counts.get(category, 0) + cell.customer_count
        ranked = sorted(counts, key=lambda category: (-counts[category], category.id))
        return self.env["product.category"].union(*ranked[:SHOWN])

    def _get_place(self, category, groups):
        if not category:
            return NONE
        return category.id if category in groups else REST

    @api.model
    def _get_union_label(self, categories, is_before):
        one = categories if len(categories) == 1 else categories[:0]
        return self._get_label(one, REST if categories else NONE, is_before)

    @api.model
    def _get_label(self, category, place, is_before):
        if category:
            return category.display_name
        if place == REST:
            return self.env._("Other groups")
        return self.env._("New") if is_before else self.env._("Left")

    def _get_sentences(self):
        """Return what the matrix says in words."""
        old = self.filtered("categ_id")
        total = sum(old.mapped("customer_count"))
        sentences = [
            self.env._(
                "The group of a customer is the product category with most of the net sales: after %(before)s up to "
                "%(since)s, and since then. Each row sums to 100 %%.",
                before=format_date(self.env, self[:1].date_before),
                since=format_date(self.env, self[:1].date_since),
            )
        ]
        if total:
            stayed = sum(old.filtered(lambda cell: cell.categ_id == cell.other_categ_id).mapped("customer_count"))
            left = sum(old.filtered(lambda cell: not cell.other_categ_id).mapped("customer_count"))
            sentences.insert(
                0,
                self.env._(
                    "%(stayed)s %% of the customers stay with their group, %(moved)s %% move to another one, "
                    "%(left)s %% have left.",
                    stayed=round(100 * stayed / total),
                    moved=round(100 * (total - stayed - left) / total),
                    left=round(100 * left / total),
                ),
            )
        return sentences
