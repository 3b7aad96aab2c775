from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.planning.product_planning_mode_mixin import MAKE_TO_PLAN

# Demand of so many days becomes one proposal: weekly lots unless a product says otherwise.
GROUPING_DAYS = 7


class CrmPlanningModeSwitch(models.TransientModel):
    """Shows all that switching products to the plan changes, over all levels, and changes it."""

    _name = "crm.planning.mode.switch"
    _description = "Switch to Make to Plan"

    company_id = fields.Many2one(
        comodel_name="res.company",
        default=lambda self: self.env.company,
        required=True,
        readonly=True,
    )
    product_tmpl_ids = fields.Many2many(comodel_name="product.template", string="Products", required=True)
    line_ids = fields.One2many(
        comodel_name="crm.planning.mode.switch.line",
        inverse_name="wizard_id",
        compute="_compute_line_ids",
        store=True,
    )

    @api.depends("product_tmpl_ids", "company_id")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [Command.clear(), *map(Command.create, wizard._prepare_lines())]

    def _prepare_lines(self):
        products = self._get_products()
        to_plan = self._get_products_to_switch(products)
        to_mend = self._get_templates()._get_cycle_problems(self.company_id)
        to_mend += products._get_planning_warnings(self.company_id)
        notes = defaultdict(list)
        for product, sentence in self._get_changes(products) + to_mend:
            notes[product].append(sentence)
        open_products = {product for product, _sentence in to_mend}
        lines = []
        for product in products:
            mode = product.with_company(self.company_id).planning_mode
            lines.append(
                {
                    "product_id": product.id,
                    "mode_before": mode,
                    "mode_after": MAKE_TO_PLAN if product in to_plan else mode,
                    "note": "\n".join(notes[product]),
                    "is_open": product in open_products,
                }
            )
        return lines

    def _get_changes(self, products):
        """Return (product, sentence) of what would order outside of the plan today, and what becomes of it."""
        changes = [
            (product, self.env._("Made or bought to order until now; the plan supplies it from now on."))
            for product in products._filter_to_order(self.company_id)
        ]
        return changes + [
            (
                product,
                self.env._(
                    "The automatic reordering rule %(rules)s becomes manual.",
                    rules=", ".join(orderpoints.mapped("name")),
                ),
            )
            for product, orderpoints in products._get_automatic_orderpoints(self.company_id)
            .grouped("product_id")
            .items()
        ]

    def _get_templates(self):
        # sudo: components may belong to products that a planner does not see otherwise
        return self.sudo().product_tmpl_ids._origin

    def _get_products(self):
        return self._get_templates()._get_planning_tree(self.company_id)

    def _get_products_to_switch(self, products):
        """The products asked for, every component that is made, and those that are bought to order."""
        boms = self.env["mrp.bom"].sudo()._bom_find(products, company_id=self.company_id.id)
        asked = self.product_tmpl_ids._origin
        to_order = products._filter_to_order(self.company_id)
        return products.filtered(
            lambda product: product.product_tmpl_id in asked or boms.get(product) or product in to_order
        )

    def action_switch(self):
        """Set modes, reordering rules and area parameters; the plan sees the products from its next run on."""
        self.ensure_one()
        company = self.company_id
        if not self.product_tmpl_ids:
            raise UserError(self.env._("Choose the products that are to be planned."))
        products = self._get_products().with_company(company)
        products._get_automatic_orderpoints(company).trigger = "manual"
        # sudo: the wizard is for manufacturing managers, who need not be able to edit products
        self._get_products_to_switch(products).product_tmpl_id.sudo().planning_mode = MAKE_TO_PLAN
        count = self._create_parameters(products)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("%(count)s products are planned", count=len(products)),
                "message": self.env._(
                    "%(count)s area parameters were created. The next planning run proposes what to make and buy.",
                    count=count,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _create_parameters(self, products):
        """Create what is missing for every product and MRP area of the company; archived parameters come back.

        :return: how many were created
        """
        areas = self._get_areas()
        Parameter = self.env["product.mrp.area"].sudo().with_context(active_test=False)
        known = Parameter.search([("mrp_area_id", "in", areas.ids), ("product_id", "in", products.ids)])
        known.filtered(lambda parameter: not parameter.active).active = True
        pairs = {(parameter.mrp_area_id.id, parameter.product_id.id) for parameter in known}
        values = [
            {"mrp_area_id": area.id, "product_id": product.id, "mrp_nbr_days": GROUPING_DAYS}
            for area in areas
            for product in products
            if (area.id, product.id) not in pairs
        ]
        return len(Parameter.create(values))

    def _get_areas(self):
        """The MRP areas of the company's warehouses; a warehouse without one gets one around its stock."""
        # sudo: managers of manufacturing need not be able to read warehouses
        warehouses = self.env["stock.warehouse"].sudo().search([("company_id", "=", self.company_id.id)])
        Area = self.env["mrp.area"].sudo()
        areas = Area.search([("warehouse_id", "in", warehouses.ids)])
        return areas | Area.create(
            [
                {"name": warehouse.name, "warehouse_id": warehouse.id, "location_id": warehouse.lot_stock_id.id}
                for warehouse in warehouses - areas.warehouse_id
            ]
        )
