from odoo import models

from ..planning.crm_planning_run import FEATURE


class ProductMrpArea(models.Model):
    """Planning parameters: lead time of the bill that is used, and rules looked up once for products alike."""

    _inherit = "product.mrp.area"

    def _compute_mrp_lead_time(self):
        """The addon adds up the lead times of all bills of materials of a product; only one of them is made.

        The days to prepare the order are not added: components are planned on their own, with their own lead times.
        """
        result = super()._compute_mrp_lead_time()
        for param in self.filtered(lambda param: param.supply_method == "manufacture"):
            # sudo: the feature is asked of the company, whoever reads the parameters
            company = param.company_id.sudo()
            if company and company._has_feature(FEATURE):
                param.mrp_lead_time = param.supply_bom_id.produce_delay
        return result

    def _get_rule(self):
        session = self.env.context.get("crm_planning_session")
        if session is None:
            return super()._get_rule()
        return session.remember("rule", self._get_rule_signature(), super()._get_rule)

    def _get_rule_signature(self):
        """Return what decides which stock rule supplies a product: those with the same signature share the rule.

        An addon whose rule selection looks at more than routes and planning mode extends this.
        """
        self.ensure_one()
        product, warehouse = self.product_id, self.mrp_area_id.warehouse_id
        kept = [
            route.id
            for route in warehouse.route_ids
            if self.env["stock.rule"]._filter_warehouse_routes(product, warehouse, route)
        ]
        return (
            self.mrp_area_id.id,
            self.location_proc_id.id,
            product.planning_mode,
            tuple(product.route_ids.ids),
            tuple(product.categ_id.total_route_ids.ids),
            tuple(kept),
        )
