from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from .common_abc import STEADY, AbcCase

MODELS = ("crm.abc.profile", "crm.abc.profile.cell", "crm.abc.result", "crm.abc.item")


@tagged("post_install", "-at_install")
class TestAbcSecurity(AbcCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyers = cls._series(STEADY) | cls._series(STEADY)
        cls.buyers[0].user_id = cls.seller
        cls.buyers[1].user_id = cls.colleague
        for buyer in cls.buyers:
            cls._sale(buyer, "2026-05-05", amount=10, cost=1).user_id = buyer.user_id
        cls.result = cls._count()
        cls.sellers = cls._count(cls._profile("seller"))

    def _user(self, login, groups, company=None):
        company = company or self.company
        return new_test_user(self.env, login, groups, company_id=company.id, company_ids=[Command.set(company.ids)])

    def _as(self, user, model):
        return self.env[model].with_user(user).with_context(allowed_company_ids=user.company_ids.ids)

    def _read(self, user, result):
        return self._as(user, "crm.abc.item").search([("result_id", "=", result.id)])

    def test_plain_user_is_refused(self):
        plain = self._user("abcx_plain", "base.group_user")
        for model in MODELS:
            with self.subTest(model), self.assertRaises(AccessError):
                self._as(plain, model).search([])
        with self.assertRaises(AccessError):
            self._as(plain, "crm.abc.page").get_page()

    def test_salesman_reads_his_customers_only(self):
        self.assertEqual(self._read(self.seller, self.result).partner_id, self.buyers[0])

    def test_rows_of_sellers_are_closed(self):
        """Whatever else they may read: all customers, the reports, invoices. By search, group, export and page.

        One's own row is closed too: value / share is the total, and cumulated share - share is the colleague's.
        """
        self.assertEqual(len(self._items(self.sellers)), 2)
        groups = (
            "sales_team.group_sale_salesman_all_leads,crm_extended.crm_extended_group_analyst,"
            "account.group_account_invoice,base.group_allow_export"
        )
        curious = self._user("abcx_curious", groups)
        self.seller.group_ids |= self.env.ref("base.group_allow_export")
        for user in (curious, self.seller):
            with self.subTest(user.login):
                items = self._as(user, "crm.abc.item")
                self.assertFalse(items.search([("seller_id", "!=", False)]))
                self.assertFalse(items.search([("result_id", "=", self.sellers.id), ("value", ">", 0)]))
                found = [item_id for item_id, _name in items.name_search("")]
                self.assertFalse(set(found) & set(self._items(self.sellers).ids))
                groups = items._read_group([("result_id", "=", self.sellers.id)], [], ["__count", "value:sum"])
                self.assertEqual(groups, [(0, False)])
                for rows in (self._items(self.sellers), self._items(self.sellers)[:1]):
                    with self.assertRaises(AccessError):
                        rows.with_user(user).read(["value"])
                    with self.assertRaises(AccessError):
                        rows.with_user(user).export_data(["value"])
                page = self._as(user, "crm.abc.page").get_page(self.sellers.profile_id.id)
                self.assertNotIn(self.sellers.profile_id.id, [found["id"] for found in page["profiles"]])
        self.assertFalse(self._as(curious, "crm.abc.result").search([("profile_id.kind", "=", "seller")]))
        self.assertTrue(self._as(curious, "crm.abc.result").search([("id", "=", self.result.id)]))

    def test_own_class_is_in_the_file_of_oneself(self):
        """What is kept of a person is told him: his rank, value and class, without the share that tells of others."""
        table = self._as(self.seller, "crm.employee.figure")._get_export_rows()
        [row] = [row for row in table if self.sellers.profile_id.name in row]
        self.assertEqual(row[2:], ["2026-06-01", "1", "10.00", "A"])
        self.assertFalse([row for row in table if self.colleague.name in row])

    def test_administrators_read_all_sellers(self):
        boss = self._user("abcx_boss", "sales_team.group_sale_manager")
        self.assertEqual(len(self._read(boss, self.sellers)), 2)
        page = self._as(boss, "crm.abc.page").get_page(self.sellers.profile_id.id)
        self.assertEqual((page["item_count"], page["partial"]), (2, False))

    def test_suppliers_are_not_for_salesmen(self):
        profile = self._profile("supplier")
        result = self._count(profile)
        self.env["crm.abc.item"].create(
            {
                "result_id": result.id,
                "profile_id": profile.id,
                "company_id": self.company.id,
                "period": result.period,
                "supplier_id": self.buyers[0].id,
            }
        )
        leader = self._user("abcx_all", "sales_team.group_sale_salesman_all_leads")
        self.assertFalse(self._read(leader, result))
        page = self._as(leader, "crm.abc.page").get_page(profile.id)
        self.assertNotIn(profile.id, [found["id"] for found in page["profiles"]])
        self.assertTrue(self._read(self._user("abcx_accountant", "account.group_account_invoice"), result))

    def test_the_kind_is_no_door(self):
        """Whoever may define profiles cannot turn one of salespersons into one that he may read; nor leave rows."""
        implementer = self._user("abcx_kind", "crm_extended.crm_extended_group_implementer")
        profile = self._as(implementer, "crm.abc.profile").browse(self.sellers.profile_id.id)
        with self.assertRaisesRegex(ValidationError, "stays what it is"):
            profile.kind = "customer"
        profile.kind = "seller"
        profile.unlink()
        self.env.cr.execute("SELECT COUNT(*) FROM crm_abc_item WHERE result_id = %s", [self.sellers.id])
        self.assertEqual(self.env.cr.fetchone(), (0,))
        self.assertEqual(len(self._items(self.result)), 2)

    def test_nobody_writes_items(self):
        implementer = self._user("abcx_implementer", "crm_extended.crm_extended_group_implementer")
        for model in ("crm.abc.item", "crm.abc.result"):
            for operation in ("write", "create", "unlink"):
                self.assertFalse(self._as(implementer, model).has_access(operation))
        self.assertTrue(self._as(implementer, "crm.abc.profile").has_access("write"))

    def test_only_analysts_and_leaders_count(self):
        with self.assertRaises(AccessError):
            self._as(self.seller, "crm.abc.page").rebuild(self.profile.id)

    def test_other_company_is_not_seen(self):
        other = self._make_company("Other Ltd")
        stranger = self._user("abcx_other", "crm_extended.crm_extended_group_implementer", other)
        for model in ("crm.abc.result", "crm.abc.item"):
            self.assertFalse(self._as(stranger, model).search([("profile_id", "=", self.profile.id)]))
        with self.assertRaises(AccessError):
            self.profile.with_env(self._as(stranger, "crm.abc.profile").env).read(["name"])
