def uninstall_hook(env):
    """Remove what the addon leaves in other addons' tables: its jobs, its parameters, and what Odoo forgets."""
    own = [name for name, model in env.registry.items() if model._original_module == "crm_extended_analytics"]
    env["queue.job"].search([("model_name", "in", own)]).unlink()
    env["ir.config_parameter"].search([("key", "=like", "crm_extended_analytics.%")]).unlink()
    # each addon that extends mail.thread has an xml id of its own for every model that inherits it
    inherits = env["ir.model.inherit"].search([("model_id.model", "in", own)])
    env["ir.model.data"].search(
        [
            ("model", "=", "ir.model.inherit"),
            ("res_id", "in", inherits.ids),
            ("module", "!=", "crm_extended_analytics"),
        ]
    ).unlink()
