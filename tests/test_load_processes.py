"""The first load of the warehouse in two lanes: a worker that dies, several people who start it: real processes.

Whatever happens, the facts are those of a load that nobody disturbed.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg2
import pytest
from psycopg2 import sql

from devtools.server import RpcError
from tests.held_tables import hold_tables, wait_until_blocked

CLIENTS = 6
SECONDS = 180
CUSTOMERS = 12

FACTS = ("crm_fact_sale", "crm_fact_opportunity", "crm_fact_touch", "crm_fact_interaction")
STEPS = """
    SELECT source, lane, state, write_date FROM crm_warehouse_load_line
     WHERE load_id = %s AND source IS NOT NULL ORDER BY sequence
"""

COUNT_JOBS = "SELECT state FROM queue_job WHERE model_name = 'crm.sales.month.build' ORDER BY id"


@pytest.fixture
def expected_log():
    """The queue says what became of the job of a dead worker, and who comes second is asked to try again.

    Where a test has emptied the facts behind everybody's back, the sales by month are counted again.
    """
    return [
        r"queue_job",
        r"could not serialize access",
        r"Another user has",
        r"bad query",
        r"ConcurrencyError",
        r"broken",
        r"were not those of the facts",
    ]


@pytest.fixture
def database(committed_database, odoo_server):
    """A database with customers, won opportunities and confirmed orders; the server that made them is stopped."""
    name = committed_database()
    server = odoo_server(name)
    partners = server.rpc("res.partner", "create", [[{"name": f"Customer {n}"} for n in range(CUSTOMERS)]])
    product = server.rpc("product.product", "create", [[{"name": "Lamp", "list_price": 70, "standard_price": 40}]])[0]
    leads = [
        {"name": f"Lamps {n}", "type": "opportunity", "partner_id": partner, "expected_revenue": 100 + n}
        for n, partner in enumerate(partners)
    ]
    server.rpc("crm.lead", "action_set_won", [server.rpc("crm.lead", "create", [leads])])
    orders = [
        {"partner_id": partner, "order_line": [[0, 0, {"product_id": product, "product_uom_qty": n + 1}]]}
        for n, partner in enumerate(partners)
    ]
    server.rpc("sale.order", "action_confirm", [server.rpc("sale.order", "create", [orders])])
    server.stop()
    return name


def _fetch(database, query, *params):
    with closing(psycopg2.connect(dbname=database)) as connection, connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchall()


def _execute(database, query):
    with closing(psycopg2.connect(dbname=database)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(query)


def _read_facts(database):
    """Return all facts, without their ids."""
    query = "SELECT to_jsonb(fact) - 'id' FROM {} fact ORDER BY res_model, res_id"
    return {table: _fetch(database, sql.SQL(query).format(sql.Identifier(table))) for table in FACTS}


def _launch(server):
    return server.rpc("crm.warehouse.load", "action_load")["res_id"]


def _wait_for(server, load_id):
    """Poll the load as the screen does until it has ended."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        [load] = server.rpc("crm.warehouse.load", "read", [[load_id], ["state", "progress"]])
        if load["state"] in ("done", "failed"):
            return load
        time.sleep(0.5)
    raise AssertionError(f"the load is {load} after {SECONDS} seconds")


def _states(database, load_id, lane):
    return [state for _source, number, state, _date in _fetch(database, STEPS, load_id) if number == lane]


def _load_undisturbed(database, odoo_server):
    """Load with one worker, empty the warehouse again, and return the facts that were there."""
    server = odoo_server(database, workers=1)
    load_id = _launch(server)
    assert _wait_for(server, load_id)["state"] == "done"
    assert {row[1] for row in _fetch(database, STEPS, load_id)} == {1, 2}
    server.stop()
    facts = _read_facts(database)
    assert len(facts["crm_fact_sale"]) == len(facts["crm_fact_opportunity"]) == CUSTOMERS
    with closing(psycopg2.connect(dbname=database)) as connection, connection, connection.cursor() as cursor:
        for table in (*FACTS, "crm_warehouse_change"):
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
    return facts


def _wait_until(is_so, problem):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError(problem)


def _assert_customers_wait_once(database):
    noted = _fetch(
        database, "SELECT company_id, commercial_partner_id FROM crm_warehouse_change WHERE reader = 'scoring'"
    )
    assert len(noted) == len(set(noted)) == CUSTOMERS


def test_two_workers_make_the_facts_of_one(database, odoo_server):
    """Both lanes write at the same moment, and the facts are those of one worker."""
    expected = _load_undisturbed(database, odoo_server)
    server = odoo_server(database, workers=3)
    with hold_tables(database, "crm_fact_sale", "crm_fact_opportunity"):
        load_id = _launch(server)
        wait_until_blocked(database, "crm_fact_sale")
        wait_until_blocked(database, "crm_fact_opportunity")
        assert _fetch(database, STEPS, load_id)[0][2] == "running"
    assert _wait_for(server, load_id)["state"] == "done"
    assert _read_facts(database) == expected
    _assert_customers_wait_once(database)


def test_worker_killed_in_one_lane(database, odoo_server):
    """Killed while it writes the sales: that step is done again, the other lane is not."""
    expected = _load_undisturbed(database, odoo_server)
    server = odoo_server(database, workers=3)
    with hold_tables(database, "crm_fact_sale"):
        load_id = _launch(server)
        wait_until_blocked(database, "crm_fact_sale")
        _wait_until(lambda: set(_states(database, load_id, 2)) == {"done"}, "the other lane did not end")
        assert "done" not in _states(database, load_id, 1)
        server.kill9()
    before = [row for row in _fetch(database, STEPS, load_id) if row[1] == 2]
    server = odoo_server(database, workers=3)
    assert _wait_for(server, load_id)["state"] == "done"
    assert [row for row in _fetch(database, STEPS, load_id) if row[1] == 2] == before
    assert set(_states(database, load_id, 1)) == {"done"}
    assert _read_facts(database) == expected
    _assert_customers_wait_once(database)


def test_several_people_launch_at_once(database, odoo_server):
    """Everybody gets the load of the first, and it is done once."""
    server = odoo_server(database, workers=4)

    def launch(_client):
        try:
            return _launch(server)
        except RpcError as error:
            return error

    server.login()
    # held so that the load of the first has not ended when the last one asks
    with hold_tables(database, "crm_fact_sale"), ThreadPoolExecutor(CLIENTS) as clients:
        # held until several have looked for a load and found none
        with hold_tables(database, "crm_warehouse_load"):
            answers = clients.map(launch, range(CLIENTS))
            wait_until_blocked(database, "crm_warehouse_load", 3)
        answers = list(answers)
    assert len(set(map(str, answers))) == 1, answers
    assert _wait_for(server, answers[0])["state"] == "done"
    assert _fetch(database, "SELECT COUNT(*) FROM crm_warehouse_load") == [(1,)]
    assert len(_read_facts(database)["crm_fact_sale"]) == CUSTOMERS
    _assert_customers_wait_once(database)


def test_failed_lane_is_loaded_by_the_next_load(database, odoo_server):
    """The sales cannot be written: the load says so, the other lane counts, and the next load reads the sales."""
    expected = _load_undisturbed(database, odoo_server)
    _execute(database, "ALTER TABLE crm_fact_sale ADD CONSTRAINT broken CHECK (amount < 0) NOT VALID")
    server = odoo_server(database, workers=3)
    load_id = _launch(server)
    assert _wait_for(server, load_id)["state"] == "failed"
    assert set(_states(database, load_id, 2)) == {"done"}
    [[error]] = _fetch(
        database,
        "SELECT error FROM crm_warehouse_load_line WHERE load_id = %s AND state = 'failed'",
        load_id,
    )
    assert "broken" in error
    _execute(database, "ALTER TABLE crm_fact_sale DROP CONSTRAINT broken")
    load_id = _launch(server)
    assert _wait_for(server, load_id)["state"] == "done"
    assert {row[1] for row in _fetch(database, STEPS, load_id)} == {0}
    assert _read_facts(database) == expected


# ------------------------------------------------------------------
# The sales by month, which follow the load
# ------------------------------------------------------------------
def _get_count_jobs(database):
    return [state for (state,) in _fetch(database, COUNT_JOBS)]


def _assert_months_are_counted(database):
    """Each customer has one row, and nobody is in two."""
    _wait_until(lambda: set(_get_count_jobs(database)) == {"done"}, "the sales by month were not counted")
    sums = "SELECT COUNT(*), SUM({}), SUM(amount_company) FROM {}"
    [facts] = _fetch(database, "SELECT COUNT(*), COUNT(*), SUM(amount_company) FROM crm_fact_sale")
    assert _fetch(database, sums.format("line_count", "crm_sales_month")) == [facts]
    assert _fetch(database, sums.format("row_count", "crm_sales_month_total"))[0][1:] == facts[1:]
    assert not _fetch(database, "SELECT FROM crm_warehouse_change WHERE reader = 'sales_month'")


def test_two_counts_at_once(database, odoo_server):
    """A second load ends while the sales of the first are being counted: they are not counted twice."""
    server = odoo_server(database, workers=4)
    with hold_tables(database, "crm_sales_month"):
        assert _wait_for(server, _launch(server))["state"] == "done"
        wait_until_blocked(database, "crm_sales_month")
        assert _get_count_jobs(database) == ["started"]
        assert _wait_for(server, _launch(server))["state"] == "done"
        _wait_until(lambda: len(_get_count_jobs(database)) == 2, "the second load queued no count")
    _assert_months_are_counted(database)


def test_worker_killed_while_it_counts(database, odoo_server):
    """Nothing is there before, and everything afterwards."""
    server = odoo_server(database, workers=3)
    with hold_tables(database, "crm_sales_month"):
        assert _wait_for(server, _launch(server))["state"] == "done"
        wait_until_blocked(database, "crm_sales_month")
        server.kill9()
    assert _fetch(database, "SELECT COUNT(*) FROM crm_sales_month") == [(0,)]
    odoo_server(database, workers=3)
    _assert_months_are_counted(database)
