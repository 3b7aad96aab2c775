from odoo import api, fields, models
from odoo.exceptions import UserError
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
        return [self._name, "crm.customer.measure", "crm.customer.gap"]

    def _forget_gone(self, company):
        """Delete the scores of customers that were deleted, merged, or must not be profiled."""
        for model in self._get_models_of_customers():
            self.env.execute_query(
                SQL(
                    """
                    DELETE FROM %s scored
                     WHERE company_id = %s AND NOT EXISTS (
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
