from datetime import date

from odoo.tests import tagged
from odoo.tools import SQL

from .common_warehouse import WarehouseCase


@tagged("post_install", "-at_install")
class TestWarehouseContract(WarehouseCase):
    """OCA's contract is no dependency: its two tables are made here, so far as the SQL of the source reads them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = cls.env["crm.warehouse.source.contract"]
        if cls.source._is_available():
            cls.skipTest(cls, "The module contract is installed.")
        cls.env.cr.execute(
            """
            CREATE TEMP TABLE contract_contract (id int, name varchar, company_id int, partner_id int, user_id int,
                   contract_type varchar, terminate_date date, write_date timestamp) ON COMMIT DROP;
            CREATE TEMP TABLE contract_line (id serial, product_id int, contract_id int, date_start date,
                   date_end date, is_auto_renew bool,
                   is_canceled bool, display_type varchar, write_date timestamp) ON COMMIT DROP
            """
        )

    def _contract(self, *lines, contract_type="sale", terminated=None):
        """Write a contract with lines (start, end, renewed by itself, cancelled); return (start, end) of its fact."""
        self.env.cr.execute(
            "INSERT INTO contract_contract VALUES (1, 'C1', %s, %s, NULL, %s, %s)",
            [self.company.id, self.buyer.id, contract_type, terminated],
        )
        for line in lines:
            self.env.cr.execute(
                "INSERT INTO contract_line (contract_id, date_start, date_end, is_auto_renew, is_canceled, product_id)"
                " VALUES (1, %s, %s, %s, %s, %s)",
                [*line, self.lamp.id],
            )
        self.env.execute_query(self.source._get_upsert_sql(self.company, None))
        facts = self.env["crm.fact.contract"].search([("company_id", "=", self.company.id)])
        return [(fact.commercial_partner_id, fact.date, fact.date_end) for fact in facts]

    def test_contract_ends_with_its_last_line(self):
        found = self._contract(("2024-01-01", "2024-06-30", False, False), ("2024-08-01", "2025-07-31", False, False))
        self.assertEqual(found, [(self.hotel, date(2024, 1, 1), date(2025, 7, 31))])

    def test_line_without_end_or_renewed_by_itself_runs_on(self):
        for end, renewed in ((None, False), ("2024-12-31", True)):
            with self.subTest(end=end):
                found = self._contract(("2024-01-01", end, renewed, False))
                self.assertEqual(found, [(self.hotel, date(2024, 1, 1), False)])
                self.env.cr.execute(SQL("TRUNCATE contract_contract, contract_line"))

    def test_termination_counts_more_than_the_lines(self):
        found = self._contract(("2024-01-01", None, False, False), terminated="2024-03-31")
        self.assertEqual(found[0][2], date(2024, 3, 31))

    def test_cancelled_line_does_not_count(self):
        found = self._contract(("2023-01-01", None, False, True), ("2024-01-01", "2024-12-31", False, False))
        self.assertEqual(found, [(self.hotel, date(2024, 1, 1), date(2024, 12, 31))])

    def test_contract_with_a_supplier_is_no_fact(self):
        self.assertFalse(self._contract(("2024-01-01", None, False, False), contract_type="purchase"))

    def test_product_of_the_first_line(self):
        self._contract(("2024-01-01", None, False, False))
        fact = self.env["crm.fact.contract"].search([("company_id", "=", self.company.id)])
        self.assertEqual((fact.product_id, fact.categ_id), (self.lamp, self.lamp.categ_id))

    def test_opens_the_customer_where_the_module_is_gone(self):
        self._contract(("2024-01-01", None, False, False))
        fact = self.env["crm.fact.contract"].search([("company_id", "=", self.company.id)])
        action = fact.action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), ("res.partner", fact.commercial_partner_id.id))
