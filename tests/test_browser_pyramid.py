"""In a browser: a person opens the value pyramid, clicks on its top and reaches the customer there."""

from odoo.tests import HttpCase, tagged

from odoo.addons.crm_extended_analytics.tests.pyramid.common_pyramid import PyramidCase


@tagged("post_install", "-at_install")
class TestBrowserPyramid(PyramidCase, HttpCase):
    def test_from_the_pyramid_to_its_customers(self):
        admin = self.env.ref("base.user_admin")
        admin.write({"company_ids": [(4, self.company.id)], "company_id": self.company.id})
        self._count()
        action = self.env.ref("crm_extended_analytics.crm_pyramid_page_action")
        self.start_tour(f"/odoo/{action.path}", "crm_extended_pyramid", login="admin")
