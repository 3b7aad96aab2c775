from odoo import fields, models


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "crm.brought.by.mixin"]

    # not in `sudo`: a salesperson sees the segments of the customers whom he may see
    crm_segment_ids = fields.Many2many(
        related="partner_id.crm_segment_ids", related_sudo=False, groups="sales_team.group_sale_salesman"
    )
