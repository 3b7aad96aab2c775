from odoo import models

from .crm_tier import FEATURE


class SaleOrderTierMixin(models.AbstractModel):
    """Quotations take from the tier what the customer has not of his own; what is chosen by hand stays."""

    _name = "sale.order.tier.mixin"
    _description = "Service Rules on Quotations"

    def _apply_tier(self, rule, field, is_own):
        """Fill in a field of quotations from their customers' tiers.

        :param rule: field of the tier
        :param field: field of the quotation, just computed by Odoo
        :param is_own: says of a customer whether he has a value of his own
        """
        orders = self.filtered(lambda order: order.state == "draft" and order.partner_id)
        for company, of_company in orders.grouped("company_id").items():
            if not company or not company._has_feature(FEATURE):
                continue
            tiers = self.env["crm.tier.assignment"]._get_tiers(of_company.partner_id, company)
            for order in of_company if tiers else ():
                customer = order.partner_id.with_company(company)
                tier = tiers.get(customer.commercial_partner_id.id)
                value = tier[rule] if tier else None
                if value and not is_own(customer):
                    order[field] = value

    def _apply_tier_pricelist(self):
        if self.env["res.groups"]._is_feature_enabled("product.group_product_pricelist"):
            self._apply_tier(
                "pricelist_id",
                "pricelist_id",
                lambda customer: customer.specific_property_product_pricelist.filtered("active"),
            )

    def _apply_tier_payment_term(self):
        self._apply_tier("payment_term_id", "payment_term_id", lambda customer: customer.property_payment_term_id)
