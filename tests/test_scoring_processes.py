"""A scoring whose worker dies, two people who start one at once, two workers: real processes on a real database.

Whatever happens, the scores are those of a run that nobody disturbed.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import psycopg2
import pytest

from devtools.server import RpcError
from tests.held_tables import hold_tables, wait_until_blocked

CLIENTS = 6
SECONDS = 180
CUSTOMERS = 60
RANGE_SIZE = 10

# Orders of all customers, different in number, day, amount and product; costs are known.
FACTS = """
    INSERT INTO crm_fact_sale (res_model, res_id, order_key, date, company_id, partner_id, commercial_partner_id,
                               product_id, quantity, amount, amount_company, gross_company, discount_company,
                               cost_company, margin_company, cost_origin)
    SELECT 'test', n, -n, CURRENT_DATE - (n * 37 %% 700), %(company)s, partner, partner, n %% 7 + 1, n %% 5 + 1,
           amount, amount, amount, 0, amount * 0.6, amount * 0.4, 'order'
      FROM (SELECT n, (%(partners)s::int[])[drawn + 1] AS partner, 20 + n * 13 %% 400 AS amount
              FROM generate_series(1, 400) n,
                   LATERAL (SELECT CASE WHEN n <= 200 THEN n %% %(count)s
                                        ELSE LEAST(n %% %(count)s, n * 7 %% %(count)s) END AS drawn) by_number) sold
"""
SCORES = """
    SELECT partner_id, period, total, score_profiling, score_persistency, score_profitability, score_performance,
           score_prospecting, score_product, score_promotion
      FROM crm_customer_score_month ORDER BY partner_id
"""


@pytest.fixture
def expected_log():
    """The queue says what became of the job of a dead worker, and who comes second is asked to try again."""
    return [r"queue_job", r"could not serialize access", r"Another user has", r"bad query", r"ConcurrencyError"]


@pytest.fixture
def database(committed_database, odoo_server):
    """A database with sixty customers in ranges of ten, who bought; the server that made them is stopped."""
    name = committed_database()
    server = odoo_server(name)
    server.rpc("ir.config_parameter", "set_param", ["crm_extended_analytics.scoring_range_size", str(RANGE_SIZE)])
    partners = server.rpc("res.partner", "create", [[{"name": f"Customer {n}"} for n in range(CUSTOMERS)]])
    [user] = server.rpc("res.users", "search_read", [[("login", "=", "admin")], ["company_id"]])
    server.stop()
    with closing(psycopg2.connect(dbname=name)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(FACTS, {"company": user["company_id"][0], "partners": partners, "count": CUSTOMERS})
    return name


def _fetch(database, query, *params):
    with closing(psycopg2.connect(dbname=database)) as connection, connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchall()


def _execute(database, query):
    with closing(psycopg2.connect(dbname=database)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(query)


def _launch(server):
    return server.rpc("crm.scoring.run", "action_run")["res_id"]


def _wait_for(server, run_id, *states):
    """Poll the run as the screen does until it is in one of `states`."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        [run] = server.rpc("crm.scoring.run", "read", [[run_id], ["state", "step", "error", "customer_count"]])
        if run["state"] in states:
            return run
        time.sleep(0.5)
    raise AssertionError(f"the run is {run['state']} in {run['step']} after {SECONDS} seconds")


@contextmanager
def _hold_customers(database, *positions):
    """Keep the measures of some customers (by their place) from being written: their ranges get so far and wait."""
    connection = psycopg2.connect(dbname=database)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT company_id, commercial_partner_id FROM crm_fact_sale ORDER BY 2")
            customers = cursor.fetchall()
            for position in positions:
                cursor.execute(
                    """
                    INSERT INTO crm_customer_measure (company_id, partner_id, period)
                    VALUES (%s, %s, date_trunc('month', CURRENT_DATE))
                    """,
                    customers[position],
                )
        yield connection
    finally:
        connection.close()


def _score_undisturbed(database, odoo_server):
    """Return the scores of a run that nobody disturbs."""
    server = odoo_server(database, workers=2)
    assert _wait_for(server, _launch(server), "done", "failed", "refused")["state"] == "done"
    server.stop()
    scores = _fetch(database, SCORES)
    assert len(scores) == CUSTOMERS
    assert len({row[2] for row in scores}) > 10, "customers differ"
    return scores


def test_worker_killed_in_the_middle_of_a_range(database, odoo_server):
    """Killed while it writes the measures of a range: that range is done again, the finished ones are not."""
    expected = _score_undisturbed(database, odoo_server)
    server = odoo_server(database, workers=2)
    _execute(database, "DELETE FROM crm_customer_measure")
    with _hold_customers(database, 35):
        run_id = _launch(server)
        wait_until_blocked(database, "crm_customer_measure")
        ranges = "SELECT state, COUNT(*) FROM crm_scoring_run_range WHERE run_id = %s GROUP BY state ORDER BY state"
        deadline = time.monotonic() + SECONDS
        while dict(_fetch(database, ranges, run_id)).get("waiting") != 1 and time.monotonic() < deadline:
            time.sleep(0.2)
        states = dict(_fetch(database, ranges, run_id))
        assert states["waiting"] == 1
        assert states["done"] >= 5
        server.kill9()
    assert dict(_fetch(database, ranges, run_id)) == states
    server = odoo_server(database, workers=2)
    run = _wait_for(server, run_id, "done", "failed", "cancelled")
    assert run["state"] == "done", run["error"]
    assert run["customer_count"] == len(expected)
    assert _fetch(database, SCORES) == expected


def test_several_people_launch_at_once(database, odoo_server):
    """Everybody gets the run of the first, and it is done once."""
    server = odoo_server(database, workers=4)

    def launch(_client):
        try:
            return _launch(server)
        except RpcError as error:
            return error

    server.login()
    # held so that the run of the first has not ended when the last one asks
    with _hold_customers(database, 5), ThreadPoolExecutor(CLIENTS) as clients:
        # held until several have looked for a run and found none
        with hold_tables(database, "crm_scoring_run"):
            answers = clients.map(launch, range(CLIENTS))
            wait_until_blocked(database, "crm_scoring_run", 3)
        answers = list(answers)
    assert len(set(map(str, answers))) == 1, answers
    assert _wait_for(server, answers[0], "done", "failed")["state"] == "done"
    assert _fetch(database, "SELECT COUNT(*) FROM crm_scoring_run") == [(1,)]


def test_two_workers_share_the_ranges(database, odoo_server):
    """Two ranges are measured at the same moment, and the scores are those of one worker."""
    expected = _score_undisturbed(database, odoo_server)
    _execute(database, "DELETE FROM crm_customer_measure")
    server = odoo_server(database, workers=3)
    with _hold_customers(database, 5, 45):
        run_id = _launch(server)
        wait_until_blocked(database, "crm_customer_measure", 2)
    assert _wait_for(server, run_id, "done", "failed")["state"] == "done"
    assert _fetch(database, SCORES) == expected


def test_failed_job_is_tried_again_from_the_screen(database, odoo_server):
    """The queue itself calls the hook: the run fails with its error, goes on, and ends as if nothing had been."""
    expected = _score_undisturbed(database, odoo_server)
    _execute(database, "ALTER TABLE crm_customer_score_month ADD CONSTRAINT broken CHECK (total < 0) NOT VALID")
    server = odoo_server(database, workers=2)
    run_id = _launch(server)
    run = _wait_for(server, run_id, "done", "failed")
    assert (run["state"], run["step"]) == ("failed", "scores")
    assert "broken" in run["error"]
    assert _fetch(database, SCORES) == expected, "the last scores stay"
    _execute(database, "ALTER TABLE crm_customer_score_month DROP CONSTRAINT broken")
    server.rpc("crm.scoring.run", "action_retry", [[run_id]])
    assert _wait_for(server, run_id, "done", "failed")["state"] == "done"
    assert _fetch(database, SCORES) == expected
