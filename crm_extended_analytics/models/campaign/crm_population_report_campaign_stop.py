from odoo import models


class CrmPopulationReportCampaignStop(models.AbstractModel):
    """Compares running campaigns with the stop rules once the orders are shared among them again."""

    _name = "crm.population.report.campaign.stop"
    _inherit = ["crm.population.report"]
    _description = "Stop Rules of Campaigns (Analysis)"
    _report_code = "campaign_stop"
    _report_sequence = 70

    def _rebuild(self, run):
        self.env["crm.campaign.stop"]._propose(run.company_id)
