from odoo import api, models


class IrActionsActions(models.Model):
    _inherit = "ir.actions.actions"

    @api.model
    def get_bindings(self, model_name):
        """Leave out the actions whose features are off in all allowed companies of the user, as for menus."""
        bindings = super().get_bindings(model_name)
        company_ids = frozenset(self.env.user._get_company_ids())
        hidden_ids = self.env["crm.roadmap.feature"]._get_hidden_action_ids(company_ids)
        left = {
            kind: [action for action in actions if action["id"] not in hidden_ids] for kind, actions in bindings.items()
        }
        return {kind: actions for kind, actions in left.items() if actions}
