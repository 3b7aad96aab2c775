from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import clean_context, format_date

from .crm_lead_winning_mixin import WINNING_KEY
from .order_states import ORDERED_STATE


class SaleOrderConversionMixin(models.AbstractModel):
    """Quotation that is confirmed by a won opportunity, wins it when it is confirmed, and remembers its refusal."""

    _name = "sale.order.conversion.mixin"
    _description = "Quotation That Moves with Its Opportunity"

    cancel_reason_id = fields.Many2one(
        comodel_name="crm.lost.reason",
        string="Refusal Reason",
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
        tracking=True,
        help="Why the customer did not take this quotation.",
    )
    cancel_feedback = fields.Text(
        string="Refusal Note",
        copy=False,
        help="The customer's own words, for example those he wrote when he declined the quotation in the portal.",
    )

    # ------------------------------------------------------------
    # A won opportunity confirms
    # ------------------------------------------------------------

    def _confirm_for_won_opportunity(self, leads):
        """Confirm these quotations because `leads`, their opportunities, are being won.

        :raise UserError: with one sentence per obstacle; nothing is confirmed then
        """
        self._check_convertible()
        winning = leads._with_winning().env.context[WINNING_KEY]
        # what the opportunity's screen gave for defaults is not meant for the documents of the order
        context = {**clean_context(self.env.context), WINNING_KEY: winning}
        quotations = self.with_env(self.env(context=context))
        for company, orders in quotations.grouped("company_id").items():
            orders.with_company(company).action_confirm()

    def _check_convertible(self):
        # sudo: the names of what stands in the way are told also where it belongs to somebody else
        problems = self.sudo()._get_conversion_problems()
        hidden = self - self._filtered_access("write")
        problems += [order._get_owner_sentence() for order in hidden.sudo()]
        if problems:
            raise UserError("\n".join(problems))

    def _get_owner_sentence(self):
        """Whom to ask when the user may not confirm this quotation himself."""
        self.ensure_one()
        if not self.user_id:
            return self.env._(
                "Quotation %(quotation)s has no salesperson and you may not confirm it. Ask a team leader to win the "
                "opportunity.",
                quotation=self.name,
            )
        return self.env._(
            "Quotation %(quotation)s belongs to %(owner)s and you may not confirm it. Ask its owner or a team leader "
            "to win the opportunity.",
            quotation=self.name,
            owner=self.user_id.name,
        )

    def _get_conversion_problems(self):
        """Sentences that say why these quotations cannot become orders, and the remedy; empty when all is well.

        Extension point: addons that know more about what must be deliverable add to the list.
        """
        problems = []
        for order in self:
            problems += order._get_header_problems() + order._get_line_problems()
        return problems

    def _get_header_problems(self):
        self.ensure_one()
        problems = []
        if self.is_expired:
            problems.append(
                self.env._(
                    "Quotation %(quotation)s expired on %(date)s. Extend its expiration date or make a new quotation.",
                    quotation=self.name,
                    date=format_date(self.env, self.validity_date),
                )
            )
        if self.company_id not in self.env.companies:
            problems.append(
                self.env._(
                    "Quotation %(quotation)s belongs to company %(company)s. Switch to that company to win it.",
                    quotation=self.name,
                    company=self.company_id.name,
                )
            )
        customer = self.partner_id.commercial_partner_id
        if customer.sale_blocked:
            problems.append(self._get_block_sentence())
        if not (self.partner_id.active and customer.active):
            problems.append(
                self.env._(
                    "Customer %(customer)s of quotation %(quotation)s is archived. Unarchive the customer or put "
                    "another one on the quotation.",
                    customer=self.partner_id.display_name,
                    quotation=self.name,
                )
            )
        return problems

    def _get_block_sentence(self):
        """Why nothing of this quotation's customer is confirmed, and the remedy."""
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        return self.env._(
            "Customer %(customer)s of quotation %(quotation)s is blocked for sales: %(reason)s. Have the block removed "
            "on the customer's form first.",
            customer=customer.display_name,
            quotation=self.name,
            reason=customer.sale_block_reason or self.env._("no reason was given"),
        )

    def _get_line_problems(self):
        self.ensure_one()
        lines = self.order_line.filtered(lambda line: not line.display_type)
        if not lines:
            return [self.env._("Quotation %(quotation)s has no products. Add at least one line.", quotation=self.name)]
        problems = [
            self.env._(
                "Product %(product)s on quotation %(quotation)s is archived. Replace it or unarchive it.",
                product=line.product_id.display_name,
                quotation=self.name,
            )
            for line in lines
            if line.product_id and not line.product_id.active
        ]
        problems += [
            self.env._(
                "Product %(product)s on quotation %(quotation)s has no price. Enter a unit price, or a full discount "
                "if it is meant to be free.",
                product=line.product_id.display_name or line.name,
                quotation=self.name,
            )
            for line in lines
            if line._is_without_price()
        ]
        return problems

    # ------------------------------------------------------------
    # A confirmed quotation wins
    # ------------------------------------------------------------

    def _win_opportunities(self):
        """Set the opportunities of these just confirmed orders won, as far as their policy says so."""
        winning = self.env.context.get(WINNING_KEY, ())
        # sudo: who may confirm the order (a customer who signs, a colleague) brings the win about with it, whatever
        # he may do to the opportunity itself
        orders = self.sudo().filtered(lambda order: order.state == ORDERED_STATE)
        orders.opportunity_id._serialize_decision()
        to_win = self.env["crm.lead"].sudo()
        for lead, lead_orders in orders.grouped("opportunity_id").items():
            if (
                lead.type == "opportunity"
                and lead.won_status != "won"
                and lead.id not in winning
                and lead._is_won_by_orders(lead_orders.company_id[:1])
            ):
                to_win |= lead
        if to_win:
            to_win = to_win.with_env(to_win.env(context=clean_context(self.env.context)))
            to_win._with_winning().action_set_won()

    # ------------------------------------------------------------
    # A refused or expired quotation
    # ------------------------------------------------------------

    def _refuse(self, reason, feedback=False):
        """Cancel these quotations and keep why.

        :param reason: record of ``crm.lost.reason``, may be empty
        :param str feedback: words of the customer or of the salesperson
        """
        # first the reason, for the cancellation may propose the opportunity as lost and tell it
        self.write({"cancel_reason_id": reason.id, "cancel_feedback": feedback})
        self._action_cancel()

    def _get_refusal_note(self):
        """One line that says why this quotation is no longer open, or False when it is."""
        self.ensure_one()
        if self.state == "cancel":
            reason = ": ".join(filter(None, [self.cancel_reason_id.name, self.cancel_feedback]))
            return self.env._(
                "%(quotation)s was refused: %(reason)s",
                quotation=self.name,
                reason=reason or self.env._("no reason was given"),
            )
        if self.is_expired:
            date = format_date(self.env, self.validity_date)
            return self.env._("%(quotation)s expired on %(date)s", quotation=self.name, date=date)
        return False
