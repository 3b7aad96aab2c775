from odoo import api, fields, models
from odoo.tools import SQL

KINDS = ("commission", "funds", "support")


class CrmPartnerCost(models.Model):
    """What a partner (dealer, agent) costs in a period; the amount is spread evenly over its days."""

    _name = "crm.partner.cost"
    _description = "Partner Cost"
    _order = "date_from desc, id desc"

    name = fields.Char(string="Description", required=True)
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    partner_id = fields.Many2one(comodel_name="res.partner", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(
        selection=[("commission", "Commission"), ("funds", "Funds"), ("support", "Support")],
        required=True,
        default="commission",
        help="Commission: what he gets for sales. Funds: money for his marketing, fairs, bonuses. Support: training, "
        "visits, equipment that he is given.",
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="To", required=True, default=fields.Date.context_today)
    amount = fields.Monetary(
        required=True, help="Cost of the period, in the currency of the company; spread evenly over the days."
    )

    _period_order = models.Constraint("CHECK (date_to >= date_from)", "A period does not end before it begins.")
    _amount_not_negative = models.Constraint("CHECK (amount >= 0)", "A cost is not negative.")

    @api.model
    def _get_known_kinds(self, company):
        """Return the kinds that the company enters: of the others nothing is known, which is not 0."""
        return {kind for (kind,) in self._read_group([("company_id", "=", company.id)], ["kind"])}

    @api.model
    def _get_sums_sql(self, scope):
        """Return SQL of (partner_id, commission, funds, support): the part of the costs in the window of a scope."""
        self.flush_model()
        days = SQL(
            "GREATEST(0, LEAST(cost.date_to, %(as_of)s::date) - GREATEST(cost.date_from, %(since)s::date + 1) + 1)"
            "::float8 / (cost.date_to - cost.date_from + 1)",
            **scope.values,
        )
        sums = [
            SQL("SUM(cost.amount * %s) FILTER (WHERE cost.kind = %s) AS %s", days, kind, SQL.identifier(kind))
            for kind in KINDS
        ]
        return SQL(
            """
            SELECT contact.commercial_partner_id AS partner_id, %(sums)s
              FROM crm_partner_cost cost JOIN res_partner contact ON contact.id = cost.partner_id
             WHERE cost.company_id = %(company)s AND cost.date_from <= %(as_of)s
             GROUP BY 1
            """,
            sums=SQL(", ").join(sums),
            **scope.values,
        )
