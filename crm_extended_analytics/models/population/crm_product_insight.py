from odoo import fields, models

from ..seven_p.known_float import KnownFloat
from ..warehouse.fact_fields import FactMany2one


class CrmProductInsight(models.Model):
    """What the customers do with a product, in the window of the scoring method.

    An addon adds what it knows of the supply (lead time, open demand) as fields by inheritance.
    """

    _name = "crm.product.insight"
    _inherit = ["crm.population.row.mixin"]
    _description = "Product Insight"
    _log_access = False
    _order = "period desc, sold_amount desc, id"
    _rec_name = "product_id"

    product_id = FactMany2one(comodel_name="product.product", required=True, readonly=True, index=True)
    product_categ_id = fields.Many2one(related="product_id.categ_id", string="Category")
    sold_quantity = fields.Float(
        string="Sold", digits="Product Unit", readonly=True, help="Quantity sold in the window, in the product's unit."
    )
    sold_amount = fields.Monetary(string="Net Sales", readonly=True, help="Net amount of what was sold in the window.")
    order_count = fields.Integer(string="Orders", readonly=True, help="Orders with the product in the window.")
    buyer_count = fields.Integer(string="Buyers", readonly=True, help="Customers who bought it in the window.")
    repeat_count = fields.Integer(
        string="Repeat Buyers", readonly=True, help="Customers with two orders of it or more in the window."
    )
    repeat_rate = KnownFloat(
        string="Repeat (%)",
        readonly=True,
        aggregator="avg",
        help="Repeat buyers / buyers, in percent; empty without buyers.",
    )
    returned_quantity = fields.Float(
        string="Came Back", digits="Product Unit", readonly=True, help="Quantity on credit notes in the window."
    )
    returned_amount = fields.Monetary(
        string="Returns", readonly=True, help="Net amount of credit notes of the product in the window."
    )
    return_rate = KnownFloat(
        string="Returns (%)",
        readonly=True,
        aggregator="avg",
        help="Returns / net sales in the window, in percent; above 100 when older sales came back.",
    )
    return_quantity_rate = KnownFloat(
        string="Returned Pieces (%)",
        readonly=True,
        aggregator="avg",
        help="Quantity that came back / quantity sold in the window, in percent.",
    )
    return_reason = fields.Char(
        string="Reason of Returns",
        readonly=True,
        help="Most frequent reason on the credit notes of the product in the window; empty where none was given.",
    )
    pair_count = fields.Integer(
        string="Pairs",
        readonly=True,
        help="Other products that are in one order with it more often than by chance (lift above 1).",
    )
    best_product_id = FactMany2one(
        comodel_name="product.product", string="Best Pair", readonly=True, help="The pair with the highest lift."
    )
    gap_count = fields.Integer(
        string="Lack It", readonly=True, help="Customers whose peers buy it and who never bought it."
    )

    def action_open_pairs(self):
        """Show what is bought together with the product."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_basket_rule_action")
        return action | {
            "domain": [
                ("company_id", "=", self.company_id.id),
                ("period", "=", str(self.period)),
                ("product_id", "=", self.product_id.id),
                ("level", "=", "product"),
            ],
            "context": {"search_default_order": 1},
        }

    def action_open_gaps(self):
        """Show who lacks the product."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_customer_gap_action_product")
        return action | {
            "domain": [("company_id", "=", self.company_id.id), ("product_id", "=", self.product_id.id)],
            "context": {},
        }

    def action_open_returns(self):
        """Show what came back."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_fact_return_action")
        return action | {
            "domain": [
                ("company_id", "=", self.company_id.id),
                ("product_id", "=", self.product_id.id),
                ("kind", "=", "credit_note"),
                ("date", "<=", str(self.as_of)),
            ],
            "context": {},
        }
