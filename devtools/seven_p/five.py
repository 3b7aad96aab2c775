"""The same measures as the script of the comparison, and no others, by the product's own way.

The rows of the orders, the formulas of the measures, the fit, P(alive) and the value are those of the product
(`crm.scoring.engine`, `crm.scoring.p.persistency`, `scoring_models`); only the choice of the measures is here. What
comes out is a table of the database with one row per customer, as the script's is one of pandas.
"""

import time

MEASURES = (
    "recency_days",
    "rfm_orders",
    "rfm_money",
    "purchase_days",
    "tenure_days",
    "active_days",
    "mean_purchase",
)
MARGIN_RATE = "100 * (SUM(r.known) - SUM(r.cost)) / NULLIF(SUM(r.known), 0)"


def measure(env, scope, table):
    """Fill a temporary `table` with the measures of all customers; return seconds by step and the parameters."""
    from odoo.tools import SQL

    from odoo.addons.crm_extended_analytics.models.database_settings import use_memory
    from odoo.addons.crm_extended_analytics.models.seven_p import scoring_models
    from odoo.addons.crm_extended_analytics.scoring.libraries import load

    engine, table = env["crm.scoring.engine"], SQL.identifier(table)
    use_memory(env.cr)
    # imported before the clock starts, as those of the script are
    load("scipy.optimize"), load("scipy.special")
    laps = [time.perf_counter()]
    formulas = env["crm.scoring.p.persistency"]._get_measures(scope)["order"]
    # days are doubles, as in the table of the measures
    measures = {
        name: SQL("(%s)::float8", formulas[name]) if name.endswith("_days") else formulas[name] for name in MEASURES
    }
    env.cr.execute(
        SQL(
            "CREATE TEMPORARY TABLE crm_five AS SELECT r.partner_id, %s, %s AS margin_rate FROM (%s) r"
            " GROUP BY r.partner_id",
            SQL(", ").join(SQL("%s AS %s", measures[name], SQL.identifier(name)) for name in measures),
            SQL(MARGIN_RATE),
            # as the script, which reads no other columns
            engine._get_order_rows(scope, names=()),
        )
    )
    laps.append(time.perf_counter())
    parameters = fit(env, scope, scoring_models)
    laps.append(time.perf_counter())
    pairs = env.execute_query(SQL("SELECT DISTINCT purchase_days, tenure_days FROM crm_five WHERE purchase_days > 0"))
    interest = (1 + scope.method.interest_rate / 100) ** (1 / scoring_models.MONTHS) - 1
    expected, discounted = scoring_models.get_future(parameters["bg_nbd"], pairs, interest)
    rows = SQL("crm_five m %s", scoring_models.write_future(env, pairs, expected, discounted))
    steps = scoring_models.get_steps(parameters)
    env.cr.execute(
        SQL(
            "CREATE TEMPORARY TABLE %s AS SELECT m.partner_id, %s, m._alive AS p_alive, m._clv_model AS clv FROM %s",
            table,
            SQL(", ").join(SQL.identifier("m", name) for name in MEASURES),
            engine._add_steps(SQL("%s WHERE m.purchase_days > 0", rows), steps),
        )
    )
    laps.append(time.perf_counter())
    names = ("measures_s", "fit_s", "alive_and_clv_s")
    return {name: round(laps[place + 1] - laps[place], 3) for place, name in enumerate(names)}, parameters


def fit(env, scope, scoring_models):
    """Return the parameters, fitted on the sample of the method."""
    import numpy as np

    from odoo.tools import SQL

    from odoo.addons.crm_extended_analytics.scoring import bg_nbd, gamma_gamma

    rows = env.execute_query(
        SQL(
            "SELECT m.purchase_days - 1, m.active_days / 7.0, m.tenure_days / 7.0, m.mean_purchase FROM crm_five m"
            " WHERE m.purchase_days > 0 ORDER BY hashint4(m.partner_id), m.partner_id LIMIT %s",
            scope.method.fit_sample,
        )
    )
    x, t_x, age, mean = np.array(rows, dtype=float).T
    return {
        "bg_nbd": list(bg_nbd.fit(x, t_x, age).parameters),
        "gamma_gamma": list(gamma_gamma.fit(x, np.nan_to_num(mean)).parameters),
    }
