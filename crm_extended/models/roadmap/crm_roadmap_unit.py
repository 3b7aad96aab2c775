from odoo import fields, models


class CrmRoadmapUnit(models.Model):
    """A department or a region of a company: the sales teams that work in it. It is shown within its company."""

    _name = "crm.roadmap.unit"
    _description = "Department or Region on the Roadmap"
    _order = "kind, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        selection=[("department", "Department"), ("region", "Region")], default="department", required=True
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, default=lambda self: self.env.company, index=True, ondelete="cascade"
    )
    team_ids = fields.Many2many(
        comodel_name="crm.team",
        relation="crm_roadmap_unit_team_rel",
        column1="unit_id",
        column2="team_id",
        string="Sales Teams",
        check_company=True,
        help="Criteria that can be told apart by sales teams are measured for the teams of the unit as well.",
    )
