import json
from datetime import timedelta
from math import ceil

from odoo import api, fields, models
from odoo.tools import SQL

COLUMNS = {
    "sale_line_id": "int",
    "order_id": "int",
    "partner_id": "int",
    "user_id": "int",
    "company_id": "int",
    "mrp_area_id": "int",
    "product_id": "int",
    "date_promised": "date",
    "date_expected": "date",
    "days_late": "int",
    "cause_type": "varchar",
    "cause_product_id": "int",
    "cause_partner_id": "int",
    "cause_workcenter_id": "int",
    "cause_data": "jsonb",
}


class CrmOrderRisk(models.Model):
    """An order line that the last plan cannot deliver when it was promised, and what holds it up.

    Made anew by each planning run of an area from the pegging: nothing is edited here.
    """

    _name = "crm.order.risk"
    _description = "Order at Risk"
    _inherit = ["crm.order.risk.cause.mixin"]
    _order = "date_promised, days_late desc, id"
    _rec_name = "order_id"
    # rebuilt by the thousand: who and when is on the planning run
    _log_access = False

    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Order Line",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    order_id = fields.Many2one(comodel_name="sale.order", required=True, readonly=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer", readonly=True, ondelete="cascade")
    user_id = fields.Many2one(comodel_name="res.users", string="Salesperson", readonly=True, ondelete="set null")
    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True, ondelete="cascade")
    mrp_area_id = fields.Many2one(
        comodel_name="mrp.area", string="MRP Area", required=True, readonly=True, index=True, ondelete="cascade"
    )
    product_id = fields.Many2one(comodel_name="product.product", readonly=True, ondelete="cascade")
    date_promised = fields.Date(
        string="Promised",
        readonly=True,
        help="Delivery date of the order; else the date promised when it was confirmed; else the deadline of its "
        "delivery.",
    )
    date_expected = fields.Date(
        string="Expected",
        readonly=True,
        help="Day on which the last of the line can really be there by the pegging, plus the lead time of the line "
        "(where it was part of the promise) and the security lead time for sales. Empty while something is short.",
    )
    days_late = fields.Integer(
        readonly=True,
        aggregator="max",
        help="Calendar days from the promised to the expected day; while something is short and no day is known, the "
        "days since the promised day.",
    )
    cause_type = fields.Selection(
        selection=[
            ("component", "Component"),
            ("workcenter", "Work Centre"),
            ("vendor", "Vendor"),
            ("shortage", "Shortage"),
            ("none", "Not Shipped"),
        ],
        string="Reason",
        readonly=True,
    )
    cause_product_id = fields.Many2one(
        comodel_name="product.product", string="Deciding Product", readonly=True, ondelete="set null"
    )
    cause_partner_id = fields.Many2one(comodel_name="res.partner", string="Vendor", readonly=True, ondelete="set null")
    cause_workcenter_id = fields.Many2one(
        comodel_name="mrp.workcenter", string="Work Centre", readonly=True, ondelete="set null"
    )
    cause_data = fields.Json(readonly=True)
    cause = fields.Char(compute="_compute_cause", help="What holds the line up, down its pegging.")

    @api.depends("cause_data")
    @api.depends_context("lang", "tz")
    def _compute_cause(self):
        sentences = self.env["crm.promise.cause"]._get_sentences([risk.cause_data for risk in self])
        for risk, sentence in zip(self, sentences, strict=True):
            risk.cause = sentence

    # ------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------

    def action_open_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.order_id.id,
            "view_mode": "form",
            "name": self.order_id.display_name,
        }

    def action_open_pegging(self):
        self.ensure_one()
        return self.env["crm.pegging"]._get_tree_action(self.sale_line_id)

    def action_schedule_activity(self):
        """Let the user write what the salesperson has to tell the customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Schedule Activity"),
            "res_model": "mail.activity.schedule",
            "view_mode": "form",
            "target": "new",
            "context": {
                "active_model": "sale.order",
                "active_ids": self.order_id.ids,
                "active_id": self.order_id.id,
                "default_activity_user_id": self.user_id.id or self.env.uid,
                "default_summary": self.env._("Delivery at risk: %s", self.product_id.display_name),
                "default_note": self.cause,
            },
        }

    # ------------------------------------------------------------
    # Rebuild
    # ------------------------------------------------------------

    @api.model
    def _rebuild(self, area):
        """List anew the order lines of `area` that will be late or short. Called in the planning job.

        Reads the whole pegging of the area in four statements and writes by one, whatever the number of lines.
        """
        area.ensure_one()
        self.env.cr.execute(SQL("DELETE FROM crm_order_risk WHERE mrp_area_id = %s", area.id))
        # sudo: the plan is one for all who read it, whoever started the run
        self = self.sudo()
        today = area._datetime_to_date_tz()
        lines = [(self._prepare_risk(area, line, today), line) for line in self._read_pegged_lines(area)]
        risks = [(risk, line) for risk, line in lines if risk]
        causes = self._get_causes(area, [line for _risk, line in risks], today) if risks else []
        self._insert([{**risk, **cause} for (risk, _line), cause in zip(risks, causes, strict=True)])

    @api.model
    def _read_pegged_lines(self, area):
        """One row per order line: its dates, and the row of the pegging that decides, as a dict."""
        self.env["crm.pegging"].flush_model()
        self.env["sale.order.line"].flush_model()
        self.env["sale.order"].flush_model()
        self.env["stock.move"].flush_model(["date_deadline", "date"])
        return [
            dict(zip(self._LINE, row, strict=True))
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT ON (pegging.sale_line_id)
                           pegging.sale_line_id, line.order_id, sale.partner_id, sale.user_id, sale.company_id,
                           line.product_id, pegging.product_id, sale.commitment_date, line.promised_date,
                           COALESCE(move.date_deadline, move.date), line.customer_lead, company.security_lead,
                           pegging.supply_type, pegging.is_short, pegging.feasible_date,
                           pegging.production_id, pegging.planned_order_id, pegging.purchase_line_id
                      FROM crm_pegging pegging
                      JOIN sale_order_line line ON line.id = pegging.sale_line_id
                      JOIN sale_order sale ON sale.id = line.order_id
                      JOIN res_company company ON company.id = sale.company_id
                 LEFT JOIN stock_move move ON move.id = pegging.demand_move_id
                     WHERE pegging.mrp_area_id = %s AND pegging.demand_type = 'order'
                  ORDER BY pegging.sale_line_id, (pegging.supply_type = 'shortage') DESC,
                           COALESCE(pegging.is_short, FALSE) DESC, pegging.feasible_date DESC NULLS LAST, pegging.id
                    """,
                    area.id,
                )
            )
        ]

    _LINE = (
        "sale_line_id",
        "order_id",
        "partner_id",
        "user_id",
        "company_id",
        "sold_product_id",
        "product_id",
        "commitment_date",
        "promised_date",
        "deadline",
        "customer_lead",
        "security_lead",
        "supply_type",
        "is_short",
        "feasible_date",
        "production_id",
        "planned_order_id",
        "purchase_line_id",
    )

    @api.model
    def _prepare_risk(self, area, line, today):
        """The values of a line that is late or short, without its cause; None for one that is in time."""
        promised, transport = self._get_promised(line)
        promised = promised and area._datetime_to_date_tz(promised)
        is_short = line["is_short"] or line["supply_type"] == "shortage"
        expected = line["feasible_date"]
        if expected and not is_short:
            expected += timedelta(days=transport)
        elif is_short:
            expected = None
        days = max(((expected or today) - promised).days, 0) if promised else 0
        if not (is_short or days):
            return None
        names = ("sale_line_id", "order_id", "partner_id", "user_id", "company_id")
        return {
            **{name: line[name] for name in names},
            "product_id": line["sold_product_id"],
            "mrp_area_id": area.id,
            "date_promised": promised,
            "date_expected": expected,
            "days_late": days,
        }

    @api.model
    def _get_promised(self, line):
        """Return the promised moment and the days from our door to the customer that it includes.

        Where nothing was promised, the deadline of the delivery holds; it is Odoo's, for leaving our door.
        """
        security = max(line["security_lead"] or 0.0, 0.0)
        promised = line["commitment_date"] or line["promised_date"]
        if promised:
            return promised, ceil(security + max(line["customer_lead"] or 0.0, 0.0))
        return line["deadline"], ceil(security)

    @api.model
    def _insert(self, risks):
        if risks:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO crm_order_risk (%(names)s) "
                    "SELECT %(names)s FROM jsonb_to_recordset(%(rows)s) AS row (%(types)s)",
                    names=SQL(", ").join(SQL.identifier(name) for name in COLUMNS),
                    types=SQL(", ").join(
                        SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in COLUMNS.items()
                    ),
                    # dates as text
                    rows=json.dumps(risks, default=str),
                )
            )
        self.invalidate_model()
        self.env["sale.order"].invalidate_model(["risk_ids"])
