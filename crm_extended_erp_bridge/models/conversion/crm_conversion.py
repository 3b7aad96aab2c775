from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...chain import days_late

FEATURE = "conversion_chain"
STATES = [
    ("confirmed", "Confirmed"),
    ("production", "Making & Buying"),
    ("ready", "Ready"),
    ("shipping", "Shipping"),
    ("delivered", "Delivered"),
    ("invoiced", "Invoiced"),
    ("paid", "Paid"),
    ("cancelled", "Cancelled"),
]
# Odoo's kanban palette
RED, GREEN = 1, 10
# Orders whose stored values are worked out per round when many are filled in at once.
BACKFILL_SIZE = 1000


class CrmConversion(models.Model):
    """A quotation that became an order, followed to the last payment.

    One record per order, unique in the database. It holds no facts of its own: everything stored here is worked
    out from the documents (``crm.conversion.evidence.mixin``) whenever one of them changes, so nobody edits it.
    """

    _name = "crm.conversion"
    _description = "Conversion"
    _inherit = [
        "crm.conversion.evidence.mixin",
        "crm.conversion.documents.mixin",
        "crm.conversion.timeline.mixin",
    ]
    # Late ones first: by plan, then by calendar; what is settled comes last.
    _order = "is_open desc, is_planned_late desc, date_deadline, id"
    _rec_name = "name"
    _check_company_auto = True

    order_id = fields.Many2one(
        comodel_name="sale.order",
        required=True,
        readonly=True,
        ondelete="cascade",
        check_company=True,
        help="The confirmed order. When it is deleted, its conversion goes with it.",
    )
    name = fields.Char(related="order_id.name", store=True, string="Order Reference")
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    currency_id = fields.Many2one(related="order_id.currency_id", store=True, string="Order Currency")
    partner_id = fields.Many2one(related="order_id.partner_id", store=True, index=True, string="Customer")
    commercial_partner_id = fields.Many2one(
        related="order_id.partner_id.commercial_partner_id",
        store=True,
        index=True,
        string="Customer Entity",
    )
    opportunity_id = fields.Many2one(related="order_id.opportunity_id", store=True, index="btree_not_null")
    user_id = fields.Many2one(related="order_id.user_id", store=True, index=True, string="Salesperson")
    team_id = fields.Many2one(related="order_id.team_id", store=True, index=True, string="Sales Team")
    date_converted = fields.Datetime(
        related="order_id.date_order",
        store=True,
        string="Order Date",
        help="When the quotation was confirmed. Confirming a cancelled order again sets it anew.",
    )
    invoice_status = fields.Selection(related="order_id.invoice_status", store=True)
    date_promised = fields.Datetime(
        compute="_compute_date_promised",
        store=True,
        string="Promised",
        help="The delivery date agreed with the customer (of the order's tab Other Info); where none was agreed, "
        "the date that Odoo expects from the lead times of the products.",
    )
    state = fields.Selection(
        selection=STATES,
        compute="_compute_evidence",
        store=True,
        index=True,
        group_expand="_group_expand_states",
        help="Worked out from the documents. Making & Buying: a manufacturing or purchase order is launched and "
        "not finished. Ready: everything is made and received, nothing shipped. Shipping: partly delivered. "
        "Delivered: nothing left to ship. Invoiced: all posted. Paid: no amount open. It falls back when a "
        "document is cancelled, returned, credited or unpaid again.",
    )
    is_open = fields.Boolean(compute="_compute_evidence", store=True, help="Neither paid nor cancelled.")
    is_delivery_pending = fields.Boolean(compute="_compute_evidence", store=True)
    has_goods = fields.Boolean(
        compute="_compute_evidence",
        store=True,
        string="Physical Products",
        help="Physical products were sold, not only services.",
    )
    date_deadline = fields.Date(
        compute="_compute_evidence",
        store=True,
        string="Deadline",
        help="The day after which the present step is late: promised day until all is delivered, then the earliest "
        "due date of its unpaid invoices.",
    )
    is_planned_late = fields.Boolean(
        compute="_compute_evidence",
        store=True,
        help="The plan of the open documents ends on a later day than was promised.",
    )
    date_expected = fields.Datetime(
        compute="_compute_evidence",
        store=True,
        string="Planned End",
        help="Latest planned date of the purchases, manufacturing orders and transfers that are still open.",
    )
    date_due = fields.Date(
        compute="_compute_evidence",
        store=True,
        string="Payment Due",
        help="Earliest due date of the posted invoices that are not fully paid.",
    )
    amount_untaxed_order = fields.Monetary(
        compute="_compute_evidence",
        store=True,
        currency_field="currency_id",
        string="Untaxed (Order)",
        help="Sum of the untaxed subtotals of the product lines, in the currency of the order.",
    )
    amount_untaxed = fields.Monetary(
        compute="_compute_evidence",
        store=True,
        currency_field="company_currency_id",
        string="Untaxed",
        help="The same in company currency, divided by the rate kept on the order. Ties to Untaxed Total "
        "(sale.report.price_subtotal) of Sales > Reporting > Sales for the same orders in status Sales Order; both "
        "leave cancelled orders out when filtered so. Odoo does not round there, so the sums agree to the cent "
        "per order.",
    )
    margin = fields.Monetary(
        compute="_compute_evidence",
        store=True,
        currency_field="company_currency_id",
        help="Margin of the order (untaxed amount less cost of its lines) in company currency, at the order's rate.",
    )
    amount_invoiced = fields.Monetary(
        compute="_compute_evidence",
        store=True,
        currency_field="company_currency_id",
        string="Invoiced",
        help="Untaxed amount of the posted invoice lines of this order, credit notes negative, down payments "
        "included and taken off again by the final invoice. Ties to Untaxed Amount "
        "(account.invoice.report.price_subtotal) of Invoicing > Reporting > Invoice Analysis for the same posted "
        "invoices.",
    )
    amount_paid = fields.Monetary(
        compute="_compute_evidence",
        store=True,
        currency_field="company_currency_id",
        string="Paid",
        help="Untaxed: for each invoice line its amount x the paid part of its invoice, where the paid part is "
        "(total - residual) / total with taxes. Credit notes count negative, so a credited invoice is not paid.",
    )
    amount_residual = fields.Monetary(
        compute="_compute_evidence",
        store=True,
        currency_field="company_currency_id",
        string="Unpaid",
        help="Invoiced - Paid, untaxed.",
    )
    amount_due = fields.Monetary(
        compute="_compute_evidence",
        store=True,
        currency_field="company_currency_id",
        help="What the customer still owes, taxes included: the residual of each invoice, shared by its lines.",
    )
    delivered_pct = fields.Float(
        compute="_compute_evidence",
        store=True,
        aggregator="avg",
        string="Delivered (%)",
        help="Delivered / ordered quantity of the physical products, 0 to 100; of the services where only "
        "services are sold. What was delivered beyond the order does not count.",
    )
    produced_pct = fields.Float(
        compute="_compute_evidence",
        store=True,
        aggregator="avg",
        string="Produced (%)",
        help="Finished / all manufacturing orders of the chain, of all levels, cancelled ones left out; 0 to 100.",
    )
    is_late = fields.Boolean(
        compute="_compute_lateness",
        search="_search_is_late",
        string="Late",
        help="Not delivered and the promised day is past, or the plan ends after it; or an invoice is overdue.",
    )
    days_late = fields.Integer(
        compute="_compute_lateness",
        help="Calendar days by which the promised day is or, after the plan, will be missed; or by which the "
        "oldest unpaid invoice is overdue, whichever is more.",
    )

    late_label = fields.Char(compute="_compute_lateness", help="How late, in words; empty when on time.")
    color = fields.Integer(compute="_compute_lateness", help="Kanban colour: red when late, green when paid.")

    _order_uniq = models.UniqueIndex("(order_id)", "This order has its conversion already.")
    _open_idx = models.Index("(is_open, is_planned_late, date_deadline)")

    # ------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------

    @api.depends(
        "order_id.commitment_date",
        "order_id.date_order",
        "order_id.state",
        "order_id.picking_policy",
        "order_id.order_line.customer_lead",
    )
    def _compute_date_promised(self):
        for conversion in self:
            order = conversion.order_id
            # a cancelled order expects nothing any more, but what was promised stays to be seen
            conversion.date_promised = order.commitment_date or order.expected_date or conversion.date_promised

    @api.depends(
        "date_promised",
        "order_id.state",
        "order_id.invoice_status",
        "order_id.currency_rate",
        "order_id.margin",
        "order_id.order_line.product_id",
        "order_id.order_line.price_subtotal",
        "order_id.order_line.product_uom_qty",
        "order_id.order_line.qty_delivered",
        "order_id.order_line.invoice_lines.balance",
        "order_id.order_line.invoice_lines.price_total",
        "order_id.order_line.invoice_lines.move_id.state",
        "order_id.order_line.invoice_lines.move_id.payment_state",
        "order_id.order_line.invoice_lines.move_id.amount_residual_signed",
        "order_id.order_line.invoice_lines.move_id.invoice_date_due",
        "order_id.picking_ids.state",
        "order_id.picking_ids.scheduled_date",
        "order_id.stock_reference_ids.production_ids.state",
        "order_id.stock_reference_ids.production_ids.date_finished",
        "order_id.stock_reference_ids.purchase_ids.state",
        "order_id.stock_reference_ids.purchase_ids.receipt_status",
        "order_id.stock_reference_ids.purchase_ids.date_planned",
    )
    def _compute_evidence(self):
        rows = self._get_evidence_rows(self.order_id.ids)
        for conversion in self:
            row = rows.get(conversion.order_id.id)
            if row:
                conversion.update(self._prepare_evidence_values(row, conversion.date_promised))

    @api.depends("state", "is_open", "is_delivery_pending", "date_promised", "date_expected", "date_due")
    @api.depends_context("lang", "tz")
    def _compute_lateness(self):
        today = fields.Date.context_today(self)
        for conversion in self:
            pending = conversion.is_delivery_pending
            conversion.days_late = conversion.is_open and days_late(
                today=today,
                promised=pending and self._to_local_date(conversion.date_promised),
                expected=conversion.is_planned_late and self._to_local_date(conversion.date_expected),
                due=conversion.date_due,
            )
            conversion.is_late = conversion.days_late > 0
            conversion.late_label = conversion._get_late_label()
            conversion.color = RED if conversion.is_late else GREEN if conversion.state == "paid" else 0

    def _get_late_label(self):
        self.ensure_one()
        if not self.is_late:
            return ""
        if self.days_late == 1:
            return self.env._("1 day late")
        return self.env._("%s days late", self.days_late)

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("is_open", "=", True) & (
            Domain("is_delivery_pending", "=", True)
            & (Domain("date_promised", "<", self._get_today_start()) | Domain("is_planned_late", "=", True))
            | Domain("date_due", "<", fields.Date.context_today(self))
        )
        return Domain.OR((late if wanted else ~late) for wanted in value)

    def _to_local_date(self, moment):
        """The reader's calendar day of a naive UTC `moment`."""
        return moment and fields.Datetime.context_timestamp(self, moment).date()

    def _get_today_start(self):
        """The reader's midnight as naive UTC: what is promised before it is promised for a day that is over."""
        zone = pytz.timezone(self.env.context.get("tz") or self.env.user.tz or "UTC")
        midnight = zone.localize(datetime.combine(fields.Date.context_today(self), time.min))
        return midnight.astimezone(pytz.utc).replace(tzinfo=None)

    def _group_expand_states(self, states, domain):
        """Show all columns of the way from order to payment, cancelled only where there are some."""
        return [state for state, _label in STATES if state != "cancelled" or state in states]

    # ------------------------------------------------------------
    # Creation
    # ------------------------------------------------------------

    @api.model
    def _create_for_orders(self, orders):
        """Return the conversions of the confirmed `orders`, created where missing.

        Called in the transaction that confirms; a retry or a second call finds the first record.
        """
        orders = orders.filtered(lambda order: order.state == "sale" and order.company_id._has_feature(FEATURE))
        if not orders:
            return self.browse()
        # sudo: derived figures belong to no user; who confirms (the customer in the portal) may not create them
        model = self.sudo()
        existing = model.search([("order_id", "in", orders.ids)])
        missing = orders - existing.order_id
        if not missing:
            return existing
        return existing | model._insert_for_orders(SQL("o.id IN %s", tuple(missing.ids)))

    @api.model
    def _backfill(self, companies):
        """Create what is missing for the confirmed orders of `companies` that have the feature; return how many."""
        companies = companies.filtered(lambda company: company._has_feature(FEATURE))
        if not companies:
            return 0
        # sudo: as in _create_for_orders
        return len(self.sudo()._insert_for_orders(SQL("o.company_id IN %s", tuple(companies.ids))))

    @api.model
    def _insert_for_orders(self, condition):
        """Insert the conversions of the confirmed orders that meet `condition` on alias `o`, and work them out.

        One INSERT for any number. Where another transaction has just inserted the same order, PostgreSQL answers
        ON CONFLICT with a serialization failure, and Odoo repeats the transaction, which then finds that one; an
        INSERT by the ORM would fail for good on the unique index.
        """
        self.env["sale.order"].flush_model(["state", "company_id"])
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_conversion (order_id, create_uid, create_date, write_uid, write_date)
                     SELECT o.id, %(uid)s, NOW() AT TIME ZONE 'UTC', %(uid)s, NOW() AT TIME ZONE 'UTC'
                       FROM sale_order o
                      WHERE o.state = 'sale' AND %(condition)s
                        AND NOT EXISTS (SELECT FROM crm_conversion c WHERE c.order_id = o.id)
                   ORDER BY o.id
                ON CONFLICT (order_id) DO NOTHING
                  RETURNING id
                """,
                uid=self.env.uid,
                condition=condition,
            )
        )
        created = self.browse([row[0] for row in rows])
        self.env["sale.order"].invalidate_model(["conversion_ids"], flush=False)
        for start in range(0, len(created), BACKFILL_SIZE):
            created[start : start + BACKFILL_SIZE]._recompute_stored()
        # what an order shows of its conversion is to be read again
        created.modified(["state", "date_promised"])
        return created

    def _recompute_stored(self):
        """Work out every stored value of these conversions anew and write it."""
        for field in self._fields.values():
            if field.store and field.compute:
                self.env.add_to_compute(field, self)
        self.flush_recordset()

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_open_order(self):
        self.ensure_one()
        return self._get_document_action(self.order_id)

    def action_open_opportunity(self):
        self.ensure_one()
        return self._get_document_action(self.opportunity_id)

    def _get_document_action(self, documents, name=None):
        """Open one document as a form, several as a list."""
        action = {
            "type": "ir.actions.act_window",
            "name": name or documents._description,
            "res_model": documents._name,
            "context": {"create": False},
        }
        if len(documents) == 1:
            return {**action, "res_id": documents.id, "views": [(False, "form")]}
        return {**action, "domain": [("id", "in", documents.ids)], "views": [(False, "list"), (False, "form")]}
