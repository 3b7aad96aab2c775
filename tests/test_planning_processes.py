"""A planning run whose worker dies in the middle, and two people who launch at once: real processes on a real database.

Whatever happens the plan is whole: the previous one until the new one is there.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest

from devtools.server import RpcError
from tests.held_tables import hold_tables, wait_until_blocked

CLIENTS = 6
SECONDS = 120


@pytest.fixture
def expected_log():
    """The queue says what became of the job of a dead worker, and who comes second is asked to try again."""
    return [r"queue_job", r"could not serialize access", r"Another user has"]


def _create_area(server):
    """A table made of four legs, one area, no demand yet; return the ids of area and table."""
    [warehouse] = server.rpc("stock.warehouse", "search_read", [[], ["lot_stock_id", "company_id"]], {"limit": 1})
    stock_id = warehouse["lot_stock_id"][0]
    area_id = _create(server, "mrp.area", {"name": "Tables", "warehouse_id": warehouse["id"], "location_id": stock_id})
    vendor_id = _create(server, "res.partner", {"name": "Wood Ltd"})
    table_id, leg_id = (
        _create(server, "product.product", {"name": name, "type": "consu", "is_storable": True})
        for name in ("Table", "Leg")
    )
    [table, leg] = server.rpc("product.product", "read", [[table_id, leg_id], ["product_tmpl_id"]])
    _create(server, "product.supplierinfo", {"product_tmpl_id": leg["product_tmpl_id"][0], "partner_id": vendor_id})
    line = [0, 0, {"product_id": leg_id, "product_qty": 4}]
    _create(
        server,
        "mrp.bom",
        {"product_tmpl_id": table["product_tmpl_id"][0], "product_qty": 1, "bom_line_ids": [line]},
    )
    for product_id in (table_id, leg_id):
        _create(server, "product.mrp.area", {"product_id": product_id, "mrp_area_id": area_id})
    return area_id, table_id


def _create(server, model, values):
    [record_id] = server.rpc(model, "create", [[values]])
    return record_id


def _order(server, table_id, qty):
    partner_id = _create(server, "res.partner", {"name": "Hotel Balkan"})
    line = [0, 0, {"product_id": table_id, "product_uom_qty": qty, "price_unit": 100}]
    order_id = _create(server, "sale.order", {"partner_id": partner_id, "order_line": [line]})
    server.rpc("sale.order", "action_confirm", [[order_id]])


def _launch(server, area_id):
    return server.rpc("crm.planning.run", "action_launch", [[area_id]])["res_id"]


def _wait_for(server, run_id, *states):
    """Poll the run as the screen does until it is in one of `states`."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        [run] = server.rpc("crm.planning.run", "read", [[run_id], ["state", "progress", "planned_order_count"]])
        if run["state"] in states:
            return run
        time.sleep(0.5)
    raise AssertionError(f"the run is {run['state']} after {SECONDS} seconds")


def _read_plan(database, area_id):
    """{(id, quantity)} of the planned orders, as anybody sees them."""
    with psycopg2.connect(dbname=database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, mrp_qty FROM mrp_planned_order WHERE mrp_area_id = %s", (area_id,))
        return set(cursor.fetchall())


def test_worker_killed_in_the_middle_of_a_run(committed_database, odoo_server):
    """Killed after netting and before the end: the old plan stays until the queue has started the run again."""
    database = committed_database()
    server = odoo_server(database, workers=2)
    area_id, table_id = _create_area(server)
    _order(server, table_id, 3)
    assert _wait_for(server, _launch(server, area_id), "done", "failed")["state"] == "done"
    before = _read_plan(database, area_id)
    assert sorted(qty for _id, qty in before) == [3, 12]

    _order(server, table_id, 2)
    # the issues are the last that a planning replaces
    with hold_tables(database, "crm_planning_issue"):
        run_id = _launch(server, area_id)
        wait_until_blocked(database, "crm_planning_issue")
        [run] = server.rpc("crm.planning.run", "read", [[run_id], ["state", "progress"]])
        assert run["state"] == "running"
        assert run["progress"] > 0
        server.kill9()
        assert _read_plan(database, area_id) == before

    assert _read_plan(database, area_id) == before
    server = odoo_server(database, workers=2)
    assert _wait_for(server, run_id, "done", "failed", "cancelled")["state"] == "done"
    after = _read_plan(database, area_id)
    assert sum(qty for _id, qty in after) == 5 + 20
    assert not {row[0] for row in after} & {row[0] for row in before}


def test_cancelled_while_it_runs(committed_database, odoo_server):
    """A running area stops, and the plan is the one of before."""
    database = committed_database()
    server = odoo_server(database, workers=2)
    area_id, table_id = _create_area(server)
    _order(server, table_id, 3)
    _wait_for(server, _launch(server, area_id), "done")
    before = _read_plan(database, area_id)
    with hold_tables(database, "mrp_move"):
        run_id = _launch(server, area_id)
        wait_until_blocked(database, "mrp_move")
        server.rpc("crm.planning.run", "action_cancel", [[run_id]])
    assert _wait_for(server, run_id, "cancelled")
    # the next one is not held up by what is left of the cancelled one
    assert _read_plan(database, area_id) == before
    assert _wait_for(server, _launch(server, area_id), "done", "failed")["state"] == "done"


def test_several_people_launch_at_once(committed_database, odoo_server):
    database = committed_database()
    server = odoo_server(database, workers=4)
    area_id, _table_id = _create_area(server)

    def launch(_client):
        try:
            return _launch(server, area_id)
        except RpcError as error:
            return error

    # held so that the run of the first has not ended when the last one asks
    with hold_tables(database, "mrp_move"), ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(launch, range(CLIENTS)))
    assert len(set(answers)) == 1, "everybody gets the run of the first"
    assert _wait_for(server, answers[0], "done", "failed")["state"] == "done"
