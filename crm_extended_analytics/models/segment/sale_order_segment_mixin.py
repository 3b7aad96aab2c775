from odoo import models

from .crm_segment import FEATURE


class SaleOrderSegmentMixin(models.AbstractModel):
    """Quotations take their pricelist from a segment, where neither the customer nor his tier has one.

    The order is: what the salesperson chooses, the customer's own, that of his tier, that of the first of his segments
    by their order in the list, and then Odoo's choice by country.
    """

    _name = "sale.order.segment.mixin"
    _description = "Pricelists of Segments on Quotations"

    def _apply_segment_pricelist(self):
        """Set the pricelists of quotations, just computed by Odoo and by the tiers."""
        if not self.env["res.groups"]._is_feature_enabled("product.group_product_pricelist"):
            return
        orders = self.filtered(lambda order: order.state == "draft" and order.partner_id)
        for company, of_company in orders.grouped("company_id").items():
            if not company or not company._has_feature(FEATURE):
                continue
            pricelists = self.env["crm.segment"]._get_pricelists(of_company.partner_id, company)
            tiers = self._get_pricelist_tiers(of_company.partner_id, company) if pricelists else {}
            for order in of_company if pricelists else ():
                customer = order.partner_id.with_company(company)
                own = customer.specific_property_product_pricelist.filtered("active")
                key = customer.commercial_partner_id.id
                if key in pricelists and not own and key not in tiers:
                    order.pricelist_id = pricelists[key]

    def _get_pricelist_tiers(self, partners, company):
        """Return ``{customer id: tier}`` of the customers whose tier has a pricelist."""
        if not company._has_feature("service_tiers"):
            return {}
        tiers = self.env["crm.tier.assignment"]._get_tiers(partners, company)
        return {customer: tier for customer, tier in tiers.items() if tier.pricelist_id}
