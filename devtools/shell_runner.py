"""Run a bench or load module in an Odoo environment. Runs in the environment.

    python -m devtools.shell_runner {bench,load} NAME [options of the module]

Reads CRMX_ODOO_CONF and CRMX_DB; CRMX_FOLDER is the folder of the caller, for relative paths.
"""

import contextlib
import json
import os
import sys

from devtools import modules
from devtools.console import DevError, warn


def main(kind, name, *arguments):
    module = modules.load(kind, name)
    options = modules.parse(kind, name, module, arguments)
    os.chdir(os.environ["CRMX_FOLDER"])
    with open_environment(os.environ["CRMX_ODOO_CONF"], os.environ["CRMX_DB"]) as env:
        if kind == "bench":
            # A new database begins at the first stage of the roadmap; what is measured are all features
            env["crm.roadmap.step"].search([]).sudo().unlink()
        result = module.run(env, options)
        if isinstance(result, int) and result:
            env.cr.rollback()
            return result
        env.cr.commit()
    if isinstance(result, dict):
        print(json.dumps(result), flush=True)
        # What was measured is printed all the same
        return 1 if result.get("failed") else 0
    return 0


@contextlib.contextmanager
def open_environment(conf, database):
    """An environment of the administrator, in the administrator's language and time zone."""
    import odoo
    from odoo.modules.registry import Registry

    options = ["-c", conf, "-d", database, "--no-http", "--log-level=warn"]
    odoo.tools.config.parse_config(options, setup_logging=True)
    with Registry(database).cursor() as cr:
        superuser = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        admin = superuser.ref("base.user_admin")
        yield odoo.api.Environment(cr, admin.id, dict(admin.with_user(admin).context_get()))


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except DevError as error:
        warn(str(error))
        sys.exit(1)
