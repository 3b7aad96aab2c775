from unittest.mock import patch

from odoo.tools import SQL

from ...models.warehouse import crm_sales_month_build
from ...models.warehouse.crm_sales_month import TOTALS
from .common_warehouse import WarehouseCase

DIMENSIONS = (
    "month",
    "commercial_partner_id",
    "product_id",
    "categ_id",
    "user_id",
    "team_id",
    "grade_id",
    "country_id",
    "channel",
)
MEASURES = (
    "quantity",
    "gross_company",
    "discount_company",
    "amount_company",
    "cost_company",
    "margin_company",
    "line_count",
    "unknown_count",
    "unknown_amount",
)
TABLES = ("crm_sales_month", *(name.replace(".", "_") for name in TOTALS))


class SalesMonthCase(WarehouseCase):
    """Sales facts, from documents or written here, and their sums by month."""

    fact_number = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.months = cls.env["crm.sales.month"]
        cls.totals = cls.env["crm.sales.month.total"]

    @classmethod
    def _fact(cls, **values):
        """Write a sale of one lamp at 100 that cost 60; a cost of None is not known."""
        cls.fact_number += 1
        amount, cost = values.pop("amount", 100.0), values.pop("cost", 60.0)
        fact = cls.env["crm.fact.sale"].create(
            {
                "res_model": "sale.order.line",
                "res_id": -cls.fact_number,
                "order_key": -cls.fact_number,
                "date": "2026-02-10",
                "company_id": cls.company.id,
                "partner_id": cls.hotel.id,
                "commercial_partner_id": cls.hotel.id,
                "product_id": cls.lamp.id,
                "categ_id": cls.indoor.id,
                "user_id": cls.seller.id,
                "channel": "sales",
                "quantity": 1,
                "amount_company": amount,
                "gross_company": amount,
                "discount_company": 0,
                "cost_company": cost or 0.0,
                "margin_company": amount - (cost or 0.0),
                "cost_origin": "unknown" if cost is None else "order",
                **values,
            }
        )
        cls.env.flush_all()
        if cost is None:
            cls.env.cr.execute(
                "UPDATE crm_fact_sale SET cost_company = NULL, margin_company = NULL WHERE id = %s", [fact.id]
            )
        cls.env.invalidate_all()
        return fact

    @classmethod
    def _note(cls, *customers, company=None):
        """Note customers as whoever changes their facts does."""
        pairs = [((company or cls.company).id, customer.id) for customer in customers]
        cls.env["crm.warehouse.change"]._note(pairs, "crm.fact.sale")

    @classmethod
    def _count(cls, companies=None, is_repaired=False):
        """Count here and now, and return what was counted; nothing is wrong, unless it is to be repaired."""
        companies = companies or cls.company
        cls.env.flush_all()
        with patch.object(crm_sales_month_build, "_logger") as logger:
            cls.env["crm.sales.month.build"]._run_all(companies)
        assert logger.warning.called == is_repaired, logger.warning.call_args
        cls.env.flush_all()
        cls.env.invalidate_all()
        return cls.env["crm.sales.month.build"].search([("company_id", "in", companies.ids)])

    @classmethod
    def _load_and_count(cls, **values):
        load = cls._load(**values)
        cls._count()
        return load

    @classmethod
    def _rows(cls, company=None):
        return cls.months.search([("company_id", "=", (company or cls.company).id)], order="month, id")

    def _read_sums(self, table="crm_sales_month"):
        """Return all rows of a table of sums as sorted tuples, empty values as they are in the database."""
        names = [
            name for name in (*DIMENSIONS, *MEASURES, "row_count") if name in self.env[table.replace("_", ".")]._fields
        ]
        rows = self.env.execute_query(
            SQL("SELECT company_id, %s FROM %s", SQL(", ").join(map(SQL.identifier, names)), SQL.identifier(table))
        )
        return sorted(rows, key=repr)

    def _assert_equal_to_a_whole_count(self):
        """The rows are those that counting all facts gives, in all tables."""
        self.env.flush_all()
        found = list(map(self._read_sums, TABLES))
        self.months._rebuild(self.company)
        self.assertEqual(found, list(map(self._read_sums, TABLES)))
