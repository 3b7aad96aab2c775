from odoo import api, models
from odoo.exceptions import AccessError

from .crm_roadmap_page import EDITORS

PANEL = "crm_extended.onboarding_roadmap"


class CrmRoadmapOnboarding(models.AbstractModel):
    """The first steps of an implementer, as a panel of Odoo's onboarding above the road.

    Odoo keeps its panels for administrators; an implementer needs no technical rights, so the panel is read and
    ticked off with all rights, after it was asked who calls. Addons add steps to the panel with data.
    """

    _name = "crm.roadmap.onboarding"
    _description = "First Steps on the Roadmap"

    @api.model
    def _get_panel(self):
        """Return the steps for the page, or False where there is nothing to show."""
        if not self.env.user.has_group(EDITORS):
            return False
        panel = self._get_record()
        if not panel or panel.is_onboarding_closed:
            return False
        return {
            "is_done": panel.current_onboarding_state in ("just_done", "done"),
            "text": panel.text_completed,
            "steps": [
                {
                    "id": step.id,
                    "title": step.title,
                    "description": step.description,
                    "button": step.button_text,
                    "is_done": step.current_step_state in ("just_done", "done"),
                    "done": step.done_text,
                }
                for step in panel.step_ids.sorted()
            ],
        }

    def _get_record(self):
        # `sudo`: see the class
        panel = self.env.ref(PANEL, raise_if_not_found=False)
        panel = panel.sudo() if panel else self.env["onboarding.onboarding"].sudo()
        if panel:
            panel._search_or_create_progress()
        return panel

    @api.model
    def open_step(self, step_id):
        """Return the action of a step, and tick the step off."""
        step = self._get_checked().step_ids.filtered(lambda step: step.id == step_id)
        action = getattr(step.sudo(False), step.panel_step_open_action_name)()
        step.action_set_just_done()
        return action

    @api.model
    def close(self):
        """Hide the panel of the company; its place on the road stays."""
        self._get_checked().action_close()

    def _get_checked(self):
        if not self.env.user.has_group(EDITORS):
            raise AccessError(self.env._("The first steps are taken by implementers. Ask one of them."))
        return self._get_record()
