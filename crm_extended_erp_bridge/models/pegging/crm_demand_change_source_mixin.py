from collections import defaultdict

from markupsafe import Markup

from odoo import api, models
from odoo.fields import Domain

from ...planner.pegging import EPSILON, Row, withdraw

SUPPLY_FIELDS = {"production": "production_id", "planned": "planned_order_id", "purchase": "purchase_line_id"}
DEMAND_FIELDS = {"production": "demand_production_id", "planned": "demand_planned_order_id"}
# Nothing is made over more levels; a circle that slipped through ends here.
MAX_LEVELS = 30
# Supplies named in the note on the order; the list has all.
SUPPLIES_TOLD = 10


class CrmDemandChangeSourceMixin(models.AbstractModel):
    """Finds in the pegging what demand that went leaves without purpose, over all levels."""

    _name = "crm.demand.change.source.mixin"
    _description = "Demand Change: reading the pegging"

    @api.model
    def _review_moves(self, moves):
        """Record what cancelled deliveries leave without purpose; one query when the plan does not know them."""
        return self._review(Domain("demand_move_id", "in", moves.ids), {})

    @api.model
    def _review_lines(self, lines, quantities):
        """Record what reduced order lines leave without purpose.

        :param quantities: quantity of each line, by id and in its own unit, before it was reduced
        """
        return self._review(Domain("sale_line_id", "in", lines.ids), quantities)

    @api.model
    def _review(self, domain, quantities):
        Pegging = self.env["crm.pegging"].sudo()
        rows = Pegging.search(domain & Domain("sale_line_id", "!=", False))
        freed = self._get_freed(rows) if rows else {}
        if not freed:
            return self.browse()
        graph = self._read_graph(rows.browse(freed))
        changes = self.browse()
        for line, line_rows in rows.browse(freed).grouped("sale_line_id").items():
            taken, idle = withdraw(graph.values(), {row.id: freed[row.id] for row in line_rows})
            changes += self._record(line, quantities, graph, idle)
            self._take_out(graph, taken, idle)
        self._tell_orders(changes)
        return changes

    @api.model
    def _get_freed(self, rows):
        """Quantity by row that its delivery does not need any more, the latest supply first.

        A delivery that is done keeps its rows: it used what they say.
        """
        freed = {}
        for move, move_rows in rows.grouped("demand_move_id").items():
            if not move or move.state == "done":
                continue
            needed = 0.0 if move.state == "cancel" else move.product_qty
            left = sum(move_rows.mapped("quantity")) - needed
            latest = move_rows.sorted(lambda row: (row.supply_type == "shortage", str(row.supply_date), row.id))[::-1]
            for row in latest:
                quantity = min(left, row.quantity)
                if quantity > EPSILON:
                    freed[row.id] = quantity
                    left -= quantity
        return freed

    # ------------------------------------------------------------
    # Levels
    # ------------------------------------------------------------

    @api.model
    def _read_graph(self, rows):
        """The rows at and below `rows`, and all others of the same supplies, as tuples by id; one query a level."""
        graph = {row.id: self._get_tuple(row) for row in rows}
        seen, frontier = set(), {row.supply for row in graph.values()} - {None}
        for _level in range(MAX_LEVELS):
            if not frontier:
                break
            seen |= frontier
            found = {row.id: self._get_tuple(row) for row in self._read_around(frontier)}
            graph.update(found)
            frontier = {row.supply for row in found.values()} - {None} - seen
        return graph

    @api.model
    def _read_around(self, supplies):
        domain = Domain.FALSE
        ids = defaultdict(list)
        for kind, document_id in supplies:
            ids[kind].append(document_id)
        for columns in (SUPPLY_FIELDS, DEMAND_FIELDS):
            for kind, fname in columns.items():
                domain |= Domain(fname, "in", ids.get(kind, []))
        return self.env["crm.pegging"].sudo().search(domain)

    @api.model
    def _get_tuple(self, row):
        return Row(
            id=row.id,
            demand=self._get_document(row, DEMAND_FIELDS),
            supply=self._get_document(row, SUPPLY_FIELDS),
            quantity=row.quantity,
            supply_quantity=row.supply_quantity,
        )

    @api.model
    def _get_document(self, row, columns):
        for kind, fname in columns.items():
            if record := row[fname]:
                return kind, record.id
        return None

    # ------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------

    @api.model
    def _record(self, line, quantities, graph, idle):
        """One change for each supply that `line` leaves without purpose, or a part of it."""
        purposeless = {supply: quantity for supply, quantity in idle.items() if supply and quantity > EPSILON}
        supplies = self._browse_supplies(graph, purposeless)
        others = self._find_others(line, supplies.values())
        before = quantities.get(line.id, line.product_uom_qty)
        cancelled = line.id not in quantities
        return self.create(
            [
                {
                    "sale_line_id": line.id,
                    "qty_before": before,
                    "qty_after": 0.0 if cancelled else line.product_uom_qty,
                    "mrp_area_id": row.mrp_area_id.id,
                    "company_id": row.company_id.id,
                    "product_id": row.product_id.id,
                    SUPPLY_FIELDS[supply[0]]: supply[1],
                    "quantity": purposeless[supply],
                    "supply_quantity": row.supply_quantity,
                    "other_pegging_id": others.get((row.mrp_area_id, row.product_id)),
                }
                for supply, row in supplies.items()
            ]
        )

    @api.model
    def _browse_supplies(self, graph, purposeless):
        """A row of the pegging for each supply, which knows its product and area."""
        rows = {row.supply: row.id for row in graph.values() if row.supply in purposeless}
        Pegging = self.env["crm.pegging"].sudo()
        return {supply: Pegging.browse(rows[supply]) for supply in purposeless}

    @api.model
    def _find_others(self, line, rows):
        """The first demand of other orders, by area and product, that is short or late and could use what is left."""
        rows = list(rows)
        waiting = (
            self.env["crm.pegging"]
            .sudo()
            .search(
                Domain("product_id", "in", [row.product_id.id for row in rows])
                & Domain("mrp_area_id", "in", [row.mrp_area_id.id for row in rows])
                & Domain("sale_line_id", "!=", line.id)
                & (Domain("supply_type", "=", "shortage") | Domain("days_late", ">", 0)),
                order="demand_date, id",
            )
        )
        taken = {(supply_row.supply_type, self._get_document(supply_row, SUPPLY_FIELDS)) for supply_row in rows}
        others = {}
        for row in waiting:
            if (row.supply_type, self._get_document(row, SUPPLY_FIELDS)) not in taken:
                others.setdefault((row.mrp_area_id, row.product_id), row.id)
        return others

    @api.model
    def _take_out(self, graph, taken, idle):
        """The demand is gone: its rows shrink, so that nothing is counted twice until the next run."""
        gone = []
        for row_id, quantity in taken.items():
            row = graph[row_id]
            if row.quantity - quantity <= EPSILON:
                gone.append(row_id)
                del graph[row_id]
            else:
                graph[row_id] = row._replace(quantity=row.quantity - quantity)
        Pegging = self.env["crm.pegging"].sudo()
        Pegging.browse(gone).unlink()
        for row_id in taken.keys() - set(gone):
            Pegging.browse(row_id).quantity = graph[row_id].quantity

    @api.model
    def _tell_orders(self, changes):
        """A note on each order: what its change leaves without purpose."""
        for order, found in changes.grouped(lambda change: change.sale_line_id.order_id).items():
            names = [change._get_sentence() for change in found[:SUPPLIES_TOLD]]
            if len(found) > SUPPLIES_TOLD:
                names.append(self.env._("%(count)s more", count=len(found) - SUPPLIES_TOLD))
            order.sudo().message_post(
                body=Markup("<p>%s</p><ul>%s</ul><p>%s</p>")
                % (
                    self.env._("This change leaves without purpose:"),
                    Markup().join(Markup("<li>%s</li>") % name for name in names),
                    self.env._("A planner decides under Manufacturing / Planning / Demand Changes."),
                )
            )
