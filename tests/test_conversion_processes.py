"""Two people who do the same thing at once, and a server that dies in the middle: real processes on a real database.

Whatever happens there is one order, one conversion, and nothing half-done.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from devtools.server import RpcError
from tests.held_tables import hold_tables, wait_until_blocked

CLIENTS = 20
WORKERS = 4


@pytest.fixture
def deal(committed_database):
    """Database with one opportunity and its quotation of a stockable product; winning confirms."""
    return committed_database()


def _create_deal(server):
    """Make the deal through the server, as a client would; return the ids of opportunity and quotation."""
    [company_id] = server.rpc("res.company", "search", [[]], {"limit": 1})
    server.rpc("res.company", "write", [[company_id], {"crm_win_policy": "confirm", "crm_confirm_policy": "first"}])
    [customer_id] = server.rpc("res.partner", "create", [[{"name": "Hotel Balkan", "is_company": True}]])
    [product_id] = server.rpc(
        "product.product", "create", [[{"name": "Floor Lamp", "type": "consu", "is_storable": True}]]
    )
    [lead_id] = server.rpc(
        "crm.lead", "create", [[{"name": "Lobby", "type": "opportunity", "partner_id": customer_id}]]
    )
    line = [0, 0, {"product_id": product_id, "product_uom_qty": 2, "price_unit": 100}]
    [order_id] = server.rpc(
        "sale.order", "create", [[{"partner_id": customer_id, "opportunity_id": lead_id, "order_line": [line]}]]
    )
    return lead_id, order_id


def _read_deal(server, lead_id):
    """What became of it: state of the opportunity, orders, conversions and deliveries."""
    [lead] = server.rpc("crm.lead", "read", [[lead_id], ["won_status", "order_ids"]])
    orders = server.rpc("sale.order", "read", [lead["order_ids"], ["state", "picking_ids"]])
    conversions = server.rpc("crm.conversion", "search_read", [[["order_id", "in", lead["order_ids"]]], ["state"]])
    return {
        "opportunity": lead["won_status"],
        "orders": [order["state"] for order in orders],
        "deliveries": sum(len(order["picking_ids"]) for order in orders),
        "conversions": len(conversions),
    }


WON_ONCE = {"opportunity": "won", "orders": ["sale"], "deliveries": 1, "conversions": 1}
UNTOUCHED = {"opportunity": "pending", "orders": ["draft"], "deliveries": 0, "conversions": 0}


def test_twenty_clients_win_the_same_opportunity(deal, odoo_server):
    server = odoo_server(deal, workers=WORKERS)
    lead_id, _order_id = _create_deal(server)

    def win(_client):
        try:
            return server.rpc("crm.lead", "action_set_won", [[lead_id]])
        except RpcError as error:
            return error

    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(win, range(CLIENTS)))

    assert answers == [True] * CLIENTS, "whoever comes second finds the opportunity won"
    assert _read_deal(server, lead_id) == WON_ONCE


def test_twenty_clients_confirm_and_win_at_once(deal, odoo_server):
    """Ten press Won, ten press Confirm: the slower ones are told that it is done, and nothing is done twice."""
    server = odoo_server(deal, workers=WORKERS)
    lead_id, order_id = _create_deal(server)

    def act(client):
        try:
            if client % 2:
                return server.rpc("crm.lead", "action_set_won", [[lead_id]])
            return server.rpc("sale.order", "action_confirm", [[order_id]])
        except RpcError as error:
            return error

    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(act, range(CLIENTS)))

    refused = [answer for answer in answers if isinstance(answer, RpcError)]
    assert len(refused) < CLIENTS
    assert all("not in a state requiring confirmation" in str(error) for error in refused)
    assert _read_deal(server, lead_id) == WON_ONCE


@pytest.mark.parametrize("table", ["crm_conversion", "stock_picking"])
def test_server_killed_between_confirmation_and_the_rest(deal, odoo_server, table):
    """The quotation is confirmed in the dying transaction, what follows is not yet: neither may stay."""
    server = odoo_server(deal)
    lead_id, _order_id = _create_deal(server)
    with hold_tables(deal, table), ThreadPoolExecutor(1) as client:
        winning = client.submit(server.rpc, "crm.lead", "action_set_won", [[lead_id]])
        wait_until_blocked(deal, table)
        server.kill9()
        with pytest.raises(Exception):  # noqa: B017  the connection breaks in one of several ways
            winning.result()

    server = odoo_server(deal)
    assert _read_deal(server, lead_id) == UNTOUCHED
    server.rpc("crm.lead", "action_set_won", [[lead_id]])
    assert _read_deal(server, lead_id) == WON_ONCE
