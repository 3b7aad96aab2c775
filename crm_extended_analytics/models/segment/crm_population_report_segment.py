from odoo import models


class CrmPopulationReportSegment(models.AbstractModel):
    """The segments by rules, after measures, scores and tiers of all customers are known."""

    _name = "crm.population.report.segment"
    _inherit = ["crm.population.report"]
    _description = "Segments"
    _report_code = "segment"
    _report_sequence = 95

    def _rebuild(self, run):
        self.env["crm.segment"]._refresh_company(run.company_id)
