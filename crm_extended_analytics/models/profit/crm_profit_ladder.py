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
    """The ladder of margins per customer, product and month, in the window of the last scoring.

    A view over the facts and the measures, not a table: millions of rows a month would cost a run more than all
    its scores. What belongs to a line (discount, return, cost, and the shares of net sales) is taken from the line.
    What belongs to the customer (terms, campaigns, service) is shared among his lines by net sales; a customer
    without net sales has it in a line without a product. So the lines of a customer sum to his measures.
    """

    _name = "crm.profit.ladder"
    _description = "Profit per Customer and Product"
    _auto = False
    _order = "month desc, net_sales desc, id"
    _rec_name = "partner_id"

    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer", readonly=True)
    product_id = fields.Many2one(comodel_name="product.product", readonly=True)
    categ_id = fields.Many2one(comodel_name="product.category", string="Product Category Then", readonly=True)
    month = fields.Date(readonly=True, help="Month of the sale or of the return: its first day.")
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
        return SQL(
            """
            SELECT ladder.*, margin_1 - served AS margin_2, margin_1 - served - overhead AS net_profit
              FROM (SELECT priced.*, net_sales - goods_cost AS margin_1,
                           delivery_cost + terms_cost + commission_cost + campaign_cost + care_cost AS served
                      FROM (%s UNION ALL %s) priced) ladder
            """,
            self._get_line_sql(),
            self._get_rest_sql(),
        )

    @api.model
    def _get_customer_sql(self):
        """Return the measures of the last scored month, with the window and the rates of their method."""
        return SQL(
            """
            SELECT m.id, m.company_id, m.partner_id, m.period, m.as_of, m.net_sales, m.goods_cost, m.cost_rate,
                   m.terms_cost, m.campaign_cost, m.care_cost, method.delivery_pct, method.commission_pct,
                   method.overhead_pct, (m.as_of - make_interval(months => method.window_months))::date AS since
              FROM crm_customer_measure m
              JOIN crm_scoring_run run ON run.id = m.run_id
              JOIN crm_scoring_method method ON method.id = run.method_id
             WHERE m.period = (SELECT MAX(latest.period) FROM crm_customer_score_month latest
                                WHERE latest.company_id = m.company_id)
            """
        )

    @api.model
    def _get_line_sql(self):
        """Return the lines with a product: grouped facts, priced by the measures of their customer."""
        return SQL(
            """
            SELECT line.id, line.company_id, line.partner_id, line.product_id, line.categ_id, line.month,
                   line.quantity, line.gross_sales, line.discounts, line.returns, line.net_sales,
                   CASE WHEN c.goods_cost IS NOT NULL
                        THEN line.cost + line.unknown * COALESCE(c.cost_rate, 0) / 100 END AS goods_cost,
                   line.net_sales * c.delivery_pct / 100 AS delivery_cost,
                   line.net_sales * c.commission_pct / 100 AS commission_cost,
                   line.net_sales * c.overhead_pct / 100 AS overhead,
                   CASE WHEN c.net_sales > 0 THEN c.terms_cost * line.net_sales / c.net_sales ELSE 0 END AS terms_cost,
                   CASE WHEN c.net_sales > 0 THEN c.campaign_cost * line.net_sales / c.net_sales ELSE 0 END
                        AS campaign_cost,
                   CASE WHEN c.net_sales > 0 THEN c.care_cost * line.net_sales / c.net_sales ELSE 0 END AS care_cost
              FROM (SELECT MIN(fact.id) AS id, fact.company_id, fact.partner_id, fact.product_id, fact.categ_id,
                           fact.month, SUM(fact.quantity) AS quantity, SUM(fact.gross)::float8 AS gross_sales,
                           SUM(fact.discount)::float8 AS discounts, SUM(fact.returned)::float8 AS returns,
                           SUM(fact.sold - fact.returned)::float8 AS net_sales, SUM(fact.cost)::float8 AS cost,
                           SUM(fact.unknown)::float8 AS unknown
                      FROM (%(sold)s UNION ALL %(returned)s) fact
                     GROUP BY fact.company_id, fact.partner_id, fact.product_id, fact.categ_id, fact.month) line
              JOIN (%(customers)s) c ON c.company_id = line.company_id AND c.partner_id = line.partner_id
            """,
            sold=self._get_fact_sql("crm.fact.sale"),
            returned=self._get_fact_sql("crm.fact.return"),
            customers=self._get_customer_sql(),
        )

    @api.model
    def _get_fact_sql(self, model):
        """Return the facts in the window of each customer; ids of the two kinds of facts do not meet."""
        is_return = model == "crm.fact.return"
        amount, cost = SQL("COALESCE(f.amount_company, 0)"), SQL("COALESCE(f.cost_company, 0)")
        columns = {
            "id": SQL("f.id::bigint * 2 + %s", int(is_return)),
            "quantity": SQL("0") if is_return else SQL("f.quantity"),
            "gross": SQL("0") if is_return else SQL("COALESCE(f.gross_company, 0)"),
            "discount": SQL("0") if is_return else SQL("COALESCE(f.discount_company, 0)"),
            "sold": SQL("0") if is_return else amount,
            "returned": amount if is_return else SQL("0"),
            "cost": SQL("-%s", cost) if is_return else cost,
            "unknown": SQL("0") if is_return else SQL("CASE WHEN f.cost_company IS NULL THEN %s ELSE 0 END", amount),
        }
        return SQL(
            """
            SELECT f.company_id, f.commercial_partner_id AS partner_id, f.product_id, f.categ_id,
                   date_trunc('month', f.date)::date AS month, %s
              FROM %s f
              JOIN (%s) w ON w.company_id = f.company_id AND w.partner_id = f.commercial_partner_id
             WHERE f.date > w.since AND f.date <= w.as_of %s
            """,
            SQL(", ").join(SQL("%s AS %s", value, SQL.identifier(name)) for name, value in columns.items()),
            SQL.identifier(self.env[model]._table),
            self._get_customer_sql(),
            SQL("AND f.kind = 'credit_note'") if is_return else SQL(""),
        )

    @api.model
    def _get_rest_sql(self):
        """Return the cost of customers without net sales, in a line without a product."""
        return SQL(
            """
            SELECT -c.id AS id, c.company_id, c.partner_id, NULL::int AS product_id, NULL::int AS categ_id,
                   c.period AS month, 0 AS quantity, 0 AS gross_sales, 0 AS discounts, 0 AS returns, 0 AS net_sales,
                   CASE WHEN c.goods_cost IS NOT NULL THEN 0 END AS goods_cost, 0 AS delivery_cost,
                   0 AS commission_cost, 0 AS overhead, c.terms_cost, c.campaign_cost, c.care_cost
              FROM (%s) c
             WHERE COALESCE(c.net_sales, 0) <= 0 AND c.terms_cost + c.campaign_cost + c.care_cost <> 0
            """,
            self._get_customer_sql(),
        )

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------
    def action_open_facts(self):
        """Show the sales of the line."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_fact_sale_action")
        domain = [
            ("company_id", "=", self.company_id.id),
            ("commercial_partner_id", "=", self.partner_id.id),
            ("product_id", "=", self.product_id.id),
            ("date", ">=", self.month),
            ("date", "<", fields.Date.add(self.month, months=1)),
        ]
        return action | {"domain": domain, "views": [[False, "list"]], "view_mode": "list"}

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
