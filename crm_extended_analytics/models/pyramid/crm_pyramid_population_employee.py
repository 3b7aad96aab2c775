from odoo import models
from odoo.tools import SQL

from ..seven_p.scoring_scope import exact

FEATURE = "employee_pyramid"
# who may see figures of other people: management of sales and the human resources, where that app is installed
HR_GROUPS = ("sales_team.group_sale_manager", "hr.group_hr_user", "hr.group_hr_manager")


class CrmPyramidPopulationEmployee(models.AbstractModel):
    """Salespersons by their contribution: the margin of their own sales. For people, not for decisions by a number.

    A sale is of the salesperson of its document; one of a former system, which knows none, of the salesperson of
    the customer. Active: sales in the months of the pyramid. Inactive: sales before. A company counts it only when
    it said so itself, whatever is shipped; nobody is alerted, and no tier of service follows.
    """

    _name = "crm.pyramid.population.employee"
    _inherit = ["crm.pyramid.population.measured"]
    _description = "Employees in a Value Pyramid"
    _kind = "employee"
    _measures = ("contribution",)
    _rows_model = "crm.employee.figure"
    _list_view = "crm_extended_analytics.crm_employee_figure_view_list"

    def _get_label(self):
        return self.env._("Employees")

    def _get_words(self):
        return {
            "many": self.env._("employees"),
            "one": self.env._("Employee"),
            "active": self.env._("Sold lately"),
            "inactive": self.env._("Sold before, not lately"),
            "prospect": self.env._("Has opportunities, no sale yet"),
            "suspect": self.env._("No sale"),
        }

    def _is_used(self, company):
        """Return whether the company itself switched it on: a default or a stage that was reached is not enough."""
        # `sudo`: whoever asks; only implementers may read decisions
        decided = self.env["crm.roadmap.feature.pin"].sudo()
        return company._has_feature(FEATURE) and bool(
            decided.search_count(
                [("feature_id.key", "=", FEATURE), ("company_id", "=", company.id), ("state", "=", "on")], limit=1
            )
        )

    def _has_alerts(self):
        return False

    def _may_read(self):
        return any(self.env.user.has_group(group) for group in HR_GROUPS)

    def _may_count(self):
        return self._may_read()

    def _get_source(self, pyramid, company, as_of):
        return "facts"

    def _get_columns(self):
        figures = ("sales", "margin", "close_days", "win_pct", "retention_pct", "done_pct")
        return (*figures, "knowledge_pct", "trainings")

    def _has_skills(self):
        return "hr.employee.skill" in self.env

    def _get_unmeasured(self, pyramid, company):
        found = super()._get_unmeasured(pyramid, company)
        if not self._has_skills():
            sentence = self.env._("Knowledge and courses are not measurable: they need the module Skills Management.")
            found |= {"knowledge_pct": sentence, "trainings": sentence}
        return found

    def _get_ctes(self, scope):
        seller = SQL(
            "JOIN res_users seller ON seller.id = COALESCE(fact.user_id, fact.owner_id) AND seller.share IS NOT TRUE"
        )
        return {
            "own": SQL(
                """
                SELECT seller.partner_id, fact.commercial_partner_id AS customer_id, fact.date,
                       fact.amount_company::float8 AS amount, fact.cost_company::float8 AS cost
                  FROM crm_fact_sale fact %(seller)s
                 WHERE fact.company_id = %(company)s AND fact.date <= %(as_of)s
                """,
                seller=seller,
                **scope.values,
            ),
            "sent_back": SQL(
                """
                SELECT seller.partner_id, SUM(fact.amount_company)::float8 AS amount,
                       SUM(fact.cost_company)::float8 AS cost
                  FROM crm_fact_return fact %(seller)s
                 WHERE fact.company_id = %(company)s AND fact.kind = 'credit_note'
                   AND fact.date > %(since)s AND fact.date <= %(as_of)s
                 GROUP BY 1
                """,
                seller=seller,
                **scope.values,
            ),
        }

    def _get_member_condition(self, scope):
        return SQL(
            """
            sales.last_date IS NOT NULL AND EXISTS (
                SELECT FROM res_users person
                  JOIN res_company_users_rel rel ON rel.user_id = person.id AND rel.cid = %(company)s
                 WHERE person.partner_id = member.id AND person.active AND person.share IS NOT TRUE)
            """,
            **scope.values,
        )

    def _get_role(self, scope):
        return SQL("CASE WHEN sales.last_date > %(since)s THEN 'active' ELSE 'inactive' END", **scope.values)

    def _get_value(self, scope):
        return SQL("measured.margin")

    def _get_parts(self, scope):
        parts = {
            "sales": self._get_sales_part(scope, "own"),
            "returned": SQL("SELECT * FROM sent_back"),
            "kept": self._get_retention_part(scope, "own"),
            "outcome": self._get_outcome_part(scope, SQL("seller.partner_id")),
            "activity": self._get_activity_part(scope),
        }
        if self._has_skills():
            parts |= {"skills": self._get_skills_part(scope), "courses": self._get_courses_part(scope)}
        return parts

    def _get_skills_part(self, scope):
        """Return the mean level of the skills that are valid on the day."""
        return SQL(
            """
            SELECT person.partner_id, AVG(level.level_progress) AS mastery
              FROM hr_employee_skill skill
              JOIN hr_skill_level level ON level.id = skill.skill_level_id
              JOIN hr_employee employee ON employee.id = skill.employee_id AND employee.company_id = %(company)s
              JOIN res_users person ON person.id = employee.user_id
             WHERE (skill.valid_from IS NULL OR skill.valid_from <= %(as_of)s)
               AND (skill.valid_to IS NULL OR skill.valid_to >= %(as_of)s)
             GROUP BY 1
            """,
            **scope.values,
        )

    def _get_courses_part(self, scope):
        """Return how many courses ended in the window; who has a resume and no course of the window has 0."""
        return SQL(
            """
            SELECT person.partner_id,
                   COUNT(*) FILTER (WHERE kind.is_course AND COALESCE(line.date_end, line.date_start) > %(since)s
                                      AND COALESCE(line.date_end, line.date_start) <= %(as_of)s) AS ended
              FROM hr_resume_line line
              LEFT JOIN hr_resume_line_type kind ON kind.id = line.line_type_id
              JOIN hr_employee employee ON employee.id = line.employee_id AND employee.company_id = %(company)s
              JOIN res_users person ON person.id = employee.user_id
             GROUP BY 1
            """,
            **scope.values,
        )

    def _get_activity_part(self, scope):
        """Return activities that were due in the window: how many, and how many of them were done by their day."""
        return SQL(
            """
            SELECT person.partner_id, COUNT(*) AS due,
                   COUNT(*) FILTER (WHERE activity.date_done <= activity.date_deadline) AS in_time
              FROM mail_activity activity JOIN res_users person ON person.id = activity.user_id
             WHERE activity.date_deadline > %(since)s AND activity.date_deadline < %(as_of)s
               AND activity.res_model IN ('crm.lead', 'res.partner', 'sale.order')
               AND (activity.active OR activity.date_done IS NOT NULL)
             GROUP BY 1
            """,
            **scope.values,
        )

    def _get_figures(self, scope):
        return {
            "sales": SQL("(sales.sold - COALESCE(returned.amount, 0))"),
            "margin": exact(self._get_margin_figure(scope)),
            "close_days": SQL("outcome.days"),
            "win_pct": SQL("100.0 * outcome.won / NULLIF(outcome.closed, 0)"),
            "retention_pct": SQL("100.0 * kept.again / NULLIF(kept.bought, 0)"),
            "done_pct": SQL("100.0 * activity.in_time / NULLIF(activity.due, 0)"),
            "knowledge_pct": SQL("skills.mastery"),
            "trainings": SQL("courses.ended"),
        }

    def _count_opt_outs(self, company):
        """Return the employees of the company who object."""
        # `sudo`: only their number is told
        return (
            self.env["res.users"]
            .sudo()
            .search_count(
                [
                    ("share", "=", False),
                    ("company_ids", "in", company.ids),
                    ("partner_id.crm_profiling_opt_out", "=", True),
                ]
            )
        )
