from odoo import fields, models


class CrmFactTouch(models.Model):
    """A contact of a campaign, medium or source with a customer: a lead, an order, a mailing."""

    _name = "crm.fact.touch"
    _inherit = ["crm.fact.event.mixin"]
    _description = "Campaign Touch (Fact)"
    _log_access = False

    kind = fields.Selection(
        selection=[("lead", "Lead or opportunity"), ("order", "Order"), ("mailing", "Mailing")],
        readonly=True,
    )
    is_conversion = fields.Boolean(readonly=True, help="Whether the touch is a confirmed order.")
    is_opened = fields.Boolean(readonly=True, help="Whether the customer opened the mailing.")
    is_clicked = fields.Boolean(readonly=True, help="Whether the customer followed a link of the mailing.")
    is_replied = fields.Boolean(readonly=True, help="Whether the customer answered the mailing.")
    amount_company = fields.Monetary(
        string="Converted Amount",
        readonly=True,
        currency_field="company_currency_id",
        help="Net amount of the confirmed order, in the currency of the company; empty for other touches.",
    )
