from odoo import models


class CrmPopulationReportAbc(models.AbstractModel):
    """The ABC/XYZ classes of the last complete month, by all profiles of the company."""

    _name = "crm.population.report.abc"
    _inherit = ["crm.population.report"]
    _description = "ABC/XYZ Classes"
    _report_code = "abc"
    _report_sequence = 85

    def _needs(self):
        return ("crm.fact.sale", "crm.fact.return")

    def _rebuild(self, run):
        profiles = self.env["crm.abc.profile"]._get_for_company(run.company_id)
        self.env["crm.abc.engine"]._rebuild_all(profiles, run.company_id, run.as_of)
