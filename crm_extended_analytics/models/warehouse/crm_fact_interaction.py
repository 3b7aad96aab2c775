from odoo import fields, models


class CrmFactInteraction(models.Model):
    """A message, meeting or finished activity with a customer; a pointer, without the content."""

    _name = "crm.fact.interaction"
    _inherit = ["crm.fact.event.mixin"]
    _description = "Interaction (Fact)"
    _log_access = False

    kind = fields.Selection(
        selection=[("message", "Message"), ("meeting", "Meeting"), ("activity", "Activity")],
        readonly=True,
    )
    duration = fields.Float(readonly=True, help="Hours; known for meetings only.")
