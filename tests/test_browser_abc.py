"""In a browser: a person opens the matrix of ABC and XYZ, clicks on a cell and reaches the customer in it."""

from odoo.tests import HttpCase, tagged

from odoo.addons.crm_extended_analytics.tests.classification.common_abc import STEADY, VARYING, AbcCase


@tagged("post_install", "-at_install")
class TestBrowserAbc(AbcCase, HttpCase):
    def test_from_the_matrix_to_its_customers(self):
        admin = self.env.ref("base.user_admin")
        admin.write({"company_ids": [(4, self.company.id)], "company_id": self.company.id})
        self._series(STEADY)
        self._series(VARYING)
        self._count()
        action = self.env.ref("crm_extended_analytics.crm_abc_page_action")
        self.start_tour(f"/odoo/{action.path}", "crm_extended_abc_matrix", login="admin")
