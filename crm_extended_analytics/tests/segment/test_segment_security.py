from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common_segment import SegmentCase

MODELS = ("crm.segment", "crm.segment.rule", "crm.segment.member", "crm.segment.history")


@tagged("post_install", "-at_install")
class TestSegmentSecurity(SegmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls._customers(1, user_id=cls.seller.id)
        cls.foreign = cls._customers(1, user_id=cls.colleague.id)
        cls._measured(cls.own, net_sales=10)
        cls._measured(cls.foreign, net_sales=20)
        cls.segment = cls._segment({"measure": "net_sales", "operator": "ge", "value": 1})

    def test_plain_user_and_portal_are_refused(self):
        plain = self._user("sgx_plain", "base.group_user")
        portal = self._user("sgx_portal", "base.group_portal")
        for user in (plain, portal):
            for model in MODELS:
                with self.subTest(model, user=user.login), self.assertRaises(AccessError):
                    self._as(user, model).search([])

    def test_salesman_sees_his_members_of_all_segments(self):
        self.assertEqual(self._as(self.seller).search([("id", "=", self.segment.id)]).member_count, 2)
        members = self._as(self.seller, "crm.segment.member").search([("segment_id", "=", self.segment.id)])
        self.assertEqual(members.partner_id, self.own)
        for model in MODELS:
            for operation in ("write", "create", "unlink"):
                self.assertFalse(self._as(self.seller, model).has_access(operation), f"{operation} {model}")

    def test_managers_make_segments(self):
        for group in (
            "sales_team.group_sale_manager",
            "crm_extended.crm_extended_group_analyst",
            "crm_extended.crm_extended_group_implementer",
        ):
            user = self._user(f"sgx_{group[-8:]}", group)
            segment = self._as(user).create(
                {
                    "name": "Made",
                    "rule_ids": [Command.create({"measure": "net_sales", "operator": "ge", "value": 15})],
                }
            )
            segment.action_refresh()
            self.assertEqual(segment.member_ids.partner_id, self.foreign)
            made = self._as(user)._create_from_partners("List", self.own, self.company)
            self.assertEqual(made.member_count, 1)
            self.assertFalse(self._as(user, "crm.segment.history").has_access("write"))
            segment.unlink()

    def test_other_company_is_not_seen(self):
        other = self._make_company("Other Ltd")
        stranger = new_test_user(
            self.env,
            "sgx_other",
            "crm_extended.crm_extended_group_implementer",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for model in MODELS:
            found = self.env[model].with_user(stranger).with_context(allowed_company_ids=other.ids).search([])
            self.assertFalse(found.filtered(lambda record: record.company_id == self.company), model)

    def test_queries_do_not_grow_with_members(self):
        """A refresh costs the same for a member and for 200."""
        counts = []
        for number in (1, 200):
            for customer in self._customers(number):
                self._measured(customer, net_sales=1000.0 * number)
            segment = self._segment({"measure": "net_sales", "operator": "eq", "value": 1000.0 * number})
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            segment._refresh()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(segment.member_count, number)
        self.assertEqual(counts[0], counts[1])
