from odoo import api, models
from odoo.tools import ormcache


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    # Every reader of the visible menus passes here: the web client, the app list and the links in e-mails.
    # The key repeats Odoo's (groups, debug) and adds the companies, on which the features depend.
    @api.model
    @ormcache(
        "frozenset(self.env.user._get_group_ids())",
        "frozenset(self.env.user._get_company_ids())",
        "debug",
    )
    def _visible_menu_ids(self, debug=False):
        """Leave out the menus whose features are off in all allowed companies of the user.

        Filtered after Odoo's own visibility: a feature never shows what a group hides.
        """
        visible_ids = super()._visible_menu_ids(debug)
        company_ids = frozenset(self.env.user._get_company_ids())
        hidden_ids = self.env["crm.roadmap.feature"]._get_hidden_menu_ids(company_ids)
        if hidden_ids.isdisjoint(visible_ids):
            return visible_ids
        return self._get_menus_left(visible_ids, hidden_ids)

    @api.model
    def _get_menus_left(self, visible_ids, hidden_ids):
        """Return ``visible_ids`` without the hidden menus, what is below them, and folders left empty."""
        left_ids = set()
        # `sudo`: as Odoo does it, the rights were checked when `visible_ids` was made
        for menu in self.sudo().browse(visible_ids):
            if menu.action:
                left_ids.update(menu._get_branch_ids(visible_ids, hidden_ids))
        return frozenset(left_ids)

    def _get_branch_ids(self, visible_ids, hidden_ids):
        """Return the menu and its visible ancestors; nothing when one of them is hidden."""
        self.ensure_one()
        branch_ids = set()
        menu = self
        while menu.id in visible_ids:
            if menu.id in hidden_ids:
                return set()
            branch_ids.add(menu.id)
            menu = menu.parent_id
        return branch_ids
