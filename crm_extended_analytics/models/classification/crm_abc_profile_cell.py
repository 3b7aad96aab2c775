from odoo import api, fields, models

from .crm_abc_item import ABC_CLASSES, XYZ_CLASSES


class CrmAbcProfileCell(models.Model):
    """What is done with the items of one class."""

    _name = "crm.abc.profile.cell"
    _description = "Policy of an ABC/XYZ Class"
    _order = "abc_class, xyz_class, id"

    profile_id = fields.Many2one(comodel_name="crm.abc.profile", required=True, ondelete="cascade", index=True)
    profile_kind = fields.Selection(related="profile_id.kind")
    abc_class = fields.Selection(selection=ABC_CLASSES[:-1], string="ABC", required=True)
    xyz_class = fields.Selection(selection=XYZ_CLASSES, string="XYZ", help="Empty for values of 0 or below.")
    policy = fields.Text(translate=True, help="What to do with the items of this class.")
    service_level = fields.Float(
        string="Service Level (%)",
        help="Products only: in how many percent of the replenishment times the stock is to last. The safety stock "
        "follows from it. 0: no safety stock, the product is made or bought to order.",
    )
    review_days = fields.Integer(
        string="Review Every (Days)", help="Products only: how often it is replenished. 0: the plan is left as it is."
    )

    _class_uniq = models.UniqueIndex(
        "(profile_id, abc_class, COALESCE(xyz_class, ''))", "This class has a policy already."
    )
    _level_check = models.Constraint(
        "CHECK (service_level >= 0 AND service_level < 100)", "A service level is 0 or more, and below 100 %."
    )
    _review_check = models.Constraint("CHECK (review_days >= 0)", "The days between reviews are 0 or more.")

    @api.depends("abc_class", "xyz_class")
    def _compute_display_name(self):
        for cell in self:
            cell.display_name = f"{cell.abc_class or ''}{cell.xyz_class or ''}"
