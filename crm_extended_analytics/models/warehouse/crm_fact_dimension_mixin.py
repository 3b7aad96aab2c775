from odoo import fields, models

from .fact_fields import FactMany2one


class CrmFactDimensionMixin(models.AbstractModel):
    """What facts and their sums by month are grouped by, as it was at the date of the document."""

    _name = "crm.fact.dimension.mixin"
    _description = "Dimensions of the Sales Warehouse"
    _log_access = False

    company_id = FactMany2one(comodel_name="res.company", required=True, readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency", related_sudo=True
    )
    user_id = FactMany2one(
        comodel_name="res.users",
        string="Salesperson Then",
        readonly=True,
        help="Salesperson of the document.",
    )
    team_id = FactMany2one(comodel_name="crm.team", string="Sales Team", readonly=True)
    grade_id = FactMany2one(
        comodel_name="res.partner.grade",
        string="Level Then",
        readonly=True,
        help="Level of the customer when the document came into the warehouse.",
    )
    country_id = FactMany2one(
        comodel_name="res.country",
        readonly=True,
        help="Country of the contact, else of the customer, when the document came into the warehouse.",
    )
