from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common_pyramid import PyramidCase

MODELS = ("crm.pyramid", "crm.pyramid.line", "crm.pyramid.month", "crm.pyramid.snapshot")


@tagged("post_install", "-at_install")
class TestPyramidSecurity(PyramidCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyers[0].user_id = cls.seller
        cls.buyers[1].user_id = cls.colleague
        cls._count()

    def _user(self, login, groups, company=None):
        company = company or self.company
        return new_test_user(self.env, login, groups, company_id=company.id, company_ids=[Command.set(company.ids)])

    def _as(self, user, model):
        return self.env[model].with_user(user).with_context(allowed_company_ids=user.company_ids.ids)

    def test_plain_user_is_refused(self):
        plain = self._user("pyx_plain", "base.group_user")
        for model in MODELS:
            with self.subTest(model), self.assertRaises(AccessError):
                self._as(plain, model).search([])
        with self.assertRaises(AccessError):
            self._as(plain, "crm.pyramid.page").get_page()

    def test_salesman_reads_his_customers_only(self):
        rows = self._as(self.seller, "crm.pyramid.snapshot")
        mine = rows.search([("partner_id", "in", self.buyers[:2].ids)])
        self.assertEqual(mine.partner_id, self.buyers[0])
        groups = rows._read_group([("partner_id", "in", self.buyers[:2].ids)], ["tier_id"], ["value:sum"])
        self.assertEqual([total for _tier, total in groups], [50])
        self.seller.group_ids |= self.env.ref("base.group_allow_export")
        with self.assertRaises(AccessError):
            self._rows(partners=self.buyers[1]).with_user(self.seller).export_data(["value"])
        with self.assertRaises(AccessError):
            self._as(self.seller, "crm.pyramid.month").search([])

    def test_nobody_writes_places(self):
        implementer = self._user("pyx_implementer", "crm_extended.crm_extended_group_implementer")
        for model in ("crm.pyramid.snapshot", "crm.pyramid.month"):
            for operation in ("write", "create", "unlink"):
                self.assertFalse(self._as(implementer, model).has_access(operation))
        self.assertTrue(self._as(implementer, "crm.pyramid").has_access("write"))

    def test_only_analysts_and_leaders_count(self):
        with self.assertRaises(AccessError):
            self._as(self.seller, "crm.pyramid.page").rebuild(self.pyramid.id)
        leader = self._user("pyx_leader", "crm_extended.crm_extended_group_team_leader")
        self._as(leader, "crm.pyramid.page").rebuild(self.pyramid.id)

    def test_other_company_is_not_seen(self):
        other = self._make_company("Other Ltd")
        stranger = self._user("pyx_other", "crm_extended.crm_extended_group_implementer", other)
        for model in ("crm.pyramid.month", "crm.pyramid.snapshot"):
            self.assertFalse(self._as(stranger, model).search([("pyramid_id", "=", self.pyramid.id)]))
        with self.assertRaises(AccessError):
            self.pyramid.with_env(self._as(stranger, "crm.pyramid").env).read(["name"])
        page = self._as(stranger, "crm.pyramid.page").get_page(self.pyramid.id)
        self.assertNotEqual(page["pyramid_id"], self.pyramid.id)
