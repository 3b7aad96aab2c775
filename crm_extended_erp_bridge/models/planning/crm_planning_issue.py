from odoo import api, fields, models
from odoo.tools import SQL, format_date

KINDS = [
    ("zero_capacity", "Work centre without capacity"),
    ("no_calendar", "Work centre without working hours"),
    ("cyclic_bom", "Bills of materials that contain each other"),
    ("missing_vendor", "No vendor"),
    ("missing_bom", "No bill of materials"),
    ("no_rule", "No way to supply"),
    ("negative_stock", "Negative stock"),
    ("unit_mismatch", "Units that cannot be converted"),
    ("extreme_quantity", "Extreme quantity"),
    ("missing_parameters", "No planning parameters"),
    ("past_demand", "Demand in the past"),
    ("to_order_component", "Component supplied to order"),
    ("automatic_orderpoint", "Automatic reordering rule"),
    ("late_release", "Order that should have been started already"),
    ("engine_error", "Product that could not be planned"),
]
# Kinds that keep the product, or what it is made of, from being supplied; the others are for a planner to look at.
BLOCKING = {
    "cyclic_bom",
    "missing_vendor",
    "missing_bom",
    "no_rule",
    "unit_mismatch",
    "extreme_quantity",
    "missing_parameters",
    "zero_capacity",
    "no_calendar",
    "engine_error",
}


class CrmPlanningIssue(models.Model):
    """Something in the data that the last planning of an area could not plan, or planned on a doubtful basis.

    Kept as a kind and numbers; the sentence is made in the reader's language.
    """

    _name = "crm.planning.issue"
    _description = "Planning Issue"
    _order = "severity, kind, id"
    _rec_name = "record_name"

    mrp_area_id = fields.Many2one(
        comodel_name="mrp.area",
        string="MRP Area",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="mrp_area_id.company_id", store=True, index=True)
    kind = fields.Selection(selection=KINDS, required=True, readonly=True, index=True)
    severity = fields.Selection(
        selection=[("blocking", "Blocking"), ("warning", "To look at")],
        required=True,
        readonly=True,
        help="Blocking: the quantity concerned is not in the plan, or cannot be made or bought until the data is "
        "mended. To look at: it is planned, but on a basis that somebody should check.",
    )
    product_id = fields.Many2one(comodel_name="product.product", readonly=True, index=True, ondelete="cascade")
    res_model = fields.Char(string="Model of the Record", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record",
        model_field="res_model",
        required=True,
        readonly=True,
    )
    record_name = fields.Char(string="Where", readonly=True)
    params = fields.Json(string="Numbers", readonly=True)
    message = fields.Char(string="What to Do", compute="_compute_message")

    @api.depends("kind", "params", "record_name", "product_id")
    @api.depends_context("lang")
    def _compute_message(self):
        for issue in self:
            issue.message = issue._get_message()

    def action_open_record(self):
        """Open the record that the remedy is about."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------
    # Reporting
    # ------------------------------------------------------------

    @api.model
    def _report(self, area, kind, record, product=None, **params):
        """Report an issue of `area`; inside a run it is written with the others at the end.

        :param area: `mrp.area`
        :param kind: one of KINDS
        :param record: the record to open and mend, one
        :param product: `product.product` that is not planned, or doubtfully
        :param params: numbers, dates and names for the sentence (they are kept as JSON)
        """
        values = self._prepare_issue(area, kind, record, product, params)
        session = self.env.context.get("crm_planning_session")
        if session is not None:
            session.add_issue(values)
        else:
            # sudo: issues are written by the planning only
            self.sudo().create(values)

    @api.model
    def _prepare_issue(self, area, kind, record, product, params):
        return {
            "mrp_area_id": area.id,
            "kind": kind,
            "severity": "blocking" if kind in BLOCKING else "warning",
            "product_id": product.id if product else False,
            "res_model": record._name,
            "res_id": record.id,
            "record_name": record.display_name,
            "params": {name: self._to_json(value) for name, value in params.items()},
        }

    @api.model
    def _to_json(self, value):
        return fields.Date.to_string(value) if hasattr(value, "isoformat") else value

    @api.model
    def _replace(self, area, values_list):
        """Put `values_list` in the place of what the previous run of `area` reported."""
        self.env.execute_query(SQL("DELETE FROM crm_planning_issue WHERE mrp_area_id = %s RETURNING id", area.id))
        self.invalidate_model()
        self.create(values_list)

    # ------------------------------------------------------------
    # The sentences
    # ------------------------------------------------------------

    def _get_message(self):
        """The sentence in the reader's language: it names the record and the remedy."""
        sentence = getattr(self, f"_get_message_{self.kind}", None)
        return sentence(self.params or {}) if sentence else dict(KINDS).get(self.kind, "")

    @property
    def _product_name(self):
        return self.product_id.display_name or self.record_name or ""

    def _get_date(self, params, name):
        return format_date(self.env, params[name]) if params.get(name) else ""

    def _get_message_zero_capacity(self, params):
        return self.env._(
            "Work centre %(workcenter)s has no capacity: the working schedule it follows has no hours. Add hours to "
            "the schedule, or choose another one on the work centre.",
            workcenter=self.record_name,
        )

    def _get_message_no_calendar(self, params):
        return self.env._(
            "Work centre %(workcenter)s has no working hours. Choose a working schedule on the work centre.",
            workcenter=self.record_name,
        )

    def _get_message_cyclic_bom(self, params):
        return self.env._(
            "The bills of materials of %(products)s contain each other, so these products are not planned. Remove one "
            "of them from the bill of materials of another.",
            products=params.get("path") or self._product_name,
        )

    def _get_message_missing_vendor(self, params):
        return self.env._(
            "Product %(product)s is to be bought but has no vendor. Add one on the tab Purchase of the product.",
            product=self._product_name,
        )

    def _get_message_missing_bom(self, params):
        return self.env._(
            "Product %(product)s is to be manufactured but has no bill of materials. Create one, or take the route "
            "Manufacture off the product.",
            product=self._product_name,
        )

    def _get_message_no_rule(self, params):
        return self.env._(
            "No route supplies product %(product)s in %(area)s. Add a route on the tab Inventory of the product.",
            product=self._product_name,
            area=self.mrp_area_id.display_name,
        )

    def _get_message_negative_stock(self, params):
        return self.env._(
            "The stock of product %(product)s in %(area)s is %(quantity)s; the plan fills it up to zero first. Count "
            "the stock and correct it.",
            product=self._product_name,
            area=self.mrp_area_id.display_name,
            quantity=params.get("quantity"),
        )

    def _get_message_unit_mismatch(self, params):
        return self.env._(
            "%(record)s counts product %(product)s in %(unit)s, which cannot be converted to %(product_unit)s, the "
            "unit of the product. Correct one of the two units.",
            record=self.record_name,
            product=self._product_name,
            unit=params.get("unit"),
            product_unit=params.get("product_unit"),
        )

    def _get_message_extreme_quantity(self, params):
        return self.env._(
            "%(record)s asks for %(quantity)s of product %(product)s, more than the %(limit)s up to which quantities "
            "are planned. Correct the quantity, or raise the system parameter %(parameter)s.",
            record=self.record_name,
            quantity=f"{params.get('quantity', 0):,.0f}",
            product=self._product_name,
            limit=f"{params.get('limit', 0):,.0f}",
            parameter="crm_extended_erp_bridge.planning_quantity_limit",
        )

    def _get_message_missing_parameters(self, params):
        return self.env._(
            "Component %(component)s of %(parent)s has no planning parameters in %(area)s, so what it is needed for "
            "is not planned further down. Add the area to the component, or exclude it from planning there.",
            component=self._product_name,
            parent=params.get("parent"),
            area=self.mrp_area_id.display_name,
        )

    def _get_message_past_demand(self, params):
        return self.env._(
            "%(record)s asks for %(quantity)s of product %(product)s by %(date)s, which is past; it is planned for "
            "today. Deliver it, or give it a new date.",
            record=self.record_name,
            quantity=params.get("quantity"),
            product=self._product_name,
            date=self._get_date(params, "date"),
        )

    def _get_message_to_order_component(self, params):
        return self.env._(
            "Component %(component)s is supplied to order in this company, but the plan makes %(parent)s and its "
            "components to plan: it would be ordered twice. Take the route Replenish on Order off the component, or "
            "set its planning mode to Make to Plan.",
            component=self._product_name,
            parent=params.get("parent"),
        )

    def _get_message_automatic_orderpoint(self, params):
        return self.env._(
            "Reordering rule %(rule)s orders product %(product)s automatically, and so does the plan. Archive the "
            "rule or set its trigger to Manual.",
            rule=self.record_name,
            product=self._product_name,
        )

    def _get_message_late_release(self, params):
        return self.env._(
            "%(count)s planned orders of product %(product)s should have been started by %(date)s. Release them now "
            "and tell the customers, or shorten the lead time.",
            count=params.get("count"),
            product=self._product_name,
            date=self._get_date(params, "date"),
        )

    def _get_message_engine_error(self, params):
        return self.env._(
            "Product %(product)s could not be planned: %(error)s Correct its planning parameters or its bill of "
            "materials; the rest of the plan is made.",
            product=self._product_name,
            error=params.get("error"),
        )
