from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...planner.pegging import EPSILON

ACTIONS = [
    ("reassign", "Give to Another Demand"),
    ("cancel", "Cancel"),
    ("reduce", "Reduce"),
    ("note", "Tell the Buyer"),
    ("keep", "Finish to Stock"),
]
NOT_STARTED = ("draft", "confirmed")
NOT_ORDERED = ("draft", "sent", "to approve")


class CrmDemandChange(models.Model):
    """A supply, or part of it, that a cancelled or reduced order line leaves without purpose.

    Found over all levels when the order changes. Where a supply is shared, only the line's part of it is meant; where
    nobody else needs it, all of it, also what was only made to fill a lot.
    """

    _name = "crm.demand.change"
    _description = "Demand Change"
    _inherit = ["crm.demand.change.source.mixin"]
    _order = "create_date desc, id"

    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Order Line",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    order_id = fields.Many2one(related="sale_line_id.order_id", store=True, index=True, string="Order")
    partner_id = fields.Many2one(related="order_id.partner_id", string="Customer")
    qty_before = fields.Float(
        string="Ordered Before",
        digits="Product Unit",
        aggregator=None,
        readonly=True,
        help="Quantity of the order line before the change, in its own unit.",
    )
    qty_after = fields.Float(string="Ordered Now", digits="Product Unit", aggregator=None, readonly=True)

    mrp_area_id = fields.Many2one(comodel_name="mrp.area", string="MRP Area", ondelete="cascade", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", required=True, index=True, readonly=True)
    product_id = fields.Many2one(comodel_name="product.product", required=True, ondelete="cascade", readonly=True)
    product_uom_id = fields.Many2one(related="product_id.uom_id", string="Unit")
    production_id = fields.Many2one(
        comodel_name="mrp.production", index="btree_not_null", ondelete="cascade", readonly=True
    )
    purchase_line_id = fields.Many2one(
        comodel_name="purchase.order.line", index="btree_not_null", ondelete="cascade", readonly=True
    )
    planned_order_id = fields.Many2one(
        comodel_name="mrp.planned.order",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
        help="A proposal: the next planning run leaves it out by itself.",
    )
    supply_name = fields.Char(string="Supply", compute="_compute_supply")
    quantity = fields.Float(
        string="Without Purpose",
        digits="Product Unit",
        readonly=True,
        help="Quantity of the supply that only this demand needed: its part of a shared supply, in proportion on every "
        "level; all of a supply that nobody else needs.",
    )
    supply_quantity = fields.Float(string="Whole Supply", digits="Product Unit", aggregator=None, readonly=True)
    other_pegging_id = fields.Many2one(
        comodel_name="crm.pegging",
        string="Could Serve",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        help="The first demand of the same product that is short or late without it.",
    )
    other_name = fields.Char(string="Another Demand", compute="_compute_supply")
    action = fields.Selection(
        selection=ACTIONS,
        string="Proposal",
        compute="_compute_action",
        help="Give to another demand: one of the same product is short or late. Cancel or reduce: not started, not "
        "ordered yet. Tell the buyer: the vendor has the order. Finish to stock: work has started.",
    )
    state = fields.Selection(
        selection=[("open", "Open"), ("done", "Done"), ("ignored", "Ignored"), ("used", "Needed Again")],
        default="open",
        required=True,
        index=True,
        readonly=True,
        help="Needed again: a later planning run found new demand for it.",
    )
    changed_by_id = fields.Many2one(
        comodel_name="res.users", default=lambda self: self.env.uid, readonly=True, help="Who changed the order."
    )
    decided_by_id = fields.Many2one(comodel_name="res.users", readonly=True)
    date_decided = fields.Datetime(string="Decided On", readonly=True)
    decision = fields.Char(readonly=True)

    @api.depends("production_id", "purchase_line_id", "planned_order_id", "other_pegging_id")
    def _compute_supply(self):
        # sudo: names of documents of a change that the user may read
        for change in self.sudo():
            change.supply_name = change._get_supply().display_name
            change.other_name = change.other_pegging_id.demand_name

    @api.depends(
        "quantity",
        "other_pegging_id",
        "production_id.state",
        "production_id.product_qty",
        "purchase_line_id.state",
        "purchase_line_id.product_qty",
        "planned_order_id.mrp_qty",
    )
    def _compute_action(self):
        # sudo: states of documents of a change that the user may read
        for change in self.sudo():
            if change.other_pegging_id:
                change.action = "reassign"
            elif change.production_id and change.production_id.state not in NOT_STARTED:
                change.action = "keep"
            elif change.purchase_line_id and change.purchase_line_id.state not in NOT_ORDERED:
                change.action = "note"
            else:
                rest = change._get_current_quantity() - change.quantity
                change.action = "reduce" if rest > EPSILON else "cancel"

    def _compute_display_name(self):
        for change in self:
            change.display_name = change._get_sentence()

    # ------------------------------------------------------------
    # The supply
    # ------------------------------------------------------------

    def _get_supply(self):
        self.ensure_one()
        return self.production_id or self.purchase_line_id.order_id or self.planned_order_id

    def _get_current_quantity(self):
        """Quantity of the supply as it is now, in the product's unit."""
        self.ensure_one()
        if production := self.production_id:
            return production.product_uom_id._compute_quantity(production.product_qty, self.product_uom_id)
        if self.purchase_line_id:
            return self.purchase_line_id.product_uom_qty
        return self.planned_order_id.mrp_qty - self.planned_order_id.qty_released

    def _get_sentence(self):
        self.ensure_one()
        return self.env._(
            "%(quantity)g %(unit)s %(product)s of %(supply)s",
            quantity=self.quantity,
            unit=self.product_uom_id.name,
            product=self.product_id.display_name,
            supply=self.supply_name,
        )

    # ------------------------------------------------------------
    # Decisions
    # ------------------------------------------------------------

    def action_apply(self):
        """Carry out the proposal of each change."""
        self._check_decision()
        labels = dict(self._fields["action"]._description_selection(self.env))
        for change in self.filtered(lambda change: change.state == "open"):
            decision = labels[change.action]
            getattr(change, f"_apply_{change.action}")()
            # dropping a proposal drops what was said about it
            change.exists()._decide("done", decision)
        return True

    def action_ignore(self):
        self._check_decision()
        self.filtered(lambda change: change.state == "open")._decide("ignored", self.env._("Ignored"))
        return True

    def action_open_supply(self):
        self.ensure_one()
        supply = self._get_supply()
        supply.check_access("read")
        return {"type": "ir.actions.act_window", "res_model": supply._name, "res_id": supply.id, "view_mode": "form"}

    def action_open_pegging(self):
        self.ensure_one()
        return self.env["crm.pegging"]._get_tree_action(self._get_supply())

    def _check_decision(self):
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group("mrp.group_mrp_user")):
            raise AccessError(
                self.env._(
                    "Planners decide on what an order leaves without purpose. Ask one, or an administrator for the "
                    "right Manufacturing / User."
                )
            )

    def _decide(self, state, decision):
        # sudo: the log of a decision is written by the system, not by hand
        self.sudo().write(
            {
                "state": state,
                "decision": decision,
                "decided_by_id": self.env.uid,
                "date_decided": fields.Datetime.now(),
            }
        )

    def _apply_cancel(self):
        if self.production_id:
            self._check_not_started()
            self.production_id.action_cancel()
        elif line := self.purchase_line_id:
            # sudo: planners may not write purchases, but what is not ordered yet is theirs to decide
            order = line.order_id.sudo()
            if order.order_line - line:
                line.sudo().unlink()
            else:
                order.button_cancel()
        else:
            # sudo: Odoo lets only managers write proposals, which planners release and drop
            self.planned_order_id.sudo().unlink()

    def _apply_reduce(self):
        rest = self._get_current_quantity() - self.quantity
        if production := self.production_id:
            self._check_not_started()
            quantity = self.product_uom_id._compute_quantity(rest, production.product_uom_id)
            wizard = self.env["change.production.qty"].create({"mo_id": production.id, "product_qty": quantity})
            wizard.change_prod_qty()
        elif self.purchase_line_id:
            # sudo: as in `_apply_cancel`
            line = self.purchase_line_id.sudo()
            line.product_qty = self.product_uom_id._compute_quantity(rest, line.product_uom_id)
        else:
            # sudo: as in `_apply_cancel`
            self.planned_order_id.sudo().mrp_qty -= self.quantity

    def _apply_note(self):
        # sudo: a planner tells the buyer, but may not write purchases
        order = self.purchase_line_id.order_id.sudo()
        note = self.env._(
            "%(order)s was cancelled or reduced: nobody needs %(supply)s any more. Ask the vendor whether the order "
            "can be changed.",
            order=self.sudo().order_id.name,
            supply=self._get_sentence(),
        )
        buyer = order.user_id or self.env.user
        order.activity_schedule("mail.mail_activity_data_todo", note=note, user_id=buyer.id)

    def _apply_keep(self):
        """Nothing to change: what is being made goes to stock, where the next run finds it."""

    def _apply_reassign(self):
        """The other demand gets what is left; the next planning run would do the same by its own rule."""
        # sudo: rows are written by the system only
        other = self.other_pegging_id.sudo()
        quantity = min(self.quantity, other.quantity)
        values = {
            "supply_type": "purchase" if self.purchase_line_id else "production" if self.production_id else "planned",
            "production_id": self.production_id.id,
            "purchase_line_id": self.purchase_line_id.id,
            "planned_order_id": self.planned_order_id.id,
            "supply_move_id": False,
            "supply_quantity": self.supply_quantity,
            "quantity": quantity,
            **self._get_supply_dates(other),
        }
        if other.quantity - quantity > EPSILON:
            other.copy(values)
            other.quantity -= quantity
        else:
            other.write(values)
        if self.quantity - quantity > EPSILON:
            self.sudo().copy({"quantity": self.quantity - quantity, "other_pegging_id": False})

    def _get_supply_dates(self, other):
        area = self.mrp_area_id
        today = area._datetime_to_date_tz()
        if self.planned_order_id:
            day = self.planned_order_id.due_date
        else:
            day = area._datetime_to_date_tz(self.production_id.date_finished or self.purchase_line_id.date_planned)
        feasible = max(day, today)
        late = max((feasible - other.demand_date).days, 0) if other.demand_date else 0
        return {"supply_date": day, "feasible_date": feasible, "days_late": late, "is_short": False}

    def _check_not_started(self):
        if self.production_id.state not in NOT_STARTED:
            raise UserError(
                self.env._(
                    "%(production)s has started in the meantime. Reload the list: it can only be finished to stock.",
                    production=self.production_id.display_name,
                )
            )

    # ------------------------------------------------------------
    # After a planning run
    # ------------------------------------------------------------

    @api.model
    def _close_used_again(self, area):
        """Close what a new run of `area` has found a purpose for; shrink what it needs in part."""
        changes = self.search([("mrp_area_id", "=", area.id), ("state", "=", "open")])
        if not changes:
            return
        needed = {}
        for fname in ("production_id", "purchase_line_id", "planned_order_id"):
            groups = self.env["crm.pegging"]._read_group([(fname, "in", changes[fname].ids)], [fname], ["quantity:sum"])
            needed.update({(fname, record.id): quantity for record, quantity in groups})
        for change in changes:
            key = next(
                (fname, change[fname].id)
                for fname in ("production_id", "purchase_line_id", "planned_order_id")
                if change[fname] or fname == "planned_order_id"
            )
            idle = change._get_current_quantity() - needed.get(key, 0.0)
            if idle <= EPSILON:
                change._decide("used", self.env._("Needed again"))
            elif idle < change.quantity:
                change.quantity = idle
