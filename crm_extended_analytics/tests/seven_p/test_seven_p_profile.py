from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ...scoring import profiling
from .common_seven_p import SevenPCase


@tagged("post_install", "-at_install")
class TestSevenPProfile(SevenPCase):
    """Who he is: what is known of him, what he owes, when and how he buys."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.other = cls._customers(2)
        cls._buy()

    @classmethod
    def _buy(cls):
        for partner in (cls.one, cls.other):
            cls._sale(partner, "2026-05-01")

    @classmethod
    def _load(cls, **values):
        """Load; the sales of the test have no document and are gone then."""
        load = super()._load(**values)
        cls._buy()
        return load

    def _invoice_on(self, day, amount, due=None):
        return self._invoice(quantity=1, price=amount, date=day, partner_id=self.one.id, invoice_date_due=due or day)

    def _debts(self):
        """June 200, May 300, April 250; 250 are paid in time, so that 500 are open."""
        april = self._invoice_on("2026-04-10", 250)
        self._invoice_on("2026-05-10", 300)
        self._invoice_on("2026-06-10", 200, due="2026-07-10")
        self._pay(april, "2026-04-20")
        self._load()

    # ------------------------------------------------------------------
    # Debts
    # ------------------------------------------------------------------
    def test_receivable_and_overdue(self):
        """500 open, of which the 300 of May are past due: 60 %."""
        self._debts()
        self._run()
        row = self._measure(self.one)
        self.assertAlmostEqual(row.receivable, 500)
        self.assertAlmostEqual(row.overdue_share, 60)
        self.assertIs(self._measure(self.other).overdue_share, False)

    def test_days_of_sales_outstanding(self):
        """500 of 750 in 365 days are 243.33; counted back, June (30 days) and May (31) make up the 500: 61."""
        self._debts()
        self._run()
        row = self._measure(self.one)
        self.assertAlmostEqual(row.dso, 500 / 750 * 365, 2)
        self.assertAlmostEqual(row.dso_countback, 61)
        self.assertAlmostEqual(row.dso_countback, profiling.dso_countback(500, [(200, 30), (300, 31), (250, 30)]))

    def test_counting_back_into_a_part_of_a_month(self):
        """Of the 300 of May 150 are paid: 30 days of June, and half of 31."""
        may = self._invoice_on("2026-05-10", 300)
        self._invoice_on("2026-06-10", 200)
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=may.ids).create(
            {"payment_date": "2026-05-20", "amount": 150.0}
        ).action_create_payments()
        self._load()
        self._run()
        self.assertAlmostEqual(self._measure(self.one).dso_countback, 30 + 15.5)

    def test_a_month_without_invoices_counts_while_something_is_open(self):
        """Only April has an invoice, and all of it is open: the days of May and June, and 30 of April."""
        self._invoice_on("2026-04-10", 250)
        self._load()
        self._run()
        self.assertAlmostEqual(self._measure(self.one).dso_countback, 30 + 31 + 30)

    def test_past_day_gives_what_was_owed_then(self):
        """At the end of April nothing was open; of the end of May 300 were, whatever was paid since."""
        self._debts()
        self._run(as_of="2026-05-31")
        self.assertAlmostEqual(self._measure(self.one).receivable, 300)
        self._run(as_of="2026-04-30")
        months = self.env["crm.customer.measure"].search(
            [("partner_id", "=", self.one.id), ("company_id", "=", self.company.id), ("period", "=", "2026-04-01")]
        )
        self.assertFalse(months and months.receivable)

    def test_credit_note_settles(self):
        invoice = self._invoice_on("2026-06-10", 200)
        refund = self._invoice(
            quantity=1, price=50.0, date="2026-06-12", move_type="out_refund", partner_id=self.one.id
        )
        (invoice + refund).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        self._load()
        self._run()
        self.assertAlmostEqual(self._measure(self.one).receivable, 150)

    def test_use_of_the_limit(self):
        """200 open and 300 + 100 ordered, of a limit of 1000: 60 %. Who has no limit has no use of it."""
        self.company.account_use_credit_limit = True
        self.one.with_company(self.company).credit_limit = 1000.0
        self._order(quantity=3, price=100.0, date="2026-06-01 10:00:00", partner_id=self.one.id)
        self._invoice_on("2026-06-10", 200)
        self._load()
        self._run()
        self.assertAlmostEqual(self._measure(self.one).limit_use, 60)
        self.assertIs(self._measure(self.other).limit_use, False)

    def test_what_is_invoiced_waits_no_more(self):
        """All 300 of the order are invoiced: 300 open, and the 100 of the other sale ordered."""
        self.company.account_use_credit_limit = True
        self.one.with_company(self.company).credit_limit = 1000.0
        order = self._order(quantity=3, price=100.0, date="2026-06-01 10:00:00", partner_id=self.one.id)
        invoice = order._create_invoices()
        invoice.invoice_date = "2026-06-10"
        invoice.action_post()
        self._load()
        self._run()
        self.assertAlmostEqual(self._measure(self.one).limit_use, 40)

    def test_limits_not_used(self):
        self.one.with_company(self.company).credit_limit = 1000.0
        self._run()
        self.assertIs(self._measure(self.one).limit_use, False)

    # ------------------------------------------------------------------
    # What is known of him
    # ------------------------------------------------------------------
    def test_completeness(self):
        """Weights 3, 1 and 1 of email, tags and limit; he has email and a tag: 4 of 5."""
        self.method.field_ids.unlink()
        self.method.field_ids = [
            Command.create({"field_id": self.env.ref(f"{module}.field_res_partner__{name}").id, "weight": weight})
            for module, name, weight in (
                ("base", "email", 3),
                ("base", "category_id", 1),
                ("account", "credit_limit", 1),
            )
        ]
        tag = self.env["res.partner.category"].create({"name": "Architect"})
        self.one.write({"email": "one@example.com", "category_id": [Command.link(tag.id)]})
        self._run()
        self.assertAlmostEqual(self._measure(self.one).profile_complete, 80)
        self.assertEqual(self._measure(self.other).profile_complete, 0)

    def test_shipped_fields_make_a_hundred(self):
        shipped = self.env.ref("crm_extended_analytics.crm_scoring_method_standard")
        self.assertEqual(sum(shipped.field_ids.mapped("weight")), 100)

    def test_field_that_cannot_be_asked(self):
        field = self.env["ir.model.fields"]._get("res.partner", "display_name")
        field = field if not field.store else self.env["ir.model.fields"]._get("res.partner", "child_ids")
        with self.assertRaisesRegex(ValidationError, "cannot be asked"):
            self.env["crm.scoring.method.field"].create({"method_id": self.method.id, "field_id": field.id})

    def test_fields_of_a_method_in_use_do_not_change(self):
        self.method.action_activate()
        with self.assertRaisesRegex(UserError, "Make a new version"):
            self.method.field_ids[0].weight = 99
        with self.assertRaisesRegex(UserError, "Make a new version"):
            self.method.field_ids[0].unlink()

    def test_new_version_keeps_the_fields(self):
        version = self.method.browse(self.method.action_new_version()["res_id"])
        self.assertEqual(version.field_ids.mapped("field_id"), self.method.field_ids.mapped("field_id"))

    def test_data_age(self):
        """Changed 100 days ago; confirmed 10 days ago counts instead."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET write_date = '2026-03-22' WHERE id = %s", [self.one.id])
        self._run()
        self.assertEqual(self._measure(self.one).data_age, 100)
        self.one.action_confirm_profile()
        self.assertEqual(str(self.one.crm_profile_confirmed_on), "2026-06-30")
        self._run()
        self.assertEqual(self._measure(self.one).data_age, 0)

    # ------------------------------------------------------------------
    # Habits
    # ------------------------------------------------------------------
    def test_usual_hour_is_that_of_the_company(self):
        """Two orders at 10 UTC and one at 15: in Sofia, in summer, he buys at 13."""
        for moment in ("2026-06-01 10:10:00", "2026-06-08 10:50:00", "2026-06-15 15:00:00"):
            self._order(date=moment, partner_id=self.one.id)
        self._load()
        self._run()
        row = self._measure(self.one)
        self.assertEqual((row.usual_hour, row.usual_channel, row.weekday), (13, "sales", 1))

    def test_hour_of_a_history_without_moments(self):
        self._run()
        self.assertIs(self._measure(self.one).usual_hour, False)

    def test_main_category_and_largest_order(self):
        """100 indoor and 300 outdoor: three quarters of the sales are one order."""
        lantern = self.env["product.product"].create({"name": "Lantern", "categ_id": self.outdoor.id})
        self._sale(self.one, "2026-06-01", amount=300.0, product=lantern)
        self._run()
        row = self._measure(self.one)
        self.assertEqual(row.top_categ_id, self.outdoor)
        self.assertAlmostEqual(row.largest_order_share, 75)
