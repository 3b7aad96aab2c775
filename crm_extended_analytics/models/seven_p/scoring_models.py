"""BG/NBD and gamma-gamma in a run: fitted in Python on a sample, used in SQL for everybody.

What is elementary (P(alive), the expected value of a purchase) is a formula of SQL. What is not (the expected
purchases, a hypergeometric function) depends on few pairs of purchases and age, and is looked up.
"""

from math import sqrt

from odoo.tools import SQL

from ...scoring import bg_nbd, clv, gamma_gamma, interval
from ...scoring.grades import grade
from ...scoring.libraries import MissingLibrary, load
from .scoring_scope import doubles

DAYS_PER_WEEK = 7
WEEKS_PER_YEAR = 365 / DAYS_PER_WEEK
MONTHS = 12
# highest retention of an interval where money costs nothing: at 1 the value has no end
MOST_RETENTION = 0.999
# days hidden from the models in the back-test; unit: days; half a year
HIDDEN_DAYS = 182


# ----------------------------------------------------------------------
# Fit
# ----------------------------------------------------------------------
def fit(run):
    """Fit both models on a sample of the customers; return their parameters and the data of their cards.

    A model that must not or cannot be fitted has no parameters, and a card with a ``refusal``.
    """
    rows = run.env.execute_query(
        SQL(
            """
            SELECT m.partner_id, m.purchase_days - 1, m.active_days / 7.0, m.tenure_days / 7.0, m.mean_purchase
              FROM crm_customer_measure m
             WHERE %s AND m.purchase_days > 0
             ORDER BY hashint4(m.partner_id), m.partner_id LIMIT %s
            """,
            run._get_scope().rows(),
            run.method_id.fit_sample,
        )
    )
    refused = _refuse(run, rows)
    result = {"bg_nbd": None, "gamma_gamma": None, "cards": []}
    if refused:
        result["cards"] = [{"model": name, "refused": refused} for name in ("bg_nbd", "gamma_gamma")]
        return result
    try:
        return _fit_models(run, rows, result)
    except MissingLibrary as problem:
        refused = {"code": "no_library", "library": problem.name}
        result["cards"] = [{"model": name, "refused": refused} for name in ("bg_nbd", "gamma_gamma")]
        return result


def _refuse(run, rows):
    """Return why the models are not fitted, as ``refusal`` of their cards, or None."""
    method, repeat = run.method_id, sum(row[1] > 0 for row in rows)
    if len(rows) < method.min_model_customers:
        return {"code": "few_customers", "found": len(rows), "needed": method.min_model_customers}
    if repeat < method.min_model_repeat:
        return {"code": "few_repeat_buyers", "found": repeat, "needed": method.min_model_repeat}
    return None


def _fit_models(run, rows, result):
    np = load("numpy")
    _ids, x, t_x, age, mean = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    purchases, money = bg_nbd.fit(x, t_x, age), gamma_gamma.fit(x, np.nan_to_num(mean))
    test = _back_test(run, [row[0] for row in rows])
    repeat = (x > 0) & (np.nan_to_num(mean) > 0)
    result["cards"] = [
        {"model": "bg_nbd", "fit": bg_nbd.card(purchases, x, t_x, age), "grade": test["purchases"]},
        {
            "model": "gamma_gamma",
            "fit": {
                **(money.as_dict() if money else {}),
                "correlation": gamma_gamma.correlation(x[repeat], mean[repeat]),
            },
            "grade": test["money"],
        },
    ]
    for card, fitted in zip(result["cards"], (purchases, money), strict=True):
        card["refused"] = _refuse_fit(card, fitted)
        result[card["model"]] = None if card["refused"] else list(fitted.parameters)
    return result | {"clv_interval": test["interval"]}


def _refuse_fit(card, fitted):
    """Return why a fit may not be used, as ``refusal`` of its card, or None."""
    if not usable(fitted):
        return {"code": "no_maximum"}
    if card["model"] != "gamma_gamma":
        return None
    if fitted.parameters.q <= 1:
        return {"code": "no_mean"}
    if is_beaten(card):
        return {"code": "beaten"}
    return None


def is_beaten(card):
    """Return whether the back-test of a model is worse than carrying on the past."""
    test = card.get("grade") or {}
    return "found" in test and test["found"] < test["found_by_baseline"]


def usable(fitted):
    """Return whether a fit may be used."""
    return bool(fitted and fitted.converged)


def _back_test(run, partner_ids):
    """Hide the last half year, fit again, and grade what was foreseen against a simple forecast.

    :return: grades of ``purchases`` and ``money``, and the ``interval`` of the money of a customer; None where unknown
    """
    np = load("numpy")
    rows = np.array(run.env.execute_query(_get_history_sql(run, partner_ids)), dtype=float)
    result = {"purchases": None, "money": None, "interval": None}
    if not len(rows) or (rows[:, 0] > 0).sum() < run.method_id.min_model_repeat:
        return result
    x, t_x, age, mean, before, actual, actual_money = rows.T
    purchases = bg_nbd.fit(x, t_x, age)
    if not usable(purchases):
        return result
    weeks = HIDDEN_DAYS / DAYS_PER_WEEK
    expected = bg_nbd.expected_purchases(purchases.parameters, x, t_x, age, weeks)
    # the purchases a week until then, carried on; one week at least, so that a new customer does not explode
    carried = weeks / np.maximum(age, 1)
    result["purchases"] = _as_dict(grade(actual, expected, (x + 1) * carried))
    money = gamma_gamma.fit(x, np.nan_to_num(mean))
    if usable(money) and money.parameters.q > 1:
        known = (x > 0) & (mean > 0)
        value = gamma_gamma.expected_value(money.parameters, np.where(known, x, 0), np.where(known, mean, 0))
        result["money"] = _as_dict(grade(actual_money, expected * value, before * carried))
        result["interval"] = _get_interval(actual_money, expected * value, expected)
    return result


def _get_interval(actual, predicted, purchases):
    """Return the bands of all customers, and how many of the one half lie in the bands of the other."""
    bands = interval.error_bands(actual, predicted, size=purchases)
    half = interval.error_bands(actual[::2], predicted[::2], size=purchases[::2])
    if not bands or not half:
        return None
    within = interval.share_within(actual[1::2], predicted[1::2], half, size=purchases[1::2])
    return {"bands": [list(band) for band in bands], "coverage": interval.COVERAGE, "within": within}


def _as_dict(graded):
    return graded._asdict() if graded else None


def _get_history_sql(run, partner_ids):
    """Return (x, t_x, age, mean repeat purchase, money) at the cut, then (purchases, money) hidden from it."""
    scope = run._get_scope()._replace(partner_ids=tuple(partner_ids), partner_from=None)
    return SQL(
        """
        SELECT COUNT(*) FILTER (WHERE NOT hidden) - 1,
               (MAX(date) FILTER (WHERE NOT hidden) - MIN(date)) / 7.0, (%(cut)s - MIN(date)) / 7.0,
               COALESCE(SUM(amount) FILTER (WHERE NOT hidden AND date > first_date)
                        / NULLIF(COUNT(*) FILTER (WHERE NOT hidden AND date > first_date), 0), 0),
               SUM(amount) FILTER (WHERE NOT hidden),
               COUNT(*) FILTER (WHERE hidden), COALESCE(SUM(amount) FILTER (WHERE hidden), 0)
          FROM (SELECT commercial_partner_id, date, date > %(cut)s AS hidden, SUM(amount_company)::float8 AS amount,
                       MIN(date) OVER (PARTITION BY commercial_partner_id) AS first_date
                  FROM crm_fact_sale WHERE %(facts)s
                 GROUP BY commercial_partner_id, date HAVING SUM(amount_company) > 0) day
         GROUP BY commercial_partner_id HAVING MIN(date) <= %(cut)s
         ORDER BY commercial_partner_id
        """,
        cut=SQL("(%s::date - %s)", scope.as_of, HIDDEN_DAYS),
        facts=scope.facts(),
    )


# ----------------------------------------------------------------------
# SQL over the measures m
# ----------------------------------------------------------------------
def alive_sql(parameters):
    """Return P(alive); log-odds are cut at 700, beyond which a double knows 0 only."""
    if not parameters.get("bg_nbd"):
        return SQL("NULL::float8")
    r, alpha, a, b = parameters["bg_nbd"]
    return SQL(
        """
        CASE WHEN m.purchase_days > 1 THEN 1 / (1 + exp(LEAST(700, ln(%(a)s::float8)
                  - ln((%(b)s::float8 + m.purchase_days - 2)) + (%(r)s::float8 + m.purchase_days - 1)
                  * (ln(%(alpha)s::float8 + m.tenure_days / 7) - ln(%(alpha)s::float8 + m.active_days / 7)))))
             WHEN m.purchase_days = 1 THEN 1.0::float8 END
        """,
        r=r,
        alpha=alpha,
        a=a,
        b=b,
    )


def get_steps(parameters):
    """Return the steps that the P share: P(alive) and the value of a purchase, then what comes in 12 months.

    ``_expected`` are the purchases to expect, ``_clv_model`` their discounted margin by both models; the first level
    reads what `prepare_future` joins.
    """
    future = ("expected", "discounted")
    known = bool(parameters.get("bg_nbd"))
    return [
        {"_alive": alive_sql(parameters), "_value": value_sql(parameters)}
        | {f"_{name}_alive": SQL.identifier("future", name) if known else SQL("NULL::float8") for name in future},
        {
            "_expected": SQL("m._alive * m._expected_alive"),
            "_clv_model": SQL("m._alive * m._discounted_alive * m._value * m.margin_rate / 100"),
        },
    ]


def prepare_future(env, scope, parameters):
    """Fill the temporary table of expected purchases of who is alive, by purchases and age; return its join."""
    if not parameters.get("bg_nbd"):
        return SQL("")
    pairs = env.execute_query(
        SQL(
            "SELECT DISTINCT m.purchase_days, m.tenure_days FROM crm_customer_measure m"
            " WHERE %s AND m.purchase_days > 0",
            scope.rows(),
        )
    )
    interest = (1 + scope.method.interest_rate / 100) ** (1 / MONTHS) - 1
    return write_future(env, pairs, *get_future(parameters["bg_nbd"], pairs, interest))


def write_future(env, pairs, expected, discounted):
    """Fill the temporary table with the expected purchases of the pairs of purchase days and age; return its join."""
    env.cr.execute(SQL("DROP TABLE IF EXISTS crm_scoring_future"))
    env.cr.execute(
        SQL(
            """
            CREATE TEMPORARY TABLE crm_scoring_future ON COMMIT DROP AS
            SELECT purchase_days::int, tenure_days, expected, discounted
              FROM unnest(%s, %s, %s, %s) future (purchase_days, tenure_days, expected, discounted)
            """,
            *(doubles(column) for column in (*(zip(*pairs, strict=True) if pairs else ((), ())), expected, discounted)),
        )
    )
    env.cr.execute(SQL("ANALYZE crm_scoring_future"))
    return SQL(
        "LEFT JOIN crm_scoring_future future"
        " ON future.purchase_days = m.purchase_days AND future.tenure_days = m.tenure_days"
    )


def get_future(parameters, pairs, monthly_interest):
    """Return the purchases of a year of who is alive, and the same discounted month by month, for each pair.

    :param pairs: (purchase days, age in days)
    """
    if not pairs:
        return [], []
    np = load("numpy")
    fitted = bg_nbd.Parameters(*parameters)
    x, age = np.array(pairs, dtype=float).T
    x, age = x - 1, age / DAYS_PER_WEEK
    discounted, before = np.zeros_like(x), 0.0
    for month in range(1, MONTHS + 1):
        until = np.asarray(bg_nbd.expected_purchases_alive(fitted, x, age, month * WEEKS_PER_YEAR / MONTHS))
        discounted += (until - before) / (1 + monthly_interest) ** month
        before = until
    return np.atleast_1d(before).tolist(), discounted.tolist()


def value_sql(parameters):
    """Return the expected value of a purchase."""
    if not parameters.get("gamma_gamma"):
        return SQL("NULL::float8")
    p, q, v = parameters["gamma_gamma"]
    return SQL(
        """
        CASE WHEN m.mean_purchase > 0
             THEN %(p)s::float8 * (%(v)s::float8 + (m.purchase_days - 1) * m.mean_purchase)
                  / (%(p)s::float8 * (m.purchase_days - 1) + %(q)s::float8 - 1)
             ELSE %(p)s::float8 * %(v)s::float8 / (%(q)s::float8 - 1) END
        """,
        p=p,
        q=q,
        v=v,
    )


def error_sql(parameters):
    """Return ``(lower, upper)`` ratio of what comes to what the models say, by the purchases they expect.

    The ratios are those of half a year, the value is that of a whole one, which chance blurs less: the interval is
    rather too wide.
    """
    bands = (parameters.get("clv_interval") or {}).get("bands")
    if not bands or not parameters.get("bg_nbd"):
        return SQL("NULL::float8"), SQL("NULL::float8")
    purchases = SQL("m._expected * %s::float8", HIDDEN_DAYS / 365)
    return tuple(
        SQL(
            "CASE %s END",
            SQL(" ").join(
                SQL("WHEN %s THEN %s::float8", SQL("TRUE") if upto is None else SQL("%s <= %s", purchases, upto), ratio)
                for upto, ratio in ((band[0], band[side]) for band in bands)
            ),
        )
        for side in (1, 2)
    )


def present_multiple(parameters, deviations=0.0):
    """Return r / (1 + i - r) of the population, or None when the retention is not known.

    :param deviations: so many standard errors of the retention are added to it
    """
    retention, interest = parameters.get("retention"), parameters.get("interest", 0.0)
    if retention is None or retention >= 1 + interest:
        return None
    if deviations:
        if not parameters.get("retention_of"):
            return None
        error = sqrt(retention * (1 - retention) / parameters["retention_of"])
        # above the interest the sum does not end: the retention of a forecast is no certainty
        retention = min(max(retention + deviations * error, 0.0), 1.0 if interest else MOST_RETENTION)
    return clv.margin_multiple(retention, interest)
