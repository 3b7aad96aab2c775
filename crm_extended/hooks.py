def post_init_hook(env):
    """A new system begins at the first stage of the road.

    Companies of a database that is only updated are not touched: they keep what they had (see the migrations).
    """
    env["crm.roadmap.step"]._start(env["res.company"].with_context(active_test=False).search([]))
