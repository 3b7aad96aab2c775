"""How satisfied the members of a pyramid say they are, or the customers of an employee with him: one SQL for all."""

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from ...scoring.satisfaction import DETRACTOR, PROMOTER, SATISFIED

# months of answers that count
ANSWER_MONTHS = 12
# what is written of them beside the value of a member
ANSWER_FIGURES = ("answers", "satisfaction_pct", "nps")


def get_answers(env, kind, as_of):
    """Return SQL of (partner_id, answers, satisfied, asked_nps, promoters, detractors) per member, else None.

    Ratings of 1 to 5 (module Customer Rating), and answers of 0 to 10 to scale questions of surveys (module Surveys).
    Of an employee the ratings that he got are meant, of everybody else those that were given. A rating counts from the
    day on which it was given; one that is answered later does not become a new one.
    """
    parts = []
    values = {"since": as_of - relativedelta(months=ANSWER_MONTHS), "as_of": as_of}
    if "rating.rating" in env:
        column = SQL("rating.rated_partner_id") if kind == "employee" else SQL("rating.partner_id")
        parts.append(
            SQL(
                """
                SELECT contact.commercial_partner_id, contact.id, rating.rating::float8, NULL::int
                  FROM rating_rating rating JOIN res_partner contact ON contact.id = %(column)s
                 WHERE rating.consumed AND rating.rating >= 1
                   AND COALESCE(rating.rated_on, rating.write_date)::date > %(since)s
                   AND COALESCE(rating.rated_on, rating.write_date)::date <= %(as_of)s
                """,
                column=column,
                **values,
            )
        )
    if "survey.user_input.line" in env and kind != "employee":
        parts.append(
            SQL(
                """
                SELECT contact.commercial_partner_id, contact.id, NULL::float8, line.value_scale
                  FROM survey_user_input_line line
                  JOIN survey_user_input answer ON answer.id = line.user_input_id
                  JOIN survey_question question ON question.id = line.question_id
                  JOIN res_partner contact ON contact.id = answer.partner_id
                 WHERE answer.state = 'done' AND answer.test_entry IS NOT TRUE AND line.answer_type = 'scale'
                   AND line.skipped IS NOT TRUE AND question.scale_min = 0 AND question.scale_max = 10
                   AND answer.write_date::date > %(since)s AND answer.write_date::date <= %(as_of)s
                """,
                **values,
            )
        )
    if not parts:
        return None
    return SQL(
        """
        SELECT %(member)s AS partner_id, COUNT(rating) AS answers,
               COUNT(*) FILTER (WHERE rating >= %(satisfied)s) AS satisfied, COUNT(nps) AS asked_nps,
               COUNT(*) FILTER (WHERE nps >= %(promoter)s) AS promoters,
               COUNT(*) FILTER (WHERE nps <= %(detractor)s) AS detractors
          FROM (%(parts)s) answer (commercial_partner_id, contact_id, rating, nps) GROUP BY 1
        """,
        # an employee is the contact of his user, everybody else the company of the contact who answered
        member=SQL("contact_id") if kind == "employee" else SQL("commercial_partner_id"),
        satisfied=SATISFIED,
        promoter=PROMOTER,
        detractor=DETRACTOR,
        parts=SQL(" UNION ALL ").join(parts),
    )


def join_answers(env, members, kind, as_of):
    """Return the members with (answers, satisfaction_pct, nps), unknown where nobody answered."""
    answers = get_answers(env, kind, as_of)
    if not answers:
        return SQL(
            "SELECT member.*, NULL::int AS answers, NULL::float8 AS satisfaction_pct, NULL::float8 AS nps"
            " FROM (%s) member",
            members,
        )
    return SQL(
        """
        SELECT member.*, answered.answers::int,
               100.0::float8 * answered.satisfied / NULLIF(answered.answers, 0) AS satisfaction_pct,
               100.0::float8 * (answered.promoters - answered.detractors) / NULLIF(answered.asked_nps, 0) AS nps
          FROM (%s) member LEFT JOIN (%s) answered ON answered.partner_id = member.partner_id
        """,
        members,
        answers,
    )
