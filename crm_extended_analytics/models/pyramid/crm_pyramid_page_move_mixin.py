from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..comparison.crm_score_comparison import LEAST_POINTS

# movers shown on the page, each way
MOVERS = 8
# rows that one click leads to, where they are found one by one
MOST_ROWS = 5000
# scores of which it is told why they changed
WHY = 4


class CrmPyramidPageMoveMixin(models.AbstractModel):
    """Who moved between two months of a pyramid: how many, who most, and why."""

    _name = "crm.pyramid.page.move.mixin"
    _description = "Moves on the Page of the Value Pyramids"

    def _get_moves(self, pyramid, month, before):
        """Return ``(tier before or None, tier now or None, customers)``."""
        return self.env.execute_query(
            SQL(
                """
                SELECT earlier.tier_id, later.tier_id, COUNT(*)
                  FROM (%s) earlier FULL JOIN (%s) later ON later.partner_id = earlier.partner_id
                 GROUP BY earlier.tier_id, later.tier_id
                """,
                self._get_rows(pyramid, before, "partner_id", "tier_id"),
                self._get_rows(pyramid, month, "partner_id", "tier_id"),
            )
        )

    def _drop_new_contacts(self, layers, moves):
        """Leave out prospects and suspects who came from nowhere: an import of contacts is no growth of customers."""
        contacts = {layer["tier_id"] for layer in layers if layer["role"] in ("prospect", "suspect")}
        return [(earlier, later, count) for earlier, later, count in moves if earlier or later not in contacts]

    def _add_moves(self, layers, moves):
        """Say of each layer how many came into it from below, from above, and as new ones."""
        numbers = {layer["tier_id"]: number for number, layer in enumerate(layers)}
        for earlier, later, count in moves:
            if later not in numbers:
                continue
            layer, place = layers[numbers[later]], numbers[later]
            origin = numbers.get(earlier)
            kind = "new" if origin is None else "rose" if origin > place else "fell" if origin < place else None
            if kind:
                layer[kind] += count

    def _prepare_matrix(self, layers, moves):
        """Return a row per tier before, with the share of its customers in each tier now; each row sums to 100."""
        counts = {(earlier, later): count for earlier, later, count in moves}
        columns = [layer["tier_id"] for layer in layers] + [None]
        rows = []
        for tier_id in columns:
            found = [counts.get((tier_id, column), 0) for column in columns]
            total = sum(found)
            cells = [{"count": count, "share": 100 * count / total if total else None} for count in found]
            if total:
                rows.append({"tier_id": tier_id, "count": total, "cells": cells})
        return {"columns": columns, "rows": rows}

    def _prepare_movers(self, pyramid, month, before):
        """Return those whose value changed most among the ones that rose and fell, with the reason."""
        roles = {line.tier_id.id: line.role for line in pyramid.line_ids}
        names = {line.tier_id.id: line.tier_id.name for line in pyramid.line_ids}
        snapshots, currency = self.env["crm.pyramid.snapshot"], month.company_id.currency_id
        movers = {}
        for key, sign in (("rose", "<"), ("fell", ">")):
            rows = self._read_movers(pyramid, month, before, SQL(sign))
            partners = {partner.id: partner for partner in self.env["res.partner"].browse([row[0] for row in rows])}
            movers[key] = [
                {
                    "partner_id": partner_id,
                    "name": partners[partner_id].display_name,
                    "before": names.get(tier_before, ""),
                    "now": names.get(tier, ""),
                    "reason": snapshots._get_reason(
                        pyramid, currency, (roles.get(tier_before), value_before), (roles.get(tier), value)
                    ),
                }
                for partner_id, tier_before, tier, value_before, value in rows
            ]
        return movers

    def _read_movers(self, pyramid, month, before, sign):
        return self.env.execute_query(
            SQL(
                """
                SELECT later.partner_id, earlier.tier_id, later.tier_id, earlier.value, later.value
                  FROM (%s) earlier JOIN (%s) later ON later.partner_id = earlier.partner_id
                 WHERE later.rank %s earlier.rank
                 ORDER BY ABS(COALESCE(later.value, 0) - COALESCE(earlier.value, 0)) DESC, later.partner_id
                 LIMIT %s
                """,
                self._get_rows(pyramid, before, "partner_id", "tier_id", "rank", "value"),
                self._get_rows(pyramid, month, "partner_id", "tier_id", "rank", "value"),
                sign,
                MOVERS,
            )
        )

    @api.model
    def get_rows_action(self, pyramid_id, period, compare, cell):
        """Return the action that lists those who moved between two months.

        :param cell: ``{"before": tier id or False, "now": tier id or False}``: who came from a tier (False: from
            nowhere) to one (False: who is gone); or ``{"movement": "rose" or "fell"}``
        """
        pyramid = self._get_readable(self.env.company).filtered(lambda found: found.id == pyramid_id)
        if not pyramid:
            raise AccessError(self.env._("This pyramid is gone, or you may not read it. Reload the page."))
        population = self._check_kind(pyramid.kind)
        months = self.env["crm.pyramid.month"].sudo()
        domain = [("pyramid_id", "=", pyramid.id), ("company_id", "=", self.env.company.id)]
        month = months.search([*domain, ("period", "=", period)])
        before = months.search([*domain, ("period", "=", compare)])
        partner_ids = [found for (found,) in self._read_cell(pyramid, month, before, cell)]
        is_gone = "movement" not in cell and not cell["now"]
        return {
            "type": "ir.actions.act_window",
            "name": self._get_cell_name(pyramid, cell, len(partner_ids)),
            "res_model": population._rows_model,
            "views": [[self.env.ref(population._list_view).id, "list"], [False, "pivot"], [False, "graph"]],
            "domain": [*self._get_domain(pyramid, before if is_gone else month), ("partner_id", "in", partner_ids)],
        }

    def _read_cell(self, pyramid, month, before, cell):
        if cell.get("movement"):
            condition = SQL("later.rank < earlier.rank" if cell["movement"] == "rose" else "later.rank > earlier.rank")
        else:
            sides = (("earlier", cell["before"]), ("later", cell["now"]))
            condition = SQL(" AND ").join(
                SQL("%s = %s", SQL.identifier(side, "tier_id"), tier)
                if tier
                else SQL("%s IS NULL", SQL.identifier(side, "tier_id"))
                for side, tier in sides
            )
        return self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(later.partner_id, earlier.partner_id)
                  FROM (%s) earlier FULL JOIN (%s) later ON later.partner_id = earlier.partner_id
                 WHERE %s
                 ORDER BY COALESCE(later.value, earlier.value) DESC NULLS LAST, 1 LIMIT %s
                """,
                self._get_rows(pyramid, before, "partner_id", "tier_id", "rank", "value"),
                self._get_rows(pyramid, month, "partner_id", "tier_id", "rank", "value"),
                condition,
                MOST_ROWS,
            )
        )

    def _get_cell_name(self, pyramid, cell, count):
        names = {line.tier_id.id: line.tier_id.name for line in pyramid.line_ids}
        if cell.get("movement"):
            name = self.env._("Rose") if cell["movement"] == "rose" else self.env._("Fell")
        else:
            name = self.env._(
                "From %(before)s to %(now)s",
                before=names.get(cell["before"]) or self.env._("New"),
                now=names.get(cell["now"]) or self.env._("Gone"),
            )
        return self.env._("%(name)s (the first %(count)s)", name=name, count=count) if count == MOST_ROWS else name

    @api.model
    def get_why(self, partner_id, period, compare):
        """Return sentences why the scores of a customer differ between two months; none where he has no scores."""
        months = self.env["crm.customer.score.month"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("partner_id", "=", partner_id),
                ("period", "in", [period, compare]),
            ],
            order="period",
        )
        if len(months) < 2:
            return []
        comparison = self.env["crm.score.comparison"]
        found = comparison.get_comparison(months[0].id, months[1].id)
        scores = [score for score in found["scores"] if abs(score["change"]) >= LEAST_POINTS]
        scores.sort(key=lambda score: -abs(score["change"]))
        return [
            self.env._(
                "%(score)s %(change)s: %(reason)s",
                score=score["label"],
                change=comparison._format_points(score["change"]),
                reason=" ".join(score["sentences"][:2]),
            )
            for score in scores[:WHY]
        ]
