from odoo import api, fields, models
from odoo.tools import SQL

from ..warehouse.fact_fields import FactMany2one


class CrmCustomerGap(models.Model):
    """A product that the peers of a customer buy and that he never bought; of the last scored month only."""

    _name = "crm.customer.gap"
    _inherit = ["crm.population.row.mixin"]
    _description = "What Peers Buy"
    _log_access = False
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
    def _get_largest(self, rows):
        """Return ``{(company id, customer id, month): (name of the product, share of the peers in percent)}``.

        One query, because it is made whenever a customer is opened.

        :param rows: rows of measures, of which the company, the customer and the month are read
        """
        template = self.env["product.template"]
        name = template._field_to_sql("template", "name")
        found = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (gap.company_id, gap.partner_id, gap.period)
                       gap.company_id, gap.partner_id, gap.period, %(name)s, gap.peer_share
                  FROM crm_customer_gap gap
                  JOIN product_product product ON product.id = gap.product_id
                  JOIN product_template template ON template.id = product.product_tmpl_id
                 WHERE gap.company_id = ANY(%(companies)s) AND gap.partner_id = ANY(%(partners)s)
                 ORDER BY gap.company_id, gap.partner_id, gap.period, gap.peer_share DESC, gap.product_id
                """,
                name=name,
                companies=list({row["company_id"] for row in rows}),
                partners=list({row["partner_id"] for row in rows}),
            )
        )
        return {tuple(key): (product, share) for *key, product, share in found}
