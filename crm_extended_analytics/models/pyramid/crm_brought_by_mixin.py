from odoo import fields, models


class CrmBroughtByMixin(models.AbstractModel):
    """A record that a partner (dealer, agent) may have brought."""

    _name = "crm.brought.by.mixin"
    _description = "Brought by a Partner"

    crm_brought_by_id = fields.Many2one(
        comodel_name="res.partner",
        string="Brought by",
        index="btree_not_null",
        ondelete="set null",
        tracking=True,
        help="Dealer or agent who brought it. His sales in the partner pyramid are those that name him on the order, "
        "else on the opportunity of the order, else on the customer.",
    )
