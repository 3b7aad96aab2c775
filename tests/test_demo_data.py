"""The demo data as `./dev run` installs it: whole, without a warning of ours, and with its story in it.

Odoo goes on without demo data that it cannot load, so an installation that ends well proves nothing.
"""

import os
import re
from pathlib import Path

import psycopg2
import pytest

from devtools.odoo_log import Judge

ADDONS = "crm_extended,crm_extended_analytics,crm_extended_erp_bridge"
# menus of ours that there are at least
MENUS = 60
# every menu as the administrator, with the records of the demo data behind it
WALK = """
from devtools.menu_walk import walk
count, problems = walk(env(user=env.ref("base.user_admin")))
print(f"{count} menus opened")
for problem in problems:
    print(f"menu is broken: {problem}")
"""


@pytest.mark.slow
def test_demo_data_tells_its_story(committed_database, odoo_cli, monkeypatch):
    database = committed_database("template0")
    log = odoo_cli(
        *("-c", os.environ["CRMX_ODOO_CONF"], "-d", database, "--with-demo", "-i", ADDONS),
        *("--stop-after-init", "--no-http", "--max-cron-threads=0"),
    )
    assert not [str(problem) for problem in Judge().ours(log)]

    connection = psycopg2.connect(dbname=database)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM ir_module_module WHERE name LIKE 'crm_extended%' AND demo IS NOT TRUE")
            assert not cursor.fetchall(), "installed without demo data"

            cursor.execute("SELECT state FROM crm_conversion WHERE opportunity_id IS NOT NULL")
            states = {state for (state,) in cursor}
            assert {"production", "shipping", "invoiced", "paid"} <= states

            cursor.execute(
                """
                SELECT count(*) FROM crm_conversion
                 WHERE opportunity_id IS NOT NULL AND state = 'production' AND date_promised < now()
                """
            )
            assert cursor.fetchone()[0] == 1, "the late deal"

            cursor.execute("SELECT count(DISTINCT opportunity_currency_id) FROM crm_lead WHERE type = 'opportunity'")
            assert cursor.fetchone()[0] == 2

            cursor.execute("SELECT count(*) FROM crm_lead WHERE lost_proposal = 'proposed'")
            assert cursor.fetchone()[0] == 2
            cursor.execute("SELECT count(*) FROM crm_contract_survival WHERE is_forecast")
            assert cursor.fetchone()[0], "contracts, and what the model says of them"

            cursor.execute("SELECT count(*), (SELECT sum(line_count) FROM crm_sales_month) FROM crm_fact_sale")
            facts, counted = cursor.fetchone()
            assert facts == counted, "sales by month"
    finally:
        connection.close()

    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    walked = odoo_cli("shell", "-c", os.environ["CRMX_ODOO_CONF"], "-d", database, "--no-http", input=WALK)
    assert int(re.search(r"(\d+) menus opened", walked)[1]) > MENUS
    assert not re.findall("menu is broken: .*", walked)
