from odoo import api, fields, models
from odoo.tools import SQL


class CrmCampaignCost(models.Model):
    """What a campaign, medium or source cost in a period; the amount is spread evenly over its days."""

    _name = "crm.campaign.cost"
    _description = "Campaign Cost"
    _order = "date_from desc, id desc"

    name = fields.Char(string="Description", required=True)
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    campaign_id = fields.Many2one(comodel_name="utm.campaign", index="btree_not_null", ondelete="restrict")
    medium_id = fields.Many2one(comodel_name="utm.medium", index="btree_not_null", ondelete="restrict")
    source_id = fields.Many2one(comodel_name="utm.source", index="btree_not_null", ondelete="restrict")
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="To", required=True, default=fields.Date.context_today)
    amount = fields.Monetary(
        required=True, help="Spend of the period, in the currency of the company; spread evenly over the days."
    )

    _some_dimension = models.Constraint(
        "CHECK (campaign_id IS NOT NULL OR medium_id IS NOT NULL OR source_id IS NOT NULL)",
        "A cost belongs to a campaign, a medium or a source: name one of them.",
    )
    _period_order = models.Constraint("CHECK (date_to >= date_from)", "A period does not end before it begins.")
    _amount_not_negative = models.Constraint("CHECK (amount >= 0)", "A cost is not negative.")

    def _get_by_month_sql(self):
        """Return SQL of (company, month, campaign, medium, source, amount): the part of each cost in each month."""
        return SQL(
            """
            SELECT cost.company_id, month::date AS month, cost.campaign_id, cost.medium_id, cost.source_id,
                   cost.amount * (LEAST(cost.date_to, (month + interval '1 month - 1 day')::date)
                                  - GREATEST(cost.date_from, month::date) + 1)
                   / (cost.date_to - cost.date_from + 1) AS amount
              FROM crm_campaign_cost cost
             CROSS JOIN generate_series(
                   date_trunc('month', cost.date_from::timestamp), cost.date_to, interval '1 month') month
            """
        )

    def _sum_days(self, first, last):
        """Return the part of the costs that falls on the days of a period."""
        total = 0.0
        for cost in self:
            days = (min(last, cost.date_to) - max(first, cost.date_from)).days + 1
            total += cost.amount * max(days, 0) / ((cost.date_to - cost.date_from).days + 1)
        return total

    @api.model
    def _sum_campaign(self, company, campaign, first, last):
        """Return what a campaign, if there is one, cost a company on the days of a period."""
        if not campaign:
            return 0.0
        costs = self.search([("company_id", "=", company.id), ("campaign_id", "=", campaign.id)])
        return costs._sum_days(first, last)
