from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from ...models.warehouse.crm_sales_month import TOTALS
from .common_sales_month import SalesMonthCase

NET = "amount_company:sum"


@tagged("post_install", "-at_install")
@freeze_time("2026-06-10 09:00:00")
class TestSalesMonthQuestions(SalesMonthCase):
    """Questions are answered by the model with the fewest rows that has the answer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rila = cls.env["res.partner"].create({"name": "Hotel Rila"})
        cls.desk = cls.env["product.product"].create({"name": "Desk Lamp", "categ_id": cls.outdoor.id})
        for customer in (cls.hotel, cls.rila):
            for product in (cls.lamp, cls.desk):
                cls._fact(commercial_partner_id=customer.id, product_id=product.id, categ_id=product.categ_id.id)
        cls._fact(user_id=cls.colleague.id, amount=7, date="2026-04-01")
        cls._fact(user_id=False, amount=11, cost=None, channel=False)
        cls._count()
        cls.domain = [("company_id", "=", cls.company.id)]

    def _find(self, domain, groupby, aggregates):
        """Return the name of the model that answers: without customers and products, without one of them, or all."""
        found = self.months._find_answering(domain, groupby, aggregates)
        return (self.months if found is None else found)._name

    def _ask(self, groupby, aggregates, domain=(), expected="crm.sales.month.total", **options):
        """Ask, see which model answers, and that all who could give the answer of the rows themselves."""
        domain = [*self.domain, *domain]
        self.assertEqual(self._find(domain, groupby, aggregates), expected)
        answer = self.months._read_group(domain, groupby, aggregates, **options)
        with patch.object(type(self.months), "_find_answering", lambda *_arguments: None):
            self.assertEqual(answer, self.months._read_group(domain, groupby, aggregates, **options))
        for name in TOTALS:
            total = self.env[name]
            if total._answers(domain, groupby, aggregates):
                self.assertEqual(answer, total._read_group(domain, groupby, aggregates, **options))
        return answer

    def test_pivot_by_category(self):
        """Indoor: 2 lamps at 100, 7 and 11; outdoor 2 at 100. The rows counted are those of customers and products."""
        answer = self._ask(["categ_id"], [NET, "margin_company:sum", "unknown_amount:sum", "__count"])
        self.assertEqual(answer, [(self.indoor, 218, 80 - 53, 11, 4), (self.outdoor, 200, 80, 0, 2)])

    def test_rules_of_the_rows_hold_for_totals(self):
        """A rule about products asks the rows by product; one about customers the rows themselves."""
        manager = new_test_user(
            self.env,
            "manager_of_months",
            groups="sales_team.group_sale_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        months = self.months.with_user(manager).with_company(self.company)
        self.assertEqual(months._read_group(self.domain, [], [NET]), [(418,)])
        rule = self.env["ir.rule"].create(
            {
                "name": "No lamps",
                "model_id": self.env["ir.model"]._get_id("crm.sales.month"),
                "domain_force": [("product_id", "!=", self.lamp.id)],
            }
        )
        self.assertEqual(months._read_group(self.domain, [], [NET]), [(200,)])
        self.assertEqual(months._read_grouping_sets(self.domain, [[], ["categ_id"]], [NET])[0], [(200,)])
        rule.domain_force = [("commercial_partner_id", "=", self.rila.id)]
        self.assertEqual(months._read_group(self.domain, [], [NET]), [(200,)])
        self.assertEqual(months._read_group(self.domain, ["product_id"], [NET]), [(self.lamp, 100), (self.desk, 100)])

    def test_no_group(self):
        self.assertEqual(self._ask([], [NET, "__count", "line_count:sum"]), [(418, 6, 6)])

    def test_no_rows(self):
        self.assertEqual(self._ask([], [NET, "__count"], [("channel", "=", "nobody's")]), [(False, 0)])

    def test_months_filter_order_and_limit(self):
        domain = [("categ_id", "child_of", self.indoor.id), ("user_id.name", "ilike", "e")]
        answer = self._ask(["user_id", "month:quarter"], [NET], domain, order="amount_company:sum DESC", limit=1)
        self.assertEqual([(user, amount) for user, _quarter, amount in answer], [(self.seller, 200)])

    def test_currencies_as_the_client_asks(self):
        currency = "company_currency_id:array_agg_distinct"
        self.assertEqual(self._ask(["channel"], [NET, currency])[0][2], self.eur.ids)

    def test_products_and_customers(self):
        """Lamps: 2 at 100, 7 and 11; the hotel: 2 at 100, 7 and 11; Rila: 2 at 100."""
        product, customer = "crm.sales.month.product", "crm.sales.month"
        self.assertEqual(
            self._ask(["product_id"], [NET, "__count"], expected=product), [(self.lamp, 218, 4), (self.desk, 200, 2)]
        )
        self.assertEqual(
            self._ask(["commercial_partner_id"], [NET, "__count"], expected=customer),
            [(self.hotel, 218, 4), (self.rila, 200, 2)],
        )
        self.assertEqual(
            self._ask([], [NET], [("commercial_partner_id.name", "ilike", "Rila")], expected=customer), [(200,)]
        )
        self.assertEqual(
            self._ask(["categ_id"], [NET], [("product_id", "=", self.lamp.id)], expected=product), [(self.indoor, 218)]
        )
        both = self._ask(["commercial_partner_id", "product_id"], [NET], expected="crm.sales.month")
        self.assertEqual([amount for _customer, _product, amount in both], [118, 100, 100, 100])

    def test_what_needs_the_rows_themselves(self):
        for domain, groupby, aggregates in (
            ([("unknown_count", ">", 0)], [], [NET]),
            ([], ["categ_id"], ["amount_company:avg"]),
            ([], ["categ_id"], ["amount_company:max"]),
            ([], ["categ_id"], ["id:array_agg"]),
            ([], ["categ_id"], ["user_id:count"]),
        ):
            with self.subTest(domain=domain, groupby=groupby, aggregates=aggregates):
                domain = [*self.domain, *domain]
                self.assertEqual(self._find(domain, groupby, aggregates), "crm.sales.month")
                self.assertTrue(self.months._read_group(domain, groupby, aggregates))
        having = self.months._read_group(self.domain, ["categ_id"], [NET], having=[(NET, ">", 210)])
        self.assertEqual(having, [(self.indoor, 218)])

    def test_grouping_sets_of_a_pivot(self):
        """All questions of a pivot in one; with customers among them the detailed rows answer all."""
        sets = [[], ["categ_id"], ["categ_id", "month:year"]]
        groups = self.months.formatted_read_grouping_sets(self.domain, sets, [NET, "__count"])
        self.assertEqual([(group[NET], group["__count"]) for group in groups[0]], [(418, 6)])
        self.assertEqual([group[NET] for group in groups[1]], [218, 200])
        groups = self.months.formatted_read_grouping_sets(self.domain, [*sets, ["commercial_partner_id"]], [NET])
        self.assertEqual(groups[0][0][NET], 418)
        self.assertEqual([group[NET] for group in groups[3]], [218, 200])

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    def _user(self, name, groups, companies=None):
        companies = companies or self.company
        return new_test_user(
            self.env, name, groups, company_id=companies[0].id, company_ids=[Command.set(companies.ids)]
        )

    def _as(self, user):
        return self.months.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)

    def test_plain_user_is_refused(self):
        months = self._as(self._user("whx_nobody", "base.group_user"))
        for ask in (
            lambda: months._read_group([], ["categ_id"], [NET]),
            lambda: months._read_group([], ["product_id"], [NET]),
            lambda: months._read_group([], ["commercial_partner_id"], [NET]),
            lambda: months._read_group([], ["commercial_partner_id", "product_id"], [NET]),
            lambda: months.formatted_read_grouping_sets([], [["categ_id"]], [NET]),
            months.get_status,
        ):
            with self.assertRaises(AccessError):
                ask()

    def test_salesman_sums_his_own_and_those_of_nobody(self):
        """400 of his, 11 of nobody; the 7 of his colleague are hidden from all tables."""
        months = self._as(self.seller)
        self.assertEqual(months._read_group([], [], [NET]), [(411,)])
        self.assertEqual(sum(months.search([]).mapped("amount_company")), 411)
        for groupby in (["product_id"], ["commercial_partner_id"], ["product_id", "commercial_partner_id"]):
            self.assertEqual(sum(row[-1] for row in months._read_group([], groupby, [NET])), 411)

    def test_all_documents(self):
        months = self._as(self._user("whx_all", "sales_team.group_sale_salesman_all_leads"))
        self.assertEqual(months._read_group([], [], [NET]), [(418,)])

    def test_other_company_is_hidden(self):
        other = self._make_company("Other Ltd")
        user = self._user("whx_other", "sales_team.group_sale_salesman_all_leads", other)
        self.assertEqual(self._as(user)._read_group([], [], ["__count"]), [(0,)])
        self.assertFalse(self._as(user).search([]))
        self.assertEqual(self._as(user).get_status(), [])
