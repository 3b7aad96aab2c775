from odoo import api, models


class AbcClassMixin(models.AbstractModel):
    """The class of a customer or a product, as of the last result of the user's company."""

    _name = "abc.class.mixin"
    _description = "ABC/XYZ Class on a Record"

    @api.model
    def _get_abc_items(self, kind, item_ids):
        """Return ``{item id: item}`` that the user may read; nothing where the company leaves the feature out."""
        if not self.env["crm.abc.item"].has_access("read"):
            return {}
        return self.env["crm.abc.item"]._get_last_items(self.env.company, kind, item_ids)

    @api.model
    def _get_abc_history_action(self, domain):
        """Return the action that shows the classes month by month."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_abc_item_action")
        return action | {"domain": [("company_id", "=", self.env.company.id), *domain], "context": {}}
