from odoo import api, fields, models
from odoo.fields import Domain

from .order_states import OPEN_STATES, ORDERED_STATE

# Context key: the amount that is being written was worked out, not typed by a person.
COMPUTED_KEY = "crm_amount_is_computed"
# Context key: one amount is just being given the value of the other.
ALIGNING_KEY = "crm_amount_is_aligning"
AMOUNT_FIELDS = ("opportunity_amount", "expected_revenue")


class CrmLeadAmountMixin(models.AbstractModel):
    """Value of an opportunity, in a currency of its own, that follows its quotations up and down.

    Odoo's ``expected_revenue`` stays the figure in company currency, so that its sums over many opportunities are
    right whatever currencies these are held in.
    """

    _name = "crm.lead.amount.mixin"
    _description = "Opportunity in a Currency of Its Own"

    opportunity_currency_id = fields.Many2one(
        comodel_name="res.currency",
        compute="_compute_opportunity_currency_id",
        store=True,
        readonly=False,
        help="Currency in which this deal is negotiated. The expected revenue beside it is in company currency.",
    )
    opportunity_amount = fields.Monetary(
        currency_field="opportunity_currency_id",
        compute="_compute_opportunity_amount",
        store=True,
        readonly=False,
        aggregator=False,
        help="Untaxed value of the deal in its own currency. Where the policy lets it follow the quotations: untaxed "
        "total of the orders plus the open quotations (or the highest open one while nothing is ordered); of a won "
        "deal, the orders only. It has no total, for currencies cannot be added up: sum the expected revenue instead.",
    )
    amount_source = fields.Selection(
        selection=[
            ("quotations", "Quotations"),
            ("manual", "Typed"),
        ],
        string="Amount Comes From",
        default="quotations",
        required=True,
        help="A typed amount stays until somebody presses Follow quotations.",
    )
    is_following_quotations = fields.Boolean(
        compute="_compute_is_following_quotations",
        help="The policy is in force here and nobody typed another amount.",
    )
    has_amount_policy = fields.Boolean(compute="_compute_is_following_quotations")
    can_have_own_currency = fields.Boolean(compute="_compute_can_have_own_currency")

    # ------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------

    @api.depends("company_id")
    def _compute_opportunity_currency_id(self):
        for lead in self:
            lead.opportunity_currency_id = lead.opportunity_currency_id or lead.company_currency

    @api.depends("company_id", "team_id")
    def _compute_can_have_own_currency(self):
        for lead in self:
            lead.can_have_own_currency = lead._get_conversion_company()._has_feature("opportunity_currency")

    @api.depends("amount_source", "team_id", "company_id", "order_ids.company_id")
    def _compute_is_following_quotations(self):
        for lead in self:
            policy = lead._get_conversion_policy("crm_amount_policy", lead.order_ids.company_id[:1])
            lead.has_amount_policy = policy != "none"
            lead.is_following_quotations = lead.has_amount_policy and lead.amount_source == "quotations"

    @api.depends(
        "amount_source",
        "opportunity_currency_id",
        "company_id",
        "team_id",
        "won_status",
        "order_ids.state",
        "order_ids.amount_untaxed",
        "order_ids.currency_id",
    )
    def _compute_opportunity_amount(self):
        for lead in self:
            if lead.order_ids and lead.is_following_quotations:
                orders = lead._get_orders_that_count()
                lead.opportunity_amount = lead._sum_orders(orders, lead.opportunity_currency_id)
                lead.expected_revenue = lead._sum_orders(orders, lead.company_currency)
            elif lead._is_in_company_currency():
                lead.expected_revenue = lead.expected_revenue or 0.0
                lead.opportunity_amount = lead.expected_revenue
            else:
                lead.opportunity_amount = lead.opportunity_amount or 0.0
                lead.expected_revenue = lead._get_expected_revenue_of_amount()

    @api.onchange("opportunity_amount", "opportunity_currency_id")
    def _onchange_opportunity_amount(self):
        if self._origin.opportunity_amount != self.opportunity_amount:
            self.amount_source = "manual"
        if not self._is_in_company_currency():
            self.expected_revenue = self._get_expected_revenue_of_amount()

    @api.onchange("expected_revenue")
    def _onchange_expected_revenue(self):
        if self._is_in_company_currency() and self._origin.expected_revenue != self.expected_revenue:
            self.amount_source = "manual"
            self.opportunity_amount = self.expected_revenue

    # ------------------------------------------------------------
    # What the quotations are worth
    # ------------------------------------------------------------

    def _is_in_company_currency(self):
        return not self.opportunity_currency_id or self.opportunity_currency_id == self.company_currency

    def _get_orders_that_count(self):
        """Orders and quotations that make up the amount by the policy in force.

        A won deal is worth its orders; a lost one the highest of the quotations that were refused.
        """
        self.ensure_one()
        ordered = self.order_ids.filtered(lambda order: order.state == ORDERED_STATE)
        opened = self.order_ids.filtered(lambda order: order.state in OPEN_STATES)
        if ordered and self.won_status == "won":
            return ordered
        if self.won_status == "lost" and not ordered:
            return self.order_ids._get_highest()
        policy = self._get_conversion_policy("crm_amount_policy", self.order_ids.company_id[:1])
        if policy == "sum":
            return ordered | opened
        return ordered or opened._get_highest()

    def _sum_orders(self, orders, currency):
        """Untaxed total of `orders` in `currency`, each at the rate of its own date."""
        return currency.round(sum(order._get_amount_untaxed_in(currency) for order in orders))

    def _get_expected_revenue_of_amount(self):
        """`opportunity_amount` in company currency: at today's rate, and as it stood at the close of a closed deal."""
        self.ensure_one()
        return self.opportunity_currency_id._convert(
            self.opportunity_amount,
            self.company_currency,
            self._get_conversion_company(),
            self.date_closed or fields.Date.today(),
        )

    # ------------------------------------------------------------
    # Typed figures
    # ------------------------------------------------------------

    def _flag_typed_amount(self, vals):
        """Copy of create or write `vals` in which an amount that a person typed is flagged as such."""
        typed = any(name in vals for name in AMOUNT_FIELDS) and "amount_source" not in vals
        worked_out = self.env.context.get(COMPUTED_KEY) or self.env.context.get(ALIGNING_KEY)
        return {**vals, "amount_source": "manual"} if typed and not worked_out else vals

    @staticmethod
    def _mirror_typed_amount(vals):
        """`vals` with the one typed amount for both, as it is right for a deal in company currency."""
        typed = [name for name in AMOUNT_FIELDS if name in vals]
        return {**vals, **dict.fromkeys(AMOUNT_FIELDS, vals[typed[0]])} if len(typed) == 1 else vals

    def _align_amounts(self, names):
        """Give the amount that was not written the value of the one that was.

        :param names: names of the fields that were written
        """
        if self.env.context.get(ALIGNING_KEY) or not any(name in names for name in AMOUNT_FIELDS):
            return
        for lead in self.with_context(**{ALIGNING_KEY: True}):
            amounts = lead._get_aligned_amounts(names)
            changed = {name: amount for name, amount in amounts.items() if lead[name] != amount}
            if changed:
                lead.write(changed)

    def _get_aligned_amounts(self, names):
        """Both amounts, worked out from the one among `names`; a currency of the opportunity's own leads."""
        self.ensure_one()
        if self._is_in_company_currency():
            amount = self["expected_revenue" if "expected_revenue" in names else "opportunity_amount"]
            return dict.fromkeys(AMOUNT_FIELDS, amount)
        if "opportunity_amount" in names:
            return {"expected_revenue": self._get_expected_revenue_of_amount()}
        amount = self.company_currency._convert(
            self.expected_revenue,
            self.opportunity_currency_id,
            self._get_conversion_company(),
            fields.Date.today(),
        )
        return {"opportunity_amount": amount}

    def action_follow_quotations(self):
        """Let go of the typed amount and follow the quotations again."""
        self.write({"amount_source": "quotations"})
        return True

    @api.model
    def _cron_refresh_foreign_amounts(self):
        """Daily: open deals in a foreign currency are worth today's rate in company currency."""
        self.search(Domain("won_status", "=", "pending") & self._get_foreign_currency_domain())._refresh_amounts()

    @api.model
    def _get_foreign_currency_domain(self):
        """Opportunities held in another currency than their company's; shared ones count as of this company."""
        companies = self.env["res.company"].search([("active", "=", True)])
        domains = [
            Domain("company_id", "=", company.id) & Domain("opportunity_currency_id", "!=", company.currency_id.id)
            for company in companies
        ]
        shared = Domain("company_id", "=", False)
        domains.append(shared & Domain("opportunity_currency_id", "!=", self.env.company.currency_id.id))
        return Domain("opportunity_currency_id", "!=", False) & Domain.OR(domains)

    def _refresh_amounts(self):
        """Work the amounts of these opportunities out again; no news for the chatter, for nobody did anything."""
        leads = self.with_context(tracking_disable=True)
        leads.invalidate_recordset(["is_following_quotations", "has_amount_policy"])
        self.env.add_to_compute(self._fields["expected_revenue"], leads)
        leads._recompute_recordset(["expected_revenue"])
