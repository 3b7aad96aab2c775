from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

MAKE_TO_ORDER = "make_to_order"
MAKE_TO_PLAN = "make_to_plan"
PLANNING_MODES = [
    (MAKE_TO_ORDER, "Make to Order"),
    (MAKE_TO_PLAN, "Make to Plan"),
]
# Rules that turn a need into another order instead of taking from stock.
TO_ORDER_METHODS = ("make_to_order", "mts_else_mto")
PULL_ACTIONS = ("pull", "pull_push")


class ProductPlanningModeMixin(models.AbstractModel):
    """Whether a product is supplied order by order or by the production plan, per company.

    The mode decides which stock rules are looked at; routes, which all companies share, are never changed.
    """

    _name = "product.planning.mode.mixin"
    _description = "Product with a Planning Mode"

    planning_mode = fields.Selection(
        selection=PLANNING_MODES,
        company_dependent=True,
        # read with the other fields of the product: rule selection costs no query where no mode is set
        prefetch=True,
        help="How this company supplies the product.\n"
        "Empty: as the routes say.\n"
        "Make to Order: every order makes its own manufacturing order or purchase, as if the route Replenish on "
        "Order stood on the product.\n"
        "Make to Plan: orders are delivered from stock, and the production plan proposes what to make or buy for "
        "all of them together. The route Replenish on Order has no effect in this company, whether it stands on the "
        "product, its category or the order line.",
    )

    @api.constrains("planning_mode")
    def _check_planning_mode(self):
        """The company that reads the field is the one that is switched."""
        company = self.env.company
        self.filtered(lambda product: product.planning_mode == MAKE_TO_ORDER)._check_make_to_order(company)
        self.filtered(lambda product: product.planning_mode == MAKE_TO_PLAN)._check_make_to_plan(company)

    def _check_make_to_plan(self, company):
        """Refuse a mode under which something would still be ordered outside of the plan."""
        if not self:
            return
        # sudo: who may edit products need not be able to read bills of materials and reordering rules
        templates = self.sudo()
        problems = templates._get_cycle_problems(company)
        problems += templates._get_planning_tree(company)._get_planning_problems(company)
        if problems:
            raise ValidationError("\n".join(dict.fromkeys(sentence for _product, sentence in problems)))

    def _check_make_to_order(self, company):
        if not self:
            return
        # sudo: who may edit products need not be able to read warehouses
        routes = self.env["stock.warehouse"].sudo().search([("company_id", "=", company.id)]).mto_pull_id.route_id
        if routes.filtered("active"):
            return
        raise ValidationError(
            self.env._(
                "Product %(product)s cannot be made to order: the route Replenish on Order (MTO) is archived or "
                "missing in company %(company)s. Unarchive it under Inventory, Configuration, Routes.",
                product=self[0].display_name,
                company=company.display_name,
            )
        )

    def _get_planning_mode(self, company):
        """Return the mode that holds for the product in `company`; False where the routes decide.

        The feature is asked only when a mode is set: a company without modes pays nothing.
        """
        self.ensure_one()
        mode = self.with_company(company).planning_mode
        return mode if mode and company._has_feature("production_planning") else False

    @api.model
    def _get_mto_routes(self, warehouse):
        """The routes Replenish on Order of `warehouse`, and Odoo's own one that all warehouses share."""
        # sudo: salespeople confirm orders and may not read rules of the warehouse
        routes = warehouse.sudo().mto_pull_id.route_id
        shared = self.env.ref("stock.route_warehouse0_mto", raise_if_not_found=False)
        return routes | shared.sudo() if shared else routes

    @api.model
    def _get_mto_rule_domain(self, warehouse):
        """Rules that make an order of its own out of a need: those of the route Replenish on Order, and those of
        any other route that pull out of the stock of `warehouse` without taking from it."""
        from_stock = (
            Domain("action", "in", PULL_ACTIONS)
            & Domain("procure_method", "in", TO_ORDER_METHODS)
            & Domain("location_src_id", "in", warehouse.sudo().lot_stock_id.ids)
        )
        return Domain("route_id", "in", self._get_mto_routes(warehouse).ids) | from_stock

    # ------------------------------------------------------------
    # What else must change with the mode
    # ------------------------------------------------------------

    def action_plan_products(self):
        """Open the wizard that shows what switching to the plan means, all the way down."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Plan Products"),
            "res_model": "crm.planning.mode.switch",
            "view_mode": "form",
            "target": "new",
            "context": {"default_product_tmpl_ids": self.ids},
        }

    def _get_planning_tree(self, company):
        """Return the storable variants of these templates and of all that they are made of, over all levels.

        Kits are passed through: what they consist of is planned.
        """
        products = self.with_company(company).product_variant_ids
        boms, _components = products._walk_boms(company)
        return products.union(*boms).filtered("is_storable")

    def _get_cycle_problems(self, company):
        """Return (product, sentence) of the products whose bills contain each other: they have no lowest level."""
        products = self.with_company(company).product_variant_ids
        _boms, components = products._walk_boms(company)
        cycle = products._find_bom_cycle(components)
        return [(product, cycle._get_cycle_sentence()) for product in cycle]
