"""The fixtures that start real processes, which other tests rely on."""


def test_server_answers_and_is_killed(committed_database, odoo_server):
    """A server on a copy of the installed database answers calls, and dies by kill -9."""
    server = odoo_server(committed_database(), workers=2)
    [module] = server.rpc("ir.module.module", "search_read", [[("name", "=", "crm_extended")], ["state"]])
    assert module["state"] == "installed"
    server.kill9()
    assert not server.is_alive()
