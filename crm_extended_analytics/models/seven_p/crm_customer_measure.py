from odoo import api, fields, models
from odoo.tools import SQL, format_amount, format_date

from ..warehouse.fact_fields import FactMany2one
from .known_float import KnownFloat

NOT_SCORABLE = {"id", "rfm_score", "weekday", "usual_hour", "repeat_rate"}
# room for the second write of a run on the same page, so that no index is touched
FILL_FACTOR = 60


def money(string, formula, **kwargs):
    """Return a measure in the currency of the company; a double, because millions of them are ranked."""
    return KnownFloat(string=string, readonly=True, help=formula + " In the currency of the company.", **kwargs)


def number(string, formula, **kwargs):
    """Return a measure without a currency; its help says formula and unit."""
    return KnownFloat(string=string, readonly=True, aggregator="avg", help=formula, **kwargs)


def count(string, formula, **kwargs):
    """Return a measure that counts."""
    return fields.Integer(string=string, readonly=True, help=formula, **kwargs)


class CrmCustomerMeasure(models.Model):
    """The raw measures of a customer: one wide row per company and customer, of the last scored month.

    A column per measure, because percentiles, pivots and graphs need columns. An addon adds a measure as a field
    by inheritance and fills it from a P. "The window" is that of the scoring method.
    """

    _name = "crm.customer.measure"
    _inherit = ["crm.decision.source.mixin"]
    _description = "Measures of a Customer"
    _log_access = False
    _order = "net_sales desc, id"
    _rec_name = "partner_id"

    company_id = FactMany2one(comodel_name="res.company", required=True, readonly=True)
    partner_id = FactMany2one(comodel_name="res.partner", string="Customer", required=True, readonly=True)
    period = fields.Date(string="Month", required=True, readonly=True)
    as_of = fields.Date(readonly=True, help="Day up to which facts were read.")
    run_id = FactMany2one(comodel_name="crm.scoring.run", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    country_id = FactMany2one(
        comodel_name="res.country", readonly=True, help="Country on the last order; peers are those of the same one."
    )

    customer_kind = fields.Selection(
        selection=[("company", "Companies"), ("person", "Persons")],
        string="Kind",
        readonly=True,
        help="Company or person; peers are those of the same kind, when the method keeps them apart.",
    )

    # profiling
    delay_days = number("Payment Delay (Days)", "sum(amount x days late) / sum(amount) of the payments in the window.")
    late_share = number("Paid Late (%)", "Amount paid after the due date / amount paid, in the window, in percent.")
    basket_value = money("Value of an Order", "Net sales / orders, in the window.", aggregator="avg")
    basket_lines = number("Lines per Order", "Order lines / orders, in the window.")
    gap_deviation = number("Spread of Intervals (Days)", "Standard deviation of the days between purchases.")
    rhythm_variation = number("Irregularity", "Standard deviation / mean of the days between purchases; 0 is regular.")
    weekday = count("Usual Weekday", "Weekday of most orders in the window; 1 is Monday, 7 is Sunday.", aggregator=None)
    usual_hour = KnownFloat(
        readonly=True,
        aggregator=None,
        help="Hour of the day (0 to 23, time zone of the company) of most orders in the window; empty where the "
        "moments of the orders are not known.",
    )
    usual_channel = fields.Char(readonly=True, help="Channel of most orders in the window.")
    top_categ_id = FactMany2one(
        comodel_name="product.category",
        string="Main Category",
        readonly=True,
        help="Category of the product of which he bought most in the window, by net sales.",
    )
    largest_order_share = number(
        "Share of Largest Order (%)", "Net sales of the largest order / net sales, in the window, in percent."
    )
    receivable = money(
        "Receivable", "Invoices up to the day of the run - what was settled of them by then, with taxes."
    )
    overdue_share = number("Overdue (%)", "Receivable due before the day of the run / receivable, in percent.")
    dso = number(
        "DSO (Days)", "Receivable / invoices of the window with taxes x days of the window: days of sales outstanding."
    )
    dso_countback = number(
        "DSO, Counted Back (Days)",
        "Days of the latest months whose invoices with taxes make up the receivable, the last of them in part. A "
        "season does not distort it.",
    )
    limit_use = number(
        "Limit Use (%)",
        "(Receivable + orders of the window not yet invoiced, without taxes) / credit limit of today, in percent. "
        "Empty without a limit.",
    )
    profile_complete = number(
        "Profile Complete (%)",
        "Weight of the filled fields of the contact / weight of all profile fields of the method, in percent, as the "
        "contact is when the run is made.",
    )
    data_age = number(
        "Data Age (Days)", "Day of the run - day on which the contact was last confirmed or changed; 0 when later."
    )
    contact_share = number(
        "Share of One Contact (%)",
        "Net sales to the contact person who orders most / net sales before returns, in the window, in percent. Empty "
        "where no order names a person.",
    )
    top_contact_id = FactMany2one(
        comodel_name="res.partner", string="Main Contact", readonly=True, help="The contact who orders most."
    )
    interests = fields.Json(readonly=True, help="Tags of the contact when the run is made, with their translations.")
    interaction_count = count("Interactions", "Messages, meetings and activities in the window.")

    # persistency
    first_date = fields.Date(string="First Purchase", readonly=True)
    last_date = fields.Date(string="Last Purchase", readonly=True)
    recency_days = number("Days since Purchase", "Day of the run - day of the last purchase.")
    order_count = count("Orders Ever", "Orders with a positive amount up to the day of the run.")
    purchase_days = count("Purchase Days", "Different days with an order; the purchases of the models.")
    tenure_days = number("Age (Days)", "Day of the run - day of the first purchase.")
    active_days = number("Active Span (Days)", "Day of the last purchase - day of the first one.")
    rhythm_days = number("Days between Purchases", "Active span / (purchase days - 1); empty after one purchase.")
    days_late = number("Days Late", "Days since purchase - days between purchases; negative: not due yet.")
    next_date = fields.Date(
        string="Next Purchase Due", readonly=True, help="Last purchase + days between purchases, rounded up."
    )
    repeat_rate = number(
        "Repeat Rate (%)",
        "100 for who bought on two days or more, 0 for who bought on one; the mean over customers is the repeat rate.",
    )
    lost_reason_id = FactMany2one(
        comodel_name="crm.lost.reason",
        string="Main Reason of Loss",
        readonly=True,
        help="Most frequent reason of his lost opportunities and cancelled orders in the window.",
    )
    lateness_ratio = number(
        "Lateness",
        "Days since purchase / days between purchases; for who bought once, the median interval of all customers.",
    )
    rfm_orders = count("Orders (RFM)", "Orders in the RFM window.")
    rfm_money = money("Money (RFM)", "Net sales in the RFM window.")
    rfm_recency_class = count("R", "Class of the days since purchase: 5 the shortest fifth.", aggregator="avg")
    rfm_frequency_class = count("F", "Class of the orders in the RFM window: 5 the highest fifth.", aggregator="avg")
    rfm_money_class = count("M", "Class of the money in the RFM window: 5 the highest fifth.", aggregator="avg")
    rfm_score = count("RFM", "The three classes as one number: 100 R + 10 F + M.", aggregator=None)
    p_alive = number("P(alive)", "Probability that he still buys (BG/NBD); 1 by construction after one purchase.")
    p_alive_repeat = number("P(alive) of Repeat Buyers", "P(alive), empty after one purchase: then it says nothing.")

    contract_count = count("Running Contracts", "Contracts that run on the day; empty where renewals are not modelled.")
    contract_retention = number(
        "Contract Retention (%)",
        "Probability that his running contracts are renewed at their next anniversary, in percent: (beta + t - 1) / "
        "(alpha + beta + t - 1) of the renewal t that each comes to (sBG), as a mean over them. Empty without a fit.",
    )

    # profitability
    gross_sales = money("Gross Sales", "Net before discount, in the window.")
    discounts = money("Discounts", "Gross - net, in the window.")
    returns = money("Returns", "Net amount of credit notes in the window.")
    net_sales = money("Net Sales", "Gross sales - discounts - returns.")
    goods_cost = money("Cost of Goods", "Cost of what was sold, less that of what came back, in the window.")
    cost_known_pct = number("Known Cost (%)", "Net sales with a known cost / net sales, in percent.")
    cost_rate = number("Cost Rate (%)", "Cost / net sales of the lines of known cost, in the window, in percent.")
    margin_1 = money("CM1", "Net sales - cost of goods; empty when too little of the cost is known.")
    campaign_cost = money("Campaign Cost", "Campaign touches in the window x cost of a touch of the method.")
    care_cost = money("Service and Visits", "Service cases and meetings in the window x their costs of the method.")
    terms_cost = money("Terms Cost", "sum(amount x days until it was paid) x interest / 365, in the window.")
    service_costs = money(
        "Cost to Serve", "Delivery + commission + campaign touches + service + meetings + terms, as the method says."
    )
    margin_2 = money("CM2", "CM1 - cost to serve.")
    net_profit = money("Net Profit", "CM2 - overhead, which is a share of net sales.")
    margin_rate = number("Margin Rate (%)", "CM1 / net sales, in percent.")
    historic_margin = money("CLV: Historic Margin", "Margin of all orders so far, returns deducted.")
    mean_purchase = money("Mean Repeat Purchase", "Net sales per purchase day after the first one.", aggregator="avg")
    clv_present = money("CLV: Present Value", "CM1 of a year x r / (1 + i - r); r: retention of all customers.")
    clv_model = money(
        "CLV: Model", "Discounted purchases of 12 months (BG/NBD) x expected value (gamma-gamma) x margin rate."
    )
    clv = money("Lifetime Value", "By the best method that the data of the company carry; the run names it.")
    clv_low = money(
        "Lifetime Value, Low",
        "One customer in ten is below. By the models: the value x the lower error ratio of the back-test of customers "
        "with as many purchases expected. By the present value: 1.28 standard errors of the retention. Empty for the "
        "historic margin, and where the value itself lies outside: the models do not fit such a customer.",
    )
    clv_high = money("Lifetime Value, High", "One customer in ten is above; as the low one.")
    first_campaign_id = FactMany2one(
        comodel_name="utm.campaign", string="Won By", readonly=True, help="Campaign of the first purchase."
    )
    acquisition_cost = money(
        "Acquisition Cost",
        "Spend of the campaign of his first purchase up to the day of the run / customers whom it won. Empty where no "
        "campaign with a cost won him.",
    )
    clv_after_acquisition = money("Lifetime Value after Acquisition", "Lifetime value - acquisition cost.")
    clv_method = fields.Selection(
        selection=[
            ("bg_nbd_gamma_gamma", "Purchases and value, both modelled"),
            ("present_value", "Present value of the margin"),
            ("historic_margin", "Historic margin"),
        ],
        string="Lifetime Value By",
        readonly=True,
        help="The best method that the data of the company carry; the model card says why.",
    )
    value_at_risk = money("Value at Risk", "Lifetime value x (1 - P(alive)).")

    # performance
    sales_before = money("Net Sales Before", "Net sales of the window before the last one.")
    sales_change_pct = number("Growth (%)", "(Net sales - net sales before) / net sales before, in percent.")
    growth_price = money("Growth by Price", "sum((price now - price before) x quantity now) over products of both.")
    growth_volume = money("Growth by Volume", "(Quantity now - before) x average price before, over products of both.")
    growth_mix = money("Growth by Mix", "The change - price - volume - new - lost.")
    growth_new = money("Growth by New Products", "Sales of products that he did not buy in the window before.")
    growth_lost = money("Lost Products", "Minus the sales before of products that he bought no more.")
    wallet_share = number(
        "Share of Wallet (%)",
        "Net sales of the window / what he spends on our category in so many months, in percent; empty where the "
        "wallet is not known, or smaller than our sales.",
    )
    wallet_expected = number(
        "Share of Wallet Expected (%)",
        "Wallet allocation rule: (1 - rank / (suppliers + 1)) x 2 / suppliers, in percent, by our rank with him.",
    )
    peer_percentile = number("Percentile among Peers", "Share of customers of the country with lower net sales, in %.")

    # prospecting
    expected_orders = number("Purchases Expected (12 Months)", "E[Y(t)] of BG/NBD: purchase days of 365 days.")
    expected_sales = money("Sales Expected (12 Months)", "Purchases expected x expected value of a purchase.")
    lookalike = number("Likeness to the Best (%)", "100 / (1 + distance to the median of the best tenth).")
    won_count = count("Won Opportunities", "In the window.")
    lost_count = count("Lost Opportunities", "In the window.")
    win_rate = number("Win Rate (%)", "Won / (won + lost) opportunities in the window, in percent.")

    # product
    product_count = count("Products Bought", "Different products in the window.", aggregator="avg")
    category_count = count("Categories Bought", "Different product categories in the window.", aggregator="avg")
    top_product_share = number("Share of Main Product (%)", "Sales of the largest product / sales in the window, in %.")
    return_reason = fields.Char(
        string="Reason of Returns",
        readonly=True,
        help="Most frequent reason on his credit notes in the window; empty where none was given.",
    )
    return_share = number("Return Share (%)", "Returns / (gross sales - discounts), in percent.")

    # promotion
    touch_count = count("Touches", "Campaign touches in the window, without the orders themselves.")
    conversion_count = count("Conversions", "Orders that carry a campaign, medium or source, in the window.")
    mailing_count = count("Mailings", "Mailings received in the window.")
    response_pct = number("Response (%)", "Mailings opened, clicked or answered / mailings received, in percent.")
    discount_pct = number("Discount (%)", "Discounts / gross sales, in percent.")
    discounted_share = number("Bought at Discount (%)", "Net sales of orders with a discount / net sales, in percent.")

    _customer_uniq = models.UniqueIndex("(company_id, partner_id, period)", "This customer is measured already.")

    def init(self):
        self.env.cr.execute(SQL("ALTER TABLE %s SET (fillfactor = %s)", SQL.identifier(self._table), FILL_FACTOR))

    @api.model
    def _get_scorable(self):
        """Return ``[(field name, label)]`` of the measures that can be ranked."""
        info = self.fields_get(attributes=["string", "type"])
        return sorted(
            (
                (name, values["string"])
                for name, values in info.items()
                if values["type"] in ("float", "integer") and name not in NOT_SCORABLE
            ),
            key=lambda pair: pair[1],
        )

    def _get_decision_finding(self):
        known = self.filtered(lambda measure: measure.net_profit is not False)
        return self.env._(
            "%(count)s customers as of %(day)s: net sales %(sales)s, net profit %(profit)s.",
            count=len(self),
            day=format_date(self.env, self[0].as_of),
            sales=format_amount(self.env, sum(self.mapped("net_sales")), self.currency_id[:1]),
            profit=format_amount(self.env, sum(known.mapped("net_profit")), self.currency_id[:1]),
        )
