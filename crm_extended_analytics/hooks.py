from odoo.addons.crm_extended.hooks import forget_foreign_xml_ids


def uninstall_hook(env):
    """Remove what the addon leaves in other addons' tables: its jobs, its parameters, and what Odoo forgets."""
    own = [name for name, model in env.registry.items() if model._original_module == "crm_extended_analytics"]
    env["queue.job"].search([("model_name", "in", own)]).unlink()
    env["ir.config_parameter"].search([("key", "=like", "crm_extended_analytics.%")]).unlink()
    forget_foreign_xml_ids(env, "crm_extended_analytics")
