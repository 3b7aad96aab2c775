from odoo import fields, models


class SaleMassCancelOrders(models.TransientModel):
    """Odoo's dialog that cancels several quotations, with the reason that Odoo does not ask for."""

    _inherit = "sale.mass.cancel.orders"

    cancel_reason_id = fields.Many2one(comodel_name="crm.lost.reason", string="Refusal Reason")
    cancel_feedback = fields.Text(string="Refusal Note")

    def action_mass_cancel(self):
        if not (self.cancel_reason_id or self.cancel_feedback):
            return super().action_mass_cancel()
        # the reason goes first, so that it is there when the opportunity is proposed as lost
        self.sale_order_ids.write(
            {"cancel_reason_id": self.cancel_reason_id.id, "cancel_feedback": self.cancel_feedback}
        )
        return super().action_mass_cancel()
