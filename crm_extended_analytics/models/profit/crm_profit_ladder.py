from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..seven_p.crm_customer_measure import money

# steps of the ladder in their order: (field, +1 brings / -1 costs / 0 is a sum of those before)
STEPS = (
    ("gross_sales", 1),
    ("discounts", -1),
    ("returns", -1),
    ("net_sales", 0),
    ("goods_cost", -1),
    ("margin_1", 0),
    ("delivery_cost", -1),
    ("terms_cost", -1),
    ("commission_cost", -1),
    ("campaign_cost", -1),
    ("care_cost", -1),
    ("margin_2", 0),
    ("overhead", -1),
    ("net_profit", 0),
)


class CrmProfitLadder(models.Model):
    """The ladder of margins of each sale and return in the window of the last scoring, to be summed as one likes.

    A view over the facts and the measures, not a table: millions of rows a month would cost a run more than all
    its scores. What belongs to a line (discount, return, cost, and the shares of net sales) is taken from the line.
    What belongs to the customer (terms, campaigns, service) is shared among his lines by net sales; a customer
    without net sales has it in a line without a product. All of it is linear, so the lines need no grouping before
    the one of the reader, and those of a customer sum to his measures.
    """

    _name = "crm.profit.ladder"
    _description = "Profit per Customer and Product"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "document_name"

    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer", readonly=True)
    product_id = fields.Many2one(comodel_name="product.product", readonly=True)
    categ_id = fields.Many2one(comodel_name="product.category", string="Product Category Then", readonly=True)
    date = fields.Date(readonly=True, help="Date of the sale or of the return.")
    document_name = fields.Char(string="Document", readonly=True)
    quantity = fields.Float(digits="Product Unit", readonly=True, help="Sold, in the unit of the product.")
    gross_sales = money("Gross Sales", "Net before discount.")
    discounts = money("Discounts", "Gross - net.")
    returns = money("Returns", "Net amount of credit notes.")
    net_sales = money("Net Sales", "Gross sales - discounts - returns.")
    goods_cost = money(
        "Cost of Goods",
        "Cost of what was sold less that of what came back; lines of unknown cost at the customer's cost rate. Empty "
        "when too little of the customer's cost is known.",
    )
    margin_1 = money("CM1", "Net sales - cost of goods.")
    delivery_cost = money("Delivery", "Net sales x share of the method.")
    terms_cost = money("Terms", "Cost of the customer's terms x net sales of the line / net sales of the customer.")
    commission_cost = money("Commission", "Net sales x share of the method.")
    campaign_cost = money(
        "Campaigns", "Cost of the customer's campaign touches x net sales of the line / net sales of the customer."
    )
    care_cost = money(
        "Service and Visits", "Cost of the customer's cases and meetings x net sales of the line / his net sales."
    )
    margin_2 = money("CM2", "CM1 - delivery - terms - commission - campaigns - service and visits.")
    overhead = money("Overhead", "Net sales x key of the method.")
    net_profit = money("Net Profit", "CM2 - overhead.")

    # ------------------------------------------------------------------
    # View
    # ------------------------------------------------------------------
    @property
    def _table_query(self):
        windows = self._get_windows()
        parts = [self._get_line_sql(model, windows) for model in ("crm.fact.sale", "crm.fact.return")]
        return SQL(
            """
            SELECT ladder.*, margin_1 - served AS margin_2, margin_1 - served - overhead AS net_profit
              FROM (SELECT priced.*, net_sales - goods_cost AS margin_1,
                           delivery_cost + terms_cost + commission_cost + campaign_cost + care_cost AS served
                      FROM (%s) priced) ladder
            """,
            SQL(" UNION ALL ").join([*parts, self._get_rest_sql(windows)]),
        )

    @api.model
    def _get_windows(self):
        """Return the SQL of the runs behind the last scored month of each company, with window and rates.

        Values and not a sub-select: with them the planner knows that they are few.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT run.id, run.company_id, run.period, run.as_of,
                       (run.as_of - make_interval(months => method.window_months))::date,
                       COALESCE(method.delivery_pct, 0), COALESCE(method.commission_pct, 0),
                       COALESCE(method.overhead_pct, 0)
                  FROM res_company company
                  JOIN LATERAL (SELECT MAX(period) AS period FROM crm_customer_score_month
                                 WHERE company_id = company.id) latest ON latest.period IS NOT NULL
                  JOIN crm_scoring_run run ON run.company_id = company.id AND run.period = latest.period
                  JOIN crm_scoring_method method ON method.id = run.method_id
                """
            )
        )
        # no company was scored: a run that is none
        rows = rows or [(0, 0, None, None, None, 0.0, 0.0, 0.0)]
        return SQL(
            "(VALUES %s) w (run_id, company_id, period, as_of, since, delivery, commission, overhead)",
            SQL(", ").join(
                SQL("(%s, %s, %s::date, %s::date, %s::date, %s::float8, %s::float8, %s::float8)", *row) for row in rows
            ),
        )

    @api.model
    def _get_line_sql(self, model, windows):
        """Return the facts in the window of each customer, priced by his measures; ids of both kinds do not meet."""
        is_return = model == "crm.fact.return"
        nothing = SQL("0::float8")
        amount = SQL("COALESCE(f.amount_company, 0)::float8")
        net = SQL("-%s", amount) if is_return else amount
        shared = SQL("CASE WHEN m.net_sales > 0 THEN %s / m.net_sales ELSE 0 END", net)
        cost = (
            SQL("-COALESCE(f.cost_company, 0)::float8")
            if is_return
            else SQL("COALESCE(f.cost_company::float8, %s * COALESCE(m.cost_rate, 0) / 100)", amount)
        )
        columns = {
            "id": SQL("f.id::bigint * 2 + %s", int(is_return)),
            "company_id": SQL("f.company_id"),
            "partner_id": SQL("f.commercial_partner_id"),
            "product_id": SQL("f.product_id"),
            "categ_id": SQL("f.categ_id"),
            "date": SQL("f.date"),
            "document_name": SQL("f.document_name"),
            "quantity": SQL("0::numeric") if is_return else SQL("f.quantity"),
            "gross_sales": nothing if is_return else SQL("COALESCE(f.gross_company, 0)::float8"),
            "discounts": nothing if is_return else SQL("COALESCE(f.discount_company, 0)::float8"),
            "returns": amount if is_return else nothing,
            "net_sales": net,
            "goods_cost": SQL("CASE WHEN m.goods_cost IS NOT NULL THEN %s END", cost),
            "delivery_cost": SQL("%s * w.delivery / 100", net),
            "commission_cost": SQL("%s * w.commission / 100", net),
            "overhead": SQL("%s * w.overhead / 100", net),
            "terms_cost": SQL("m.terms_cost * %s", shared),
            "campaign_cost": SQL("m.campaign_cost * %s", shared),
            "care_cost": SQL("m.care_cost * %s", shared),
        }
        return SQL(
            """
            SELECT %(columns)s
              FROM %(fact)s f
              JOIN crm_customer_measure m ON m.company_id = f.company_id AND m.partner_id = f.commercial_partner_id
              JOIN %(windows)s ON w.run_id = m.run_id AND w.period = m.period
             WHERE f.date > w.since AND f.date <= w.as_of %(kind)s
            """,
            columns=SQL(", ").join(SQL("%s AS %s", value, SQL.identifier(name)) for name, value in columns.items()),
            fact=SQL.identifier(self.env[model]._table),
            windows=windows,
            kind=SQL("AND f.kind = 'credit_note'") if is_return else SQL(""),
        )

    @api.model
    def _get_rest_sql(self, windows):
        """Return the cost of customers without net sales, in a line without a product."""
        return SQL(
            """
            SELECT -m.id::bigint, m.company_id, m.partner_id, NULL::int, NULL::int, w.as_of, NULL::varchar,
                   0::numeric, 0::float8, 0::float8, 0::float8, 0::float8,
                   CASE WHEN m.goods_cost IS NOT NULL THEN 0::float8 END, 0::float8, 0::float8, 0::float8,
                   m.terms_cost, m.campaign_cost, m.care_cost
              FROM crm_customer_measure m JOIN %s ON w.run_id = m.run_id AND w.period = m.period
             WHERE COALESCE(m.net_sales, 0) <= 0 AND m.terms_cost + m.campaign_cost + m.care_cost <> 0
            """,
            windows,
        )

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------
    def action_open_document(self):
        """Open the document of the line; a line without one stands for the customer."""
        self.ensure_one()
        if self.id > 0:
            return (
                self.env["crm.fact.return" if self.id % 2 else "crm.fact.sale"]
                .browse(self.id // 2)
                .action_open_document()
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [[False, "form"]],
        }

    @api.model
    def get_waterfall(self, partner_id=False):
        """Return the steps of the ladder of the user's company, or of one customer, for the picture.

        The sums are those of the measures, which the lines of the ladder sum to. Net sales of customers whose cost
        is not known are taken out before CM1: a margin without its cost is none.
        """
        domain = [("company_id", "=", self.env.company.id)]
        if partner_id:
            customer = self.env["res.partner"].browse(partner_id).commercial_partner_id
            domain.append(("partner_id", "=", customer.id))
        measures = self.env["crm.customer.measure"]
        last = measures.search(domain, order="period desc", limit=1)
        if not last:
            return False
        domain.append(("period", "=", last.period))
        # `sudo`: who may read the measures may read the rates they are made with
        amounts = self._sum_measures(domain, last.run_id.sudo().exists().method_id)
        labels = self.fields_get([name for name, _sign in STEPS], ["string"])
        return {
            "as_of": format_date(self.env, last.as_of),
            "currency_id": self.env.company.currency_id.id,
            "steps": [
                {"code": name, "label": labels[name]["string"], "sign": sign, "amount": amounts[name]}
                for name, sign in STEPS[:4]
            ]
            + self._prepare_unknown(amounts)
            + [
                {"code": name, "label": labels[name]["string"], "sign": sign, "amount": amounts[name]}
                for name, sign in STEPS[4:]
            ],
        }

    @api.model
    def _sum_measures(self, domain, method):
        """Return the amount of each step; from the cost of goods on, of customers whose cost is known."""
        measures = self.env["crm.customer.measure"]
        above = ("gross_sales", "discounts", "returns", "net_sales")
        ((*sums,),) = measures._read_group(domain, [], [f"{name}:sum" for name in above])
        below = ("net_sales", "goods_cost", "terms_cost", "campaign_cost", "care_cost")
        known_domain = [*domain, ("goods_cost", "!=", False)]
        ((*known,),) = measures._read_group(known_domain, [], [f"{name}:sum" for name in below])
        amounts = {name: value or 0.0 for name, value in zip(above, sums, strict=True)}
        known = {name: value or 0.0 for name, value in zip(below, known, strict=True)}
        net = known.pop("net_sales")
        amounts |= known | {
            "unknown": amounts["net_sales"] - net,
            "delivery_cost": net * method.delivery_pct / 100,
            "commission_cost": net * method.commission_pct / 100,
            "overhead": net * method.overhead_pct / 100,
            "margin_1": net - known["goods_cost"],
        }
        served = ("delivery_cost", "terms_cost", "commission_cost", "campaign_cost", "care_cost")
        amounts["margin_2"] = amounts["margin_1"] - sum(amounts[name] for name in served)
        amounts["net_profit"] = amounts["margin_2"] - amounts["overhead"]
        return amounts

    @api.model
    def _prepare_unknown(self, amounts):
        if self.env.company.currency_id.is_zero(amounts["unknown"]):
            return []
        return [
            {"code": "unknown", "label": self.env._("Sales of unknown cost"), "sign": -1, "amount": amounts["unknown"]}
        ]
