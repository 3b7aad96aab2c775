from odoo import api, fields, models

from ..conversion.crm_conversion import STATES


class SaleOrder(models.Model):
    """A confirmed order has exactly one conversion, made in the transaction that confirms it."""

    _name = "sale.order"
    _inherit = [
        "sale.order",
        "crm.conversion.link.mixin",
        "sale.order.production.check.mixin",
        "sale.order.promise.mixin",
        "crm.pegging.link.mixin",
    ]

    conversion_ids = fields.One2many(
        comodel_name="crm.conversion",
        inverse_name="order_id",
        help="One at most: it is unique per order.",
    )
    conversion_state = fields.Selection(
        selection=STATES,
        string="Chain",
        compute="_compute_conversion",
        help="Where the deal of this order stands; empty for a quotation that was never confirmed.",
    )
    conversion_date_promised = fields.Datetime(string="Promised", compute="_compute_conversion")
    conversion_is_late = fields.Boolean(string="Late", compute="_compute_conversion")
    conversion_waiting_for = fields.Char(string="Waiting For", compute="_compute_conversion")

    has_demand_changes = fields.Boolean(
        compute="_compute_has_demand_changes",
        help="Cancelling or reducing it left supplies without purpose.",
    )

    @api.depends("conversion_ids.state", "conversion_ids.date_promised", "conversion_ids.waiting_for")
    @api.depends_context("lang", "tz")
    def _compute_conversion(self):
        # sudo: who may read the order may know where it stands
        conversions = {conversion.order_id.id: conversion for conversion in self.sudo().conversion_ids}
        nothing = self.env["crm.conversion"]
        for order in self:
            conversion = conversions.get(order._origin.id, nothing)
            order.conversion_state = conversion.state
            order.conversion_date_promised = conversion.date_promised
            order.conversion_is_late = conversion.is_late
            order.conversion_waiting_for = conversion.waiting_for

    def _compute_has_demand_changes(self):
        # sudo: who may read the order may know it; the list itself is checked when it is opened
        groups = self.env["crm.demand.change"].sudo()._read_group([("order_id", "in", self.ids)], ["order_id"])
        changed = {order.id for (order,) in groups}
        for order in self:
            company = order.company_id or self.env.company
            order.has_demand_changes = order.id in changed and company._has_feature("production_planning")

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        # an import may bring orders that are confirmed already
        self.env["crm.conversion"]._create_for_orders(orders)
        return orders

    def _action_confirm(self):
        # before the deliveries exist: they would count as demand of somebody else
        self._keep_promises()
        result = super()._action_confirm()
        self.env["crm.conversion"]._create_for_orders(self)
        return result

    def _get_conversion_problems(self):
        return super()._get_conversion_problems() + self._get_production_problems()

    def _get_pegging_fields(self):
        return ["sale_line_id.order_id"]

    def action_open_demand_changes(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("crm_extended_erp_bridge.crm_demand_change_action")
        action.update(domain=[("order_id", "=", self.id)], context={})
        return action
