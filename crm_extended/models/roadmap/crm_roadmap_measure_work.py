from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.fields import Domain

from .crm_roadmap_measure import Measured

# days in which somebody who worked with the system is at work with it
LIVE_DAYS = 30
TIER_RULES = ("response_hours", "visit_days", "pricelist_id", "payment_term_id", "user_id", "team_id")


class CrmRoadmapMeasureLiveTeams(models.AbstractModel):
    """In how many sales teams the work goes through the system."""

    _name = "crm.roadmap.measure.live.teams"
    _inherit = ["crm.roadmap.measure"]
    _description = "Sales Teams that Work in the System"
    _measure_code = "live_teams"
    _measure_unit = "count"
    _by_team = True

    def _get_label(self):
        return self.env._("Sales teams whose work goes through the system")

    def _get_formula(self):
        return self.env._(
            "Sales teams with an opportunity that changed its stage, or was won or lost, in the last %(days)s days.",
            days=LIVE_DAYS,
        )

    def _measure(self, company, teams=None):
        # `sudo`: the criterion counts the teams of the company, whoever looks
        return Measured(len(self._get_live(company, teams)))

    def _get_failing_action(self, company, teams=None):
        domain = self._get_teams(company, teams) & Domain("id", "not in", self._get_live(company, teams).ids)
        return self._open(self.env._("Sales teams without work in the system"), "crm.team", domain)

    def _get_teams(self, company, teams):
        domain = Domain("company_id", "in", [company.id, False])
        return domain & Domain("id", "in", teams.ids) if teams is not None else domain

    def _get_live(self, company, teams):
        since = fields.Datetime.now() - relativedelta(days=LIVE_DAYS)
        moved = Domain("date_last_stage_update", ">=", since) | Domain("date_closed", ">=", since)
        domain = moved & Domain("team_id", "any", self._get_teams(company, teams))
        # `sudo`: the criterion counts the work of all, whoever looks
        groups = self.env["crm.lead"].sudo().with_context(active_test=False)._read_group(domain, ["team_id"])
        return self.env["crm.team"].union(*(team for (team,) in groups))


class CrmRoadmapMeasureActiveUsers(models.AbstractModel):
    """How many of those who should work with the system do."""

    _name = "crm.roadmap.measure.active.users"
    _inherit = ["crm.roadmap.measure"]
    _description = "Members of Sales Teams at Work"
    _measure_code = "active_members"
    _measure_unit = "share"
    _by_team = True

    def _get_label(self):
        return self.env._("Members of sales teams who log in")

    def _get_formula(self):
        return self.env._(
            "Of the members of the sales teams, those who logged in during the last %(days)s days.", days=LIVE_DAYS
        )

    def _measure(self, company, teams=None):
        return self._measure_share("res.users", self._get_members(company, teams), self._get_present())

    def _get_failing_action(self, company, teams=None):
        members = self._get_members(company, teams)
        # `sudo`: as above; by id, because who never logged in has no day to be compared
        present = self.env["res.users"].sudo().search(members & self._get_present())
        return self._open(
            self.env._("Members who do not log in"), "res.users", members & Domain("id", "not in", present.ids)
        )

    def _get_members(self, company, teams):
        domain = Domain("company_id", "in", [company.id, False])
        if teams is not None:
            domain &= Domain("id", "in", teams.ids)
        # `sudo`: members whom the reader may not see count too
        members = self.env["crm.team"].sudo().search(domain).member_ids
        return Domain("id", "in", members.ids) & Domain("company_ids", "in", company.ids)

    def _get_present(self):
        return Domain("login_date", ">=", fields.Datetime.now() - relativedelta(days=LIVE_DAYS))


class CrmRoadmapMeasureTierRules(models.AbstractModel):
    """Whether service follows the tier of the customer."""

    _name = "crm.roadmap.measure.tier.rules"
    _inherit = ["crm.roadmap.measure"]
    _description = "Tiers with Service Rules"
    _measure_code = "tier_rules"
    _measure_unit = "count"

    def _get_label(self):
        return self.env._("Tiers with a service rule in force")

    def _get_formula(self):
        return self.env._(
            "Tiers of customers that have customers and at least one rule: response, visits, pricelist, terms, owner "
            "or team."
        )

    def _measure(self, company, teams=None):
        # `sudo`: the rules of the company count, whoever looks
        tiers = self.env["crm.tier"].sudo().with_company(company).search(self._get_tiers(company))
        return Measured(
            len(tiers.filtered(lambda tier: tier.customer_count and any(tier[name] for name in TIER_RULES)))
        )

    def _get_failing_action(self, company, teams=None):
        return self._open(self.env._("Tiers and their service rules"), "crm.tier", self._get_tiers(company))

    def _get_tiers(self, company):
        return Domain("kind", "=", "customer") & Domain("company_id", "in", [company.id, False])


class CrmRoadmapMeasureRegions(models.AbstractModel):
    """How many regions work together."""

    _name = "crm.roadmap.measure.regions"
    _inherit = ["crm.roadmap.measure"]
    _description = "Regions at Work"
    _measure_code = "live_regions"
    _measure_unit = "count"

    def _get_label(self):
        return self.env._("Regions whose work goes through the system")

    def _get_formula(self):
        return self.env._(
            "Regions of the roadmap with a sales team that had work in the system in the last %(days)s days.",
            days=LIVE_DAYS,
        )

    def _measure(self, company, teams=None):
        live = self.env["crm.roadmap.measure.live.teams"]._get_live(company, None)
        # `sudo`: the regions of the company count, whoever looks
        regions = self.env["crm.roadmap.unit"].sudo().search([("kind", "=", "region"), ("company_id", "=", company.id)])
        if not regions:
            return Measured(
                None, reason=self.env._("not measurable: needs the regions of the company with their teams")
            )
        return Measured(len(regions.filtered(lambda region: region.team_ids & live)))

    def _get_failing_action(self, company, teams=None):
        return self._open(
            self.env._("Regions"), "crm.roadmap.unit", [("kind", "=", "region"), ("company_id", "=", company.id)]
        )
