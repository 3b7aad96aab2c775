from odoo import api, fields, models

# Changes of a quotation after which its opportunity may be proposed as lost, or no longer.
FATE_FIELDS = frozenset({"state", "validity_date", "opportunity_id"})
# Context key of the portal: the words with which the customer declines.
DECLINE_MESSAGE_KEY = "crm_decline_message"


class SaleOrder(models.Model):
    """Quotation or order of Odoo; what the mixin adds is called from here, and only here."""

    _name = "sale.order"
    _inherit = ["sale.order", "sale.order.conversion.mixin", "sale.order.tier.mixin", "crm.roadmap.features.mixin"]

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        # sudo: the proposal is a matter of the opportunity, whoever makes the quotation
        orders.opportunity_id.sudo().filtered("lost_proposal")._update_lost_proposal()
        return orders

    def write(self, vals):
        if not FATE_FIELDS & vals.keys():
            return super().write(vals)
        # sudo: as in create; the customer himself may cause it in the portal
        leads = self.opportunity_id.sudo()
        result = super().write(vals)
        leads |= self.opportunity_id.sudo()
        if vals.get("state") != "cancel":
            leads = leads.filtered("lost_proposal")
        leads._update_lost_proposal()
        return result

    def _compute_pricelist_id(self):
        result = super()._compute_pricelist_id()
        self._apply_tier_pricelist()
        return result

    def _compute_payment_term_id(self):
        result = super()._compute_payment_term_id()
        self._apply_tier_payment_term()
        return result

    def _confirmation_error_message(self):
        message = super()._confirmation_error_message()
        if not message and self.partner_id.commercial_partner_id.sale_blocked:
            return self._get_block_sentence()
        return message

    def _has_to_be_signed(self):
        # whose quotation would not be confirmed is not asked to sign or pay it
        return super()._has_to_be_signed() and not self.partner_id.commercial_partner_id.sale_blocked

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and not self.partner_id.commercial_partner_id.sale_blocked

    def action_confirm(self):
        result = super().action_confirm()
        self._win_opportunities()
        return result

    def _action_cancel(self):
        feedback = self.env.context.get(DECLINE_MESSAGE_KEY)
        if feedback:
            self.write({"cancel_feedback": feedback})
        return super()._action_cancel()

    def action_draft(self):
        result = super().action_draft()
        self.write({"cancel_reason_id": False, "cancel_feedback": False})
        return result

    def _get_highest(self):
        """The order of the highest untaxed total in company currency; empty for no orders."""
        return self.sorted(lambda order: order.amount_untaxed / (order.currency_rate or 1.0))[-1:]

    def _get_amount_untaxed_in(self, currency):
        """Untaxed total in `currency` at the rate of the order's date (the rate that the order itself keeps)."""
        self.ensure_one()
        if self.currency_id == currency:
            return self.amount_untaxed
        if self.company_id.currency_id == currency and self.currency_rate:
            return currency.round(self.amount_untaxed / self.currency_rate)
        date = self.date_order or fields.Date.today()
        return self.currency_id._convert(self.amount_untaxed, currency, self.company_id, date)
