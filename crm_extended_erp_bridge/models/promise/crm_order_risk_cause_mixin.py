from odoo import api, models
from odoo.tools import SQL

# What the sentence of a code (crm.promise.cause) is about.
CAUSE_TYPES = {
    "vendor": "vendor",
    "receipt": "component",
    "production": "component",
    "overloaded": "workcenter",
    "shortage": "shortage",
}
# Levels of a bill of materials that are followed; deeper ones are taken as they are.
MAX_LEVELS = 50


class CrmOrderRiskCauseMixin(models.AbstractModel):
    """Follows the pegging of a late line down to what decides, one supply at most once per run."""

    _name = "crm.order.risk.cause.mixin"
    _description = "Cause of an Order at Risk"

    @api.model
    def _get_causes(self, area, lines, today):
        """Return the values of the cause for each line (a dict of crm.order.risk._read_pegged_lines)."""
        below = self._read_deciding_rows(area)
        overloads = self._read_overloads(area)
        ends = [self._follow(line, below, today) for line in lines]
        vendors = self._read_vendors([end for end, _path in ends])
        return [self._prepare_cause(end, path, vendors=vendors, overloads=overloads, today=today) for end, path in ends]

    @api.model
    def _get_supply_key(self, row):
        """What made or planned order a row of the pegging is served by; None when it is none."""
        if row["production_id"]:
            return "production", row["production_id"]
        return ("planned", row["planned_order_id"]) if row["planned_order_id"] else None

    @api.model
    def _read_deciding_rows(self, area):
        """Return {order: the row of its components that comes last, a short one before all}."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (demand_production_id, demand_planned_order_id)
                       demand_production_id, demand_planned_order_id, product_id, supply_type, is_short,
                       feasible_date, production_id, planned_order_id, purchase_line_id
                  FROM crm_pegging
                 WHERE mrp_area_id = %s AND (demand_production_id IS NOT NULL OR demand_planned_order_id IS NOT NULL)
              ORDER BY demand_production_id, demand_planned_order_id, (supply_type = 'shortage') DESC,
                       COALESCE(is_short, FALSE) DESC, feasible_date DESC NULLS LAST, id
                """,
                area.id,
            )
        )
        names = ("product_id", "supply_type", "is_short", "feasible_date")
        names += ("production_id", "planned_order_id", "purchase_line_id")
        return {
            ("production", production) if production else ("planned", planned): dict(zip(names, row, strict=True))
            for production, planned, *row in rows
        }

    @api.model
    def _follow(self, line, below, today):
        """Go down while the components take longer than the order made of them; return that row and the products."""
        # of a kit the parts are pegged
        row, path = line, list(dict.fromkeys((line["sold_product_id"], line["product_id"])))
        for _level in range(MAX_LEVELS):
            part = below.get(self._get_supply_key(row))
            if not part or not self._is_decided_below(row, part, today):
                break
            row = part
            path.append(part["product_id"])
        return row, path

    @api.model
    def _is_decided_below(self, row, part, today):
        if part["supply_type"] == "shortage" or part["is_short"]:
            return True
        if row["is_short"] or part["supply_type"] == "stock" or not part["feasible_date"]:
            return False
        if not row["feasible_date"]:
            return True
        waited = (part["feasible_date"] - today).days
        return waited > 0 and waited >= (row["feasible_date"] - part["feasible_date"]).days

    @api.model
    def _read_overloads(self, area):
        """Return {order: its work centre with the most hours in an overloaded week}."""
        if not area.company_id._has_feature("workcenter_load"):
            return {}
        weeks = self.env["crm.workcenter.load"].search([("is_overloaded", "=", True)])
        lines = self.env["crm.workcenter.load.line"].search_fetch(
            [("mrp_area_id", "=", area.id), ("load_id", "in", weeks.ids)],
            ["workcenter_id", "production_id", "planned_order_id"],
            order="hours desc, id",
        )
        overloads = {}
        for line in lines:
            key = ("production", line.production_id.id) if line.production_id else ("planned", line.planned_order_id.id)
            overloads.setdefault(key, line.workcenter_id.id)
        return overloads

    @api.model
    def _read_vendors(self, rows):
        """Return {key of a bought supply: vendor id} for purchase lines and proposals to buy."""
        vendors = {}
        purchases = self.env["purchase.order.line"].browse({row["purchase_line_id"] for row in rows} - {None})
        for purchase in purchases:
            vendors["purchase", purchase.id] = purchase.partner_id.id
        planned = self.env["mrp.planned.order"].browse({row["planned_order_id"] for row in rows} - {None})
        for order in planned.filtered(lambda order: order.mrp_action == "buy"):
            vendors["planned", order.id] = order.product_mrp_area_id.main_supplier_id.id
        return vendors

    @api.model
    def _prepare_cause(self, row, path, *, vendors, overloads, today):
        key = self._get_supply_key(row)
        vendor = vendors.get(("purchase", row["purchase_line_id"])) or vendors.get(key)
        workcenter = None
        if row["supply_type"] == "shortage" or (row["is_short"] and not key):
            code = "shortage"
        elif vendor:
            code = "vendor"
        elif key:
            workcenter = overloads.get(key)
            code = "overloaded" if workcenter else "production"
        else:
            code = "receipt" if row["supply_type"] in ("receipt", "purchase") else "unshipped"
        date = row["feasible_date"] or today
        return {
            "cause_type": CAUSE_TYPES.get(code, "none"),
            "cause_product_id": path[-1],
            "cause_partner_id": vendor,
            "cause_workcenter_id": workcenter,
            "cause_data": {
                "code": code,
                "product": path[-1],
                "vendor": vendor,
                "workcenter": workcenter,
                "date": date.isoformat(),
                "path": path,
            },
        }
