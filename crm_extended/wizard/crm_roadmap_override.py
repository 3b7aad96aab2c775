from odoo import Command, api, fields, models


class CrmRoadmapOverride(models.TransientModel):
    """Enters the next stage through a closed gate, with a reason that is kept beside the name."""

    _name = "crm.roadmap.override"
    _description = "Override the Gate"

    stage_id = fields.Many2one(comodel_name="crm.roadmap.stage", readonly=True)
    closed_ids = fields.Many2many(comodel_name="crm.roadmap.criterion", string="Not Reached", readonly=True)
    reason = fields.Text(required=True)

    @api.model
    def default_get(self, fields_list):
        defaults = super().default_get(fields_list)
        steps = self.env["crm.roadmap.step"]
        stage = steps._get_next_stage(self.env.company)
        closed = steps._get_gate(self.env.company, stage)[1] if stage else self.env["crm.roadmap.criterion"]
        return defaults | {"stage_id": stage.id, "closed_ids": [Command.set(closed.ids)]}

    def action_enter(self):
        """Enter the stage; the menus of its features come with the reload."""
        self.ensure_one()
        self.env["crm.roadmap.step"].enter_next(self.reason, self.stage_id.id)
        return {"type": "ir.actions.client", "tag": "reload"}
