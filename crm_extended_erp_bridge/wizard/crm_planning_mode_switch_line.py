from odoo import fields, models

from ..models.planning.product_planning_mode_mixin import PLANNING_MODES


class CrmPlanningModeSwitchLine(models.TransientModel):
    """One product of the switch: its mode before and after, and what was found."""

    _name = "crm.planning.mode.switch.line"
    _description = "Product of the Switch to Make to Plan"

    wizard_id = fields.Many2one(comodel_name="crm.planning.mode.switch", required=True, ondelete="cascade")
    product_id = fields.Many2one(comodel_name="product.product", required=True, readonly=True, ondelete="cascade")
    mode_before = fields.Selection(selection=PLANNING_MODES, string="Now", readonly=True)
    mode_after = fields.Selection(selection=PLANNING_MODES, string="Then", readonly=True)
    note = fields.Text(string="Found", readonly=True)
    is_open = fields.Boolean(
        string="To Mend",
        readonly=True,
        help="Something is in the way that the switch does not change by itself.",
    )
