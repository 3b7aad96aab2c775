from odoo import fields, models


class CrmConversionDecisionLine(models.TransientModel):
    """One open quotation in the dialog that asks which are won."""

    _name = "crm.conversion.decision.line"
    _description = "Quotation to Decide On"

    decision_id = fields.Many2one(
        comodel_name="crm.conversion.decision",
        required=True,
        ondelete="cascade",
    )
    order_id = fields.Many2one(
        comodel_name="sale.order",
        string="Quotation",
        required=True,
        ondelete="cascade",
    )
    is_won = fields.Boolean(string="Won")
    opportunity_id = fields.Many2one(related="order_id.opportunity_id")
    client_order_ref = fields.Char(related="order_id.client_order_ref")
    currency_id = fields.Many2one(related="order_id.currency_id")
    amount_untaxed = fields.Monetary(related="order_id.amount_untaxed")
    validity_date = fields.Date(related="order_id.validity_date")
    user_id = fields.Many2one(related="order_id.user_id")
