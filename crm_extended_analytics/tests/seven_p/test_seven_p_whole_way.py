import random
from datetime import date, timedelta

from odoo import Command
from odoo.tests import tagged

from ...scoring import wallet
from .common_seven_p import RFM_SET, TODAY, SevenPCase


@tagged("post_install", "-at_install")
class TestSevenPWholeWay(SevenPCase):
    """The numbers worked by hand, from documents over facts to the measures."""

    def _orders(self, partner, lines):
        """Confirm an order of one line for each of (day, quantity, price, discount, product)."""
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": partner.id,
                    "pricelist_id": self.pricelists[self.eur].id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": (product or self.lamp).id,
                                "product_uom_qty": quantity,
                                "price_unit": price,
                                "discount": discount,
                            }
                        )
                    ],
                }
                for _day, quantity, price, discount, product in lines
            ]
        )
        orders.action_confirm()
        for order, (day, *_rest) in zip(orders, lines, strict=True):
            order.date_order = f"{day} 10:00:00"
        return orders

    def _score(self):
        """Load and score, beside a customer with a sale that has no document: who is alone is not scored."""
        self._load()
        other = self._customers(1)
        self._sale(other, "2026-05-01")
        self._run()
        return other

    # ------------------------------------------------------------------
    # RFM
    # ------------------------------------------------------------------
    def _order_rfm_set(self, rfm_set=RFM_SET):
        customers = self._customers(len(rfm_set))
        for customer, (days, orders, money, _score) in zip(customers, rfm_set, strict=True):
            last = TODAY - timedelta(days=days)
            self._orders(customer, [(last - timedelta(days=n), 1, money / orders, 0, None) for n in range(orders)])
        self._load()
        self._run()
        return customers

    def test_rfm(self):
        """555, 545, 453, 434, 342, 323, 221, 232, 111, 114, by orders and their lines."""
        customers = self._order_rfm_set()
        self.assertEqual(
            [self._measure(customer).rfm_score for customer in customers], [score for *_values, score in RFM_SET]
        )

    def _get_tied_classes(self, rule):
        """Of ten customers three bought once: the limit between the fourth and the last fifth cuts them."""
        self.method.rfm_tie_rule = rule
        customers = self._customers(10)
        for customer, orders in zip(customers, (12, 8, 9, 5, 6, 3, 1, 4, 1, 1), strict=True):
            for number in range(orders):
                self._sale(customer, TODAY - timedelta(days=number))
        self._run()
        return [self._measure(customer).rfm_frequency_class for customer in customers]

    def test_tie_by_the_older_record(self):
        self.assertEqual(self._get_tied_classes("record"), [5, 4, 5, 3, 4, 2, 2, 3, 1, 1])

    def test_tie_in_the_better_class(self):
        self.assertEqual(self._get_tied_classes("best"), [5, 4, 5, 3, 4, 2, 2, 3, 2, 2])

    def test_tie_in_the_lower_class(self):
        """Who ties with nobody keeps his class: the limit cuts the three only."""
        self.assertEqual(self._get_tied_classes("worst"), [5, 4, 5, 3, 4, 2, 1, 3, 1, 1])

    # ------------------------------------------------------------------
    # Profit
    # ------------------------------------------------------------------
    def test_ladder(self):
        """10 at 100 less 8 %, 20 come back: 900; cost 54 each: 360; 90 + 75 to serve: 195; overhead 95: 100."""
        self.method.write({"delivery_pct": 10.0, "commission_pct": 100 * 75 / 900, "overhead_pct": 100 * 95 / 900})
        self.lamp.standard_price = 54.0
        self._orders(self.hotel, [("2026-05-01", 10, 100.0, 8.0, None)])
        self._invoice(quantity=1, price=20.0, date="2026-05-20", move_type="out_refund")
        self._load()
        self._sale(self._customers(1), "2026-05-01")
        # the returned part has no known cost, so that it is a loss of its whole amount
        self.env.cr.execute(
            "UPDATE crm_fact_return SET cost_company = NULL WHERE commercial_partner_id = %s", [self.hotel.id]
        )
        self._run()
        row = self._measure(self.hotel)
        found = [row[name] for name in ("gross_sales", "net_sales", "margin_1", "margin_2", "net_profit")]
        for value, expected in zip(found, (1000, 900, 360, 195, 100), strict=True):
            self.assertAlmostEqual(value, expected, 2)

    # ------------------------------------------------------------------
    # Growth
    # ------------------------------------------------------------------
    def test_growth(self):
        """2000 -> 2850: price 250, volume 266.67, mix 333.33."""
        second = self.env["product.product"].create({"name": "Desk Lamp SPW", "categ_id": self.outdoor.id})
        self._orders(
            self.hotel,
            [
                ("2025-03-01", 100, 10.0, 0, None),
                ("2025-03-01", 50, 20.0, 0, second),
                ("2026-03-01", 80, 12.0, 0, None),
                ("2026-03-01", 90, 21.0, 0, second),
            ],
        )
        self._score()
        row = self._measure(self.hotel)
        self.assertAlmostEqual(row.growth_price, 250, 2)
        self.assertAlmostEqual(row.growth_volume, 266.67, 2)
        self.assertAlmostEqual(row.growth_mix, 333.33, 2)
        self.assertAlmostEqual(row.net_sales - row.sales_before, 850, 2)

    def test_parts_of_the_growth_of_all_customers_are_the_change(self):
        """New, lost, price, volume and mix of each customer, summed over all, are the change of the sales to a cent."""
        products = [self.lamp, *self.env["product.product"].create([{"name": f"Lamp {n}"} for n in range(3)])]
        customers = self._customers(12)
        chance = random.Random(19)
        for customer in customers:
            for _turn in range(chance.randint(1, 8)):
                self._sale(
                    customer,
                    date(chance.choice((2025, 2026)), chance.randint(1, 6), chance.randint(1, 28)),
                    amount=chance.randint(1000, 20000) / 100,
                    quantity=chance.randint(1, 5),
                    product=chance.choice(products),
                )
        self._return(customers[0], "2026-03-01", 5.0)
        self._return(customers[1], "2025-03-01", 7.0)
        self._run()
        rows = self._measure_all(customers)
        parts = ("growth_price", "growth_volume", "growth_mix", "growth_new", "growth_lost")
        split = sum(row[name] or 0.0 for row in rows for name in parts)
        sold = sum((row.net_sales + row.returns) for row in rows)
        # before: net of what came back then
        before = sum(row.sales_before or 0.0 for row in rows) + 7.0
        self.assertAlmostEqual(split, sold - before, 2)
        self.assertTrue(all(any(row[name] for row in rows) for name in ("growth_price", "growth_new", "growth_lost")))

    def test_amounts_without_a_quantity_are_in_the_rest(self):
        """A fee of 30 without a quantity is in no price and no volume: the parts are the change all the same."""
        one, other = self._customers(2)
        self._sale(one, "2025-03-01", amount=100.0)
        self._sale(one, "2026-03-01", amount=100.0)
        self._sale(
            one, "2026-03-02", amount=30.0, quantity=0.0, product=self.env["product.product"].create({"name": "Fee"})
        )
        self._sale(other, "2026-03-01")
        self._run()
        row = self._measure(one)
        self.assertAlmostEqual(row.growth_mix, 30)
        self.assertAlmostEqual(row.growth_price + row.growth_volume + row.growth_mix, row.net_sales - row.sales_before)

    def test_share_of_wallet(self):
        """100 of 400 are 25 %; as the second of three suppliers a third can be expected."""
        one, other, more = self._customers(3)
        for partner in (one, other, more):
            self._sale(partner, "2026-03-01", amount=100.0)
        one.with_company(self.company).write({"crm_wallet": 400.0, "crm_wallet_rank": 2, "crm_wallet_vendors": 3})
        more.with_company(self.company).crm_wallet = 50.0
        self._run()
        row = self._measure(one)
        self.assertAlmostEqual(row.wallet_share, 100 * wallet.share_of_wallet(100, 400))
        self.assertAlmostEqual(row.wallet_expected, 100 * wallet.wallet_allocation(2, 3))
        self.assertIs(self._measure(other).wallet_share, False)
        # he bought for more than he is said to spend
        self.assertIs(self._measure(more).wallet_share, False)
        self.assertIn("25 % of the wallet", self._scores(one)["performance"].explanation_text)

    def _measure_all(self, customers):
        return self.env["crm.customer.measure"].search(
            [("company_id", "=", self.company.id), ("partner_id", "in", customers.ids)]
        )

    # ------------------------------------------------------------------
    # Payments and rhythm
    # ------------------------------------------------------------------
    def test_weighted_delay(self):
        """1000 paid 10 days late and 3000 on the day: 10,000 / 4,000 = 2.5 days."""
        self._orders(self.hotel, [("2026-05-01", 1, 100.0, 0, None)])
        for amount, day in ((1000.0, "2026-05-20"), (3000.0, "2026-05-10")):
            self._pay(self._invoice(quantity=1, price=amount, date="2026-05-10"), day)
        self._score()
        row = self._measure(self.hotel)
        self.assertAlmostEqual(row.delay_days, 2.5)
        self.assertAlmostEqual(row.late_share, 25)
        self.assertEqual(row.receivable, 0)

    def test_lateness_and_the_next_purchase(self):
        """Orders every 30 days, the last one 45 days ago: due 15 days ago."""
        last = TODAY - timedelta(days=45)
        self._orders(self.hotel, [(last - timedelta(days=days), 1, 100.0, 0, None) for days in (60, 30, 0)])
        other = self._score()
        row = self._measure(self.hotel)
        self.assertEqual((row.rhythm_days, row.days_late, row.next_date), (30, 15, TODAY - timedelta(days=15)))
        self.assertEqual((row.repeat_rate, self._measure(other).repeat_rate), (100, 0))
        self.assertFalse(self._measure(other).next_date)
        self.assertIn("The next purchase was due on", self._scores(self.hotel)["persistency"].explanation_text)

    def test_reason_of_loss(self):
        """Two opportunities lost and a quotation refused: twice the price, once the time."""
        price, late = self.env["crm.lost.reason"].create([{"name": "Too dear"}, {"name": "Too late"}])
        self._orders(self.hotel, [("2026-05-01", 1, 100.0, 0, None)])
        lost = self.env["crm.lead"].create(
            [{"name": "Lamps", "type": "opportunity", "partner_id": self.hotel.id} for _number in range(2)]
        )
        for lead, reason in zip(lost, (late, price), strict=True):
            lead.action_set_lost(lost_reason_id=reason.id)
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_lead SET date_closed = '2026-06-01' WHERE id = ANY(%s)", [lost.ids])
        quotation = self._orders(self.hotel, [("2026-06-02", 1, 100.0, 0, None)])
        quotation.write({"state": "cancel", "cancel_reason_id": price.id})
        self._score()
        self.assertEqual(self._measure(self.hotel).lost_reason_id, price)
        self.assertIn("Too dear", self._scores(self.hotel)["persistency"].explanation_text)
