from collections import defaultdict

from odoo import fields, models


class CrmProductInsight(models.Model):
    """How sure the supply of the product is, beside what the customers do with it: as it is now, not as of the run."""

    _inherit = "crm.product.insight"

    lead_days = fields.Integer(
        string="Lead Time (Days)",
        compute="_compute_supply",
        help="Days that the first vendor needs; for a product with a bill of materials, those of its manufacture.",
    )
    vendor_count = fields.Integer(
        string="Vendors",
        compute="_compute_supply",
        help="Vendors of the product; one alone is a risk. A product with a bill of materials needs none.",
    )
    backlog_quantity = fields.Float(
        string="Backlog",
        digits="Product Unit",
        compute="_compute_supply",
        help="Open demand: quantity of all moves out of stock that are not done, in the unit of the product.",
    )
    forecast_quantity = fields.Float(
        string="Forecast Stock",
        digits="Product Unit",
        compute="_compute_supply",
        help="On hand + incoming - backlog, as Odoo's own forecast; below 0 there is no supply for a part of it.",
    )

    def _compute_supply(self):
        """Read the supply of all products of a company at once."""
        for company, insights in self.grouped("company_id").items():
            # `sudo`: who sells may not read vendors and moves of stock, but must know whether he can deliver
            products = insights.product_id.sudo().with_company(company).with_context(allowed_company_ids=company.ids)
            boms = self.env["mrp.bom"].sudo().with_company(company)._bom_find(products, company_id=company.id)
            vendors = self._get_vendors(products, company)
            by_id = {product.id: product for product in products}
            for insight in insights:
                product = by_id[insight.product_id.id]
                insight.lead_days = self._get_lead_days(boms.get(product), vendors[product])
                insight.vendor_count = len(vendors[product].partner_id)
                insight.backlog_quantity = product.outgoing_qty
                insight.forecast_quantity = product.virtual_available

    def _get_vendors(self, products, company):
        """Return the price lists of the vendors of each product in this company, the first one first."""
        vendors = defaultdict(products.env["product.supplierinfo"].browse)
        for product in products:
            vendors[product] = product.seller_ids.filtered(
                lambda seller, product=product: (
                    (not seller.company_id or seller.company_id == company)
                    and (not seller.product_id or seller.product_id == product)
                )
            )
        return vendors

    def _get_lead_days(self, bom, vendors):
        return bom.produce_delay if bom else vendors[:1].delay
