"""The stage of a company and its menus with two server processes that share nothing but the database."""

from concurrent.futures import ThreadPoolExecutor

from devtools.server import RpcError


def _menu_names(server):
    menus = server.rpc("ir.ui.menu", "load_menus", [False])
    return {menu["name"] for menu in menus.values() if isinstance(menu, dict)}


def _stages(server):
    return [row["id"] for row in server.rpc("crm.roadmap.stage", "search_read", [[], ["id"]])]


def test_menus_of_every_session_follow_the_stage_without_a_restart(committed_database, odoo_server):
    database = committed_database()
    one, two = odoo_server(database), odoo_server(database)
    features = one.rpc("crm.roadmap.feature", "search_read", [[["key", "=", "seven_p"]], ["stage_id", "menu_ids"]])
    [feature] = features
    [menu] = one.rpc("ir.ui.menu", "read", [feature["menu_ids"][:1], ["name"]])

    assert menu["name"] in _menu_names(two), "not on the road: everything is on as shipped"
    one.rpc("crm.roadmap.step", "enter_next", [])
    assert menu["name"] not in _menu_names(one)
    assert menu["name"] not in _menu_names(two)

    stages = _stages(one)
    for _stage in stages[1 : stages.index(feature["stage_id"][0]) + 1]:
        two.rpc("crm.roadmap.step", "enter_next", ["the test needs no targets"])
    assert menu["name"] in _menu_names(one)
    assert menu["name"] in _menu_names(two)

    [last] = one.rpc("crm.roadmap.step", "search", [[["left_on", "=", False]]], {"order": "sequence DESC", "limit": 1})
    one.rpc("crm.roadmap.step", "action_go_back", [[last]])
    assert menu["name"] not in _menu_names(two)


def test_two_who_enter_at_once_make_one_step(committed_database, odoo_server):
    """Both press the button: one enters the stage, the other is told, and none is skipped."""
    server = odoo_server(committed_database(), workers=3)

    def enter(_number):
        try:
            return server.rpc("crm.roadmap.step", "enter_next", ["at once"]) and "entered"
        except RpcError as error:
            return str(error)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(enter, range(6)))
    steps = server.rpc("crm.roadmap.step", "search_read", [[], ["stage_id", "company_id"]])
    stages = [step["stage_id"][0] for step in steps]
    assert len(stages) == len(set(stages))
    assert sorted(stages) == sorted(_stages(server)[: len(stages)]), "no stage is skipped"
