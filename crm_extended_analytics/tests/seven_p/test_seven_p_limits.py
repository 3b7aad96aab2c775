import random
from datetime import date, timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from ...models.warehouse.fact_fields import FactMany2one
from .common_seven_p import TODAY, SevenPCase

# measures that are written when a population is fitted, or say who wrote the row
NOT_MEASURED = {"id", "run_id", "display_name", "currency_id"}
# what is known of a contact is as it is when the run is made, and says so; no shipped score counts it
OF_TODAY = {"profile_complete", "data_age", "limit_use"}


class LimitsCase(SevenPCase):
    def _random_sales(self, seed, customers):
        """Return the sales of customers as values: days, amounts, discounts, some returns, most costs known."""
        dice, sales = random.Random(seed), []
        for customer in customers:
            for _number in range(dice.choice((1, 1, 2, 3, 5, 9))):
                amount = round(dice.lognormvariate(4, 1), 2) * dice.choice((1, 1, 1, 1, 1, -0.5))
                sales.append(
                    {
                        "partner": customer,
                        "day": TODAY - timedelta(days=dice.randrange(900)),
                        "amount": amount,
                        "cost": round(amount * dice.random(), 2) if dice.random() < 0.9 else None,
                        "discount": dice.choice((0.0, 0.0, 5.0)),
                        "quantity": dice.randrange(1, 9) * (1 if amount > 0 else -1),
                    }
                )
        return sales

    def _write_sales(self, sales):
        for values in sales:
            self._sale(**values)

    def _measures(self):
        """Return all measures of the company as plain values.

        The last digits of a sum depend on the order in which its rows are met; scores must not, see `exact`.
        """
        measures = self.env["crm.customer.measure"].search([("company_id", "=", self.company.id)], order="partner_id")
        names = sorted(
            name for name, field in measures._fields.items() if field.store and name not in NOT_MEASURED | OF_TODAY
        )
        return [tuple(self._shorten(row[name]) for name in names) for row in measures]

    def _shorten(self, value):
        return round(value, 6) if isinstance(value, float) else value

    def _forget_facts(self):
        self.env.flush_all()
        self.env.cr.execute(SQL("DELETE FROM crm_fact_sale WHERE company_id = %s", self.company.id))
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestSevenPProperties(LimitsCase):
    """What must hold for any data; these are drawn with a seed, so a failure comes back."""

    def setUp(self):
        super().setUp()
        self.customers = self._customers(30)
        self.sales = self._random_sales(20260630, self.customers)
        self._write_sales(self.sales)

    def test_order_of_rows_changes_nothing(self):
        self._run()
        before = self._snapshot(), self._measures()
        self._forget_facts()
        random.Random(1).shuffle(self.sales)
        self._write_sales(self.sales)
        self._run()
        self.assertEqual((self._snapshot(), self._measures()), before)

    def test_split_into_ranges_changes_nothing(self):
        self._run()
        before = self._snapshot(), self._measures()
        for seed in range(3):
            ids = sorted(random.Random(seed).sample(self.customers.ids, 4))
            run = self.env["crm.scoring.run"]._create_run(self.company)
            run.range_ids.unlink()
            edges = [0, *ids, 2**31 - 1]
            run.range_ids = [
                (0, 0, {"partner_from": low + 1, "partner_to": high})
                for low, high in zip(edges, edges[1:], strict=False)
            ]
            run._run_all()
            self.env.invalidate_all()
            self.assertEqual((self._snapshot(), self._measures()), before, f"seed {seed}")

    def test_another_order_never_lowers_frequency(self):
        """Whoever buys once more, at any day up to today: his counts do not fall, nor those of anybody else."""
        names = ("order_count", "purchase_days", "rfm_orders")
        for seed in range(5):
            self._run()
            before = {row.partner_id: [row[name] for name in names] for row in self._all_measures()}
            classes = {row.partner_id: row.rfm_frequency_class for row in self._all_measures()}
            dice = random.Random(seed)
            customer = dice.choice(self.customers)
            self._sale(customer, TODAY - timedelta(days=dice.randrange(300)), amount=dice.randrange(1, 500), cost=1)
            self._run()
            for row in self._all_measures():
                now = [row[name] for name in names]
                if row.partner_id == customer:
                    self.assertTrue(all(a >= b for a, b in zip(now, before[customer], strict=True)), f"seed {seed}")
                    self.assertGreaterEqual(row.rfm_frequency_class, classes[customer], f"seed {seed}")
                else:
                    self.assertEqual(now, before[row.partner_id], f"seed {seed}")

    def test_incremental_equals_full_with_the_frozen_parameters(self):
        """New orders, new and lost customers: the changed ones alone, or all, by the same parameters."""
        full = self._run()
        dice = random.Random(7)
        changed = self.env["res.partner"].browse(dice.sample(self.customers.ids, 4)) + self._customers(2)
        for customer in changed[1:]:
            self._sale(customer, TODAY - timedelta(days=dice.randrange(90)), amount=dice.randrange(1, 900), cost=1)
        # everything of the first one was cancelled
        self.env.flush_all()
        self.env.cr.execute(SQL("DELETE FROM crm_fact_sale WHERE commercial_partner_id = %s", changed[0].id))
        self.env["crm.warehouse.change"]._note([(self.company.id, customer.id) for customer in changed])
        run = self._run(kind="incremental")
        self.assertEqual((run.state, run.full_run_id, run.customer_count), ("done", full, 5))
        incremental = self._snapshot(), self._measures()
        self.assertFalse(self._month(changed[0]))
        everybody = self.customers + changed
        self.env["crm.warehouse.change"]._note([(self.company.id, customer.id) for customer in everybody])
        self._run(kind="incremental")
        self.assertEqual((self._snapshot(), self._measures()), incremental)

    def test_no_shipped_score_counts_what_is_known_today(self):
        """Else the score of a past month would be another one when it is computed again."""
        self.assertFalse(OF_TODAY & set(self.method.weight_ids.mapped("measure")))

    def test_past_month_again_after_all_that_happened_since(self):
        """Later orders, a new country and seller of the customer: April is what it was."""
        self._run(as_of="2026-04-30")
        before = self._snapshot(), self._measures()
        for customer in self.customers[:5]:
            self._sale(customer, date(2026, 5, 15), amount=777, cost=1)
            self._return(customer, "2026-05-20", 50)
        self.customers.write({"country_id": self.env.ref("base.it").id, "user_id": self.colleague.id})
        self._run(as_of="2026-04-30")
        self.assertEqual((self._snapshot(), self._measures()), before)

    def _all_measures(self):
        return self.env["crm.customer.measure"].search([("company_id", "=", self.company.id)])


@tagged("post_install", "-at_install")
class TestSevenPLimits(LimitsCase):
    """Data that a method could fake numbers from: right, or refused with a reason."""

    def test_one_order_each(self):
        """Nobody came back: there is no rhythm, no model, and the reason is given; money and recency are ranked."""
        self.method.write({"min_model_customers": 3, "min_model_repeat": 2})
        customers = self._customers(8)
        for number, customer in enumerate(customers):
            self._sale(customer, TODAY - timedelta(days=30 * number), amount=100 + number, cost=50)
        run = self._run()
        self.assertEqual(run.state, "done")
        cards = run.card_ids.filtered(lambda card: card.model in ("bg_nbd", "gamma_gamma"))
        self.assertEqual(cards.mapped("is_refused"), [True, True])
        for card in cards:
            self.assertIn("0 customers bought again", card.reason)
        row = self._measure(customers[0])
        self.assertEqual((row.order_count, row.rhythm_days, row.p_alive_repeat), (1, False, False))
        self.assertTrue(all(self._month(customer).score_persistency is not False for customer in customers))
        self.assertNotEqual(run.clv_method, "bg_nbd_gamma_gamma")

    def test_everything_of_everybody_came_back(self):
        """Nobody is left with a sale: net sales of 0, no purchase that a rhythm could be of, and no error."""
        customers = self._customers(3)
        for customer in customers:
            self._sale(customer, "2026-05-01", amount=100, cost=50)
            self._sale(customer, "2026-05-01", amount=-100, cost=-50, quantity=-1)
        run = self._run()
        self.assertEqual(run.state, "done")
        for customer in customers:
            self.assertEqual(self._measure(customer).net_sales, 0)
            self.assertFalse(self._measure(customer).margin_rate)

    def test_credit_notes_of_more_than_was_bought(self):
        one, other = self._customers(2)
        for customer in (one, other):
            self._sale(customer, "2026-05-01", amount=100, cost=50)
        self._return(one, "2026-05-10", 250)
        self._run()
        self.assertEqual(self._measure(one).net_sales, -150)
        self.assertLess(self._month(one).score_profitability, self._month(other).score_profitability)

    def test_rate_that_changed_between_documents(self):
        """100 dollars at 1.25 and 100 at 1.6 are 80 + 62.50 euros, whatever a dollar costs today."""
        other = self._customers(1)
        self._sale(other, "2026-03-01", cost=50)
        for day in ("2026-02-10 10:00:00", "2026-03-10 10:00:00"):
            self._order(quantity=1, date=day, currency=self.usd)
        self._load()
        self._sale(other, "2026-03-01", cost=50)
        self._run()
        self.assertAlmostEqual(self._measure(self.hotel).net_sales, 142.5, 2)
        before = self._snapshot(), self._measures()
        self.env["res.currency.rate"].create(
            {"currency_id": self.usd.id, "company_id": self.company.id, "name": "2026-06-01", "rate": 4}
        )
        # read everything again: the rates of the documents are those of their dates
        self.env.cr.execute("UPDATE crm_fact_sale SET res_model = 'test' WHERE res_id < 0")
        self._load(is_full=True)
        self._run()
        self.assertEqual((self._snapshot(), self._measures()), before)

    def test_no_currencies_are_added_up(self):
        """A second company in dollars scores the same customer in its own currency."""
        other = self._make_company("Dollar Ltd")
        customers = self._customers(2)
        for customer in customers:
            self._sale(customer, "2026-05-01", amount=100)
            fact = self._sale(customer, "2026-05-01", amount=1000)
            fact.company_id = other
        self._run()
        self.assertEqual(self._measure(customers[0]).net_sales, 100)

    def test_customers_merged_last_week(self):
        """Two records of one hotel: after the merge nothing is left of the one, and the other is scored again."""
        double, stays, *others = self._customers(5)
        for number, customer in enumerate((double, stays, *others)):
            for day in range(3):
                self._sale(customer, TODAY - timedelta(days=20 * day + number), amount=100 + number, cost=40)
        self._run(as_of="2026-05-31")
        self._run()
        self.env["crm.warehouse.change"].search([]).unlink()
        gone = double.id
        self.env["base.partner.merge.automatic.wizard"]._merge((double + stays).ids, stays)
        self.env.invalidate_all()
        for table in ("crm_customer_measure", "crm_customer_score_month"):
            self.env.cr.execute(SQL("SELECT COUNT(*) FROM %s WHERE partner_id = %s", SQL.identifier(table), gone))
            self.assertEqual(self.env.cr.fetchone(), (0,), table)
        changes = self.env["crm.warehouse.change"].search([("company_id", "=", self.company.id)])
        self.assertIn(stays, changes.commercial_partner_id)
        self._run(kind="incremental")
        row = self._measure(stays)
        self.assertEqual((row.order_count, row.net_sales), (6, 303 + 300))
        self.assertEqual(len(self._snapshot()), 4 + 4)
        names = ("order_count", "net_sales", "margin_1", "recency_days", "rhythm_days", "historic_margin")
        incremental = [row[name] for name in names]
        self._run()
        self.assertEqual([self._measure(stays)[name] for name in names], incremental)

    def test_merge_notes_the_customer_who_stays_without_facts(self):
        """The facts came from the other: he is new to the scoring."""
        double, stays, other = self._customers(3)
        for customer in (double, other):
            self._sale(customer, "2026-05-01", cost=50)
        self._run()
        self.env["base.partner.merge.automatic.wizard"]._merge((double + stays).ids, stays)
        self._run(kind="incremental")
        self.assertTrue(self._month(stays))
        self.assertEqual(self._measure(stays).order_count, 1)

    def test_deleted_customer_leaves_no_row(self):
        customers = self._customers(3)
        for customer in customers:
            self._sale(customer, "2026-05-01", cost=50)
        self._run(as_of="2026-05-31")
        self._run()
        gone = customers[0].id
        customers[0].unlink()
        for table in ("crm_customer_measure", "crm_customer_score_month"):
            self.env.cr.execute(SQL("SELECT COUNT(*) FROM %s WHERE partner_id = %s", SQL.identifier(table), gone))
            self.assertEqual(self.env.cr.fetchone(), (0,), table)
        self._run()
        self.assertEqual(len(self._snapshot()), 2 + 2)

    def test_every_model_about_a_customer_forgets_him(self):
        """A model whose rows are about single customers must be among those that deletion and objection empty."""
        facts = self.env["crm.fact.mixin"]._get_fact_models()
        about = {
            name
            for name, model in self.env.registry.items()
            if name not in facts
            and not model._abstract
            and isinstance(field := model._fields.get("partner_id"), FactMany2one)
            and field.comodel_name == "res.partner"
        }
        # the pyramid erases its rows itself, with the tiers that follow from them, and so do the ABC classes
        about -= {"crm.pyramid.snapshot", "crm.abc.item"}
        self.assertEqual(about, set(self.env["crm.customer.score.month"]._get_models_of_customers()))
