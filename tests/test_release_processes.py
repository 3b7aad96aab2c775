"""Several people who release the same proposals at once: real processes on a real database.

However many press the button, each proposal becomes one order.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from devtools.server import RpcError

CLIENTS = 10
WORKERS = 4
PROPOSALS = 20
DUE = "2035-06-{day:02d}"


@pytest.fixture
def expected_log():
    """Who comes second is asked to try again, and does."""
    return [r"could not serialize access"]


def _create(server, model, *values):
    return server.rpc(model, "create", [list(values)])


@pytest.fixture
def server(committed_database, odoo_server):
    return odoo_server(committed_database(), workers=WORKERS)


@pytest.fixture
def proposals(server):
    """Twenty proposals, every other one to make a table and to buy a leg, each due on a day of its own."""
    [warehouse] = server.rpc("stock.warehouse", "search_read", [[], ["lot_stock_id"]], {"limit": 1})
    [area_id] = _create(
        server,
        "mrp.area",
        {"name": "Tables", "warehouse_id": warehouse["id"], "location_id": warehouse["lot_stock_id"][0]},
    )
    table_id, leg_id = _create(
        server,
        "product.product",
        *({"name": name, "type": "consu", "is_storable": True} for name in ("Table", "Leg")),
    )
    [table, leg] = server.rpc("product.product", "read", [[table_id, leg_id], ["product_tmpl_id"]])
    [vendor_id] = _create(server, "res.partner", {"name": "Wood Ltd"})
    _create(server, "product.supplierinfo", {"product_tmpl_id": leg["product_tmpl_id"][0], "partner_id": vendor_id})
    line = [0, 0, {"product_id": leg_id, "product_qty": 4}]
    _create(server, "mrp.bom", {"product_tmpl_id": table["product_tmpl_id"][0], "bom_line_ids": [line]})
    parameter_ids = _create(
        server,
        "product.mrp.area",
        *({"product_id": product_id, "mrp_area_id": area_id} for product_id in (table_id, leg_id)),
    )
    return _create(
        server,
        "mrp.planned.order",
        *(
            {
                "product_mrp_area_id": parameter_ids[number % 2],
                "mrp_qty": number + 1,
                "due_date": DUE.format(day=number + 1),
                "order_release_date": DUE.format(day=number + 1),
                "mrp_action": ("manufacture", "buy")[number % 2],
                "fixed": True,
            }
            for number in range(PROPOSALS)
        ),
    )


def _release_at_once(server, choices):
    """Each client presses Confirm on its own choice of proposals; return what each is told."""

    def release(order_ids):
        try:
            return server.rpc("mrp.planned.order", "action_release_selected", [order_ids])["params"]
        except RpcError as error:
            return error

    with ThreadPoolExecutor(len(choices)) as clients:
        return list(clients.map(release, choices))


def _read_orders(server):
    """The quantities that were ordered, by what they are: manufacturing orders and purchase lines."""
    productions = server.rpc("mrp.production", "search_read", [[], ["product_qty", "state", "planned_order_id"]])
    lines = server.rpc("purchase.order.line", "search_read", [[], ["product_qty", "state", "planned_order_ids"]])
    return productions, lines


def _assert_each_ordered_once(server, proposals):
    productions, lines = _read_orders(server)
    made = Counter(production["planned_order_id"][0] for production in productions)
    bought = Counter(order_id for line in lines for order_id in line["planned_order_ids"])
    assert made + bought == Counter(proposals), "each proposal is ordered once"
    # 1 + 3 + ... + 19 tables and 2 + 4 + ... + 20 legs
    assert sum(production["product_qty"] for production in productions) == 100
    assert sum(line["product_qty"] for line in lines) == 110
    assert {production["state"] for production in productions} == {"confirmed"}
    assert {line["state"] for line in lines} == {"purchase"}
    assert server.rpc("mrp.planned.order", "search_count", [[["is_released", "=", False]]]) == 0


def test_ten_clients_release_the_same_proposals(server, proposals):
    """One makes the orders; the others are told that it is done, or is being done."""
    answers = _release_at_once(server, [proposals] * CLIENTS)

    assert not [answer for answer in answers if isinstance(answer, RpcError)]
    assert Counter(answer["type"] for answer in answers) == {"success": 1, "warning": CLIENTS - 1}
    assert all(
        "released already" in answer["message"] or "released by somebody else" in answer["message"]
        for answer in answers
        if answer["type"] == "warning"
    )
    _assert_each_ordered_once(server, proposals)


def test_ten_clients_release_proposals_in_common(server, proposals):
    """Each chose eleven of the twenty, so that every two have some in common; nobody waits for another for ever."""
    choices = [[proposals[(2 * client + number) % PROPOSALS] for number in range(11)] for client in range(CLIENTS)]
    answers = _release_at_once(server, choices)

    assert not [answer for answer in answers if isinstance(answer, RpcError)]
    # what a loser of a race left is released by whoever presses again
    _release_at_once(server, [proposals])
    _assert_each_ordered_once(server, proposals)
