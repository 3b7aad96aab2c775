from odoo import fields, models

from .fact_fields import FactMany2one


class CrmFactService(models.Model):
    """A ticket or repair of a customer, where an addon for it is installed."""

    _name = "crm.fact.service"
    _inherit = ["crm.fact.event.mixin"]
    _description = "Service (Fact)"
    _log_access = False

    kind = fields.Selection(selection=[("ticket", "Ticket"), ("repair", "Repair")], readonly=True)
    product_id = FactMany2one(comodel_name="product.product", readonly=True)
    date_closed = fields.Date(string="Closed On", readonly=True)
    days_to_close = fields.Integer(
        readonly=True,
        aggregator="avg",
        help="Days from the opening to the end; empty while it is open.",
    )
