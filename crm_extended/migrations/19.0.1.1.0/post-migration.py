"""The stages that the update found already made get what is shipped with them.

A company that used the features before has not started the road: it keeps every feature that it had, as shipped or as
decided, until somebody enters the first stage for it.
"""

from odoo import SUPERUSER_ID, api
from odoo.tools import convert_file


def migrate(cr, version):
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    convert_file(env, "crm_extended", "data/crm_roadmap_stage_data.xml", {}, mode="init", noupdate=True)
