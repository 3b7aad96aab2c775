from odoo import fields, models

from ..seven_p.known_float import KnownFloat
from ..warehouse.fact_fields import FactMany2one

CATEGORIES = [
    ("all", "All customers"),
    ("country", "Country"),
    ("grade", "Level"),
    ("categ", "Product category"),
]
FORECAST_METHODS = [
    ("mean", "Mean of 12 months"),
    ("smoothing", "Exponential smoothing"),
    ("seasonal", "The year before"),
]


class CrmCustomerForecast(models.Model):
    """How many customers of a category a month won, lost and had, and how many the next twelve months will."""

    _name = "crm.customer.forecast"
    _inherit = ["crm.population.row.mixin"]
    _description = "Number of Customers"
    _log_access = False
    _order = "period desc, category, country_id, grade_id, categ_id, month, id"
    _keeps_months = False

    month = fields.Date(string="Of the Month", required=True, readonly=True)
    category = fields.Selection(selection=CATEGORIES, string="By", required=True, readonly=True)
    country_id = FactMany2one(comodel_name="res.country", readonly=True, help="Country on the last order.")
    grade_id = FactMany2one(comodel_name="res.partner.grade", string="Level", readonly=True, help="Level today.")
    categ_id = FactMany2one(
        comodel_name="product.category",
        string="Product Category",
        readonly=True,
        help="The category of which the customer bought most.",
    )
    kind = fields.Selection(
        selection=[("actual", "Actual"), ("forecast", "Forecast"), ("refused", "History too short")],
        required=True,
        readonly=True,
        help="A forecast needs 18 whole months: with less, the last month says 'History too short'.",
    )
    acquired = fields.Float(string="Won", digits=(16, 1), readonly=True, help="Customers whose first order it is.")
    lost = fields.Float(
        digits=(16, 1),
        readonly=True,
        help="Customers who are silent for three of their own intervals since their last order (who bought less than "
        "three times: for the window of the method) in this month. Who comes back was not lost.",
    )
    net = fields.Float(digits=(16, 1), readonly=True, help="Won - lost.")
    active_count = fields.Float(
        string="Customers",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Won - lost up to the end of the month; in a forecast: of the last month + won - lost.",
    )
    method = fields.Selection(
        selection=FORECAST_METHODS,
        readonly=True,
        help="The method with the smaller error when the last six months were hidden.",
    )
    wape_pct = KnownFloat(
        string="Error, Won (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="sum |forecast - actual| / sum actual of the won customers, six months hidden (WAPE), in percent.",
    )
    lost_wape_pct = KnownFloat(
        string="Error, Lost (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="The same error of the lost customers.",
    )
