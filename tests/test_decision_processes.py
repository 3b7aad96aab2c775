"""Several people start the same decision at once: real processes on a real database, one hold-out."""

from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from devtools.server import RpcError
from tests.held_tables import hold_tables, wait_until_blocked

CLIENTS = 4
# seconds in which an answer comes that waits for nobody
PATIENCE = 30


@pytest.fixture
def expected_log():
    """Who comes second is told so, at once or after another try."""
    return [r"could not serialize access", r"Somebody else is starting", r"has started already"]


def _create(server, model, values):
    return server.rpc(model, "create", [values if isinstance(values, list) else [values]])


def _create_decision(server):
    """A decision about eight hotels, half of whom are to be held out; return its id."""
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
    return decision_id


def _start(server, decision_id):
    """Start a decision; return why that was refused, or None."""
    try:
        server.rpc("crm.decision", "action_start", [[decision_id]])
    except RpcError as error:
        return str(error)
    return None


def _assert_started_once(server, decision_id):
    """The customers were drawn once, and each salesperson got one activity a customer."""
    assert server.rpc("crm.holdout", "search_count", [[["name", "=", "Call them"]]]) == 1
    [decision] = server.rpc("crm.decision", "read", [[decision_id], ["state", "treated_count", "held_out_count"]])
    assert (decision["state"], decision["treated_count"], decision["held_out_count"]) == ("running", 4, 4)
    domain = [["res_model", "=", "res.partner"], ["summary", "=", "Call them"]]
    assert server.rpc("mail.activity", "search_count", [domain]) == 4


def test_several_people_start_a_decision_at_once(committed_database, odoo_server):
    """One of them starts it, whoever is the first."""
    server = odoo_server(committed_database(), workers=4)
    decision_id = _create_decision(server)
    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(lambda _client: _start(server, decision_id), range(CLIENTS)))
    assert answers.count(None) == 1, answers
    _assert_started_once(server, decision_id)


def test_second_one_is_refused_while_the_first_draws(committed_database, odoo_server):
    """Who comes while another one is starting is told so at once: he neither draws nor waits."""
    database = committed_database()
    server = odoo_server(database, workers=4)
    decision_id = _create_decision(server)
    with ThreadPoolExecutor(2) as clients:
        # the first one gets as far as the activities, after his draw, and no further
        with hold_tables(database, "mail_activity"):
            first = clients.submit(_start, server, decision_id)
            wait_until_blocked(database, "mail_activity")
            second = clients.submit(_start, server, decision_id)
            done, _waiting = wait([second], timeout=PATIENCE)
        assert done, "the second one was kept waiting: he did it all again"
        assert "Somebody else is starting" in second.result()
        assert first.result() is None
    _assert_started_once(server, decision_id)
    assert "has started already" in _start(server, decision_id)
