from odoo import models
from odoo.fields import Domain

from odoo.addons.crm_extended.models.roadmap.crm_roadmap_measure import Measured


class CrmRoadmapMeasureClosedMonths(models.AbstractModel):
    """How many months of figures nobody changes any more."""

    _name = "crm.roadmap.measure.closed.months"
    _inherit = ["crm.roadmap.measure"]
    _description = "Closed Months of Figures"
    _measure_code = "closed_months"
    _measure_unit = "count"

    def _get_label(self):
        return self.env._("Months of figures that are closed")

    def _get_formula(self):
        return self.env._("Months of the 7P that somebody closed, so that no run writes them again.")

    def _measure(self, company, teams=None):
        # `sudo`: the criterion is about the company, whoever looks
        periods = self.env["crm.scoring.period"].sudo()
        return Measured(periods.search_count([("company_id", "=", company.id), ("is_locked", "=", True)]))

    def _get_failing_action(self, company, teams=None):
        return self._open(
            self.env._("Closed months of scores"), "crm.scoring.period", [("company_id", "=", company.id)]
        )


class CrmRoadmapMeasurePyramidMonths(models.AbstractModel):
    """How many months of the value pyramid there are to compare."""

    _name = "crm.roadmap.measure.pyramid.months"
    _inherit = ["crm.roadmap.measure"]
    _description = "Months of the Value Pyramid"
    _measure_code = "pyramid_months"
    _measure_unit = "count"

    def _get_label(self):
        return self.env._("Months of the value pyramid")

    def _get_formula(self):
        return self.env._("Counted months of the pyramid of customers that has most of them.")

    def _measure(self, company, teams=None):
        # `sudo`: the criterion is about the company, whoever looks
        months = self.env["crm.pyramid.month"].sudo()
        groups = months._read_group(self._get_domain(company), ["pyramid_id"], ["__count"])
        return Measured(max((count for _pyramid, count in groups), default=0))

    def _get_failing_action(self, company, teams=None):
        return self._open(self.env._("Counted months"), "crm.pyramid.month", self._get_domain(company))

    def _get_domain(self, company):
        return Domain("company_id", "=", company.id) & Domain("pyramid_id.kind", "=", "customer")
