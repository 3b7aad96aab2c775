from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.fields import Domain

from odoo.addons.crm_extended.models.roadmap.crm_roadmap_measure import Measured

CAMPAIGN_MONTHS = 12


class CrmRoadmapMeasureCampaignResults(models.AbstractModel):
    """How many campaigns can say what they caused."""

    _name = "crm.roadmap.measure.campaign.results"
    _inherit = ["crm.roadmap.measure"]
    _description = "Campaigns with a Result"
    _measure_code = "campaign_results"
    _measure_unit = "share"

    def _get_label(self):
        return self.env._("Campaigns with a hold-out and a result")

    def _get_formula(self):
        return self.env._(
            "Of the campaigns with costs or touches in the last %(months)s months, those with costs and a hold-out "
            "that was measured.",
            months=CAMPAIGN_MONTHS,
        )

    def _measure(self, company, teams=None):
        campaigns = self._get_campaigns(company)
        if not campaigns:
            return Measured(None, reason=self.env._("nothing to count yet"))
        measured = campaigns & self._get_measured(company)
        return Measured(100.0 * len(measured) / len(campaigns), part=len(measured), whole=len(campaigns))

    def _get_failing_action(self, company, teams=None):
        missing = self._get_campaigns(company) - self._get_measured(company)
        return self._open(self.env._("Campaigns without a result"), "utm.campaign", [("id", "in", missing.ids)])

    def _get_campaigns(self, company):
        since = fields.Date.context_today(self) - relativedelta(months=CAMPAIGN_MONTHS)
        known = Domain("company_id", "=", company.id) & Domain("campaign_id", "!=", False)
        found = self.env["utm.campaign"]
        for name, date in (("crm.fact.touch", "date"), ("crm.campaign.cost", "date_to")):
            # `sudo`: the criterion is about the company, whoever looks
            groups = self.env[name].sudo()._read_group(known & Domain(date, ">=", since), ["campaign_id"])
            found |= found.union(*(campaign for (campaign,) in groups))
        return found

    def _get_measured(self, company):
        measured = Domain("company_id", "=", company.id) & Domain("date_measured", "!=", False)
        # `sudo`: as above
        holdouts = self.env["crm.holdout"].sudo().search(measured)
        costs = self.env["crm.campaign.cost"].sudo().search([("company_id", "=", company.id)])
        return holdouts.campaign_id & costs.campaign_id
