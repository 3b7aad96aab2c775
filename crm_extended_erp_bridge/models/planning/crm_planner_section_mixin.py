from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

# How many rows a section shows before it sends the reader to the list.
ROWS = 5
# How many weeks from this one the chart of the demand shows.
WEEKS = 12
# What the plan proposes to do; the lines of kits, and of products that nothing supplies, are no proposals.
PROPOSED = ("manufacture", "buy")
# The list behind each section.
ACTIONS = {
    "demand": "crm_extended_erp_bridge.crm_pegging_action",
    "proposals": "crm_extended_erp_bridge.mrp_planned_order_action",
    "shortages": "crm_extended_erp_bridge.crm_pegging_action",
    "overloads": "crm_extended_erp_bridge.crm_workcenter_load_action",
    "risks": "crm_extended_erp_bridge.crm_order_risk_action",
    "issues": "crm_extended_erp_bridge.crm_planning_issue_action",
}


class CrmPlannerSectionMixin(models.AbstractModel):
    """The sections of the planner's page: what is to be delivered, what the plan proposes for it, and what is wrong.

    Each is a dictionary of numbers and its first rows; a section whose feature no company of the areas has is absent.
    The number of queries does not depend on the size of the plan.
    """

    _name = "crm.planner.section.mixin"
    _description = "Sections of the Planner's Page"

    @api.model
    def _get_sections(self, areas):
        loaded = self._filter_feature(areas, "workcenter_load")
        promised = self._filter_feature(areas, "delivery_promise")
        sections = {
            "demand": self._get_demand(areas),
            "proposals": self._get_proposals(areas),
            "shortages": self._get_shortages(areas),
            "issues": self._get_issues(areas),
        }
        if loaded:
            sections["overloads"] = self._get_overloads(loaded)
        if promised:
            sections["risks"] = self._get_risks(promised)
        return sections

    @api.model
    def _filter_feature(self, areas, key):
        return areas.filtered(lambda area: area.company_id._has_feature(key))

    @api.model
    def action_open(self, section, area_id=None, week=None, urgent=False):
        """Open the list behind a section.

        :param week: first day of the week, for demand and overloads; "late" for the demand of the past
        :param urgent: of the proposals those to be released today or earlier
        """
        self._check_planner()
        areas = self._get_areas()
        shown = areas.filtered(lambda area: area.id == area_id) or areas
        domain = self._get_section_domain(section, shown)
        if week:
            domain &= self._get_week_domain(section, week)
        if urgent:
            domain &= Domain("order_release_date", "<=", fields.Date.context_today(self))
        action = self.env["ir.actions.act_window"]._for_xml_id(ACTIONS[section])
        # filters of the menu would hide rows that the page has counted
        return {**action, "domain": list(domain), "context": {"create": False}}

    @api.model
    def _get_section_domain(self, section, areas):
        if section == "overloads":
            # a work centre is loaded by all areas together
            return Domain("company_id", "in", areas.company_id.ids) & Domain("is_overloaded", "=", True)
        return (
            Domain("mrp_area_id", "in", areas.ids)
            & {
                "demand": Domain("demand_type", "in", ("order", "forecast")),
                "proposals": Domain("mrp_action", "in", PROPOSED) & Domain("is_released", "=", False),
                "shortages": Domain("supply_type", "=", "shortage"),
                "risks": Domain.TRUE,
                "issues": Domain.TRUE,
            }[section]
        )

    @api.model
    def _get_week_domain(self, section, week):
        if section == "overloads":
            return Domain("week_start", "=", week)
        if week == "late":
            return Domain("demand_date", "<", self._get_week_start())
        start = fields.Date.to_date(week)
        return Domain("demand_date", ">=", start) & Domain("demand_date", "<", start + timedelta(weeks=1))

    @api.model
    def _get_week_start(self):
        """Monday of the reader's week of today: plan and load count in weeks from Monday."""
        today = fields.Date.context_today(self)
        return today - timedelta(days=today.weekday())

    # ------------------------------------------------------------
    # Demand
    # ------------------------------------------------------------

    @api.model
    def _get_demand(self, areas):
        """Orders and forecast by week, at sales prices: products of different units cannot be added up otherwise."""
        domain = self._get_section_domain("demand", areas)
        Pegging = self.env["crm.pegging"]
        groups = Pegging._read_group(
            domain, ["company_id", "product_id", "demand_type", "demand_date:day"], ["quantity:sum"]
        )
        weeks = self._get_empty_weeks()
        totals = defaultdict(float)
        for company, product, kind, day, quantity in groups:
            value = self._convert(quantity * product.list_price, company)
            totals[kind] += value
            key = self._get_week_key(day)
            if key in weeks:
                weeks[key]["orders" if kind == "order" else "forecast"] += value
        [(lines,)] = Pegging._read_group(
            domain & Domain("demand_type", "=", "order"), [], ["sale_line_id:count_distinct"]
        )
        return {
            "line_count": lines,
            "order_value": totals["order"],
            "forecast_value": totals["forecast"],
            "weeks": [week for week in weeks.values() if week["week"] != "late" or week["orders"] or week["forecast"]],
        }

    @api.model
    def _get_empty_weeks(self):
        start = self._get_week_start()
        keys = ["late"] + [fields.Date.to_string(start + timedelta(weeks=index)) for index in range(WEEKS)]
        return {key: {"week": key, "orders": 0.0, "forecast": 0.0} for key in keys}

    @api.model
    def _get_week_key(self, day):
        if day < self._get_week_start():
            return "late"
        return fields.Date.to_string(day - timedelta(days=day.weekday()))

    @api.model
    def _convert(self, amount, company):
        """An amount of a company in the currency of the company that the reader is in, at today's rate."""
        return company.currency_id._convert(amount, self.env.company.currency_id, company, round=False)

    # ------------------------------------------------------------
    # Proposals
    # ------------------------------------------------------------

    @api.model
    def _get_proposals(self, areas):
        """Planned orders that nobody has released, with the value that the planned order itself shows."""
        domain = self._get_section_domain("proposals", areas)
        Planned = self.env["mrp.planned.order"]
        result = {action: {"count": 0, "value": 0.0} for action in PROPOSED}
        groups = Planned._read_group(
            domain,
            ["company_id", "product_id", "mrp_action"],
            ["mrp_qty:sum", "qty_released:sum", "__count", "id:min"],
        )
        # one planned order of each product is enough to know what a piece costs
        costs = Planned.browse(row[-1] for row in groups)._get_unit_costs()
        for company, product, action, quantity, released, count, _id in groups:
            cost = costs[company.id, product.id, action]
            result[action]["count"] += count
            result[action]["value"] += self._convert((quantity - released) * cost, company)
        urgent = domain & Domain("order_release_date", "<=", fields.Date.context_today(self))
        result["urgent_count"] = Planned.search_count(urgent)
        result["rows"] = self._get_proposal_rows(domain)
        return result

    @api.model
    def _get_proposal_rows(self, domain):
        fnames = ["product_id", "mrp_action", "qty_to_release", "order_release_date", "due_date"]
        rows = self._read_rows("mrp.planned.order", domain, fnames, "order_release_date, due_date, id")
        today = fields.Date.context_today(self)
        for row in rows:
            row["is_urgent"] = row["order_release_date"] <= today
        return rows

    # ------------------------------------------------------------
    # What is wrong
    # ------------------------------------------------------------

    @api.model
    def _get_shortages(self, areas):
        domain = self._get_section_domain("shortages", areas)
        fnames = [
            "product_id",
            "quantity",
            "demand_type",
            "demand_date",
            "sale_line_id",
            "demand_production_id",
            "demand_planned_order_id",
            "partner_id",
        ]
        [(count, products)] = self.env["crm.pegging"]._read_group(domain, [], ["__count", "product_id:count_distinct"])
        return {
            "count": count,
            "product_count": products,
            "rows": self._read_rows("crm.pegging", domain, fnames, "demand_date, id"),
        }

    @api.model
    def _get_overloads(self, areas):
        domain = self._get_section_domain("overloads", areas)
        fnames = [
            "workcenter_id",
            "week_start",
            "hours_available",
            "hours_total",
            "hours_over",
            "load_label",
            "load_pct",
        ]
        [(count, hours)] = self.env["crm.workcenter.load"]._read_group(domain, [], ["__count", "hours_over:sum"])
        return {
            "count": count,
            "hours_over": hours or 0.0,
            "rows": self._read_rows("crm.workcenter.load", domain, fnames, "week_start, load_pct desc, id"),
        }

    @api.model
    def _get_risks(self, areas):
        domain = self._get_section_domain("risks", areas)
        fnames = [
            "order_id",
            "sale_line_id",
            "partner_id",
            "product_id",
            "date_promised",
            "date_expected",
            "days_late",
            "cause",
        ]
        [(count, orders)] = self.env["crm.order.risk"]._read_group(domain, [], ["__count", "order_id:count_distinct"])
        return {
            "count": count,
            "order_count": orders,
            "rows": self._read_rows("crm.order.risk", domain, fnames, "date_promised, id"),
        }

    @api.model
    def _get_issues(self, areas):
        domain = self._get_section_domain("issues", areas)
        groups = dict(self.env["crm.planning.issue"]._read_group(domain, ["severity"], ["__count"]))
        fnames = ["severity", "message", "res_model", "res_id", "record_name"]
        return {
            "blocking_count": groups.get("blocking", 0),
            "warning_count": groups.get("warning", 0),
            # "blocking" is before "warning" in the alphabet as well
            "rows": self._read_rows("crm.planning.issue", domain, fnames, "severity, id"),
        }

    @api.model
    def _read_rows(self, model, domain, fnames, order):
        """The first rows of a section; a link is [id, name] and its name may be read by who may not open it."""
        rows = self.env[model].search_read(domain, fnames, limit=ROWS, order=order)
        product_ids = {row["product_id"][0] for row in rows if row.get("product_id")}
        units = {product.id: product.uom_id.name for product in self.env["product.product"].browse(product_ids)}
        for row in rows:
            row["uom"] = units.get(row["product_id"][0], "") if row.get("product_id") else ""
        return rows
