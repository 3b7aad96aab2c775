from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common_population import PopulationCase

OF_ALL = ("crm.cohort.cell", "crm.whale.point", "crm.switch.cell", "crm.contract.survival")
OF_SALES = ("crm.basket.rule", "crm.customer.gap", "crm.product.insight")

REPORTS = ("cohort", "whale", "basket", "switch", "gap", "product", "contract")


@tagged("post_install", "-at_install")
class TestPopulationSecurity(PopulationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            name: cls._user(name, group, cls.company)
            for name, group in (
                ("plain", "base.group_user"),
                ("analyst", "crm_extended.crm_extended_group_analyst"),
                ("implementer", "crm_extended.crm_extended_group_implementer"),
            )
        }
        cls.users["seller"] = cls.seller
        (cls.tea,) = cls._products("Tea")
        for customer in cls._customers(11):
            for _number in range(2):
                lines = [cls._sale(customer, "2026-05-01", cost=50, product=p) for p in (cls.lamp, cls.tea)]
                lines[1].order_key = lines[0].order_key
        cls._sale(cls._customers(1), "2026-05-01", cost=50)
        cls.env["crm.fact.contract"].create(
            {
                "res_model": "contract.contract",
                "res_id": -1,
                "date": "2025-01-01",
                "company_id": cls.company.id,
                "commercial_partner_id": customer.id,
            }
        )
        cls._run()

    @classmethod
    def _user(cls, name, group, company):
        return new_test_user(
            cls.env, f"pop_{name}", group, company_id=company.id, company_ids=[Command.set(company.ids)]
        )

    def _as(self, user, model, company=None):
        company = company or self.company
        return self.env[model].with_user(user).with_context(allowed_company_ids=company.ids)

    def test_plain_user_is_refused(self):
        for model in OF_ALL + OF_SALES:
            with self.subTest(model), self.assertRaises(AccessError):
                self._as(self.users["plain"], model).search([])

    def test_analyst_and_implementer_read(self):
        for model in OF_ALL + OF_SALES:
            for user in ("analyst", "implementer"):
                with self.subTest(model, user=user):
                    self.assertTrue(self._as(self.users[user], model).search([]))

    def test_seller_reads_what_helps_him_to_sell(self):
        for model in OF_SALES:
            self.assertTrue(self._as(self.seller, model).search([]), model)
        for model in OF_ALL:
            with self.subTest(model), self.assertRaises(AccessError):
                self._as(self.seller, model).search([])

    def test_screens_are_refused_as_their_rows(self):
        for model in OF_ALL:
            with self.subTest(model), self.assertRaises(AccessError):
                self._as(self.seller, model).get_screen()

    def test_nobody_writes(self):
        for model in OF_ALL + OF_SALES:
            for operation in ("write", "create", "unlink"):
                self.assertFalse(self._as(self.users["implementer"], model).has_access(operation), model)

    def test_other_company_is_not_seen(self):
        other = self._make_company("Other Ltd")
        stranger = self._user("stranger", "crm_extended.crm_extended_group_implementer", other)
        for model in OF_ALL + OF_SALES:
            with self.subTest(model):
                found = self._as(stranger, model, other).search([])
                self.assertNotIn(self.company, found.company_id)

    def _rebuild(self, reports, run):
        for report in reports:
            report._rebuild(run)

    def test_queries_of_a_report_do_not_grow_with_the_customers(self):
        """All of it is done by the database: as many statements for 200 customers more."""
        run = self.env["crm.scoring.run"].search([("company_id", "=", self.company.id)], limit=1)
        reports = [self.env[f"crm.population.report.{code}"] for code in REPORTS]
        self._rebuild(reports, run)
        counts = []
        for customers in (1, 200):
            for customer in self._customers(customers):
                self._sale(customer, "2026-05-01", cost=50, product=self.tea)
            self._forget_zero_costs()
            again = self._run()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._rebuild(reports, again)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_queries_of_a_screen_do_not_grow_with_the_rows(self):
        for model in OF_ALL:
            with self.subTest(model):
                self.env.invalidate_all()
                with self.assertQueryCount(12):
                    self.env[model].get_screen()
