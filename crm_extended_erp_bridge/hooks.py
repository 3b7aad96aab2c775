def post_init_hook(env):
    """Make the conversions of the orders that were confirmed before the addon came."""
    env["crm.conversion"]._backfill(env["res.company"].search([]))
