from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.fields import Domain

from .crm_roadmap_measure import Measured

ANSWER_MONTHS = 12


class CrmRoadmapMeasureAnswers(models.AbstractModel):
    """How many customers answer when they are asked how satisfied they are."""

    _name = "crm.roadmap.measure.answers"
    _inherit = ["crm.roadmap.measure"]
    _description = "Answered Satisfaction Requests"
    _measure_code = "satisfaction_answers"
    _measure_unit = "share"

    def _get_label(self):
        return self.env._("Answered questions about satisfaction")

    def _get_formula(self):
        return self.env._(
            "Of the ratings that customers were asked for in the last %(months)s months, those that were given.",
            months=ANSWER_MONTHS,
        )

    def _get_missing(self):
        return "" if "rating.rating" in self.env else self.env._("an app that asks customers for ratings")

    def _measure(self, company, teams=None):
        return self._measure_share("rating.rating", self._get_asked(), Domain("consumed", "=", True))

    def _get_failing_action(self, company, teams=None):
        return self._open(
            self.env._("Ratings without an answer"), "rating.rating", self._get_asked() & Domain("consumed", "=", False)
        )

    def _get_asked(self):
        return Domain("create_date", ">=", fields.Datetime.now() - relativedelta(months=ANSWER_MONTHS))


class CrmRoadmapMeasureSatisfaction(models.AbstractModel):
    """How satisfied the customers are who answer."""

    _name = "crm.roadmap.measure.satisfaction"
    _inherit = ["crm.roadmap.measure.year"]
    _description = "Mean Satisfaction"
    _measure_code = "satisfaction_mean"
    _measure_unit = "number"

    def _get_label(self):
        return self.env._("Mean satisfaction of customers (1 to 5)")

    def _get_formula(self):
        return self.env._("Mean of the ratings that customers gave in twelve months.")

    def _get_missing(self):
        return self.env["crm.roadmap.measure.answers"]._get_missing()

    def _measure_between(self, company, since, until, teams):
        # `sudo`: the answers count, whoever looks
        ratings = self.env["rating.rating"].sudo()
        domain = Domain("consumed", "=", True) & self._get_days("write_date", since, until)
        ((count, mean),) = ratings._read_group(domain, [], ["__count", "rating:avg"])
        return Measured(mean) if count else Measured(None, reason=self.env._("nothing to count yet"))

    def _get_failing_action(self, company, teams=None):
        return self._open(self.env._("Ratings"), "rating.rating", Domain("consumed", "=", True))


class CrmRoadmapMeasureTraining(models.AbstractModel):
    """How many of the members of the sales teams finished their training."""

    _name = "crm.roadmap.measure.training"
    _inherit = ["crm.roadmap.measure"]
    _description = "Finished Training"
    _measure_code = "training_finished"
    _measure_unit = "share"

    def _get_label(self):
        return self.env._("Finished training courses of members of sales teams")

    def _get_formula(self):
        return self.env._("Of the courses that members of sales teams attend, those they finished.")

    def _get_missing(self):
        return "" if "slide.channel.partner" in self.env else self.env._("the app eLearning")

    def _measure(self, company, teams=None):
        return self._measure_share(
            "slide.channel.partner", self._get_courses(company), Domain("member_status", "=", "completed")
        )

    def _get_failing_action(self, company, teams=None):
        domain = self._get_courses(company) & Domain("member_status", "!=", "completed")
        return self._open(self.env._("Unfinished courses"), "slide.channel.partner", domain)

    def _get_courses(self, company):
        # `sudo`: members whom the reader may not see count too
        teams = self.env["crm.team"].sudo().search([("company_id", "in", [company.id, False])])
        return Domain("partner_id", "in", teams.member_ids.partner_id.ids)


class CrmRoadmapMeasureReports(models.AbstractModel):
    """How many reports are read every week; Odoo keeps no record of it."""

    _name = "crm.roadmap.measure.reports"
    _inherit = ["crm.roadmap.measure"]
    _description = "Reports in Use"
    _measure_code = "reports_used"
    _measure_unit = "count"

    def _get_label(self):
        return self.env._("Reports that are read every week")

    def _get_formula(self):
        return self.env._("Reports that somebody opened in each of the last four weeks.")

    def _get_missing(self):
        return self.env._("a record of who opens which report, which Odoo does not keep")

    def _measure(self, company, teams=None):
        return Measured(None, reason=self._get_missing())
