"""The database that a person works on: made once, brought up to date when code changed.

What we know of it (which contents of our addons it has, whether it has demo data)
is kept as the comment of the database, so that it goes wherever the database goes.
"""

from . import addons
from .console import DevError, say, step
from .databases import install_problems
from .layout import DATABASE_BYTES
from .postgres import is_valid_name, module_states

DEFAULT_NAME = "crm_extended"
OWNER = "./dev"


def default_name(demo=True):
    return DEFAULT_NAME if demo else f"{DEFAULT_NAME}_nodemo"


def contents(repo):
    """{addon: hash of its content}, translations included."""
    ignored = [name for name in addons.WITHOUT_EFFECT if name not in addons.TRANSLATED]
    return {name: addons.content_hash(name, repo, ignored) for name in addons.present(repo)}


def require_ours(context, name):
    """Return what we know of the database; refuse one that `./dev` did not make."""
    facts = context.server.databases().get(name)
    if facts is not None and facts.get("owner") != OWNER:
        raise DevError(
            f"The database {name} exists and was not made by ./dev, which leaves it alone: "
            "choose another name with --db."
        )
    return facts


def ensure(context, name, demo=True):
    """Make the database, or update in it the addons whose code changed."""
    if not is_valid_name(name):
        raise DevError(f"{name!r} is no usable database name: use letters, digits and underscores.")
    facts = require_ours(context, name)
    wanted = contents(context.layout.repo)
    if not wanted:
        raise DevError("None of our addons is in the tree yet.")
    if facts is None:
        _make(context, name, list(wanted), demo)
    else:
        _update(context, name, facts, wanted)
        demo = facts.get("demo", demo)
    context.server.comment(name, {"owner": OWNER, "demo": demo, "contents": wanted})


def _make(context, name, names, demo):
    """Install into a draft, renamed when whole: an interrupted one is made again."""
    context.layout.require_space(DATABASE_BYTES, "a new database")
    draft = f"{name}_draft"
    context.databases.drop(draft)
    with step(f"Database {name} with {', '.join(names)}{' and demo data' if demo else ''}") as current:
        log = context.databases.install(draft, names, current=current, demo=demo)
        context.databases.rename(draft, name)
    # Odoo goes on without demo data that it cannot load
    for problem in install_problems(log, context.layout.repo):
        say(f"  {str(problem).splitlines()[0]} (see {log})")


def _update(context, name, facts, wanted):
    """Install what is new and update what changed since the database was last used."""
    known = facts.get("contents", {})
    states = module_states(context.server, name)
    new = [addon for addon in wanted if states.get(addon) != "installed"]
    changed = [addon for addon in wanted if addon not in new and known.get(addon) != wanted[addon]]
    for names, is_update in ((new, False), (changed, True)):
        if not names:
            continue
        verb = "Updating" if is_update else "Installing"
        with step(f"{verb} {', '.join(names)} in {name}") as current:
            context.databases.install(name, names, current=current, update=is_update)
