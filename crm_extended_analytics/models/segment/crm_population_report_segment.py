from odoo import models


class CrmPopulationReportSegment(models.AbstractModel):
    """The segments by rules, after measures, scores and tiers of all customers are known; clusters have jobs."""

    _name = "crm.population.report.segment"
    _inherit = ["crm.population.report"]
    _description = "Segments"
    _report_code = "segment"
    _report_sequence = 95

    def _rebuild(self, run):
        segments = self.env["crm.segment"]
        # a month that is scored again later says nothing of the members of now
        if run.period == segments._get_period(run.company_id):
            segments._refresh_company(run.company_id, day=run.as_of)
            self.env["crm.segment.cluster"]._repeat(run.company_id)
