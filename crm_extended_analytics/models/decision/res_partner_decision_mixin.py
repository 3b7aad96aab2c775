from odoo import fields, models


class ResPartnerDecisionMixin(models.AbstractModel):
    """In which decisions a customer is: the filter of mailings to those who are treated."""

    _name = "res.partner.decision.mixin"
    _description = "Decisions of a Contact"

    crm_decision_member_ids = fields.One2many(
        comodel_name="crm.decision.member",
        inverse_name="partner_id",
        string="Decisions",
        groups="sales_team.group_sale_manager,crm_extended.crm_extended_group_analyst",
    )
