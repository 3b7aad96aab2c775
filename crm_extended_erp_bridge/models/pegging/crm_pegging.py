from odoo import api, fields, models

DEMAND_TYPES = [
    ("order", "Customer Order"),
    ("production", "Manufacturing Order"),
    ("planned", "Planned Order"),
    ("forecast", "Forecast"),
    ("stock_rule", "Safety Stock"),
    ("other", "Other Transfer"),
]
SUPPLY_TYPES = [
    ("stock", "Stock"),
    ("receipt", "Receipt"),
    ("purchase", "Purchase"),
    ("production", "Manufacturing Order"),
    ("planned", "Planned Order"),
    ("shortage", "Shortage"),
]


class CrmPegging(models.Model):
    """One row is one quantity of one supply that serves one demand.

    The rows of an area are made anew by each planning run (see :meth:`_rebuild`) and are never edited by hand. The
    rule, product by product:

    * what goes first: demand in the order of its date, then priority (urgent first), then the level of the customer
      (sequence of the partner level of the company the contact belongs to; no level last), then the number of the
      record. Stock that is negative is served before anything, the safety stock after everything;
    * what it gets: what is made or bought for exactly this demand (make to order), then stock on hand, then open
      supplies by date, real ones before planned ones;
    * what remains open is a row of type shortage.
    """

    _name = "crm.pegging"
    _description = "Pegging"
    _inherit = ["crm.pegging.read.mixin", "crm.pegging.release.mixin", "crm.pegging.tree.mixin"]
    _order = "demand_date, id"
    # rebuilt by the thousand: who and when is on the planning run
    _log_access = False
    _rec_name = "product_id"

    mrp_area_id = fields.Many2one(
        comodel_name="mrp.area", string="MRP Area", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", required=True, ondelete="cascade", readonly=True)
    product_id = fields.Many2one(
        comodel_name="product.product", required=True, index=True, ondelete="cascade", readonly=True
    )
    product_uom_id = fields.Many2one(related="product_id.uom_id", string="Unit")
    quantity = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="Quantity of this supply that serves this demand, in the product's unit.",
    )

    demand_type = fields.Selection(selection=DEMAND_TYPES, string="Needed By", required=True, readonly=True)
    demand_move_id = fields.Many2one(
        comodel_name="stock.move",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
        help="The delivery of an order, or the components move of a manufacturing order.",
    )
    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Order Line",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
    )
    order_id = fields.Many2one(related="sale_line_id.order_id", string="Order")
    demand_production_id = fields.Many2one(
        comodel_name="mrp.production",
        string="Needed By Production",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
    )
    demand_planned_order_id = fields.Many2one(
        comodel_name="mrp.planned.order",
        string="Needed By Planned Order",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", index="btree_not_null", ondelete="set null", readonly=True
    )
    demand_date = fields.Date(readonly=True, help="Day the quantity is needed: of a delivery its scheduled date.")
    demand_quantity = fields.Float(
        string="Whole Demand",
        digits="Product Unit",
        aggregator=None,
        readonly=True,
        help="Quantity of the whole demand that this row serves a part of.",
    )

    supply_type = fields.Selection(selection=SUPPLY_TYPES, string="Served By", required=True, readonly=True)
    supply_move_id = fields.Many2one(
        comodel_name="stock.move",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
    )
    purchase_line_id = fields.Many2one(
        comodel_name="purchase.order.line",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
    )
    production_id = fields.Many2one(
        comodel_name="mrp.production",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
    )
    planned_order_id = fields.Many2one(
        comodel_name="mrp.planned.order",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
    )
    supply_date = fields.Date(readonly=True, help="Day the supply is planned for.")
    supply_quantity = fields.Float(
        string="Whole Supply",
        digits="Product Unit",
        aggregator=None,
        readonly=True,
        help="Quantity of the whole supply that this row takes a part of. Where a supply is shared, its components are "
        "attributed in proportion: quantity / whole supply.",
    )
    feasible_date = fields.Date(
        string="Possible",
        readonly=True,
        help="Earliest day the supply can really be there, counted from today up through all levels: stock today; a "
        "purchase on its date, not before today; a manufacturing order on its end, or its duration after the last of "
        "its components that still has to come; a planned order on its due date, or its lead time after today or "
        "after its last component. Empty for a shortage.",
    )
    days_late = fields.Integer(
        aggregator="max",
        readonly=True,
        help="Calendar days from the day the quantity is needed to the day it can be there; 0 when it is in time.",
    )
    is_short = fields.Boolean(
        string="Short",
        readonly=True,
        help="Nothing covers this quantity, or something is missing among the components of its supply, on any level. "
        "The possible date then holds only once that is solved.",
    )
    demand_name = fields.Char(string="Demand", compute="_compute_names")
    supply_name = fields.Char(string="Supply", compute="_compute_names")

    @api.depends("demand_type", "supply_type")
    @api.depends_context("lang")
    def _compute_names(self):
        """Document names for the list; sudo because a planner may not read orders, but does plan them."""
        demand_labels = dict(self._fields["demand_type"]._description_selection(self.env))
        supply_labels = dict(self._fields["supply_type"]._description_selection(self.env))
        for row in self.sudo():
            row.demand_name = (
                row.sale_line_id.order_id.name
                or row.demand_production_id.name
                or row.demand_planned_order_id.display_name
                or row.demand_move_id.reference
                or demand_labels.get(row.demand_type)
            )
            row.supply_name = (
                row.production_id.name
                or row.purchase_line_id.order_id.name
                or row.planned_order_id.display_name
                or row.supply_move_id.reference
                or supply_labels.get(row.supply_type)
            )

    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.demand_name} ← {row.supply_name}"

    def action_open_tree(self):
        """The tree of who needs this row: of the order line, else of the order that needs it, else of its supply."""
        self.ensure_one()
        record = (
            self.sale_line_id
            or self.demand_production_id
            or self.demand_planned_order_id
            or self.production_id
            or self.purchase_line_id
            or self.planned_order_id
            or self.product_id
        )
        return self._get_tree_action(record)

    @api.model
    def _get_tree_action(self, record):
        """The client action that shows the tree of `record`, with the places the screen needs in its context."""
        return {
            "type": "ir.actions.client",
            "tag": "crm_extended_erp_bridge.pegging_tree",
            "name": self.env._("Pegging of %(name)s", name=record.display_name),
            "context": {"res_model": record._name, "res_id": record.id},
            "params": {"res_model": record._name, "res_id": record.id},
        }
