"""Several people start the same decision at once: real processes on a real database, one hold-out."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from devtools.server import RpcError

CLIENTS = 4


@pytest.fixture
def expected_log():
    """Who comes second is told so, at once or after another try."""
    return [r"could not serialize access", r"Somebody else is starting", r"has started already"]


def _create(server, model, values):
    return server.rpc(model, "create", [values if isinstance(values, list) else [values]])


def test_several_people_start_a_decision_at_once(committed_database, odoo_server):
    """One of them starts it; the customers are drawn once, and each salesperson gets one activity a customer."""
    server = odoo_server(committed_database(), workers=4)
    partner_ids = _create(server, "res.partner", [{"name": f"Hotel {number}"} for number in range(8)])
    [segment_id] = _create(server, "crm.segment", {"name": "Hotels", "method": "list", "is_dynamic": False})
    _create(server, "crm.segment.member", [{"segment_id": segment_id, "partner_id": found} for found in partner_ids])
    [decision_id] = _create(
        server,
        "crm.decision",
        {
            "name": "Call them",
            "finding": "They buy less.",
            "segment_id": segment_id,
            "basis": "holdout",
            "share_pct": 50,
        },
    )

    def start(_client):
        try:
            server.rpc("crm.decision", "action_start", [[decision_id]])
        except RpcError as error:
            return str(error)
        return None

    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(start, range(CLIENTS)))
    assert answers.count(None) == 1, answers
    assert server.rpc("crm.holdout", "search_count", [[["name", "=", "Call them"]]]) == 1
    [decision] = server.rpc("crm.decision", "read", [[decision_id], ["state", "treated_count", "held_out_count"]])
    assert (decision["state"], decision["treated_count"], decision["held_out_count"]) == ("running", 4, 4)
    domain = [["res_model", "=", "res.partner"], ["summary", "=", "Call them"]]
    assert server.rpc("mail.activity", "search_count", [domain]) == 4
