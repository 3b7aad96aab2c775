from odoo import Command
from odoo.fields import Date
from odoo.tests import freeze_time, tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .common_sales_month import SalesMonthCase

to_date = Date.to_date


@tagged("post_install", "-at_install")
@freeze_time("2026-06-10 09:00:00")
class TestSalesMonth(SalesMonthCase):
    """What the rows say, by hand."""

    def test_lines_of_a_month_are_one_row(self):
        """2 at 100, and 1 at 100 less 10 %: 3 pieces, gross 300, net 290, cost 180; March is another row."""
        self._order(quantity=2)
        self._order(quantity=1, discount=10, date="2026-02-28 10:00:00")
        self._order(quantity=1, date="2026-03-01 10:00:00")
        self._load_and_count()
        self.assertRecordValues(
            self._rows(),
            [
                {
                    "month": month,
                    "commercial_partner_id": self.hotel.id,
                    "product_id": self.lamp.id,
                    "categ_id": self.indoor.id,
                    "user_id": self.seller.id,
                    "grade_id": self.grade.id,
                    "country_id": self.env.ref("base.bg").id,
                    "channel": "sales",
                    "quantity": quantity,
                    "gross_company": gross,
                    "discount_company": discount,
                    "amount_company": net,
                    "cost_company": cost,
                    "margin_company": net - cost,
                    "line_count": lines,
                    "unknown_count": 0,
                    "unknown_amount": 0,
                }
                for month, quantity, gross, discount, net, cost, lines in (
                    (to_date("2026-02-01"), 3, 300, 10, 290, 180, 2),
                    (to_date("2026-03-01"), 1, 100, 0, 100, 60, 1),
                )
            ],
        )

    def test_amounts_are_in_the_currency_of_the_company(self):
        """100 dollars at 1.25 to the euro are 80 euros."""
        self._order(quantity=1, currency=self.usd)
        self._load_and_count()
        self.assertEqual(self._rows().amount_company, 80)

    def test_month_is_that_of_the_company(self):
        """23:30 in London on the last of January is February in Sofia."""
        self._order(date="2026-01-31 23:30:00")
        self._load_and_count()
        self.assertEqual(self._rows().month, to_date("2026-02-01"))

    def test_two_salespersons_are_two_rows(self):
        self._order()
        self._order(user_id=self.colleague.id)
        self._load_and_count()
        self.assertEqual(self._rows().mapped("user_id"), self.seller + self.colleague)
        self.assertEqual(self._rows().mapped("amount_company"), [200, 200])

    def test_each_dimension_divides(self):
        """Two facts that differ in one of them are two rows; two that are alike are one."""
        self._fact()
        self._fact()
        other = {
            "product_id": self.env["product.product"].create({"name": "Desk Lamp"}).id,
            "categ_id": self.outdoor.id,
            "commercial_partner_id": self.env["res.partner"].create({"name": "Hotel Rila"}).id,
            "user_id": False,
            "team_id": self.env["crm.team"].create({"name": "Export"}).id,
            "grade_id": self.grade.id,
            "country_id": self.env.ref("base.es").id,
            "channel": "website",
            "date": "2026-03-10",
        }
        for name, value in other.items():
            self._fact(**{name: value})
        self._count()
        self.assertEqual(len(self._rows()), 1 + len(other))
        self.assertEqual(sorted(self._rows().mapped("line_count")), [1] * len(other) + [2])

    # ------------------------------------------------------------------
    # Unknown costs
    # ------------------------------------------------------------------
    def test_unknown_cost_is_no_margin(self):
        """Net 100 with cost 60, and net 50 without: the margin is 40, and 50 say nothing about it."""
        self._fact()
        self._fact(amount=50, cost=None)
        self._count()
        self.assertRecordValues(
            self._rows(),
            [
                {
                    "amount_company": 150,
                    "cost_company": 60,
                    "margin_company": 40,
                    "line_count": 2,
                    "unknown_count": 1,
                    "unknown_amount": 50,
                }
            ],
        )

    def test_only_unknown_costs_leave_the_margin_empty(self):
        self._fact(cost=None)
        self._count()
        for table in ("crm_sales_month", "crm_sales_month_total"):
            self.env.cr.execute(f"SELECT cost_company, margin_company, unknown_amount FROM {table}")
            self.assertEqual(self.env.cr.fetchall(), [(None, None, 100)])

    def test_line_without_a_cost_on_the_order(self):
        """As documents have it: a product without a cost."""
        self.lamp.standard_price = 0
        order = self._order()
        self.assertFalse(order.order_line.purchase_price)
        self._load_and_count()
        self.assertEqual((self._rows().unknown_count, self._rows().unknown_amount), (1, 200))

    # ------------------------------------------------------------------
    # Companies
    # ------------------------------------------------------------------
    def test_each_company_for_itself(self):
        other = self._make_company("Other Ltd")
        self._set_only_company(self.company + other)
        self._fact()
        self._fact(amount=7, company_id=other.id)
        builds = self._count(self.company + other)
        self.assertEqual(self._rows().amount_company, 100)
        self.assertEqual(self._rows(other).amount_company, 7)
        self.assertEqual(builds.mapped("line_count"), [1, 1])
        self._fact(amount=3)
        self._note(self.hotel)
        self._count()
        self.assertEqual((self._rows().amount_company, self._rows(other).amount_company), (103, 7))

    def test_company_that_comes_later(self):
        self._fact()
        self._count()
        other = self._make_company("Other Ltd")
        self._set_only_company(self.company + other)
        self._fact(amount=7, company_id=other.id)
        with trap_jobs() as trap:
            self.env["crm.sales.month.build"]._enqueue(self.company + other)
            trap.assert_jobs_count(2)
            trap.perform_enqueued_jobs()
        self.assertEqual(self._rows(other).amount_company, 7)

    def test_company_that_does_not_use_the_warehouse_waits(self):
        """Switched off, nothing is counted; what is there stays, and what changes meanwhile is counted afterwards."""
        self._fact()
        self._count()
        self._set_only_company(self.env["res.company"])
        self._fact(amount=5)
        self._note(self.hotel)
        with trap_jobs() as trap:
            self.env["crm.sales.month.build"]._follow_changes()
            trap.assert_jobs_count(0)
            self.assertEqual(self._rows().amount_company, 100)
            self._set_only_company(self.company)
            self.env["crm.sales.month.build"]._follow_changes()
            trap.assert_jobs_count(1)
            trap.perform_enqueued_jobs()
        self.assertEqual(self._rows().amount_company, 105)

    # ------------------------------------------------------------------
    # Totals
    # ------------------------------------------------------------------
    def test_sums_are_those_of_the_facts(self):
        self._order(currency=self.usd, discount=7, quantity=3)
        self._order()
        self._fact(cost=None, amount=-33.333333)
        self._load_and_count()
        names = [f"{name}:sum" for name in ("amount_company", "margin_company", "quantity", "gross_company")]
        domain = [("company_id", "=", self.company.id)]
        facts = self.env["crm.fact.sale"]._read_group(domain, [], [*names, "__count"])
        self.assertEqual(self.months._read_group(domain, [], [*names, "line_count:sum"]), facts)

    def test_wrong_rows_are_counted_again_and_logged(self):
        self._fact()
        build = self._count()
        self.assertTrue(build.is_whole)
        self._count()
        self.assertFalse(build.is_whole)
        self.env.cr.execute("UPDATE crm_sales_month SET amount_company = 1 WHERE company_id = %s", [self.company.id])
        self._count(is_repaired=True)
        self.assertTrue(build.is_whole)
        self.assertEqual(self._rows().amount_company, 100)

    def test_wrong_totals_are_counted_again(self):
        self._fact()
        self._count()
        self.env.cr.execute("DELETE FROM crm_sales_month_total WHERE company_id = %s", [self.company.id])
        self._count(is_repaired=True)
        self.assertEqual(self.totals.search([("company_id", "=", self.company.id)]).amount_company, 100)

    def test_whole_count_that_differs_is_an_error(self):
        self._fact()
        self.patch(type(self.totals), "_rebuild", lambda *_arguments: None)
        with self.assertRaisesRegex(ValueError, "not those of the facts"):
            self._count()

    # ------------------------------------------------------------------
    # Screen
    # ------------------------------------------------------------------
    def test_row_opens_its_facts(self):
        facts = self._fact() + self._fact(date="2026-02-28", user_id=False) + self._fact(date="2026-03-01")
        facts += self._fact(channel=False)
        self._count()
        rows = {(row.month.month, row.user_id, row.channel): row for row in self._rows()}
        self.assertEqual(len(rows), 4)
        for fact in facts:
            action = rows[fact.date.month, fact.user_id, fact.channel].action_open_facts()
            self.assertEqual(action["res_model"], "crm.fact.sale")
            self.assertEqual(action["views"][0][1], "list")
            self.assertEqual(self.env["crm.fact.sale"].search(action["domain"]), fact)

    def test_status_says_how_new_the_rows_are(self):
        self.assertEqual(self.months.get_status(), [])
        self._load()
        [status] = self.months.get_status()
        self.assertEqual(status["text"], "The sales have not been counted yet.")
        self.assertTrue(status["is_late"])
        self._count()
        [status] = self.months.get_status()
        self.assertIn("Sales up to the load of", status["text"])
        self.assertFalse(status["is_late"])
        self._note(self.hotel)
        self.env.invalidate_all()
        [status] = self.months.get_status()
        self.assertIn("not counted yet", status["text"])
        self.assertTrue(status["is_late"])
        self.env["crm.sales.month.build"].search([])._on_job_failed(exc_name="MemoryError", exc_message="too much")
        self.assertIn("stopped with an error", self.months.get_status()[0]["text"])

    def test_status_names_the_company_where_there_are_several(self):
        other = self._make_company("Other Ltd")
        self._set_only_company(self.company + other)
        self.env.user.company_ids |= other
        self._count(self.company + other)
        both = self.months.with_context(allowed_company_ids=(self.company + other).ids)
        texts = [status["text"] for status in both.get_status()]
        self.assertTrue(texts[0].startswith("Lamps Ltd: ") and texts[1].startswith("Other Ltd: "), texts)

    # ------------------------------------------------------------------
    # Size of the work
    # ------------------------------------------------------------------
    def test_questions_to_the_database_do_not_grow_with_the_customers(self):
        customers = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(200)])
        for customer in customers:
            self._fact(commercial_partner_id=customer.id)
        self._count()

        def count(changed):
            for customer in changed:
                self._fact(commercial_partner_id=customer.id, amount=1)
            self._note(*changed)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            build = self._count()
            self.assertFalse(build.is_whole)
            self.assertEqual(build.customer_count, len(changed))
            return self.env.cr.sql_log_count - before

        count(customers[:1])
        self.assertEqual(count(customers[:1]), count(customers))

    def test_orders_of_many_products(self):
        """Each product of an order is a row; orders are not counted, so that none is counted twice."""
        shade = self.env["product.product"].create({"name": "Shade", "taxes_id": False})
        lines = [{"product_id": product.id, "price_unit": 10} for product in (self.lamp, shade)]
        self._order(order_line=[Command.create(line) for line in lines])
        self._load_and_count()
        self.assertEqual(self._rows().product_id, self.lamp + shade)
        self.assertNotIn("order_key", self.months._fields)
