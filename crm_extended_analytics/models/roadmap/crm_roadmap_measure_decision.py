from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.fields import Domain

from odoo.addons.crm_extended.models.roadmap.crm_roadmap_measure import Measured


class CrmRoadmapMeasureClosedDecisions(models.AbstractModel):
    """Whether decisions are followed up to what they brought."""

    _name = "crm.roadmap.measure.closed.decisions"
    _inherit = ["crm.roadmap.measure"]
    _description = "Decisions Measured and Closed"
    _measure_code = "closed_decisions"
    _measure_unit = "count"

    def _get_label(self):
        return self.env._("Decisions measured and closed")

    def _get_formula(self):
        return self.env._("Decisions that were measured and got their verdict in the last month.")

    def _measure(self, company, teams=None):
        since = fields.Date.context_today(self) - relativedelta(months=1)
        domain = Domain("company_id", "=", company.id) & Domain("date_verdict", ">=", since)
        domain &= Domain("measurement_ids", "!=", False)
        # `sudo`: the decisions of the company count, whoever looks
        return Measured(self.env["crm.decision"].sudo().search_count(domain))

    def _get_failing_action(self, company, teams=None):
        domain = Domain("company_id", "=", company.id) & Domain("is_open", "=", True)
        return self._open(self.env._("Open decisions"), "crm.decision", domain)
