"""Production made to plan instead of made to order: all products with their bills, one plan over all orders."""

from .external_ids import commit


def switch(session):
    """Plan every product from now on: what is made with all that goes into it, and what is bought and sold.

    :return: number of products
    """
    products = session.env["product.product"].browse(session.ids.ids_of("product_").values()).product_tmpl_id
    products = products.filtered(lambda product: product.planning_mode != "make_to_plan")
    if products:
        wizard = session.env["crm.planning.mode.switch"].create({"product_tmpl_ids": products.ids})
        wizard.action_switch()
        commit(session.env)
    return len(products)


def plan(session):
    """Make the plan now, without the queue of jobs; return what came of it as {label: (number, remark)}."""
    env = session.env
    areas = env["mrp.area"].search([("company_id", "=", env.company.id)])
    env["mrp.multi.level"].create({"mrp_area_ids": areas.ids}).run_mrp_multi_level()
    commit(env)
    proposals = env["mrp.planned.order"].search([("mrp_area_id", "in", areas.ids)])
    issues = env["crm.planning.issue"].search([("mrp_area_id", "in", areas.ids)])
    short = env["crm.pegging"].search([("mrp_area_id", "in", areas.ids), ("supply_type", "=", "shortage")]).product_id
    told = short & issues.product_id
    return {
        "Planned products": (env["product.mrp.area"].search_count([("mrp_area_id", "in", areas.ids)]), ""),
        "Proposals to make": (len(proposals.filtered(lambda order: order.mrp_action == "manufacture")), ""),
        "Proposals to buy": (len(proposals.filtered(lambda order: order.mrp_action == "buy")), ""),
        "Issues": (len(issues), ""),
        "Products short": (len(short), f"{len(told):,} of them among the issues"),
        "Pegged share (%)": (round(100 * min(env["crm.pegging"]._get_pegged_share(area) for area in areas), 6), ""),
    }
