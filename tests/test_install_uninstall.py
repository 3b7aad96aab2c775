"""Each addon installs alone, updates, and leaves nothing behind when it is uninstalled.

Real processes on copies of the template databases, which hold what the addons depend on: what is there
after the uninstallation is compared with what was there before the installation.
"""

import os
from contextlib import closing

import psycopg2
import pytest

from devtools.odoo_log import Judge

pytestmark = pytest.mark.slow

# (template, the addon to install there, what to uninstall, one after the other).
CASES = [
    ("CRMX_T1_DB", "crm_extended", ["crm_extended"]),
    ("CRMX_T2_DB", "crm_extended_analytics", ["crm_extended_analytics", "crm_extended"]),
    ("CRMX_T3_DB", "crm_extended_erp_bridge", ["crm_extended_erp_bridge", "crm_extended_analytics", "crm_extended"]),
]

# What a database consists of: {kind: query whose rows are compared}. A table that the template does not
# have makes the query be left out.
SCHEMA = {
    "table": "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
    "column": """
        SELECT table_name, column_name, data_type, is_nullable, column_default
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "index": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraint": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "function": """
        SELECT proname, pg_get_function_identity_arguments(oid)
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace""",
    "trigger": "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal",
    "sequence": "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'",
    "type": """
        SELECT typname FROM pg_type
        WHERE typnamespace = 'public'::regnamespace AND typtype IN ('d', 'e', 'r')""",
    "extension": "SELECT extname FROM pg_extension",
}
RECORDS = {
    # Odoo refreshes its list of modules with each installation: modules and categories that the template was
    # made without appear. They are Odoo's list of what could be installed, not what an addon left.
    "xml id": """
        SELECT module, name, model FROM ir_model_data
        WHERE model NOT IN ('ir.module.module', 'ir.module.category')""",
    "model": "SELECT model FROM ir_model",
    "field": "SELECT model, name FROM ir_model_fields",
    "selection": """
        SELECT f.model, f.name, s.value FROM ir_model_fields_selection s
        JOIN ir_model_fields f ON f.id = s.field_id""",
    # Odoo itself forgets the lines about foreign keys (type f) of a field that an addon adds to a model of
    # another: they have no xml id, by which an uninstallation finds what to remove. The foreign keys
    # themselves are compared above.
    "model constraint": "SELECT name FROM ir_model_constraint WHERE type <> 'f'",
    "relation table": "SELECT name FROM ir_model_relation",
    "inheritance": """
        SELECT m.model, p.model FROM ir_model_inherit i
        JOIN ir_model m ON m.id = i.model_id JOIN ir_model p ON p.id = i.parent_id""",
    "cron": "SELECT s.name FROM ir_cron c JOIN ir_act_server s ON s.id = c.ir_actions_server_id",
    "cron trigger": """
        SELECT s.name FROM ir_cron_trigger t JOIN ir_cron c ON c.id = t.cron_id
        JOIN ir_act_server s ON s.id = c.ir_actions_server_id""",
    "parameter": "SELECT key FROM ir_config_parameter",
    "default": """
        SELECT f.model, f.name FROM ir_default d JOIN ir_model_fields f ON f.id = d.field_id""",
    "group": "SELECT id, name->>'en_US' FROM res_groups",
    "implied group": "SELECT gid, hid FROM res_groups_implied_rel",
    "group of a user": "SELECT uid, gid FROM res_groups_users_rel",
    "record rule": "SELECT id, name FROM ir_rule",
    "access line": "SELECT id, name FROM ir_model_access",
    "menu": "SELECT id, name->>'en_US' FROM ir_ui_menu",
    "view": "SELECT id, name FROM ir_ui_view",
    "action": "SELECT id, name->>'en_US' FROM ir_actions",
    "sequence record": "SELECT code, name FROM ir_sequence",
    "precision": "SELECT name FROM decimal_precision",
    "mail template": "SELECT id, name->>'en_US' FROM mail_template",
    "activity type": "SELECT id, name->>'en_US' FROM mail_activity_type",
    "message subtype": "SELECT id, name->>'en_US' FROM mail_message_subtype",
    "lost reason": "SELECT id, name->>'en_US' FROM crm_lost_reason",
    "stage": "SELECT id, name->>'en_US' FROM crm_stage",
    "job channel": "SELECT complete_name FROM queue_job_channel",
    "job function": "SELECT name FROM queue_job_function",
    "job": "SELECT uuid FROM queue_job",
    "route": "SELECT id, name->>'en_US' FROM stock_route",
    "stock rule": "SELECT id, name->>'en_US' FROM stock_rule",
    "operation type": "SELECT id, name->>'en_US' FROM stock_picking_type",
    "dashboard": "SELECT id, name->>'en_US' FROM spreadsheet_dashboard",
    "dashboard group": "SELECT id, name->>'en_US' FROM spreadsheet_dashboard_group",
}


def snapshot(database):
    """{kind: set of rows} of a database."""
    with closing(psycopg2.connect(dbname=database)) as connection:
        connection.autocommit = True
        with connection.cursor() as cr:
            return {
                kind: rows for kind, query in {**SCHEMA, **RECORDS}.items() if (rows := fetch(cr, query)) is not None
            }


def fetch(cr, query):
    try:
        cr.execute(query)
    except psycopg2.errors.UndefinedTable:
        return None
    return {tuple(str(value) for value in row) for row in cr.fetchall()}


def difference(before, after):
    """What is there only before or only after, as readable lines."""
    lines = []
    for kind in sorted(before.keys() | after.keys()):
        lost = before.get(kind, set()) - after.get(kind, set())
        left = after.get(kind, set()) - before.get(kind, set())
        lines += [f"{kind} left behind: {row}" for row in sorted(left)]
        lines += [f"{kind} lost: {row}" for row in sorted(lost)]
    return lines


def states(database, names):
    with closing(psycopg2.connect(dbname=database)) as connection, connection.cursor() as cr:
        cr.execute("SELECT name, state FROM ir_module_module WHERE name = ANY(%s)", (list(names),))
        return dict(cr.fetchall())


@pytest.fixture
def odoo_on(odoo_cli):
    """Run one of Odoo's commands on a database; our warnings in its log are failures."""
    judge = Judge()

    def run(database, *arguments, command=(), **options):
        conf = os.environ["CRMX_ODOO_CONF"]
        log = odoo_cli(*command, "-c", conf, "-d", database, *arguments, **options)
        assert not [str(entry) for entry in judge.ours(log)]
        return log

    return run


@pytest.mark.parametrize(("template", "addon", "to_remove"), CASES, ids=[case[1] for case in CASES])
def test_comes_and_goes(template, addon, to_remove, committed_database, odoo_on):
    """Install with `-i`, update with `-u`, uninstall one after the other: the database is as before."""
    if template not in os.environ:
        pytest.skip(f"{template} was not made: run all addons")
    database = committed_database(os.environ[template])
    before = snapshot(database)
    quiet = ("--stop-after-init", "--no-http", "--max-cron-threads=0")

    odoo_on(database, "-i", addon, *quiet)
    assert states(database, to_remove) == dict.fromkeys(to_remove, "installed")
    installed = snapshot(database)

    # The lowest one: Odoo then updates those that depend on it as well.
    odoo_on(database, "-u", to_remove[-1], *quiet)
    assert not difference(installed, snapshot(database)), "an update changes the database"

    for name in to_remove:
        odoo_on(database, "--", name, command=("module", "uninstall"))
        assert states(database, [name]) == {name: "uninstalled"}
    left = difference(before, snapshot(database))
    assert not left, "\n" + "\n".join(left)


# What a user leaves behind: facts and scores of a month, jobs that wait, parameters of his own.
USE = """
from odoo import fields

company = env.company
# A new database begins at the first stage of the roadmap, where nobody is scored
env["crm.roadmap.step"].search([]).unlink()
partners = env["res.partner"].create([{"name": f"Customer {number}"} for number in range(12)])
for number, partner in enumerate(partners):
    env["crm.fact.sale"].create({
        "res_model": "test", "res_id": number + 1, "order_key": number + 1, "date": fields.Date.today(),
        "company_id": company.id, "partner_id": partner.id, "commercial_partner_id": partner.id,
        "amount_company": 10 * number + 10,
    })
run = env["crm.scoring.run"]._create_run(company)
run._run_all()
assert run.state == "done", run.reason
env["crm.scoring.run"]._launch(company)
env["crm.warehouse.load"]._launch()
env["ir.config_parameter"].set_param("crm_extended_analytics.scoring_range_size", 10)
env.cr.commit()
print("used")
"""


def test_goes_after_use(committed_database, odoo_on):
    """A database that was scored, with jobs in the queue, is as before as well."""
    template = "CRMX_T2_DB"
    if template not in os.environ:
        pytest.skip(f"{template} was not made: run all addons")
    database = committed_database(os.environ[template])
    before = snapshot(database)
    quiet = ("--stop-after-init", "--no-http", "--max-cron-threads=0")
    odoo_on(database, "-i", "crm_extended_analytics", *quiet)
    assert "used" in odoo_on(database, "--no-http", command=("shell",), input=USE)
    for name in ("crm_extended_analytics", "crm_extended"):
        odoo_on(database, "--", name, command=("module", "uninstall"))
    left = difference(before, snapshot(database))
    assert not left, "\n" + "\n".join(left)
