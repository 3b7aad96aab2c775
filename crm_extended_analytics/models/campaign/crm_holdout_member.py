from odoo import fields, models


class CrmHoldoutMember(models.Model):
    """A customer of the audience of a hold-out: treated or held out, as it was drawn."""

    _name = "crm.holdout.member"
    _description = "Customer of a Hold-Out"
    _log_access = False
    _order = "holdout_id desc, is_held_out, id"
    _rec_name = "partner_id"

    holdout_id = fields.Many2one(
        comodel_name="crm.holdout", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="holdout_id.company_id")
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", required=True, readonly=True, ondelete="cascade", index=True
    )
    is_held_out = fields.Boolean(string="Held Out", readonly=True, help="The campaign leaves this customer out.")
    email = fields.Char(related="partner_id.email")
    phone = fields.Char(related="partner_id.phone")

    _partner_uniq = models.UniqueIndex("(holdout_id, partner_id)", "This customer is in the hold-out already.")
