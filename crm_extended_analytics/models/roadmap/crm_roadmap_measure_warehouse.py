from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.crm_extended.models.roadmap.crm_roadmap_measure import Measured


class CrmRoadmapMeasureWarehouseMonths(models.AbstractModel):
    """How far back the sales in the warehouse go."""

    _name = "crm.roadmap.measure.warehouse.months"
    _inherit = ["crm.roadmap.measure"]
    _description = "Months of Sales in the Warehouse"
    _measure_code = "warehouse_months"
    _measure_unit = "count"

    def _get_label(self):
        return self.env._("Months of sales in the warehouse")

    def _get_formula(self):
        return self.env._("Months with at least one sale, of all years, whether of Odoo or imported.")

    def _measure(self, company, teams=None):
        ((months,),) = self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM (SELECT FROM crm_fact_sale WHERE company_id = %s"
                " GROUP BY EXTRACT(YEAR FROM date), EXTRACT(MONTH FROM date)) months",
                company.id,
            )
        )
        return Measured(months)

    def _get_failing_action(self, company, teams=None):
        return self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_history_batch_action")


class CrmRoadmapMeasureReconciliation(models.AbstractModel):
    """Whether the warehouse says the same as Odoo's own reports."""

    _name = "crm.roadmap.measure.reconciliation"
    _inherit = ["crm.roadmap.measure"]
    _description = "Difference to Odoo's Reports"
    _measure_code = "reconciliation_difference"
    _measure_unit = "number"

    def _get_label(self):
        return self.env._("Difference to Odoo's own reports")

    def _get_formula(self):
        return self.env._("Sum of the differences of all months, without their sign, in the currency of the company.")

    def _measure(self, company, teams=None):
        # `sudo`: the criterion is about the company, whoever looks
        months = self.env["crm.warehouse.reconciliation"].sudo().search([("company_id", "=", company.id)])
        if not months:
            return Measured(None, reason=self.env._("not measurable: needs a load of the warehouse"))
        return Measured(company.currency_id.round(sum(abs(month.difference) for month in months)))

    def _get_failing_action(self, company, teams=None):
        domain = Domain("company_id", "=", company.id) & Domain("is_different", "=", True)
        return self._open(self.env._("Months that differ"), "crm.warehouse.reconciliation", domain)
