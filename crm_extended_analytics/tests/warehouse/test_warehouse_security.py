from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common_warehouse import WarehouseCase

FACTS = (
    "crm.fact.sale",
    "crm.fact.invoice",
    "crm.fact.payment",
    "crm.fact.receivable",
    "crm.fact.opportunity",
    "crm.fact.touch",
    "crm.fact.interaction",
    "crm.fact.return",
    "crm.fact.service",
    "crm.fact.contract",
    "crm.sales.month",
    "crm.sales.month.product",
    "crm.sales.month.total",
)
LOGS = (
    "crm.warehouse.change",
    "crm.warehouse.load",
    "crm.warehouse.load.line",
    "crm.warehouse.reconciliation",
    "crm.warehouse.difference",
    "crm.sales.month.build",
)
HISTORY = ("crm.history.batch", "crm.history.batch.column")


@tagged("post_install", "-at_install")
class TestWarehouseSecurity(WarehouseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            name: new_test_user(
                cls.env,
                f"whx_{name}",
                groups,
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for name, groups in (
                ("plain", "base.group_user"),
                ("all_documents", "sales_team.group_sale_salesman_all_leads"),
                ("analyst", "crm_extended.crm_extended_group_analyst"),
                ("implementer", "crm_extended.crm_extended_group_implementer"),
                ("accountant", "account.group_account_invoice"),
                ("auditor", "account.group_account_readonly"),
            )
        }
        cls.own, cls.foreign = cls._order(), cls._order(user_id=cls.colleague.id)
        cls.invoices = cls._invoice() + cls._invoice(invoice_user_id=cls.colleague.id)
        cls.load = cls._load()

    def _as(self, name, model):
        user = self.users.get(name) or getattr(self, name)
        return self.env[model].with_user(user).with_context(allowed_company_ids=self.company.ids)

    def test_plain_user_is_refused(self):
        for model in FACTS + LOGS + HISTORY:
            with self.subTest(model), self.assertRaises(AccessError):
                self._as("plain", model).search([])

    def test_nobody_writes_facts(self):
        for name in ("seller", "all_documents", "analyst", "implementer", "accountant"):
            for model in FACTS:
                for operation in ("write", "create", "unlink"):
                    with self.subTest(f"{name} {operation} {model}"):
                        self.assertFalse(self._as(name, model).has_access(operation))

    def test_nobody_writes_the_log(self):
        for model in LOGS:
            for operation in ("write", "create", "unlink"):
                self.assertFalse(self._as("implementer", model).has_access(operation), f"{operation} {model}")

    def test_salesman_reads_his_own(self):
        self.assertEqual(self._as("seller", "crm.fact.sale").search([]).order_id, self.own)
        self.assertEqual(self._as("seller", "crm.fact.invoice").search([]).move_id, self.invoices[0])

    def test_salesman_reads_those_of_nobody(self):
        self.own.user_id = False
        self._load()
        self.assertEqual(self._as("seller", "crm.fact.sale").search([]).order_id, self.own)

    def test_all_documents_and_analyst_read_all(self):
        for name in ("all_documents", "analyst", "implementer"):
            # two orders, and two invoices that have none
            self.assertEqual(len(self._as(name, "crm.fact.sale").search([])), 4, name)
            self.assertEqual(len(self._as(name, "crm.fact.invoice").search([])), 2, name)

    def test_accountants_read_invoices_and_payments_only(self):
        for name in ("accountant", "auditor"):
            self.assertEqual(len(self._as(name, "crm.fact.invoice").search([])), 2, name)
            self.assertTrue(self._as(name, "crm.fact.payment").has_access("read"))
            with self.assertRaises(AccessError):
                self._as(name, "crm.fact.sale").search([])

    def test_facts_of_another_company_are_hidden(self):
        other = self._make_company("Other Ltd")
        for model in FACTS:
            self.env[model].browse()
        self.env.cr.execute("UPDATE crm_fact_sale SET company_id = %s WHERE order_id = %s", [other.id, self.own.id])
        self.env.invalidate_all()
        self.assertEqual(self._as("analyst", "crm.fact.sale").search([]).order_id, self.foreign)

    def test_each_model_has_a_rule_for_companies(self):
        rules = self.env["ir.rule"].search([("model_id.model", "in", FACTS + LOGS + HISTORY)])
        with_company = rules.filtered(lambda rule: "company" in (rule.domain_force or ""))
        self.assertEqual(set(with_company.model_id.mapped("model")), set(FACTS + LOGS + HISTORY))

    def test_load_over_more_companies_is_hidden_from_the_analyst(self):
        self.assertIn(self.load, self._as("analyst", "crm.warehouse.load").search([]))
        self.load.company_ids |= self._make_company("Other Ltd")
        self.env.flush_all()
        self.assertNotIn(self.load, self._as("analyst", "crm.warehouse.load").search([]))
        self.assertFalse(self._as("analyst", "crm.warehouse.load.line").search([("load_id", "=", self.load.id)]))
        self.assertIn(self.load, self._as("implementer", "crm.warehouse.load").search([]))

    def test_analyst_starts_a_load_and_a_salesman_does_not(self):
        action = self._as("analyst", "crm.warehouse.load").with_context(queue_job__no_delay=True).action_load()
        self.assertEqual(self.env["crm.warehouse.load"].browse(action["res_id"]).state, "done")
        with self.assertRaises(AccessError):
            self._as("seller", "crm.warehouse.load").action_load()

    def test_analyst_tries_a_failed_load_again(self):
        """The new load is of the same kind; who may not read loads cannot start one, and what went well is refused."""
        self.load.write({"state": "done", "is_full": True, "is_thorough": False})
        analyst = self._as("analyst", "crm.warehouse.load").with_context(queue_job__no_delay=True)
        with self.assertRaisesRegex(UserError, "nothing to try again"):
            analyst.browse(self.load.id).action_retry()
        self.load.state = "failed"
        self.load.line_ids[1].state = "failed"
        self.assertEqual(analyst.browse(self.load.id).failed_steps, self.load.line_ids[1].name)
        with self.assertRaises(AccessError):
            self._as("seller", "crm.warehouse.load").browse(self.load.id).action_retry()
        again = self.env["crm.warehouse.load"].browse(analyst.browse(self.load.id).action_retry()["res_id"])
        self.assertGreater(again.id, self.load.id)
        self.assertEqual((again.state, again.is_full, again.is_thorough), ("done", True, False))
        self.assertEqual(self.load.state, "failed", "the log of the failed load stays")

    def test_only_implementers_import(self):
        self.assertTrue(self._as("implementer", "crm.history.batch").has_access("create"))
        self.assertFalse(self._as("analyst", "crm.history.batch").has_access("create"))
        self.assertTrue(self._as("analyst", "crm.history.batch").has_access("read"))
        self.assertFalse(self._as("seller", "crm.history.batch").has_access("read"))
