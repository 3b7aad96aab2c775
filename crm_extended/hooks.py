def post_init_hook(env):
    """A new system begins at the first stage of the road.

    Companies of a database that is only updated are not touched: they keep what they had (see the migrations).
    """
    env["crm.roadmap.step"]._start(env["res.company"].with_context(active_test=False).search([]))


def uninstall_hook(env):
    """Remove what the addon leaves in other addons' tables."""
    forget_foreign_xml_ids(env, "crm_extended")


def forget_foreign_xml_ids(env, addon):
    """Remove the xml ids that other addons have for parts of our models, and that Odoo forgets when these go.

    Each addon that extends `mail.thread` or `mail.activity.mixin` has one for every model that inherits it, and for
    every choice of its selections there.
    """
    own = [name for name, model in env.registry.items() if model._original_module == addon]
    parts = {
        "ir.model.inherit": env["ir.model.inherit"].search([("model_id.model", "in", own)]),
        "ir.model.fields.selection": env["ir.model.fields.selection"].search([("field_id.model", "in", own)]),
    }
    for model, records in parts.items():
        env["ir.model.data"].search(
            [("model", "=", model), ("res_id", "in", records.ids), ("module", "!=", addon)]
        ).unlink()
