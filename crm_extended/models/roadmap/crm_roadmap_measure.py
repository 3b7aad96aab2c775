from typing import NamedTuple

from odoo import api, models


class Measured(NamedTuple):
    """What a criterion found: a value, or the sentence that says why there is none."""

    value: float | None
    # of a share: the records that count as good, and all of them
    part: float = 0
    whole: float = 0
    reason: str = ""


class CrmRoadmapMeasure(models.AbstractModel):
    """A ready-made measure that criteria of the roadmap can use. An addon adds one by inheritance.

    A measure whose source is not installed is still offered: it says what it needs, and is neither 0 nor passed.
    """

    _name = "crm.roadmap.measure"
    _description = "Measure of the Roadmap"

    _measure_code = None
    # share (percent), count, days or number
    _measure_unit = "number"
    # whether it can be told apart by sales teams, and so by departments and regions
    _by_team = False
    # whether it can say what it was on a day of the past
    _looks_back = False

    def _get_label(self):
        """Return the name of the measure."""
        raise NotImplementedError

    def _get_formula(self):
        """Return the sentence that says how it is counted."""
        raise NotImplementedError

    def _get_missing(self):
        """Return what has to be installed or switched on before it can be measured, as text; nothing when it can."""
        return ""

    def _measure(self, company, teams=None):
        """Return what is found for a company.

        :param teams: sales teams of a department or region, where the measure can be told apart by them
        :rtype: Measured
        """
        raise NotImplementedError

    def _measure_as_of(self, company, day):
        """Return what was found on a day of the past, from what is known of it; only where `_looks_back`."""
        raise NotImplementedError

    def _get_failing_action(self, company, teams=None):
        """Return the action that opens the records which keep the criterion from its target, or False."""
        return False

    @api.model
    def _get_all(self):
        """Return the measures of all installed addons, by their label."""
        names = self.env.registry.descendants(["crm.roadmap.measure"], "_inherit")
        found = [self.env[name] for name in names if self.env[name]._measure_code]
        return sorted(found, key=lambda measure: measure._get_label())

    @api.model
    def _get(self, code):
        """Return the measure with a code, or None when the addon that brought it is gone."""
        return next((measure for measure in self._get_all() if measure._measure_code == code), None)

    @api.model
    def _get_awaited(self):
        """Return the measures that shipped criteria ask for and another addon brings, or none yet.

        :return: ``{code: (name of the measure, what it needs)}``
        """
        analytics = self.env._("the app CRM Extended Analytics")
        bridge = self.env._("the app CRM Extended ERP Bridge")
        forecasts = self.env._("sales forecasts whose error is kept")
        requests = self.env._("requests to research and development")
        exchange = self.env._("an exchange of messages with other systems")
        return {
            "warehouse_months": (self.env._("Months of sales in the warehouse"), analytics),
            "reconciliation_difference": (self.env._("Difference to Odoo's own reports"), analytics),
            "closed_months": (self.env._("Months of figures that are closed"), analytics),
            "pyramid_months": (self.env._("Months of the value pyramid"), analytics),
            "campaign_results": (self.env._("Campaigns with a hold-out and a result"), analytics),
            "closed_decisions": (self.env._("Decisions measured and closed"), analytics),
            "sales_cost_share": (self.env._("Cost of campaigns per sales"), analytics),
            "customer_retention": (self.env._("Customers who buy again in the next year"), analytics),
            "planned_forecasts": (self.env._("Planning runs that used a forecast"), bridge),
            "followed_orders": (self.env._("Confirmed orders that are followed to the payment"), bridge),
            "forecast_error": (self.env._("Error of the sales forecast"), forecasts),
            "forecast_bias": (self.env._("Bias of the sales forecast"), forecasts),
            "demand_requests": (self.env._("Market demands with an outcome"), requests),
            "time_to_market": (self.env._("Days from a demand to the market"), requests),
            "delivered_messages": (self.env._("Messages delivered in time"), exchange),
            "lost_messages": (self.env._("Messages lost or delivered twice"), exchange),
        }

    # ------------------------------------------------------------------
    # Helpers of the measures
    # ------------------------------------------------------------------
    def _measure_share(self, model, whole, part):
        """Return the share of the records of ``whole`` that are in ``part`` too, in percent."""
        # `sudo`: a criterion counts all records of the company, whoever looks at the road
        records = self.env[model].sudo()
        total = records.search_count(whole)
        if not total:
            return Measured(None, reason=self.env._("nothing to count yet"))
        good = records.search_count(whole & part)
        return Measured(100.0 * good / total, part=good, whole=total)

    def _open(self, name, model, domain):
        """Return the action that lists records of a model."""
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [[False, "list"], [False, "form"]],
            "domain": list(domain),
        }
