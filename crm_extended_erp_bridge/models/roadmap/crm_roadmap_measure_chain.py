from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.fields import Domain

from odoo.addons.crm_extended.models.roadmap.crm_roadmap_measure import Measured

PLAN_DAYS = 30
ORDER_MONTHS = 12


class CrmRoadmapMeasurePlannedForecasts(models.AbstractModel):
    """Whether what sales expect reaches the production plan."""

    _name = "crm.roadmap.measure.planned.forecasts"
    _inherit = ["crm.roadmap.measure"]
    _description = "Planning with Forecasts"
    _measure_code = "planned_forecasts"
    _measure_unit = "count"

    def _get_label(self):
        return self.env._("Planning runs that used a forecast")

    def _get_formula(self):
        return self.env._(
            "Areas planned in the last %(days)s days while there was a forecast of their demand ahead.", days=PLAN_DAYS
        )

    def _measure(self, company, teams=None):
        # `sudo`: the criterion is about the company, whoever looks
        estimates = self.env["stock.demand.estimate"].sudo()
        today = fields.Date.context_today(self)
        ahead = estimates.search_count([("date_to", ">=", today), ("company_id", "=", company.id)], limit=1)
        if not ahead:
            return Measured(None, reason=self.env._("not measurable: needs a forecast of the demand ahead"))
        return Measured(self.env["crm.planning.run.area"].sudo().search_count(self._get_planned(company)))

    def _get_failing_action(self, company, teams=None):
        return self.env["ir.actions.act_window"]._for_xml_id("crm_extended_erp_bridge.crm_planning_run_action")

    def _get_planned(self, company):
        since = fields.Datetime.now() - relativedelta(days=PLAN_DAYS)
        return (
            Domain("company_id", "=", company.id) & Domain("outcome", "=", "done") & Domain("date_ended", ">=", since)
        )


class CrmRoadmapMeasureFollowedOrders(models.AbstractModel):
    """Whether every order can be followed from the quotation to the payment."""

    _name = "crm.roadmap.measure.followed.orders"
    _inherit = ["crm.roadmap.measure"]
    _description = "Followed Orders"
    _measure_code = "followed_orders"
    _measure_unit = "share"
    _by_team = True

    def _get_label(self):
        return self.env._("Confirmed orders that are followed to the payment")

    def _get_formula(self):
        return self.env._(
            "Of the orders that were confirmed in the last %(months)s months, those with a conversion.",
            months=ORDER_MONTHS,
        )

    def _measure(self, company, teams=None):
        return self._measure_share("sale.order", self._get_orders(company, teams), self._get_followed())

    def _get_failing_action(self, company, teams=None):
        domain = self._get_orders(company, teams) & ~self._get_followed()
        return self._open(self.env._("Orders without a conversion"), "sale.order", domain)

    def _get_orders(self, company, teams):
        since = fields.Datetime.now() - relativedelta(months=ORDER_MONTHS)
        domain = Domain("company_id", "=", company.id) & Domain("state", "=", "sale")
        domain &= Domain("date_order", ">=", since)
        return domain & Domain("team_id", "in", teams.ids) if teams is not None else domain

    def _get_followed(self):
        return Domain("conversion_ids", "!=", False)
