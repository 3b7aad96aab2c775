# Where the installation notes that it has switched off the scheduler of mrp_multi_level.
CRON_PARAMETER = "crm_extended_erp_bridge.mrp_multi_level_cron_was_active"


def post_init_hook(env):
    """Make the conversions of the orders that were confirmed before the addon came; take over the scheduler."""
    env["crm.conversion"]._backfill(env["res.company"].search([]))
    replace_scheduler(env)


def uninstall_hook(env):
    """Give the scheduler of mrp_multi_level back, if it was active when the addon came."""
    if env["ir.config_parameter"].get_param(CRON_PARAMETER):
        env["ir.config_parameter"].search([("key", "=", CRON_PARAMETER)]).unlink()
        cron = env.ref("mrp_multi_level.mrp_multi_level_cron", raise_if_not_found=False)
        if cron:
            cron.active = True


def replace_scheduler(env):
    """Ours plans every area in a job of its own; both would plan everything twice."""
    cron = env.ref("mrp_multi_level.mrp_multi_level_cron", raise_if_not_found=False)
    if cron and cron.active:
        cron.active = False
        env["ir.config_parameter"].set_param(CRON_PARAMETER, "1")
