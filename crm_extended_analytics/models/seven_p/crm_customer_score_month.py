from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..warehouse.fact_fields import FactMany2one
from .known_float import KnownFloat


class CrmCustomerScoreMonth(models.Model):
    """The seven scores of a customer in a month, in one narrow row: the history, and the source of all scores."""

    _name = "crm.customer.score.month"
    _description = "Scores of a Customer in a Month"
    _log_access = False
    _order = "period desc, total desc, id"
    _rec_name = "partner_id"

    company_id = FactMany2one(comodel_name="res.company", required=True, readonly=True)
    partner_id = FactMany2one(comodel_name="res.partner", string="Customer", required=True, readonly=True)
    period = fields.Date(string="Month", required=True, readonly=True)
    as_of = fields.Date(readonly=True, help="Day up to which facts were read.")
    country_id = fields.Many2one(related="partner_id.country_id", string="Country")
    is_company = fields.Boolean(related="partner_id.is_company", string="Is a Company")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    total = KnownFloat(
        readonly=True, aggregator="avg", help="Weighted mean of the scores that are known; weights are in the method."
    )
    score_profiling = KnownFloat(string="Profiling", readonly=True, aggregator="avg", help="0 to 100.")
    score_persistency = KnownFloat(string="Persistency", readonly=True, aggregator="avg", help="0 to 100.")
    score_profitability = KnownFloat(string="Profitability", readonly=True, aggregator="avg", help="0 to 100.")
    score_performance = KnownFloat(string="Performance", readonly=True, aggregator="avg", help="0 to 100.")
    score_prospecting = KnownFloat(string="Prospecting", readonly=True, aggregator="avg", help="0 to 100.")
    score_product = KnownFloat(string="Product", readonly=True, aggregator="avg", help="0 to 100.")
    score_promotion = KnownFloat(string="Promotion", readonly=True, aggregator="avg", help="0 to 100.")
    method_id = FactMany2one(comodel_name="crm.scoring.method", readonly=True)
    run_id = FactMany2one(comodel_name="crm.scoring.run", readonly=True)

    is_current = fields.Boolean(
        string="Last Scored Month",
        compute="_compute_is_current",
        search="_search_is_current",
        help="Of the last month that was scored in the company, which may be long ago.",
    )

    _customer_uniq = models.UniqueIndex(
        "(partner_id, company_id, period)", "This customer has scores of this month already."
    )
    _period_idx = models.Index("(company_id, period)")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_compare(self):
        """Compare two rows, the earlier month first; one row is compared with the month before."""
        months = self.sorted("period")
        if len(months) == 1:
            domain = [("company_id", "=", months.company_id.id), ("partner_id", "=", months.partner_id.id)]
            earlier = self.search(domain + [("period", "<", months.period)], order="period desc", limit=1)
            months = earlier + months
        if len(months) > 2:
            raise UserError(self.env._("Two rows are compared: select two months, or two customers."))
        return {
            "type": "ir.actions.client",
            "tag": "crm_extended_analytics.score_comparison",
            "name": self.env._("Compare Scores"),
            "params": {"left_id": months[0].id, "right_id": months[-1].id},
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------
    @api.model
    def _get_models_of_customers(self):
        """Return the models whose rows go with the customer, or with his consent."""
        return [self._name, "crm.customer.measure", "crm.customer.gap", "crm.lookalike"]

    @api.depends("company_id", "period")
    def _compute_is_current(self):
        last = self._get_last_periods()
        for month in self:
            month.is_current = month.period == last.get(month.company_id.id)

    @api.model
    def _search_is_current(self, operator, value):
        return self._get_current_domain(operator)

    @api.model
    def _get_current_domain(self, operator="in"):
        """Return the domain of the last scored month of each company.

        The months are put into the domain, so that the database looks only at these rows.
        """
        if operator not in ("in", "not in"):
            return NotImplemented
        last = self._get_last_periods()
        current = Domain.OR(
            Domain("company_id", "=", company) & Domain("period", "=", period) for company, period in last.items()
        )
        return current if operator == "in" else ~current

    @api.model
    def _get_last_periods(self):
        """Return ``{company id: last scored month}``, read from the end of the index."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT company.id, last.period FROM res_company company CROSS JOIN LATERAL (
                       SELECT period FROM crm_customer_score_month month WHERE month.company_id = company.id
                        ORDER BY period DESC LIMIT 1) last
                """
            )
        )
        return dict(rows)

    def _forget_gone(self, company):
        """Delete the scores of customers that were deleted, merged, or must not be profiled."""
        for model in self._get_models_of_customers():
            self.env.execute_query(
                SQL(
                    """
                    DELETE FROM %s scored
                     WHERE company_id = %s AND partner_id IS NOT NULL AND NOT EXISTS (
                           SELECT FROM res_partner partner
                            WHERE partner.id = scored.partner_id AND partner.crm_profiling_opt_out IS NOT TRUE)
                 RETURNING id
                    """,
                    SQL.identifier(self.env[model]._table),
                    company.id,
                )
            )

    @api.model
    def _erase(self, partners):
        """Delete scores, history and measures of customers, of all companies."""
        for model in self._get_models_of_customers():
            self.env.execute_query(
                SQL(
                    "DELETE FROM %s WHERE partner_id = ANY(%s) RETURNING id",
                    SQL.identifier(self.env[model]._table),
                    partners.ids,
                )
            )
            self.env[model].invalidate_model()
