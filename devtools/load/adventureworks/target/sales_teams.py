"""Sales people as users, territories as sales teams."""

from odoo.fields import Command

from ..source import sales


def load_users(session, people):
    """Create users of the salesman group: no password, no invitation, notifications in Odoo only."""
    groups = [session.env.ref(name).id for name in ("base.group_user", "sales_team.group_sale_salesman")]
    taken = _foreign_logins(session, people)
    values = {
        f"user_{person.key}": {
            "name": person.name,
            # Somebody else may have the short login already.
            "login": person.email if person.login in taken else person.login,
            "email": person.email,
            "phone": person.phone,
            "function": person.job,
            "notification_type": "inbox",
            "group_ids": [Command.set(groups)],
            "company_id": session.env.company.id,
            "company_ids": [Command.set(session.env.company.ids)],
        }
        for person in people
    }
    session.create("Sales people", "res.users", values)
    session.tally.note("Sales people have no name in the files (it is made of the login) and get no password.")


def _foreign_logins(session, people):
    users = session.env["res.users"].with_context(active_test=False)
    found = users.search([("login", "in", [person.login for person in people])])
    return set(found.filtered(lambda user: user.id not in session.ids.ids_of("user_").values()).mapped("login"))


def load_teams(session, territories, people):
    values = {}
    for territory in territories:
        manager = sales.manager_of(territory, people)
        members = (f"user_{person.key}" for person in people if person.territory == territory.key)
        values[f"team_{territory.key}"] = {
            "name": territory.name,
            "company_id": session.env.company.id,
            "user_id": manager and session.ids.get(f"user_{manager.key}"),
            "member_ids": [Command.set([session.ids[name] for name in members if name in session.ids])],
        }
    session.create("Sales teams", "crm.team", values)
