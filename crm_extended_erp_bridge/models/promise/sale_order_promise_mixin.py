from odoo import api, fields, models
from odoo.exceptions import UserError

from .sale_order_line_promise_mixin import FEATURE


class SaleOrderPromiseMixin(models.AbstractModel):
    """The earliest delivery of a whole quotation, the promise that is kept when it is won, and the risk after that."""

    _name = "sale.order.promise.mixin"
    _description = "Order with a Delivery Promise"

    has_delivery_promise = fields.Boolean(compute="_compute_has_delivery_promise")
    promise_date = fields.Datetime(
        string="Earliest Delivery of Everything",
        compute="_compute_promise",
        compute_sudo=False,
        help="The latest of the earliest deliveries of the lines; empty when one of them has none.",
    )
    promise_cause = fields.Char(string="What Decides", compute="_compute_promise", compute_sudo=False)
    promise_state = fields.Selection(
        selection=[("in_time", "In time"), ("late", "Late"), ("unknown", "No date possible")],
        string="Promise",
        compute="_compute_promise",
        compute_sudo=False,
    )
    risk_ids = fields.One2many(comodel_name="crm.order.risk", inverse_name="order_id", string="Lines at Risk")
    risk_days_late = fields.Integer(
        string="Days at Risk",
        compute="_compute_risk",
        compute_sudo=False,
        help="Days by which the last line of the order will be late by the last plan.",
    )
    has_risk = fields.Boolean(string="At Risk", compute="_compute_risk", compute_sudo=False)

    @api.depends("company_id")
    def _compute_has_delivery_promise(self):
        for order in self:
            order.has_delivery_promise = (order.company_id or self.env.company)._has_feature(FEATURE)

    @api.depends("order_line.promise_date", "order_line.promise_state")
    @api.depends_context("lang", "tz")
    def _compute_promise(self):
        for order in self:
            line = order._get_deciding_line()
            order.promise_date = line.promise_date
            order.promise_cause = line.promise_cause
            order.promise_state = line.promise_state
            if any(each.promise_state == "late" for each in order.order_line) and line.promise_state == "in_time":
                order.promise_state = "late"

    def _get_deciding_line(self):
        """The first line without a date, else the one delivered last; none when nothing is promised."""
        lines = self.order_line.filtered("promise_state")
        unknown = lines.filtered(lambda line: line.promise_state == "unknown")
        return unknown[:1] or lines.sorted("promise_date", reverse=True)[:1]

    @api.depends("risk_ids.days_late", "has_delivery_promise")
    def _compute_risk(self):
        risks = {}
        if self.env["crm.order.risk"].has_access("read"):
            risks = dict(
                self.env["crm.order.risk"]._read_group([("order_id", "in", self.ids)], ["order_id"], ["days_late:max"])
            )
        for order in self:
            # what was found before the feature was switched off stays, and is not shown
            order.has_risk = order._origin in risks and order.has_delivery_promise
            order.risk_days_late = risks.get(order._origin, 0)

    def action_promise_date(self):
        """Make the earliest delivery of everything the delivery date of the quotation."""
        self.ensure_one()
        self.check_access("write")
        if not self.promise_date:
            raise UserError(self.promise_cause or self.env._("Order %s has no goods to promise.", self.display_name))
        date = self.promise_date
        self._keep_causes(self.order_line._get_promises())
        self.commitment_date = date

    def action_view_risks(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_erp_bridge.crm_order_risk_action")
        return {**action, "domain": [("order_id", "=", self.id)], "context": {}}

    def _keep_promises(self):
        """Write down, before deliveries are made for the orders, by when the goods are promised and why.

        A delivery date that was agreed is the promise; the schedule is asked only where there is none.
        """
        orders = self.filtered(lambda order: order.company_id._has_feature(FEATURE))
        agreed = orders.filtered("commitment_date")
        for line in agreed.order_line.filtered(lambda line: line._can_be_promised()):
            line.promised_date = line.order_id.commitment_date
        promises = (orders - agreed).order_line._get_promises()
        for line, promise in promises.items():
            line.with_env(self.env).promised_date = line._to_second(promise.date)
        self._keep_causes(promises)

    def _keep_causes(self, promises):
        Cause = self.env["crm.promise.cause"]
        for line, promise in promises.items():
            line.with_env(self.env).promised_cause_data = Cause._encode(promise)
