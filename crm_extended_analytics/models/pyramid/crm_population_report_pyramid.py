from odoo import models


class CrmPopulationReportPyramid(models.AbstractModel):
    """The value pyramids of the month, after everything else is known of the customers."""

    _name = "crm.population.report.pyramid"
    _inherit = ["crm.population.report"]
    _description = "Value Pyramids of the Month"
    _report_code = "pyramid"
    _report_sequence = 90

    def _rebuild(self, run):
        for pyramid in self.env["crm.pyramid"]._get_for_company(run.company_id):
            self.env["crm.pyramid.engine"]._rebuild(pyramid, run.company_id, run.as_of)
