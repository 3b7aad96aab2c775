from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_tier import TierCase


@tagged("post_install", "-at_install")
class TestTierSecurity(TierCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain = cls._user("tierx_plain", "base.group_user")
        cls.foreign = cls.env["res.partner"].create({"name": "Of a colleague", "user_id": cls.keeper.id})
        cls.customer.user_id = cls.seller
        (cls.customer + cls.foreign).crm_tier_id = cls.top

    def test_plain_user_is_refused(self):
        for model in ("crm.tier", "crm.tier.assignment"):
            with self.subTest(model), self.assertRaises(AccessError):
                self.env[model].with_user(self.plain).search([])
        self.assertFalse(self.customer.with_user(self.plain).crm_tier_id)

    def test_salesman_reads_the_tiers_of_his_customers(self):
        stays = self.stays.with_user(self.seller)
        self.assertEqual(stays.search([]).partner_id, self.customer)
        self.assertEqual(stays._read_group([], [], ["__count"]), [(1,)])
        self.assertFalse(self.foreign.with_user(self.seller).crm_tier_id)
        for operation in ("write", "create", "unlink"):
            self.assertFalse(stays.has_access(operation))
        with self.assertRaises(AccessError):
            self.customer.with_user(self.seller).crm_tier_id = self.small

    def test_team_leader_chooses(self):
        self.foreign.with_user(self.leader).crm_tier_id = self.small
        self.assertEqual(self.foreign.crm_tier_id, self.small)
        self.assertFalse(self.top.with_user(self.leader).has_access("write"))

    def test_other_company_is_not_seen(self):
        other = self.env["res.company"].create({"name": "Other Ltd"})
        stranger = self._user("tierx_other", "sales_team.group_sale_manager", company=other)
        stays = self.stays.with_user(stranger).with_context(allowed_company_ids=other.ids)
        self.assertFalse(stays.search([("partner_id", "=", self.customer.id)]))
        self.top.company_id = self.company
        with self.assertRaises(AccessError):
            self.top.with_env(stays.env).read(["name"])
