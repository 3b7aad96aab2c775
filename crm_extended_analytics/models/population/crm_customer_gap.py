from odoo import api, fields, models
from odoo.tools import SQL

from ..warehouse.fact_fields import FactMany2one


class CrmCustomerGap(models.Model):
    """A product that the peers of a customer buy and that he never bought; of the last scored month only."""

    _name = "crm.customer.gap"
    _inherit = ["crm.population.row.mixin"]
    _description = "What Peers Buy"
    _order = "peer_share desc, expected_value desc, id"
    _rec_name = "product_id"
    _keeps_months = False

    partner_id = FactMany2one(comodel_name="res.partner", string="Customer", required=True, readonly=True, index=True)
    product_id = FactMany2one(
        comodel_name="product.product", string="Never Bought", required=True, readonly=True, index=True
    )
    peer_rule = fields.Selection(
        selection=[
            ("country", "Same country and size"),
            ("size", "Same size"),
            ("all", "All customers"),
        ],
        string="Peers Are",
        readonly=True,
        help="Peers are the customers of the same country and the same fifth by net sales; where they are fewer than "
        "ten, those of the same fifth; where these are fewer too, all customers.",
    )
    peer_count = fields.Integer(string="Peers", readonly=True, aggregator=None)
    buyer_count = fields.Integer(
        string="Peers Who Buy", readonly=True, aggregator=None, help="Peers who bought it in the window."
    )
    peer_share = fields.Float(
        string="Peers Buy (%)",
        readonly=True,
        aggregator="avg",
        help="Peers who bought it in the window of the scoring method / peers, in percent; 10 % at least.",
    )
    expected_value = fields.Monetary(
        readonly=True, help="Median of what the peers who buy it spend on it in the window of the scoring method."
    )

    def action_open_customer(self):
        """Open the customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [[False, "form"]],
        }

    @api.model
    def _is_of_later_month(self, run):
        """Return whether the gaps of a later month are there already."""
        return bool(self.search_count([("company_id", "=", run.company_id.id), ("period", ">", run.period)], limit=1))

    @api.model
    def _get_largest(self, rows):
        """Return ``{(company id, customer id, month): (product, share of the peers in percent)}``.

        :param rows: rows of measures, of which the company, the customer and the month are read
        """
        found = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (company_id, partner_id, period) company_id, partner_id, period, product_id, peer_share
                  FROM crm_customer_gap WHERE company_id = ANY(%s) AND partner_id = ANY(%s)
                 ORDER BY company_id, partner_id, period, peer_share DESC, product_id
                """,
                list({row["company_id"] for row in rows}),
                list({row["partner_id"] for row in rows}),
            )
        )
        products = self.env["product.product"].browse({product for *_key, product, _share in found}).exists()
        names = {product.id: product for product in products}
        return {tuple(key): (names[product], share) for *key, product, share in found if product in names}
