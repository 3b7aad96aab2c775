from odoo import models


class CrmTreatedMixin(models.AbstractModel):
    """An action whose customers are drawn into those who are treated and those who are held out."""

    _name = "crm.treated.mixin"
    _description = "Treated and Held-Out Customers"

    # action that lists the members, and their field that leads here
    _members_action = None
    _members_field = None

    def action_open_treated(self):
        """Show the customers of the action."""
        return self._get_members_action(self.env._("Treated"), held_out=False)

    def action_open_held_out(self):
        """Show the customers who are left out."""
        return self._get_members_action(self.env._("Held Out"), held_out=True)

    def _get_members_action(self, name, *, held_out):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(self._members_action)
        domain = [(self._members_field, "=", self.id), ("is_held_out", "=", held_out)]
        return {**action, "name": f"{self.name}: {name}", "domain": domain}
