"""Open every menu of ours as the web client does, without a browser: views, filters, groups, first records.

`walk(env)` does it as the user of the environment and returns what failed, one sentence each; a screen that a role
sees and may not read is a failure too. Run it where there are records: what is never read cannot fail.
"""

import json
from datetime import datetime, time
from itertools import chain

from lxml import etree

from odoo.fields import Date, Domain
from odoo.tools.safe_eval import safe_eval, wrap_module

LIMIT = 40
# the method that a client action reads its data with; (model, method) by tag, the model in its params where empty
SCREENS = {
    "crm_population_matrix": (None, "get_screen"),
    "crm_whale_curve": (None, "get_screen"),
    "crm_contract_survival": (None, "get_screen"),
    "crm_market_heat": (None, "get_screen"),
    "crm_extended_analytics.abc_matrix": ("crm.abc.page", "get_page"),
    "crm_extended_analytics.decisions": ("crm.decision.page", "get_page"),
    "crm_extended_analytics.profit_waterfall": ("crm.profit.ladder", "get_waterfall"),
    "crm_extended_analytics.pyramid": ("crm.pyramid.page", "get_page"),
    "crm_extended_erp_bridge.planner": ("crm.planner.page", "get_page"),
    "crm_extended.roadmap": ("crm.roadmap.page", "get_board"),
}
# as the components send them
ARGUMENTS = {"get_screen": [False, False], "get_page": [], "get_board": []}


def our_menus(env):
    """Return the menus of our addons that the user sees and that open something."""
    visible = env["ir.ui.menu"]._visible_menu_ids()
    # `sudo`: only for the names of the records
    names = env["ir.model.data"].sudo().search([("model", "=", "ir.ui.menu"), ("module", "=like", "crm_extended%")])
    menus = env["ir.ui.menu"].browse(sorted(visible & set(names.mapped("res_id"))))
    # a menu in an app that the user does not see is in no menu of his
    return menus.filtered(lambda menu: menu.action and visible >= set(map(int, menu.parent_path.split("/")[:-1])))


def walk(env):
    """Open all our menus as the user of `env`; return ``(number of menus, problems)``."""
    problems, menus = [], our_menus(env)
    for menu in menus:
        action = env["ir.actions.actions"]._for_xml_id(menu.action.get_external_id()[menu.action.id])
        for step, name in _steps(env, action):
            try:
                with env.cr.savepoint():
                    step()
            except Exception as error:
                problems.append(f"{env.user.login}: {menu.complete_name}, {name}: {type(error).__name__}: {error}")
        env.invalidate_all()
    return len(menus), problems


def _steps(env, action):
    """Yield what the client does with an action: ``(callable, what it is)``."""
    kind = action["type"]
    if kind == "ir.actions.act_window":
        yield from _window(env, action)
    elif kind == "ir.actions.client":
        yield lambda: _screen(env, action), action["tag"]
    elif kind == "ir.actions.server":
        yield env["ir.actions.server"].browse(action["id"]).run, "server action"


def _screen(env, action):
    params = action.get("params") or {}
    model, method = SCREENS[action["tag"]]
    data = getattr(env[model or params["model"]], method)(*ARGUMENTS.get(method, []))
    # what cannot be sent is no answer
    json.dumps(data, default=str)


def _evaluate(env, text):
    """Return a domain or a context written in a view or an action, as the client evaluates it."""
    if not isinstance(text, str):
        return text or {}
    names = {
        "uid": env.uid,
        "context": dict(env.context),
        "active_id": False,
        "active_ids": [],
        "allowed_company_ids": env.companies.ids,
        "context_today": lambda: Date.context_today(env.user),
        "datetime": wrap_module(__import__("datetime"), ["date", "datetime", "time", "timedelta"]),
        "relativedelta": wrap_module(
            __import__("dateutil.relativedelta", fromlist=["relativedelta"]), ["relativedelta"]
        ).relativedelta,
        "current_date": Date.to_string(Date.context_today(env.user)),
        "now": datetime.now().isoformat(" ", "seconds"),
        "time": time(),
    }
    return safe_eval(text, names)


def _window(env, action):
    context = _evaluate(env, action.get("context") or "{}")
    model = env[action["res_model"]].with_context(**context)
    wanted = [list(view) for view in action["views"]]
    search = action.get("search_view_id")
    found = {}

    def get_views():
        found.update(model.get_views([*wanted, [search[0] if search else False, "search"]], {"toolbar": True})["views"])

    yield get_views, "views"
    if not found:
        return
    domain = Domain(_evaluate(env, action.get("domain") or "[]") or [])
    prefix = "search_default_"
    defaults = {key.removeprefix(prefix) for key, value in context.items() if value and key.startswith(prefix)}
    filters = etree.fromstring(found["search"]["arch"]).xpath("//filter")
    chosen = Domain.AND(
        [domain, *(_filter_domain(env, node) for node in filters if node.get("name") in defaults)],
    )
    for kind, view in found.items():
        arch = etree.fromstring(view["arch"])
        if kind == "search":
            yield from _search(env, model, domain, filters)
        elif kind in ("pivot", "graph"):
            yield lambda arch=arch: _group(model, chosen, arch), kind
        else:
            yield lambda arch=arch, kind=kind: _read(model, chosen, arch, kind), kind
            yield lambda arch=arch, kind=kind: _read(model, domain, arch, kind), f"{kind} of all"


def _filter_domain(env, node):
    return Domain(_evaluate(env, node.get("domain") or "[]") or [])


def _search(env, model, domain, filters):
    """Yield each filter of the search view by itself, and each way to group."""
    for node in filters:
        name = f"filter {node.get('name')}"
        if node.get("domain"):
            yield lambda node=node: model.search_count(domain & _filter_domain(env, node), limit=LIMIT), name
        group = _evaluate(env, node.get("context") or "{}").get("group_by")
        for field in chain([group] if isinstance(group, str) else group or []):
            group_by = _with_interval(model, field)
            yield lambda by=group_by: model.web_read_group(domain, [by], ["__count"], limit=LIMIT), name


def _with_interval(model, name, interval="month"):
    """Return a field to group by; days are grouped by month, as the client does."""
    is_day = ":" not in name and model._fields[name].type in ("date", "datetime")
    return f"{name}:{interval}" if is_day else name


def _own_fields(arch):
    """Return the names of the fields of a view, those of the views inside it left out."""
    return {node.get("name") for node in arch.iter("field") if not any(a.tag == "field" for a in node.iterancestors())}


def _specification(model, names):
    return {
        name: {"fields": {"display_name": {}}} if model._fields[name].type in ("many2one", "many2many") else {}
        for name in names
        if name in model._fields
    }


def _read(model, domain, arch, kind):
    names = _own_fields(arch)
    if kind == "form":
        if not model._transient:
            # one after the other, as the reader who pages on
            for record in model.search(domain, limit=3):
                record.web_read(_specification(model, names))
        if arch.get("create") not in ("0", "false") and model.has_access("create"):
            model.onchange({}, [], _specification(model, names))
        return
    model.web_search_read(domain, _specification(model, names), limit=LIMIT)
    if arch.get("default_group_by"):
        model.web_read_group(domain, arch.get("default_group_by").split(","), ["__count"], limit=LIMIT)


def _group(model, domain, arch):
    """Read the groups of a pivot or a graph with its measures, and with all measures it offers."""
    fields = model.fields_get(attributes=["type", "aggregator", "groupable", "store"])
    groups, measures = [], ["__count"]
    for node in arch.iter("field"):
        name = node.get("name")
        if node.get("type") == "measure":
            measures.append(f"{name}:{fields[name].get('aggregator') or 'sum'}")
        elif node.get("invisible") not in ("1", "True"):
            groups.append(_with_interval(model, name, node.get("interval") or "month"))
    hidden = {node.get("name") for node in arch.iter("field") if node.get("invisible") in ("1", "True")}
    offered = [
        f"{name}:{field['aggregator']}"
        for name, field in fields.items()
        if field.get("aggregator") and field["type"] in ("integer", "float", "monetary") and name not in {"id"} | hidden
    ]
    model.formatted_read_group(domain, groups, measures)
    model.formatted_read_group(domain, groups[:1], offered)
    model.formatted_read_grouping_sets(domain, [groups[:n] for n in range(len(groups) + 1)], measures)
