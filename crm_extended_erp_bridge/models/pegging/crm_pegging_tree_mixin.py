from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...planner.pegging import EPSILON

# Nothing is made over more levels; a circle that slipped through ends here.
MAX_LEVELS = 30
# Documents of a tree, and the field of the row that holds them, by side.
SUPPLY_FIELDS = {"production": "production_id", "planned": "planned_order_id", "purchase": "purchase_line_id"}
DEMAND_FIELDS = {"production": "demand_production_id", "planned": "demand_planned_order_id"}
DOCUMENT_MODELS = {
    "production": "mrp.production",
    "planned": "mrp.planned.order",
    "purchase": "purchase.order.line",
}
# By model of the record in the middle: its kind of node, quantity in the unit of the product, and date.
ROOTS = {
    "sale.order": ("order", None, None),
    "sale.order.line": ("order", None, None),
    "mrp.production": ("production", "product_uom_qty", "date_finished"),
    "mrp.planned.order": ("planned", "mrp_qty", "due_date"),
    "purchase.order": ("purchase", None, "date_planned"),
    "purchase.order.line": ("purchase", "product_uom_qty", "date_planned"),
    "product.product": ("stock", "qty_available", None),
    "product.template": ("stock", "qty_available", None),
}
NODE_FIELDS = [
    "product_id",
    "quantity",
    "demand_type",
    "demand_move_id",
    "sale_line_id",
    "demand_production_id",
    "demand_planned_order_id",
    "partner_id",
    "demand_date",
    "supply_type",
    "supply_move_id",
    "purchase_line_id",
    "production_id",
    "planned_order_id",
    "supply_date",
    "supply_quantity",
    "feasible_date",
    "days_late",
    "is_short",
]


class CrmPeggingTreeMixin(models.AbstractModel):
    """The rows as a tree: what serves an order (down), whose orders a supply serves (up).

    A supply that several demands share is attributed in proportion on every level: who gets 6 of a production of 10
    has 60 % of each of its components, and 60 % of a component's purchase serves him.

    A node is a dict: key, res_model, res_id, label, sublabel, product, quantity, uom, date, feasible_date, is_late,
    status (ok, late, short, none), type, children. Dates are ISO strings or False; quantity is in the unit `uom` of
    the product. Nodes above a supply also have `attributed`: the quantity of that first supply that goes there.
    """

    _name = "crm.pegging.tree.mixin"
    _description = "Pegging: trees"

    @api.model
    def get_tree(self, res_model, res_id):
        """For the screen: the record, what serves it and whom it serves; access to the record is checked.

        :return: dict of root (a node without children), supplies (nodes below), serves (nodes above)
        """
        record = self._browse_checked(res_model, res_id)
        lines = self._get_sale_lines(record)
        return {
            "root": self._get_root_values(record),
            "supplies": self._get_order_tree(lines.ids) if lines else self._get_component_tree(record),
            "serves": [] if lines else self._get_supply_tree(res_model, res_id),
        }

    @api.model
    def _get_order_tree(self, sale_line_ids):
        """One node per order line, below it all that serves it over all levels.

        Levels are read one query each for all lines together.
        """
        lines = self.env["sale.order.line"].browse(sale_line_ids)
        lines.check_access("read")
        # sudo: who may read the order may know by what it is served
        rows = self.sudo().search_fetch([("sale_line_id", "in", lines.ids)], NODE_FIELDS, order="id")
        below = self._read_levels(rows, down=True)
        by_line = rows.grouped("sale_line_id")
        return [self._get_line_node(line, by_line.get(line, rows.browse()), below) for line in lines.sudo()]

    @api.model
    def _get_component_tree(self, record):
        """What serves the components of manufacturing or planned orders; purchases have none."""
        documents = self._get_documents(record)
        rows = self._read_rows(documents, DEMAND_FIELDS)
        below = self._read_levels(rows, down=True)
        return [self._get_supply_node(row, 1.0, below, str(row.id), 0) for row in rows]

    @api.model
    def _get_supply_tree(self, res_model, res_id):
        """Whom a production, planned order, purchase (line) or a product's stock serves, up to the customer orders."""
        record = self._browse_checked(res_model, res_id)
        if res_model in ("product.product", "product.template"):
            products = record if res_model == "product.product" else record.product_variant_ids
            # sudo: rows name orders; what the reader may not read is hidden in the node
            rows = self.sudo().search_fetch(
                [
                    ("product_id", "in", products.ids),
                    ("supply_type", "=", "stock"),
                    ("company_id", "in", self.env.companies.ids),
                ],
                NODE_FIELDS,
                order="id",
            )
        else:
            rows = self._read_rows(self._get_documents(record), SUPPLY_FIELDS)
        above = self._read_levels(rows, down=False)
        hidden = self._get_hidden_lines(rows | rows.browse(row.id for found in above.values() for row in found))
        return [self._get_demand_node(row, row.quantity, above, hidden, str(row.id), 0) for row in rows]

    # ------------------------------------------------------------
    # Access
    # ------------------------------------------------------------

    @api.model
    def _browse_checked(self, res_model, res_id):
        known = (*DOCUMENT_MODELS.values(), "purchase.order", "sale.order", "sale.order.line")
        if res_model not in (*known, "product.product", "product.template"):
            raise UserError(
                self.env._("There is no pegging of %(model)s. Open it from an order or a product.", model=res_model)
            )
        record = self.env[res_model].browse(res_id)
        record.check_access("read")
        return record

    @api.model
    def _get_hidden_lines(self, rows):
        """Order lines that the reader may not see; a planner or buyer, who reads the pegging, sees whose they are."""
        lines = rows.sale_line_id.with_env(self.env)
        if self.env["crm.pegging"].with_env(self.env).has_access("read"):
            return lines.browse()
        return lines - lines._filtered_access("read")

    @api.model
    def _get_sale_lines(self, record):
        if record._name == "sale.order":
            return record.order_line.filtered(lambda line: not line.display_type)
        return record if record._name == "sale.order.line" else self.env["sale.order.line"]

    # ------------------------------------------------------------
    # Levels
    # ------------------------------------------------------------

    @api.model
    def _get_documents(self, record):
        if record._name == "purchase.order":
            return {("purchase", line_id) for line_id in record.order_line.ids}
        kinds = {model: kind for kind, model in DOCUMENT_MODELS.items()}
        return {(kinds[record._name], record_id) for record_id in record.ids} if record._name in kinds else set()

    @api.model
    def _read_rows(self, documents, columns):
        """Rows that name one of `documents` in `columns` (of one side); one query."""
        ids = defaultdict(list)
        for kind, document_id in documents:
            ids[kind].append(document_id)
        domain = Domain.OR(Domain(columns[kind], "in", found) for kind, found in ids.items() if kind in columns)
        # sudo: the caller has checked access to the record the tree starts from
        return self.sudo().search_fetch(domain, NODE_FIELDS, order="id") if documents else self.sudo().browse()

    @api.model
    def _read_levels(self, rows, down):
        """Rows by the document they hang on, level by level until there are no more."""
        columns, side = (DEMAND_FIELDS, "supply") if down else (SUPPLY_FIELDS, "demand")
        found, frontier = defaultdict(list), {self._get_document(row, side) for row in rows} - {None}
        for _level in range(MAX_LEVELS):
            if not frontier:
                break
            level = self._read_rows(frontier, columns)
            for row in level:
                found[self._get_document(row, "demand" if down else "supply")].append(row)
            frontier = {self._get_document(row, side) for row in level} - {None} - found.keys() - frontier
        return found

    @api.model
    def _get_document(self, row, side):
        """(kind, id) of the document on one side of the row that has another side itself; None for ends."""
        columns = DEMAND_FIELDS if side == "demand" else SUPPLY_FIELDS
        for kind in ("production", "planned"):
            if record := row[columns[kind]]:
                return kind, record.id
        return ("purchase", row.purchase_line_id.id) if side == "supply" and row.purchase_line_id else None

    # ------------------------------------------------------------
    # Nodes
    # ------------------------------------------------------------

    @api.model
    def _get_root_values(self, record):
        """The record the tree starts from: what it brings, how much of it and when."""
        kind, quantity, day = ROOTS[record._name]
        product = record.product_id if "product_id" in record._fields else record.env["product.product"]
        return {
            **self._get_record_values(record, "root"),
            "sublabel": record.partner_id.display_name if "partner_id" in record._fields else "",
            "product": product.display_name or "",
            "quantity": record[quantity] if quantity else 0.0,
            "uom": product.uom_id.name or "",
            "date": self._get_iso(fields.Date.to_date(record[day])) if day else False,
            "type": kind,
        }

    @api.model
    def _get_line_node(self, line, rows, below):
        children = [self._get_supply_node(row, 1.0, below, str(row.id), 0) for row in rows]
        late = any(row.days_late for row in rows)
        short = any(row.is_short for row in rows)
        feasible = [row.feasible_date for row in rows if row.feasible_date]
        return {
            **self._get_record_values(line.order_id, f"line-{line.id}"),
            "sublabel": line.order_partner_id.display_name or "",
            "product": line.product_id.display_name or line.name,
            "quantity": sum(row.quantity for row in rows),
            "uom": line.product_id.uom_id.name or "",
            "date": self._get_iso(min((row.demand_date for row in rows if row.demand_date), default=False)),
            "feasible_date": self._get_iso(max(feasible, default=False)),
            "is_late": late,
            "days_late": max(rows.mapped("days_late"), default=0),
            "status": self._get_status(late, short, bool(rows)),
            "type": "order",
            "children": children,
        }

    @api.model
    def _get_supply_node(self, row, share, below, key, level):
        """The supply of `row`, of which the part `share` (0 to 1) belongs to where the tree starts."""
        record = self._get_supply_record(row)
        node = self._get_row_values(row, share, key)
        node.update(self._get_record_values(record, key) if record else {})
        labels = dict(row._fields["supply_type"]._description_selection(self.env))
        node.update(
            label=node["label"] or labels[row.supply_type],
            sublabel=labels[row.supply_type] if record else "",
            type=row.supply_type,
            date=self._get_iso(row.supply_date),
        )
        document = self._get_document(row, "supply")
        if document and level < MAX_LEVELS:
            part = share * self._get_part(row)
            node["children"] = [
                self._get_supply_node(child, part, below, f"{key}-{child.id}", level + 1)
                for child in below.get(document, ())
            ]
        return node

    @api.model
    def _get_demand_node(self, row, attributed, above, hidden, key, level):
        """Whom `row` serves; `attributed` is the quantity of the supply where the tree starts that goes there."""
        record = self._get_demand_record(row)
        node = self._get_row_values(row, 1.0, key)
        labels = dict(row._fields["demand_type"]._description_selection(self.env))
        if row.sale_line_id.id in hidden.ids:
            node["label"] = self.env._("Another order")
        else:
            node.update(self._get_record_values(record, key) if record else {"label": labels[row.demand_type]})
            node["sublabel"] = row.partner_id.display_name or labels[row.demand_type]
        node.update(type=row.demand_type, date=self._get_iso(row.demand_date), attributed=attributed)
        document = self._get_document(row, "demand")
        if document and level < MAX_LEVELS:
            node["children"] = [
                self._get_demand_node(
                    parent, attributed * self._get_part(parent), above, hidden, f"{key}-{parent.id}", level + 1
                )
                for parent in above.get(document, ())
            ]
        return node

    @api.model
    def _get_part(self, row):
        """The part of its supply that the row takes, and so of every component of that supply."""
        return row.quantity / row.supply_quantity if row.supply_quantity > EPSILON else 1.0

    @api.model
    def _get_row_values(self, row, share, key):
        return {
            "key": key,
            "res_model": False,
            "res_id": False,
            "label": "",
            "sublabel": "",
            "product": row.product_id.display_name,
            "quantity": row.quantity * share,
            "uom": row.product_id.uom_id.name,
            "feasible_date": self._get_iso(row.feasible_date),
            "is_late": row.days_late > 0,
            "days_late": row.days_late,
            "status": self._get_status(row.days_late > 0, row.is_short, True),
            "children": [],
        }

    @api.model
    def _get_record_values(self, record, key):
        return {"key": key, "res_model": record._name, "res_id": record.id, "label": record.display_name}

    @api.model
    def _get_supply_record(self, row):
        return (
            row.production_id
            or row.purchase_line_id.order_id
            or row.planned_order_id
            or row.supply_move_id.picking_id
            or False
        )

    @api.model
    def _get_demand_record(self, row):
        return (
            row.sale_line_id.order_id
            or row.demand_production_id
            or row.demand_planned_order_id
            or row.demand_move_id.picking_id
            or False
        )

    @api.model
    def _get_status(self, late, short, pegged):
        if not pegged:
            return "none"
        if short:
            return "short"
        return "late" if late else "ok"

    @api.model
    def _get_iso(self, day):
        return day.isoformat() if day else False
