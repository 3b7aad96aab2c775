"""Renewals of contracts: counted in SQL, fitted in Python, and used in SQL for each customer.

A contract year ends at the anniversary of the start. A contract that ends during its third year, or on the last day
of it, was not renewed for the third time. Only contract years that are over by the day are counted, for those that
ended as for those that run: else an early end would count while its neighbours are still waiting.
"""

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from ...scoring import sbg
from ...scoring.libraries import MissingLibrary

# contracts whose first year is over, and ends, below which two parameters are uncertain; judgement
LEAST_CONTRACTS, LEAST_ENDED = 50, 10


def get_lives_sql(company, as_of, condition):
    """Return SQL of ``(partner_id, categ_id, years, ended, is_running)`` of the contracts that began by the day.

    `years`: renewals that a contract came to by the day, that of its end included. A last day on the anniversary
    itself belongs to the year before it: many write it so.
    """
    return SQL(
        """
        SELECT partner_id, categ_id, is_running, is_over AND year_of_end <= whole_years AS ended,
               CASE WHEN is_over THEN LEAST(year_of_end, whole_years) ELSE whole_years END AS years
          FROM (SELECT commercial_partner_id AS partner_id, categ_id,
                       date_end IS NULL OR date_end > %(as_of)s AS is_running,
                       date_end IS NOT NULL AND date_end <= %(as_of)s AS is_over,
                       date_part('year', age(%(as_of)s::date + 1, date))::int AS whole_years,
                       date_part('year', age(GREATEST(date_end - 1, date), date))::int + 1 AS year_of_end
                  FROM crm_fact_contract
                 WHERE company_id = %(company)s AND date <= %(as_of)s AND (date_end IS NULL OR date_end >= date)
                   AND %(condition)s) contract
        """,
        company=company.id,
        as_of=as_of,
        condition=condition,
    )


def get_renewals(env, lives):
    """Return ``{category id, or None for all: (renewals, lives)}`` of the SELECT of `get_lives_sql`.

    :return: lives as ``[(years, ended, contracts)]``, for the curve of Kaplan and Meier
    """
    rows = env.execute_query(
        SQL(
            """
            SELECT GROUPING(categ_id) = 1, categ_id, years, ended, COUNT(*) FROM (%s) life
             GROUP BY GROUPING SETS ((years, ended), (categ_id, years, ended)) ORDER BY 1 DESC, 2, 3, 4
            """,
            lives,
        )
    )
    found = {}
    for is_all, categ, years, ended, count in rows:
        if is_all or categ:
            found.setdefault(None if is_all else categ, []).append((years, ended, count))
    return {key: (sbg.count_renewals(counts), counts) for key, counts in found.items()}


def refuse(renewals):
    """Return why the model is not fitted, as ``refusal`` of a card, or None."""
    first, ended = (renewals.at_risk or (0,))[0], sum(renewals.ended)
    if first < LEAST_CONTRACTS:
        return {"code": "few_contracts", "found": first, "needed": LEAST_CONTRACTS}
    if len(renewals.at_risk) < 2:
        return {"code": "no_second_renewal"}
    if ended < LEAST_ENDED:
        return {"code": "few_ended", "found": ended, "needed": LEAST_ENDED}
    return None


def fit_or_refuse(renewals):
    """Return ``(fit, None)``, or ``(None, why not)``."""
    refusal = refuse(renewals)
    if refusal:
        return None, refusal
    try:
        fitted = sbg.fit_renewals(renewals)
    except MissingLibrary as problem:
        return None, {"code": "no_library", "library": problem.name}
    if not fitted.converged:
        return None, {"code": "no_maximum"}
    return fitted, None


def fit(run):
    """Return the parameters of a run and its card: nothing where there are no contracts."""
    env, scope = run.env, run._get_scope()
    condition = SQL("commercial_partner_id IN (SELECT m.partner_id FROM crm_customer_measure m WHERE %s)", scope.rows())
    found = get_renewals(env, get_lives_sql(scope.company, scope.as_of, condition))
    if not found:
        return {"sbg": None}, []
    renewals, lives = found[None]
    fitted, refusal = fit_or_refuse(renewals)
    card = {"model": "sbg", "refused": refusal, "fit": _get_fit(renewals, lives, fitted), "grade": None}
    if fitted:
        year_ago = scope.as_of - relativedelta(years=1)
        before = get_renewals(env, get_lives_sql(scope.company, year_ago, condition))
        hidden = sbg.back_test(before[None][0], renewals) if before else None
        card["grade"] = hidden._asdict() if hidden else None
    return {"sbg": list(fitted.parameters) if fitted else None}, [card]


def _get_fit(renewals, lives, fitted):
    """Return the numbers of a card: the contracts, and the share that is left as seen and as fitted."""
    found = {
        "contracts": sum(count for _years, _ended, count in lives),
        "ended": sum(renewals.ended),
        "years": len(renewals.at_risk),
    }
    if fitted:
        found |= fitted.as_dict()
        found["expected_ended"] = sum(
            at_risk * (1 - sbg.retention(fitted.parameters, year))
            for year, at_risk in enumerate(renewals.at_risk, start=1)
        )
    return found


def get_retention_sql(scope, parameters):
    """Return SQL of ``(partner_id, contracts, retention)`` of who has running contracts, by the frozen fit.

    The retention is r(t) of the next renewal of each contract, in percent, and its mean over the contracts.
    """
    alpha, beta = parameters["sbg"]
    return SQL(
        """
        SELECT partner_id, COUNT(*) AS contracts,
               AVG(100 * (%(beta)s::float8 + years) / (%(alpha)s::float8 + %(beta)s::float8 + years)) AS retention
          FROM (%(lives)s) life WHERE is_running GROUP BY partner_id
        """,
        alpha=alpha,
        beta=beta,
        lives=get_lives_sql(scope.company, scope.as_of, scope.partners(SQL("commercial_partner_id"))),
    )
