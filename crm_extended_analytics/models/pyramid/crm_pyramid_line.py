from odoo import fields, models


class CrmPyramidLine(models.Model):
    """A layer of a pyramid: which tier it is, who belongs to it, and where it is cut."""

    _name = "crm.pyramid.line"
    _description = "Layer of a Value Pyramid"
    _order = "sequence, id"
    _rec_name = "tier_id"

    pyramid_id = fields.Many2one(comodel_name="crm.pyramid", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    tier_id = fields.Many2one(comodel_name="crm.tier", required=True, ondelete="restrict")
    role = fields.Selection(
        selection=[
            ("active", "Active"),
            ("inactive", "Active before, not lately"),
            ("prospect", "Never active, has or had a lead"),
            ("suspect", "Never active, no leads"),
        ],
        string="Who",
        default="active",
        required=True,
    )
    share_pct = fields.Float(
        string="Share (%)",
        digits=(16, 3),
        help="Percent of the active customers, or of the value that they bring, as the pyramid says.",
    )
    amount = fields.Float(
        string="From", help="Least value of the tier, in the currency of the company. The last tier has none."
    )
    grade_id = fields.Many2one(
        comodel_name="res.partner.grade",
        string="Proposes Level",
        ondelete="set null",
        help="Level that is proposed for partners in this tier. A manager approves or refuses it; nothing changes "
        "before.",
    )
    alert = fields.Boolean(help="Who falls out of this tier is reported to whoever looks after him.")
