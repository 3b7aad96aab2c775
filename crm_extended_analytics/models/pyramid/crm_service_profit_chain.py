from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL, formatLang

from ...scoring.people import LEAST_TEAMS, hcroi, rank_correlation
from .crm_pyramid_answers import ANSWER_MONTHS

# fewest people whose answers, or wages, are told in one number: fewer would tell those of a person
LEAST_PEOPLE = 3
EXPENSES = ("expense", "expense_other", "expense_depreciation", "expense_direct_cost")
INCOME = ("income", "income_other")


class CrmServiceProfitChain(models.AbstractModel):
    """Satisfied employees, satisfied customers, profit: whether they go together, by team (Heskett et al. 1994).

    Read by the page of the pyramid of employees, after it asked who may read that.
    """

    _name = "crm.service.profit.chain"
    _description = "Service-Profit Chain"

    @api.model
    def _get_page(self, month):
        """Return the teams with their three numbers, what they have in common, and the return on people."""
        teams = self._read_teams(month)
        return {
            "teams": teams,
            "sentences": self._get_sentences(teams),
            "hcroi": self._get_hcroi(month),
        }

    # ------------------------------------------------------------------
    # Teams
    # ------------------------------------------------------------------
    def _read_teams(self, month):
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT team.id, COUNT(*) AS people, AVG(stored.value) AS profit,
                       SUM(stored.answers * stored.satisfaction_pct) / NULLIF(SUM(stored.answers), 0) AS customer,
                       CASE WHEN COUNT(said.mark) >= %(least)s THEN AVG(said.mark) END AS employee
                  FROM crm_pyramid_snapshot stored
                  JOIN res_users person ON person.partner_id = stored.partner_id
                  JOIN crm_team_member member ON member.user_id = person.id AND member.active
                  JOIN crm_team team ON team.id = member.crm_team_id
                  LEFT JOIN (%(said)s) said ON said.partner_id = stored.partner_id
                 WHERE stored.company_id = %(company)s AND stored.pyramid_id = %(pyramid)s
                   AND stored.period = %(period)s AND (team.company_id IS NULL OR team.company_id = %(company)s)
                 GROUP BY team.id ORDER BY team.sequence, team.id
                """,
                least=LEAST_PEOPLE,
                said=self._get_said_sql(month),
                company=month.company_id.id,
                pyramid=month.pyramid_id.id,
                period=month.period,
            )
        )
        # `sudo`: the reader may be of human resources, who sees no teams
        names = {team.id: team.name for team in self.env["crm.team"].sudo().browse([row["id"] for row in rows])}
        return [{**row, "name": names[row["id"]]} for row in rows]

    def _get_said_sql(self, month):
        """Return SQL of the mean answer of each employee to questions of 0 to 10; none without surveys."""
        if "survey.user_input.line" not in self.env:
            return SQL("SELECT NULL::int AS partner_id, NULL::float8 AS mark")
        return SQL(
            """
            SELECT answer.partner_id, AVG(line.value_scale)::float8 AS mark
              FROM survey_user_input_line line
              JOIN survey_user_input answer ON answer.id = line.user_input_id
              JOIN survey_question question ON question.id = line.question_id
             WHERE answer.state = 'done' AND answer.test_entry IS NOT TRUE AND line.answer_type = 'scale'
               AND line.skipped IS NOT TRUE AND question.scale_min = 0 AND question.scale_max = 10
               AND answer.write_date::date > %s AND answer.write_date::date <= %s
             GROUP BY answer.partner_id
            """,
            month.as_of - relativedelta(months=ANSWER_MONTHS),
            month.as_of,
        )

    def _get_sentences(self, teams):
        """Return a sentence per pair of numbers: how closely they go together, or why that is not told."""
        labels = {
            "employee": self.env._("satisfaction of employees"),
            "customer": self.env._("satisfaction of customers"),
            "profit": self.env._("margin per employee"),
        }
        sentences = []
        for left, right in (("employee", "customer"), ("customer", "profit"), ("employee", "profit")):
            found = rank_correlation([team[left] for team in teams], [team[right] for team in teams])
            values = {
                "left": labels[left],
                "right": labels[right],
                "count": found.count,
                "least": LEAST_TEAMS,
            }
            if found.count < LEAST_TEAMS:
                sentence = self.env._(
                    "%(left)s and %(right)s: not told. Both are known of %(count)s teams; with fewer than %(least)s, "
                    "chance alone gives high correlations.",
                    **values,
                )
            elif found.value is None:
                sentence = self.env._(
                    "%(left)s and %(right)s: not told. One of them is the same for all %(count)s teams.", **values
                )
            else:
                sentence = self.env._(
                    "%(left)s and %(right)s: rank correlation %(value)s over %(count)s teams (1: always together, 0: "
                    "unrelated, -1: opposite). It is no proof that one causes the other.",
                    value=formatLang(self.env, found.value, digits=2),
                    **values,
                )
            sentences.append(sentence[:1].upper() + sentence[1:])
        return sentences

    # ------------------------------------------------------------------
    # Return on people
    # ------------------------------------------------------------------
    def _get_hcroi(self, month):
        """Return the return on human capital of the company in words, or what it needs.

        Only to those who may read wages: with the posted result it tells their sum, and two looks around a hire tell
        the wage of one, however many there are.
        """
        if "hr.version" not in self.env:
            return self.env._("Return on people (HCROI) is not measurable: it needs wages (module Employees).")
        versions = self.env["hr.version"]
        if not versions._has_field_access(versions._fields["wage"], "read"):
            return self.env._("Return on people (HCROI) tells wages, so it is shown to those who may read them.")
        people, wages = self._read_wages(month)
        if people < LEAST_PEOPLE:
            return self.env._(
                "Return on people (HCROI) is not measurable: it needs the wages of %(least)s employees at least, and "
                "%(count)s have one.",
                least=LEAST_PEOPLE,
                count=people,
            )
        income, expense = self._read_result(month)
        if wages > expense:
            return self.env._(
                "Return on people (HCROI) is not measurable: posted expenses are less than the wages of the months, "
                "so wages are not booked here."
            )
        return self.env._(
            "Return on people (HCROI): %(value)s = (income - (expenses - wages)) / wages of %(months)s months, from "
            "posted entries and the wages of %(count)s employees.",
            value=formatLang(self.env, hcroi(income, expense, wages), digits=2),
            months=month.pyramid_id.window_months,
            count=people,
        )

    def _read_wages(self, month):
        """Return how many employees of the company have a wage today, and the wages of the months of the pyramid."""
        ((people, wages),) = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*), COALESCE(SUM(version.wage), 0)::float8
                  FROM hr_employee employee JOIN hr_version version ON version.id = employee.current_version_id
                 WHERE employee.company_id = %s AND employee.active AND version.wage > 0
                """,
                month.company_id.id,
            )
        )
        return people, wages * month.pyramid_id.window_months

    def _read_result(self, month):
        """Return posted income and expenses in the months of the pyramid, both above 0."""
        ((income, expense),) = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(-SUM(line.balance) FILTER (WHERE account.account_type IN %(income)s), 0)::float8,
                       COALESCE(SUM(line.balance) FILTER (WHERE account.account_type IN %(expenses)s), 0)::float8
                  FROM account_move_line line JOIN account_account account ON account.id = line.account_id
                 WHERE line.company_id = %(company)s AND line.parent_state = 'posted'
                   AND line.date > %(since)s AND line.date <= %(as_of)s
                """,
                income=INCOME,
                expenses=EXPENSES,
                company=month.company_id.id,
                since=month.as_of - relativedelta(months=month.pyramid_id.window_months),
                as_of=month.as_of,
            )
        )
        return income, expense
