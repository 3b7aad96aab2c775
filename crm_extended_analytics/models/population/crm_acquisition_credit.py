from odoo import fields, models

from ..warehouse.fact_fields import FactMany2one
from .crm_attribution_credit import DIMENSIONS


class CrmAcquisitionCredit(models.Model):
    """The customers who bought first in a month and came by a campaign, medium or source, and what they brought."""

    _name = "crm.acquisition.credit"
    _inherit = ["crm.population.row.mixin"]
    _description = "Customers Won"
    _log_access = False
    _order = "month desc, dimension, customer_count desc, id"
    # each run makes all months again: what a customer brings in his first year is known later
    _keeps_months = False

    month = fields.Date(string="Month of the First Order", required=True, readonly=True)
    dimension = fields.Selection(selection=DIMENSIONS, required=True, readonly=True)
    campaign_id = FactMany2one(comodel_name="utm.campaign", readonly=True)
    medium_id = FactMany2one(comodel_name="utm.medium", readonly=True)
    source_id = FactMany2one(comodel_name="utm.source", readonly=True)
    is_touched = fields.Boolean(readonly=True, help="Whether a touch before the first order is known.")
    customer_count = fields.Integer(string="New Customers", readonly=True, help="Customers whose first order it was.")
    first_year_sales = fields.Monetary(readonly=True, help="Net sales to them in the 365 days from their first order.")
    known_revenue = fields.Monetary(
        string="Net Sales of Known Cost", readonly=True, help="Those of these net sales whose cost is known."
    )
    first_year_margin = fields.Monetary(
        string="Known First-Year Margin", readonly=True, help="Margin of these sales, where the cost is known."
    )
    least_known_pct = fields.Float(
        string="Least Known Cost (%)",
        readonly=True,
        aggregator="max",
        help="Of the scoring method: with less, the margin of goods is not measurable.",
    )
    clv = fields.Monetary(
        string="Lifetime Value", readonly=True, help="Sum of their lifetime values, by the method of the last run."
    )
