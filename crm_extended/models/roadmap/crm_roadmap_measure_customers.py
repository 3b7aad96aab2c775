from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .crm_roadmap_measure import Measured

# months in which somebody who ordered is an active customer
ACTIVE_MONTHS = 12


class CrmRoadmapMeasureCompleteCustomers(models.AbstractModel):
    """How many active customers are known well enough to be reached and grouped."""

    _name = "crm.roadmap.measure.complete.customers"
    _inherit = ["crm.roadmap.measure"]
    _description = "Customers with a Complete Profile"
    _measure_code = "complete_customers"
    _measure_unit = "share"
    _by_team = True

    def _get_label(self):
        return self.env._("Active customers with a complete profile")

    def _get_formula(self):
        return self.env._(
            "Of the customers with a confirmed order in the last %(months)s months, those with an e-mail or phone, a "
            "city and a country.",
            months=ACTIVE_MONTHS,
        )

    def _measure(self, company, teams=None):
        return self._measure_share("res.partner", self._get_active(company, teams), self._get_complete())

    def _get_failing_action(self, company, teams=None):
        return self._open(
            self.env._("Customers with an incomplete profile"),
            "res.partner",
            self._get_active(company, teams) & ~self._get_complete(),
        )

    def _get_active(self, company, teams):
        since = fields.Datetime.now() - relativedelta(months=ACTIVE_MONTHS)
        orders = (
            Domain("state", "=", "sale") & Domain("date_order", ">=", since) & Domain("company_id", "=", company.id)
        )
        if teams is not None:
            orders &= Domain("team_id", "in", teams.ids)
        # `sudo`: the criterion counts the customers of the company, whoever looks
        groups = self.env["sale.order"].sudo()._read_group(orders, ["partner_id"])
        partners = self.env["res.partner"].union(*(partner for (partner,) in groups))
        return Domain("id", "in", partners.commercial_partner_id.ids)

    def _get_complete(self):
        reachable = Domain("email", "!=", False) | Domain("phone", "!=", False)
        return reachable & Domain("city", "!=", False) & Domain("country_id", "!=", False)


class CrmRoadmapMeasureDuplicates(models.AbstractModel):
    """How many customers are probably in the database more than once."""

    _name = "crm.roadmap.measure.duplicates"
    _inherit = ["crm.roadmap.measure"]
    _description = "Customers that Are Known Twice"
    _measure_code = "duplicate_customers"
    _measure_unit = "share"

    def _get_label(self):
        return self.env._("Customers that are known twice")

    def _get_formula(self):
        return self.env._(
            "Of the companies and persons that stand for themselves, those that share their e-mail or tax number with "
            "another one."
        )

    def _measure(self, company, teams=None):
        ((whole,),) = self.env.execute_query(SQL("SELECT COUNT(*) FROM (%s) known", self._get_known(company)))
        if not whole:
            return Measured(None, reason=self.env._("nothing to count yet"))
        part = len(self._get_duplicate_ids(company))
        return Measured(100.0 * part / whole, part=part, whole=whole)

    def _get_failing_action(self, company, teams=None):
        action = self._open(
            self.env._("Customers that are known twice"),
            "res.partner",
            [("id", "in", self._get_duplicate_ids(company))],
        )
        return action | {"context": {"group_by": ["email"]}}

    def _get_known(self, company):
        self.env["res.partner"].flush_model()
        return SQL(
            """
            SELECT id, NULLIF(email_normalized, '') AS email,
                   NULLIF(REGEXP_REPLACE(UPPER(vat), '[^A-Z0-9]', '', 'g'), '') AS vat
              FROM res_partner
             WHERE active AND commercial_partner_id = id AND (company_id IS NULL OR company_id = %s)
            """,
            company.id,
        )

    def _get_duplicate_ids(self, company):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM (
                       SELECT id, email IS NOT NULL AND COUNT(*) OVER (PARTITION BY email) > 1 AS same_email,
                              vat IS NOT NULL AND COUNT(*) OVER (PARTITION BY vat) > 1 AS same_vat
                         FROM (%s) known) compared
                 WHERE same_email OR same_vat
                 ORDER BY id
                """,
                self._get_known(company),
            )
        )
        return [row[0] for row in rows]
