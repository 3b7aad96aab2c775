def uninstall_hook(env):
    """Remove what the addon left in other addons' tables while it was used: its jobs and its parameters."""
    own = [name for name, model in env.registry.items() if model._original_module == "crm_extended_analytics"]
    env["queue.job"].search([("model_name", "in", own)]).unlink()
    env["ir.config_parameter"].search([("key", "=like", "crm_extended_analytics.%")]).unlink()
