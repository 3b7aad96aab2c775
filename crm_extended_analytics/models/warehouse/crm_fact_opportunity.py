from odoo import fields, models

from .fact_fields import FactMany2one


class CrmFactOpportunity(models.Model):
    """An opportunity that was won or lost."""

    _name = "crm.fact.opportunity"
    _inherit = ["crm.fact.mixin"]
    _description = "Outcome of an Opportunity (Fact)"
    _log_access = False
    _document_field = "lead_id"

    lead_id = FactMany2one(comodel_name="crm.lead", string="Opportunity", readonly=True)
    outcome = fields.Selection(selection=[("won", "Won"), ("lost", "Lost")], readonly=True)
    lost_reason_id = FactMany2one(comodel_name="crm.lost.reason", readonly=True)
    amount = fields.Monetary(
        string="Amount (Its Currency)",
        readonly=True,
        currency_field="currency_id",
        aggregator=None,
        help="Expected amount in the currency of the opportunity.",
    )
    amount_company = fields.Monetary(
        string="Expected Revenue",
        readonly=True,
        currency_field="company_currency_id",
        help="Expected revenue in the currency of the company.",
    )
    date_created = fields.Date(string="Created On", readonly=True)
    days_to_close = fields.Integer(
        readonly=True,
        aggregator="avg",
        help="Days from the creation of the opportunity to its end.",
    )
