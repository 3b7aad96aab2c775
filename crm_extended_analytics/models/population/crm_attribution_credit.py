from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from ..warehouse.fact_fields import FactMany2one

# orders that are shown behind a credit
SHOWN_ORDERS = 5000
DIMENSIONS = [("campaign", "Campaign"), ("medium", "Medium"), ("source", "Source")]
ATTRIBUTION_MODELS = [
    ("first", "First touch"),
    ("last", "Last touch"),
    ("linear", "Linear"),
    ("u_shaped", "40/20/40"),
    ("w_shaped", "30/30/30/10"),
    ("time_decay", "Time decay"),
    ("markov", "Markov removal"),
]


class CrmAttributionCredit(models.Model):
    """What a campaign, medium or source is credited with by one way of sharing: orders, net sales and margin.

    Every way shares all orders of the month, those without a touch included, so each of them sums to the sales.
    """

    _name = "crm.attribution.credit"
    _inherit = ["crm.population.row.mixin"]
    _description = "Attribution Credit"
    _log_access = False
    _order = "month desc, dimension, model, revenue desc, id"
    _rec_name = "value"
    # each run makes all months of its window again, and the Markov chain is that of the window
    _keeps_months = False

    run_id = FactMany2one(comodel_name="crm.scoring.run", readonly=True)
    month = fields.Date(string="Month of the Orders", required=True, readonly=True)
    dimension = fields.Selection(selection=DIMENSIONS, required=True, readonly=True)
    model = fields.Selection(
        selection=ATTRIBUTION_MODELS,
        required=True,
        readonly=True,
        help="First and last touch: all to one. Linear: the same to each. 40/20/40: 40 % to the first and the last, "
        "20 % to those between. 30/30/30/10: first touch, lead and order 30 % each, the rest shares 10 %. Time decay: "
        "half as much after each half-life. Markov removal: by the orders that would be lost without it.",
    )
    touch_state = fields.Selection(
        selection=[("named", "Touched"), ("unnamed", "Touch that does not name it"), ("none", "No touch known")],
        string="Touch",
        required=True,
        readonly=True,
        help="Whether the orders had a touch in the look-back window, and whether it names what is looked at.",
    )
    value = fields.Char(
        readonly=True, required=True, help="Name of the campaign, medium or source, in the language of the company."
    )
    campaign_id = FactMany2one(comodel_name="utm.campaign", readonly=True)
    medium_id = FactMany2one(comodel_name="utm.medium", readonly=True)
    source_id = FactMany2one(comodel_name="utm.source", readonly=True)
    conversions = fields.Float(
        string="Orders",
        digits=(16, 2),
        readonly=True,
        help="Sum over the orders of the month of the share that the way of sharing gives; the shares of an order sum "
        "to 1.",
    )
    revenue = fields.Monetary(
        string="Net Sales", readonly=True, help="Sum of share x net sales of the order, in the currency of the company."
    )
    known_revenue = fields.Monetary(
        string="Net Sales of Known Cost",
        readonly=True,
        help="Sum of share x net sales of the lines of the order whose cost is known.",
    )
    margin = fields.Monetary(
        string="Known Margin",
        readonly=True,
        help="Sum of share x margin of the lines of the order whose cost is known.",
    )

    @api.model
    def _get_unnamed(self):
        """Return what stands for a value, in the language of the reader: of touches that name none, and of no touch."""
        return {
            "campaign": self.env._("No campaign named"),
            "medium": self.env._("No medium named"),
            "source": self.env._("No source named"),
            "none": self.env._("No touch known"),
        }

    def action_open_orders(self):
        """Show the order lines of which the value has a credit."""
        self.ensure_one()
        self.check_access("read")
        keys = self.env["crm.population.report.attribution"]._get_order_keys(self, limit=SHOWN_ORDERS)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Orders: %(value)s, %(month)s", value=self.value, month=self.month.strftime("%Y-%m")),
            "res_model": "crm.fact.sale",
            "views": [[False, "list"], [False, "pivot"]],
            "domain": [("company_id", "=", self.company_id.id), ("order_key", "in", keys)],
        }

    def action_open_touches(self):
        """Show the touches of the value that lie in the look-back window of the orders."""
        self.ensure_one()
        self.check_access("read")
        last = min(self.month + relativedelta(day=31), self.as_of)
        # `sudo`: the method tells the length of the window only
        lookback = self.run_id.sudo().method_id.lookback_days
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_fact_touch_action")
        name = f"{self.dimension}_id"
        domain = [
            ("company_id", "=", self.company_id.id),
            ("date", "<=", last),
            ("date", ">=", self.month - relativedelta(days=lookback)),
            (name, "=", self[name].id),
        ]
        return {**action, "domain": domain, "view_mode": "list", "views": [[False, "list"]]}
