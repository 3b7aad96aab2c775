from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_extended.models.roadmap.crm_roadmap_measure import Measured


class CrmRoadmapMeasureRevenue(models.AbstractModel):
    """Sales are those of the warehouse, so that a year before Odoo counts as well."""

    _inherit = "crm.roadmap.measure.revenue"

    def _measure_between(self, company, since, until, teams):
        if teams is not None or not company._has_feature("sales_warehouse"):
            return super()._measure_between(company, since, until, teams)
        ((total, count),) = self.env.execute_query(
            SQL(
                "SELECT SUM(amount_company), COUNT(*) FROM crm_fact_sale"
                " WHERE company_id = %s AND date > %s AND date <= %s",
                company.id,
                since,
                until,
            )
        )
        return Measured(float(total or 0)) if count else super()._measure_between(company, since, until, teams)


class CrmRoadmapMeasureSalesCost(models.AbstractModel):
    """What it costs to sell."""

    _name = "crm.roadmap.measure.sales.cost"
    _inherit = ["crm.roadmap.measure.year"]
    _description = "Cost of Campaigns per Sales"
    _measure_code = "sales_cost_share"
    _measure_unit = "share"

    def _get_label(self):
        return self.env._("Cost of campaigns per sales")

    def _get_formula(self):
        return self.env._("Costs of campaigns of twelve months / sales of the same months x 100.")

    def _measure_between(self, company, since, until, teams):
        sales = self.env["crm.roadmap.measure.revenue"]._measure_between(company, since, until, None).value
        # `sudo`: the costs of the company count, whoever looks
        costs = self.env["crm.campaign.cost"].sudo()
        ((spent,),) = costs._read_group(
            [("company_id", "=", company.id), ("date_to", ">", since), ("date_to", "<=", until)], [], ["amount:sum"]
        )
        if not sales or not spent:
            return Measured(None, reason=self.env._("not measurable: needs sales and costs of campaigns"))
        return Measured(100.0 * spent / sales)

    def _get_failing_action(self, company, teams=None):
        return self._open(self.env._("Costs of campaigns"), "crm.campaign.cost", [("company_id", "=", company.id)])


class CrmRoadmapMeasureRetention(models.AbstractModel):
    """Whether customers come back."""

    _name = "crm.roadmap.measure.retention"
    _inherit = ["crm.roadmap.measure.year"]
    _description = "Customers Who Buy Again"
    _measure_code = "customer_retention"
    _measure_unit = "share"

    def _get_label(self):
        return self.env._("Customers who buy again in the next year")

    def _get_formula(self):
        return self.env._(
            "Of the customers who bought in the twelve months before, those who bought in the last twelve months."
        )

    def _measure_between(self, company, since, until, teams):
        ((whole, part),) = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*) FILTER (WHERE bought_before), COUNT(*) FILTER (WHERE bought_before AND bought_now)
                  FROM (SELECT BOOL_OR(date <= %(since)s) AS bought_before, BOOL_OR(date > %(since)s) AS bought_now
                          FROM crm_fact_sale
                         WHERE company_id = %(company)s AND amount_company > 0 AND commercial_partner_id IS NOT NULL
                           AND date > %(first)s AND date <= %(until)s
                         GROUP BY commercial_partner_id) customers
                """,
                company=company.id,
                since=since,
                first=fields.Date.subtract(since, years=1),
                until=until,
            )
        )
        if not whole:
            return Measured(None, reason=self.env._("not measurable: needs two years of sales"))
        return Measured(100.0 * part / whole, part=part, whole=whole)

    def _get_failing_action(self, company, teams=None):
        return self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_customer_measure_action")
