from datetime import date

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from ..warehouse.common_warehouse import WarehouseCase

FEBRUARY = date(2026, 2, 1)


@tagged("post_install", "-at_install")
class TestProfitTie(WarehouseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        frozen = freeze_time("2026-03-31 12:00:00")
        frozen.start()
        cls.addClassCleanup(frozen.stop)
        cls.income = cls.env["account.account"].search(
            [("account_type", "=", "income"), ("company_ids", "in", cls.company.ids)], limit=1
        )
        cls.receivable = cls.env["account.account"].search(
            [("account_type", "=", "asset_receivable"), ("company_ids", "in", cls.company.ids)], limit=1
        )

    def _tie(self, basis="invoiced", step="net_sales", month=FEBRUARY):
        return self.env["crm.profit.tie"].search(
            [
                ("company_id", "=", self.company.id),
                ("month", "=", month),
                ("basis", "=", basis),
                ("step", "=", step),
            ]
        )

    def _compare(self, first=FEBRUARY, last=FEBRUARY):
        self.env["crm.profit.tie.engine"]._rebuild(self.company, first, last)
        self.env.invalidate_all()

    def _entry(self, amount, day="2026-02-20"):
        """Post a journal entry that credits the income account."""
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "line_ids": [
                    Command.create({"account_id": self.income.id, "credit": amount, "name": "By hand"}),
                    Command.create(
                        {"account_id": self.receivable.id, "debit": amount, "partner_id": self.hotel.id, "name": "x"}
                    ),
                ],
            }
        )
        move.action_post()
        return move

    def _causes(self, tie):
        return {line.document_name: (line.cause, line.difference) for line in tie.line_ids}

    # ------------------------------------------------------------------
    # Invoices
    # ------------------------------------------------------------------
    def test_invoice_credit_note_and_foreign_currency_tie(self):
        """200 - 100, and 3 x 33.33 USD at 1.25 = 79.99: 179.99 on both sides, no document differs."""
        self._invoice()
        self._invoice(quantity=1, move_type="out_refund")
        self._invoice(quantity=3, price=33.33, currency_id=self.usd.id)
        self._load()
        self._compare()
        tie = self._tie()
        self.assertEqual((tie.amount_fact, tie.amount_ledger), (179.99, 179.99))
        self.assertFalse(tie.is_different)
        self.assertFalse(tie.line_ids)
        self.assertEqual(tie.account_id.account_type, "income")

    def test_manual_entry_is_the_difference(self):
        self._invoice()
        entry = self._entry(50)
        self._load()
        self._compare()
        tie = self._tie().filtered(lambda tie: tie.account_id == self.income)
        self.assertEqual(sum(self._tie().mapped("difference")), -50)
        self.assertEqual(self._causes(tie), {entry.display_name: ("manual_entry", -50)})
        self.assertEqual(tie.line_ids.action_open_document()["res_id"], entry.id)

    def test_invoice_that_is_not_loaded_is_named(self):
        self._invoice()
        self._load()
        late = self._invoice(quantity=1)
        self._compare()
        self.assertEqual(self._causes(self._tie()), {late.display_name: ("not_loaded", -100)})

    def test_draft_counts_in_the_ledger_no_more(self):
        invoice = self._invoice()
        self._load()
        invoice.button_draft()
        self._compare()
        tie = self._tie()
        self.assertEqual((tie.amount_fact, tie.amount_ledger), (200, 0))
        self.assertEqual(tie.line_ids.cause, "not_posted")

    def test_accounting_date_in_another_month(self):
        """The fact is of the day of the invoice, the ledger of the accounting date: one line in each month."""
        invoice = self._invoice()
        self._load()
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move SET date = '2026-03-05' WHERE id = %s", [invoice.id])
        self.env.cr.execute("UPDATE account_move_line SET date = '2026-03-05' WHERE move_id = %s", [invoice.id])
        self._compare(FEBRUARY, date(2026, 3, 1))
        self.assertEqual(self._tie().line_ids.mapped("cause"), ["other_date"])
        march = self._tie(month=date(2026, 3, 1))
        self.assertEqual((march.difference, march.line_ids.cause), (-200, "other_date"))

    def test_cost_that_is_not_posted(self):
        """Without valuation nothing posts the cost: 2 x 60 of the order line are known to the facts only."""
        order = self._order()
        self._invoice_order(order)
        self._load()
        self._compare()
        tie = self._tie(step="goods_cost").filtered(lambda tie: tie.amount_fact)
        self.assertEqual((tie.amount_fact, tie.amount_ledger, tie.difference), (120, 0, 120))
        self.assertEqual(tie.line_ids.cause, "cost_not_posted")
        self.assertFalse(tie.account_id)

    def _invoice_order(self, order, day="2026-02-15"):
        invoice = order._create_invoices()
        invoice.invoice_date = day
        invoice.action_post()
        return invoice

    # ------------------------------------------------------------------
    # Orders
    # ------------------------------------------------------------------
    def test_order_that_is_not_invoiced(self):
        order = self._order()
        self._invoice_order(self._order(quantity=1))
        self._load()
        self._compare()
        tie = self._tie("booked")
        self.assertEqual((tie.amount_fact, tie.amount_ledger), (300, 100))
        self.assertEqual(self._causes(tie), {order.display_name: ("not_invoiced", 200)})

    def test_order_invoiced_in_the_next_month(self):
        order = self._order()
        self._invoice_order(order, "2026-03-10")
        self._load()
        self._compare(FEBRUARY, date(2026, 3, 1))
        self.assertEqual(self._causes(self._tie("booked")), {order.display_name: ("other_month", 200)})
        self.assertEqual(
            self._causes(self._tie("booked", month=date(2026, 3, 1))), {order.display_name: ("other_month", -200)}
        )

    def test_order_and_invoice_at_other_rates(self):
        """100 USD ordered at 1.25 are 80, invoiced in March at 1.6 they are 62.50."""
        order = self._order(quantity=1, date="2026-02-27 10:00:00", currency=self.usd)
        self._invoice_order(order, "2026-03-02")
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET date_order = '2026-03-01 10:00:00' WHERE id = %s", [order.id])
        self._load(is_full=True)
        self._compare(date(2026, 3, 1), date(2026, 3, 1))
        self.assertEqual(
            self._causes(self._tie("booked", month=date(2026, 3, 1))), {order.display_name: ("currency", 17.5)}
        )

    def test_credit_note_is_on_both_sides(self):
        self._invoice_order(self._order())
        self._invoice(quantity=1, move_type="out_refund")
        self._load()
        self._compare()
        tie = self._tie("booked")
        self.assertEqual((tie.amount_fact, tie.amount_ledger), (100, 100))
        self.assertFalse(tie.line_ids)

    # ------------------------------------------------------------------
    # To the cent
    # ------------------------------------------------------------------
    def test_lines_sum_to_the_difference(self):
        """Whatever happened, the listed documents are the difference, of every row."""
        self._invoice_order(self._order(quantity=3, price=33.333, currency=self.usd))
        self._order(quantity=7, price=0.111, currency=self.usd, discount=7)
        self._invoice(quantity=1, move_type="out_refund", currency_id=self.usd.id, price=77.77)
        self._invoice(quantity=3, price=33.33)
        self._load()
        self._invoice(quantity=1, price=0.01)
        self._entry(12.34)
        self._compare()
        ties = self.env["crm.profit.tie"].search([("company_id", "=", self.company.id)])
        self.assertTrue(any(tie.is_different for tie in ties))
        for tie in ties:
            self.assertEqual(
                self.company.currency_id.compare_amounts(tie.difference, tie.amount_fact - tie.amount_ledger), 0
            )
            self.assertEqual(
                self.company.currency_id.compare_amounts(sum(tie.line_ids.mapped("difference")), tie.difference), 0
            )

    def test_again_replaces_and_other_months_stay(self):
        self._invoice()
        self._invoice(date="2026-03-10")
        self._load()
        self._compare(FEBRUARY, date(2026, 3, 1))
        march = self._tie(month=date(2026, 3, 1))
        self._compare()
        self.assertEqual(len(self._tie()), 1)
        self.assertTrue(march.exists())

    def test_night_compares_two_months(self):
        """March is now: January is left to who asks for it."""
        for day in ("2026-01-15", "2026-02-15"):
            self._invoice(date=day)
        self._load()
        self.env["crm.profit.tie"].with_context(queue_job__no_delay=True)._cron_compare()
        self.assertEqual(self._tie().amount_ledger, 200)
        self.assertFalse(self._tie(month=date(2026, 1, 1)))
        self.env["crm.profit.tie"].with_context(queue_job__no_delay=True).action_compare()
        self.assertEqual(self._tie(month=date(2026, 1, 1)).amount_ledger, 200)

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    def test_who_may_read(self):
        self._invoice()
        self._entry(50)
        self._load()
        self._compare()
        for groups, is_allowed in (
            ("base.group_user", False),
            ("sales_team.group_sale_salesman", False),
            ("account.group_account_invoice", True),
            ("account.group_account_readonly", True),
            ("crm_extended.crm_extended_group_analyst", True),
        ):
            user = new_test_user(
                self.env,
                f"tie_{groups}",
                groups,
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            for model in ("crm.profit.tie", "crm.profit.tie.line"):
                records = self.env[model].with_user(user).with_context(allowed_company_ids=self.company.ids)
                if is_allowed:
                    self.assertTrue(records.search([]).mapped("difference"), groups)
                    self.assertFalse(records.has_access("write"))
                else:
                    with self.assertRaises(AccessError):
                        records.search([])

    def test_action_shows_what_is_behind(self):
        invoice = self._invoice()
        self._load()
        self._compare()
        tie = self._tie()
        self.assertEqual(self.env["account.move.line"].search(tie.action_open_ledger()["domain"]).move_id, invoice)
        self.assertEqual(self.env["crm.fact.invoice"].search(tie.action_open_facts()["domain"]).move_id, invoice)
        self.assertEqual(tie.action_open_lines()["domain"], [("tie_id", "in", tie.ids)])

    def test_asking_queues_one_job(self):
        """Whoever asks twice gets one job; who may not read may not ask."""
        jobs = self.env["queue.job"].search_count([("model_name", "=", "crm.profit.tie")])
        for _time in range(2):
            self.assertEqual(self.env["crm.profit.tie"].action_compare()["tag"], "display_notification")
        self.assertEqual(self.env["queue.job"].search_count([("model_name", "=", "crm.profit.tie")]), jobs + 1)
        with self.assertRaises(AccessError):
            self.env["crm.profit.tie"].with_user(self.seller).action_compare()

    def test_other_company_is_not_seen(self):
        self._invoice()
        self._load()
        self._compare()
        other = self._make_company("Other Ltd")
        user = new_test_user(
            self.env,
            "tie_other",
            "account.group_account_readonly",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        ties = self.env["crm.profit.tie"].with_user(user).with_context(allowed_company_ids=other.ids)
        self.assertFalse(ties.search([]))
