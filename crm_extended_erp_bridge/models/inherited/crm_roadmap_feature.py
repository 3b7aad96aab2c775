from odoo import api, models

PLANNING = "production_planning"
# Lists what our menu Proposals lists, by default only what a planner has fixed.
PLANNED_ORDERS = "mrp_multi_level.menu_mrp_planned_order"


class CrmRoadmapFeature(models.Model):
    _inherit = "crm.roadmap.feature"

    @api.model
    def _get_hidden_menu_ids(self, company_ids):
        """One entry for the proposals: Planned Orders is back when no company of the user plans with us."""
        hidden_ids = super()._get_hidden_menu_ids(company_ids)
        menu = self.env.ref(PLANNED_ORDERS, raise_if_not_found=False)
        if menu and any(self._get_company_states(company_id).get(PLANNING) for company_id in company_ids):
            return hidden_ids | {menu.id}
        return hidden_ids
