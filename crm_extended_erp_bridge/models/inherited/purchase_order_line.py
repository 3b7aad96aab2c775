from odoo import api, fields, models


class PurchaseOrderLine(models.Model):
    """A line knows the proposals of the plan that it orders; several of one day are one line."""

    _inherit = "purchase.order.line"

    planned_order_ids = fields.Many2many(
        comodel_name="mrp.planned.order",
        relation="crm_planned_order_purchase_line_rel",
        column1="purchase_line_id",
        column2="planned_order_id",
        string="Proposals",
        copy=False,
        help="The proposals of the plan that this line orders. The next run of the plan replaces proposals, so this "
        "is empty again after it.",
    )
    planning_release_rule_id = fields.Many2one(
        comodel_name="crm.planning.release.rule",
        string="Released by Rule",
        copy=False,
        index="btree_not_null",
        readonly=True,
        help="The release rule that ordered this line; empty when a planner did.",
    )

    @api.model
    def _prepare_purchase_order_line_from_procurement(
        self, product_id, product_qty, product_uom, location_dest_id, name, origin, company_id, values, po
    ):
        res = super()._prepare_purchase_order_line_from_procurement(
            product_id, product_qty, product_uom, location_dest_id, name, origin, company_id, values, po
        )
        if values.get("planned_order_ids"):
            res["planned_order_ids"] = [fields.Command.set(values["planned_order_ids"])]
            res["planning_release_rule_id"] = values.get("planning_release_rule_id")
        return res

    def _find_candidate(self, product_id, product_qty, product_uom, location_id, name, origin, company_id, values):
        """A proposal joins only a line of its own date, which is what the next run will count on."""
        lines = self
        if values.get("planned_order_ids"):
            lines = self.filtered(lambda line: line.date_planned == values["date_planned"])
        return super(PurchaseOrderLine, lines)._find_candidate(
            product_id, product_qty, product_uom, location_id, name, origin, company_id, values
        )
