from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.fields import Domain

from .crm_roadmap_measure import Measured

YEAR_MONTHS = 12


class CrmRoadmapMeasureYear(models.AbstractModel):
    """A figure of the twelve months up to a day, from the records that are there: it can look back."""

    _name = "crm.roadmap.measure.year"
    _inherit = ["crm.roadmap.measure"]
    _description = "Figure of a Year"
    _looks_back = True

    def _measure(self, company, teams=None):
        return self._measure_as_of(company, fields.Date.context_today(self), teams)

    def _measure_as_of(self, company, day, teams=None):
        since = day - relativedelta(months=YEAR_MONTHS)
        return self._measure_between(company, since, day, teams)

    def _measure_between(self, company, since, until, teams):
        """Return what is found from the day after ``since`` up to ``until``."""
        raise NotImplementedError

    def _get_days(self, field, since, until):
        """Return the domain of a moment in these days, by the clock of UTC as Odoo keeps it."""
        return Domain(field, ">=", since + relativedelta(days=1)) & Domain(field, "<", until + relativedelta(days=1))


class CrmRoadmapMeasureCycle(models.AbstractModel):
    """How long a deal takes."""

    _name = "crm.roadmap.measure.cycle"
    _inherit = ["crm.roadmap.measure.year"]
    _description = "Days to Win"
    _measure_code = "cycle_days"
    _measure_unit = "days"
    _by_team = True

    def _get_label(self):
        return self.env._("Days from opportunity to win")

    def _get_formula(self):
        return self.env._("Mean of the days from the creation to the win of opportunities won in twelve months.")

    def _measure_between(self, company, since, until, teams):
        # `sudo`: the deals of the company count, whoever looks
        leads = self.env["crm.lead"].sudo()
        ((count, days),) = leads._read_group(
            self._get_won(company, since, until, teams), [], ["__count", "day_close:avg"]
        )
        return Measured(days or 0) if count else Measured(None, reason=self.env._("nothing to count yet"))

    def _get_failing_action(self, company, teams=None):
        today = fields.Date.context_today(self)
        domain = self._get_won(company, today - relativedelta(months=YEAR_MONTHS), today, teams)
        return self._open(self.env._("Opportunities won"), "crm.lead", domain)

    def _get_won(self, company, since, until, teams):
        domain = Domain("won_status", "=", "won") & Domain("company_id", "in", [company.id, False])
        domain &= self._get_days("date_closed", since, until)
        return domain & Domain("team_id", "in", teams.ids) if teams is not None else domain


class CrmRoadmapMeasureRevenue(models.AbstractModel):
    """What is sold."""

    _name = "crm.roadmap.measure.revenue"
    _inherit = ["crm.roadmap.measure.year"]
    _description = "Sales of a Year"
    _measure_code = "year_sales"
    _measure_unit = "number"
    _by_team = True

    def _get_label(self):
        return self.env._("Sales of twelve months")

    def _get_formula(self):
        return self.env._("Untaxed amounts of the orders confirmed in twelve months, in the currency of the company.")

    def _measure_between(self, company, since, until, teams):
        # `sudo`: the sales of the company count, whoever looks
        report = self.env["sale.report"].sudo()
        domain = Domain("state", "=", "sale") & Domain("company_id", "=", company.id)
        domain &= self._get_days("date", since, until)
        if teams is not None:
            domain &= Domain("team_id", "in", teams.ids)
        ((total,),) = report._read_group(domain, [], ["price_subtotal:sum"])
        return Measured(total or 0)

    def _get_failing_action(self, company, teams=None):
        return self.env["ir.actions.act_window"]._for_xml_id("sale.action_order_report_all")


class CrmRoadmapMeasureLateActivities(models.AbstractModel):
    """Whether people can keep up with their work."""

    _name = "crm.roadmap.measure.late.activities"
    _inherit = ["crm.roadmap.measure"]
    _description = "Late Activities"
    _measure_code = "late_activities"
    _measure_unit = "share"
    _by_team = True

    def _get_label(self):
        return self.env._("Activities of sales teams that are late")

    def _get_formula(self):
        return self.env._("Of the open activities of the members of the sales teams, those whose day is over.")

    def _measure(self, company, teams=None):
        return self._measure_share("mail.activity", self._get_open(company, teams), self._get_late())

    def _get_failing_action(self, company, teams=None):
        return self._open(
            self.env._("Late activities"), "mail.activity", self._get_open(company, teams) & self._get_late()
        )

    def _get_open(self, company, teams):
        members = self.env["crm.roadmap.measure.active.users"]._get_members(company, teams)
        return Domain("user_id", "any", members)

    def _get_late(self):
        return Domain("date_deadline", "<", fields.Date.context_today(self))
