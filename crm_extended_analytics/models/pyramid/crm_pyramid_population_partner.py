from odoo import models
from odoo.tools import SQL

from ..seven_p.scoring_scope import exact

FEATURE = "partner_pyramid"


class CrmPyramidPopulationPartner(models.AbstractModel):
    """Dealers and agents by their net contribution: margin of what they bring - commissions - funds - support.

    A sale belongs to the partner who is named on its order, else on the opportunity of the order, else on the
    customer. Members are all who are named anywhere and all with a level. Active: a sale (above 0) in the months of
    the pyramid. Inactive: sales before. Prospect: opportunities only. Suspect: a level only.
    """

    _name = "crm.pyramid.population.partner"
    _inherit = ["crm.pyramid.population.measured"]
    _description = "Partners in a Value Pyramid"
    _kind = "partner"
    _measures = ("contribution",)
    _list_view = "crm_extended_analytics.crm_pyramid_snapshot_view_list_partner"

    def _get_label(self):
        return self.env._("Partners")

    def _get_words(self):
        return {
            "many": self.env._("partners"),
            "one": self.env._("Partner"),
            "active": self.env._("Brought sales lately"),
            "inactive": self.env._("Brought sales before, not lately"),
            "prospect": self.env._("Has opportunities, no sale yet"),
            "suspect": self.env._("Has a level, no business"),
        }

    def _is_used(self, company):
        return company._has_feature(FEATURE)

    def _get_source(self, pyramid, company, as_of):
        return "facts"

    def _get_columns(self):
        return (
            *("sales", "margin", "commission", "funds", "support", "acceptance_pct", "answer_days", "close_days"),
            *("win_pct", "retention_pct"),
        )

    # ------------------------------------------------------------------
    # Who brought it
    # ------------------------------------------------------------------
    def _has_assignment(self):
        """Return whether leads are forwarded to partners, who accept or decline them (module Resellers)."""
        return "partner_assigned_id" in self.env["crm.lead"]._fields

    def _get_named(self, *tables):
        """Return SQL of the partner that documents name, the first table first: aliases of Odoo's tables."""
        columns = {
            "brought": ["crm_brought_by_id"],
            "lead": ["crm_brought_by_id", *(["partner_assigned_id"] if self._has_assignment() else [])],
            "customer": ["crm_brought_by_id", *(["assigned_partner_id"] if self._has_assignment() else [])],
        }
        names = [SQL.identifier(table, column) for table in tables for column in columns[table]]
        return SQL("COALESCE(%s)", SQL(", ").join(names)) if len(names) > 1 else names[0]

    def _get_ctes(self, scope):
        named = self._get_named("brought", "lead", "customer")
        documents = SQL(
            """
            LEFT JOIN crm_lead lead ON lead.id = brought.opportunity_id
            LEFT JOIN res_partner customer ON customer.id = fact.commercial_partner_id
            JOIN res_partner named ON named.id = %s
            """,
            named,
        )
        return {
            "sourced": SQL(
                """
                SELECT named.commercial_partner_id AS partner_id, fact.commercial_partner_id AS customer_id,
                       fact.date, fact.amount_company::float8 AS amount, fact.cost_company::float8 AS cost
                  FROM crm_fact_sale fact LEFT JOIN sale_order brought ON brought.id = fact.order_id %(documents)s
                 WHERE fact.company_id = %(company)s AND fact.date <= %(as_of)s
                """,
                documents=documents,
                **scope.values,
            ),
            "sent_back": SQL(
                """
                SELECT named.commercial_partner_id AS partner_id, SUM(fact.amount_company)::float8 AS amount,
                       SUM(fact.cost_company)::float8 AS cost
                  FROM crm_fact_return fact
                  LEFT JOIN LATERAL (
                       SELECT line.order_id FROM sale_order_line_invoice_rel rel
                         JOIN sale_order_line line ON line.id = rel.order_line_id
                        WHERE fact.res_model = 'account.move.line' AND rel.invoice_line_id = fact.res_id
                        LIMIT 1) sold ON TRUE
                  LEFT JOIN sale_order brought ON brought.id = sold.order_id %(documents)s
                 WHERE fact.company_id = %(company)s AND fact.kind = 'credit_note'
                   AND fact.date > %(since)s AND fact.date <= %(as_of)s
                 GROUP BY 1
                """,
                documents=documents,
                **scope.values,
            ),
        }

    # ------------------------------------------------------------------
    # Members
    # ------------------------------------------------------------------
    def _get_member_condition(self, scope):
        return SQL(
            """
            member.commercial_partner_id = member.id
            AND (member.company_id IS NULL OR member.company_id = %(company)s)
            AND NOT EXISTS (SELECT FROM res_company ours WHERE ours.partner_id = member.id)
            AND (sales.last_date IS NOT NULL OR asked.partner_id IS NOT NULL OR cost.partner_id IS NOT NULL
                 OR (member.grade_id IS NOT NULL AND member.create_date::date <= %(as_of)s))
            """,
            **scope.values,
        )

    def _get_role(self, scope):
        return SQL(
            "CASE WHEN sales.last_date > %(since)s THEN 'active' WHEN sales.last_date IS NOT NULL THEN 'inactive'"
            " WHEN asked.partner_id IS NOT NULL THEN 'prospect' ELSE 'suspect' END",
            **scope.values,
        )

    def _get_value(self, scope):
        return SQL("measured.margin - COALESCE(commission, 0) - COALESCE(funds, 0) - COALESCE(support, 0)")

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------
    def _get_parts(self, scope):
        return {
            "sales": self._get_sales_part(scope, "sourced"),
            "returned": SQL("SELECT * FROM sent_back"),
            "kept": self._get_retention_part(scope, "sourced"),
            "asked": self._get_lead_part(scope),
            "outcome": self._get_outcome_part(scope, SQL("named.commercial_partner_id")),
            "cost": self.env["crm.partner.cost"]._get_sums_sql(scope),
            "service": self._get_service_part(scope),
            "answered": self._get_answer_part(scope),
            "accepted": self._get_acceptance_part(scope),
            "level": SQL(
                "SELECT graded.id AS partner_id, grade.crm_commission_pct AS pct FROM res_partner graded"
                " JOIN res_partner_grade grade ON grade.id = graded.grade_id"
            ),
        }

    def _get_figures(self, scope):
        sold = SQL("(sales.sold - COALESCE(returned.amount, 0))")
        return {
            "sales": sold,
            "margin": exact(self._get_margin_figure(scope)),
            "commission": SQL("COALESCE(cost.commission, 0) + COALESCE(level.pct * %s / 100, 0)", sold),
            "funds": SQL("COALESCE(cost.funds, 0)"),
            "support": SQL("COALESCE(cost.support, 0) + COALESCE(service.amount, 0)"),
            "acceptance_pct": SQL("100.0 * accepted.accepted / NULLIF(accepted.answered, 0)"),
            "answer_days": SQL("answered.days"),
            "close_days": SQL("outcome.days"),
            "win_pct": SQL("100.0 * outcome.won / NULLIF(outcome.closed, 0)"),
            "retention_pct": SQL("100.0 * kept.again / NULLIF(kept.bought, 0)"),
        }

    def _get_outcome_join(self):
        return SQL("LEFT JOIN res_partner named ON named.id = %s", self._get_named("lead"))

    def _get_lead_part(self, scope):
        return SQL(
            """
            SELECT DISTINCT named.commercial_partner_id AS partner_id
              FROM crm_lead lead JOIN res_partner named ON named.id = %(named)s
             WHERE (lead.company_id IS NULL OR lead.company_id = %(company)s) AND lead.create_date::date <= %(as_of)s
            """,
            named=self._get_named("lead"),
            **scope.values,
        )

    def _get_service_part(self, scope):
        """Return the cost of the partner's own service cases and meetings, at the costs of the scoring method."""
        method = self.env["crm.scoring.method"].sudo()._find_for_company(scope.company)
        return SQL(
            """
            SELECT commercial_partner_id AS partner_id, SUM(amount) AS amount
              FROM (SELECT commercial_partner_id, date, company_id, %(case)s::float8 AS amount FROM crm_fact_service
                     UNION ALL
                    SELECT commercial_partner_id, date, company_id, %(visit)s::float8 FROM crm_fact_interaction
                     WHERE kind = 'meeting') fact
             WHERE company_id = %(company)s AND date > %(since)s AND date <= %(as_of)s
             GROUP BY 1
            """,
            case=method.service_cost if method else 0.0,
            visit=method.visit_cost if method else 0.0,
            **scope.values,
        )

    def _get_assigned_day(self):
        created = SQL("lead.create_date::date")
        return SQL("COALESCE(lead.date_partner_assign, %s)", created) if self._has_assignment() else created

    def _get_answer_part(self, scope):
        """Return the mean of the days from the assignment of a lead to the first message of the partner's people."""
        return SQL(
            """
            SELECT partner_id, AVG(first_day - day)::float8 AS days
              FROM (SELECT named.commercial_partner_id AS partner_id, %(day)s AS day, (
                           SELECT MIN(message.date)::date FROM mail_message message
                             JOIN res_partner author ON author.id = message.author_id
                            WHERE message.model = 'crm.lead' AND message.res_id = lead.id
                              AND author.commercial_partner_id = named.commercial_partner_id
                              AND message.date::date >= %(day)s) AS first_day
                      FROM crm_lead lead JOIN res_partner named ON named.id = %(named)s
                     WHERE (lead.company_id IS NULL OR lead.company_id = %(company)s)
                       AND %(day)s > %(since)s AND %(day)s <= %(as_of)s) lead
             WHERE first_day IS NOT NULL GROUP BY partner_id
            """,
            named=self._get_named("lead"),
            day=self._get_assigned_day(),
            **scope.values,
        )

    def _get_acceptance_part(self, scope):
        """Return forwarded leads that the partner accepted, of those that he accepted or declined."""
        if not self._has_assignment():
            return SQL("SELECT NULL::int AS partner_id, NULL::int AS accepted, NULL::int AS answered")
        return SQL(
            """
            SELECT named.commercial_partner_id AS partner_id, COUNT(*) FILTER (WHERE is_accepted) AS accepted,
                   COUNT(*) AS answered
              FROM (SELECT partner_assigned_id AS partner_id, TRUE AS is_accepted FROM crm_lead
                     WHERE type = 'opportunity' AND partner_assigned_id IS NOT NULL
                       AND date_partner_assign > %(since)s AND date_partner_assign <= %(as_of)s
                       AND (company_id IS NULL OR company_id = %(company)s)
                     UNION ALL
                    SELECT declined.partner_id, FALSE FROM crm_lead_declined_partner declined
                      JOIN crm_lead lead ON lead.id = declined.lead_id
                     WHERE (lead.company_id IS NULL OR lead.company_id = %(company)s)
                       AND lead.create_date::date > %(since)s AND lead.create_date::date <= %(as_of)s) answer
              JOIN res_partner named ON named.id = answer.partner_id
             GROUP BY 1
            """,
            **scope.values,
        )

    def _get_unmeasured(self, pyramid, company):
        found, costs = super()._get_unmeasured(pyramid, company), self.env["crm.partner.cost"].sudo()
        known = costs._get_known_kinds(company)
        if "commission" not in known and not self.env["res.partner.grade"].sudo().search_count(
            [("crm_commission_pct", ">", 0)], limit=1
        ):
            found["commission"] = self.env._(
                "Commissions are not measurable: no level of partners has a commission, and none is entered under "
                "Partner Costs."
            )
        if "funds" not in known:
            found["funds"] = self.env._("Funds are not measurable: none are entered under Partner Costs.")
        method = self.env["crm.scoring.method"].sudo()._find_for_company(company)
        if "support" not in known and not (method.service_cost or method.visit_cost):
            found["support"] = self.env._(
                "Support is not measurable: none is entered under Partner Costs, and the scoring method has no cost of "
                "a service case or a meeting."
            )
        if not self._has_assignment():
            found["acceptance_pct"] = self.env._(
                "Acceptance is not measurable: it needs leads that are forwarded to partners (module Resellers)."
            )
        return found
