from odoo import api, models


class OnboardingOnboardingStep(models.Model):
    _inherit = "onboarding.onboarding.step"

    @api.model
    def action_open_step_crm_company(self):
        """Show who the company is."""
        return self._get_crm_setup_action("crm_roadmap_setup_view_form_company", self.env._("Your company"))

    @api.model
    def action_open_step_crm_policies(self):
        """Show how quotations and opportunities move together."""
        return self._get_crm_setup_action("crm_roadmap_setup_view_form_policies", self.env._("Policies"))

    def _get_crm_setup_action(self, view, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "crm.roadmap.setup",
            "views": [(self.env.ref(f"crm_extended.{view}").id, "form")],
            "target": "new",
        }

    @api.model
    def action_open_step_crm_teams(self):
        """Show the sales teams, which departments and regions are made of."""
        return self.env["ir.actions.actions"]._for_xml_id("sales_team.crm_team_action_config")

    @api.model
    def action_open_step_crm_stages(self):
        """Show the stages of the road, to be renamed and ordered."""
        return self.env["ir.actions.actions"]._for_xml_id("crm_extended.crm_roadmap_stage_action")

    @api.model
    def action_open_step_crm_criteria(self):
        """Show the criteria, to be given targets and owners."""
        return self.env["ir.actions.actions"]._for_xml_id("crm_extended.crm_roadmap_criterion_action")
