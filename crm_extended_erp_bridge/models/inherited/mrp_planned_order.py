from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date


class MrpPlannedOrder(models.Model):
    """A planned order is a proposal: it becomes an order when a planner or a rule releases it."""

    _name = "mrp.planned.order"
    _inherit = ["mrp.planned.order.release.mixin", "mrp.planned.order"]

    purchase_line_ids = fields.Many2many(
        comodel_name="purchase.order.line",
        relation="crm_planned_order_purchase_line_rel",
        column1="planned_order_id",
        column2="purchase_line_id",
        string="Purchase Lines",
        readonly=True,
    )
    qty_to_release = fields.Float(
        string="To Release",
        digits="Product Unit",
        compute="_compute_qty_to_release",
        help="Quantity of the proposal - quantity released already, in the unit of the product.",
    )
    is_released = fields.Boolean(
        string="Released",
        compute="_compute_qty_to_release",
        search="_search_is_released",
        help="Nothing is left to release: the orders are made.",
    )
    is_late = fields.Boolean(
        string="Late",
        compute="_compute_is_late",
        search="_search_is_late",
        help="The day on which the order should have been released has passed: it cannot be ready by its due date "
        "unless production or the vendor is faster than planned.",
    )
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit")
    currency_id = fields.Many2one(related="company_id.currency_id")
    value = fields.Monetary(
        compute="_compute_value",
        help="Quantity to release x unit cost, in the currency of the company. Unit cost of what is bought = price of "
        "the main vendor less its discount, at today's rate, per unit of the product; of everything else, and of what "
        "has no vendor price, the standard cost.",
    )

    @api.depends("product_id", "due_date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """What is proposed and for when; the description is a sentence about the demand, too long for a link."""
        for order in self:
            order.display_name = f"{order.product_id.display_name}, {format_date(self.env, order.due_date)}"

    @api.depends("mrp_qty", "qty_released")
    def _compute_qty_to_release(self):
        for order in self:
            left = order.mrp_qty - order.qty_released
            order.is_released = not order.product_id or order.product_id.uom_id.compare(left, 0.0) <= 0
            order.qty_to_release = 0.0 if order.is_released else left

    def _search_is_released(self, operator, value):
        if operator != "in":
            return NotImplemented

        def to_sql(model, alias, query):
            left = SQL(
                "%s - COALESCE(%s, 0)",
                model._field_to_sql(alias, "mrp_qty", query),
                model._field_to_sql(alias, "qty_released", query),
            )
            # as `uom.compare` does, within half of the smallest quantity that is kept
            digits = self.env["decimal.precision"].precision_get("Product Unit")
            return SQL("%s < %s", left, 0.5 * 10**-digits)

        released = Domain.custom(to_sql=to_sql, predicate=lambda order: order.is_released)
        wanted = set(value)
        if wanted == {True, False}:
            return Domain.TRUE
        return released if True in wanted else ~released

    @api.depends("order_release_date", "is_released")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for order in self:
            order.is_late = (
                not order.is_released and bool(order.order_release_date) and order.order_release_date < today
            )

    def _search_is_late(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return Domain("is_released", "=", False) & Domain("order_release_date", "<", fields.Date.context_today(self))

    @api.depends("qty_to_release", "product_id", "mrp_action")
    def _compute_value(self):
        costs = self._get_unit_costs()
        for order in self:
            order.value = order.qty_to_release * costs.get(
                (order.company_id.id, order.product_id.id, order.mrp_action), 0
            )

    def _get_unit_costs(self):
        """Return the unit cost by company, product and action; each product is asked once."""
        costs = {}
        today = fields.Date.context_today(self)
        for order in self:
            company = order.company_id
            key = (company.id, order.product_id.id, order.mrp_action)
            if key in costs:
                continue
            # sudo: prices of vendors and costs are part of the value that a planner decides by
            product = order.product_id.sudo().with_company(company)
            cost = product.standard_price
            seller = order.sudo().product_mrp_area_id.main_supplierinfo_id if order.mrp_action == "buy" else None
            if seller and seller.price:
                price = seller.product_uom_id._compute_price(seller.price_discounted, product.uom_id)
                cost = seller.currency_id._convert(price, company.currency_id, company, today)
            costs[key] = cost
        return costs
