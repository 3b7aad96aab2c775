"""In a browser: a person opens the value pyramid, reads its names, and reaches the customers of its top."""

from odoo.tests import HttpCase, tagged

from odoo.addons.crm_extended_analytics.tests.pyramid.common_pyramid import PyramidCase


@tagged("post_install", "-at_install")
class TestBrowserPyramid(PyramidCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.user_admin").write({"company_ids": [(4, cls.company.id)], "company_id": cls.company.id})

    def _open(self, tour):
        action = self.env.ref("crm_extended_analytics.crm_pyramid_page_action")
        self.start_tour(f"/odoo/{action.path}", tour, login="admin")

    def test_from_the_pyramid_to_its_customers(self):
        self._count()
        self._open("crm_extended_pyramid")

    def test_long_name_of_a_tier_leaves_the_numbers_alone(self):
        self.top.name = "Customers who have bought a lot for years"
        self._count("2026-05-31")
        self._count()
        self._open("crm_extended_pyramid_long_name")
