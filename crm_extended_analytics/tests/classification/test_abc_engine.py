from datetime import date

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common_abc import ERRATIC, MONTHS, STEADY, VALUES, VARYING, AbcCase


@tagged("post_install", "-at_install")
class TestAbcEngine(AbcCase):
    def _buy_values(self):
        buyers = self._customers(len(VALUES))
        for buyer, value in zip(buyers, VALUES, strict=True):
            self._sale(buyer, "2026-05-01", amount=value, cost=value / 2)
        return buyers

    def test_published_shares(self):
        """80/15/5 of 50, 20, 10, 6, 4, 3, 3, 2, 1, 1: A3 B3 C4 with the item, A3 B4 C3 before it."""
        buyers = self._buy_values()
        self.profile.boundary = "included"
        result = self._count()
        self.assertEqual("".join(self._items(result).mapped("abc_class")), "AAABBBCCCC")
        self.assertEqual(self._items(result).partner_id, buyers, "of equal values the older customer comes first")
        self.assertEqual(
            [round(share, 6) for share in self._items(result).mapped("cumulated_share")],
            [50, 70, 80, 86, 90, 93, 96, 98, 99, 100],
        )
        self.assertEqual((result.total_value, result.item_count, result.rule), (100, 10, "classes"))
        self.profile.boundary = "before"
        self.assertEqual("".join(self._items(self._count()).mapped("abc_class")), "AAABBBBCCC")

    def test_published_variations(self):
        buyers = [self._series(months, is_old=True) for months in (STEADY, VARYING, ERRATIC)]
        result = self._count()
        found = {item.partner_id: item for item in self._items(result)}
        self.assertEqual([found[buyer].xyz_class for buyer in buyers], ["X", "Y", "Z"])
        self.assertEqual([round(found[buyer].variation, 2) for buyer in buyers], [1.29, 12.91, 143.75])
        self.assertEqual([found[buyer].filled_count for buyer in buyers], [6, 6, 3])
        self.profile.write({"deviation": "sample", "variation_choice": "25_50"})
        found = {item.partner_id: item for item in self._items(self._count())}
        self.assertEqual([round(found[buyer].variation, 2) for buyer in buyers], [1.41, 14.14, 157.48])
        self.assertEqual([found[buyer].xyz_class for buyer in buyers], ["X", "X", "Z"])

    def test_seldom_is_n(self):
        buyer = self._series(ERRATIC, is_old=True)
        self.profile.empty_pct = 50
        self.assertEqual(self._classes(self._count(), buyer), ["AZ"], "half of the months is not more than half")
        self.profile.empty_pct = 40
        self.assertEqual(self._classes(self._count(), buyer), ["AN"])

    def test_months_before_the_first_sale_are_not_empty(self):
        """A customer who is new and steady is X; one with the same months and an old sale was away."""
        new = self._series((100, 100, 100), months=MONTHS[3:])
        back = self._series((100, 100, 100), months=MONTHS[3:])
        self._sale(back, "2024-01-10", amount=10, cost=5)
        newest = self._series((100, 100), months=MONTHS[4:])
        result = self._count()
        found = {item.partner_id: item for item in self._items(result)}
        self.assertEqual([found[buyer].xyz_class for buyer in (new, back, newest)], ["X", "Z", False])
        self.assertEqual([found[buyer].period_count for buyer in (new, back, newest)], [3, 6, 2])
        self.assertIs(found[newest].variation, False)
        self.assertEqual(result.short_count, 1)
        self.assertIn("less than 3 complete months", " ".join(result._get_notes()))

    def test_returns_and_negative_values(self):
        good, bad, even = self._series(STEADY), self._series((10,) * 6), self._series((10,) * 6)
        self._return(good, "2026-06-15", 100)
        self._return(bad, "2026-06-15", 80)
        self._return(even, "2026-06-15", 60)
        result = self._count()
        found = {item.partner_id: item for item in self._items(result)}
        self.assertEqual([found[buyer].value for buyer in (good, bad, even)], [500, -20, 0])
        self.assertEqual([found[buyer].abc_class for buyer in (good, bad, even)], ["A", "-", "-"])
        self.assertEqual((found[good].share, found[bad].share, result.total_value), (100, False, 500))
        self.assertEqual(found[good].filled_count, 5, "a month that is sent back whole is empty")
        self.assertEqual(found[bad].policy, self.profile._get_cell("-", False).policy)

    def test_unknown_cost_is_not_zero(self):
        self.profile.measure = "margin"
        known, unknown = self._series((100,) * 6), self._series((100,) * 6)
        self._sale(unknown, "2026-06-20", amount=40)
        result = self._count()
        found = {item.partner_id: item for item in self._items(result)}
        self.assertEqual((found[known].value, found[known].share), (300, 100))
        self.assertEqual((found[unknown].value, found[unknown].abc_class), (False, "?"))
        self.assertEqual(result.unknown_count, 1)
        self.assertIn("Not measurable: 1", " ".join(result._get_notes()))

    def test_an_old_unknown_cost_does_not_matter(self):
        self.profile.measure = "margin"
        buyer = self._series((100,) * 6)
        self._sale(buyer, "2024-01-20", amount=40)
        self.assertEqual(self._items(self._count()).abc_class, "A")

    def test_only_complete_months(self):
        buyer = self._customers(1)
        self._sale(buyer, "2026-06-10", amount=7, cost=1)
        self.assertEqual(self._count(as_of="2026-06-29").period, date(2026, 5, 1), "June is not over")
        self.assertFalse(self._items(self._count(as_of="2026-06-29")))
        self.assertEqual(self._count().period, date(2026, 6, 1))

    def test_orders_and_quantities(self):
        one, two = self._customers(2)
        self._sale(one, "2026-05-05", amount=1000, cost=1, quantity=1)
        for day in MONTHS:
            self._sale(two, day, amount=1, cost=1, quantity=5)
        self._sale(two, "2026-05-06", amount=-3, cost=0, quantity=-1)
        self.profile.measure = "orders"
        self.assertEqual(self._items(self._count()).mapped("value"), [6, 1], "an order below 0 is none")
        self.profile.measure = "quantity"
        self.assertEqual(self._items(self._count()).mapped("value"), [29, 1])

    def test_all_kinds(self):
        buyer = self._customers(1)
        sale = self._sale(buyer, "2026-05-05", amount=70, cost=10)
        sale.write({"channel": "fair", "user_id": self.seller.id})
        self._sale(buyer, "2026-05-05", amount=30, cost=10).channel = "shop"
        for kind, name, found in (
            ("product", "product_id", self.lamp),
            ("seller", "seller_id", self.seller),
            ("channel", "channel", "fair"),
        ):
            with self.subTest(kind):
                result = self._count(self._profile(kind))
                item = self._items(result)[0]
                self.assertEqual(item[name], found)
                self.assertEqual(item.value, 100 if kind == "product" else 70)
        sellers = self._count(self._profile("seller"))
        self.assertEqual(sellers.other_value, 30)
        self.assertIn("30.0 %", " ".join(sellers._get_notes()))

    def test_suppliers_are_read_from_posted_bills(self):
        profile = self._profile("supplier")
        vendor = self._customers(1)
        bills = self._bill(vendor, "in_invoice", 120) | self._bill(vendor, "in_refund", 20)
        self._bill(vendor, "in_invoice", 999)
        bills.action_post()
        item = self._items(self._count(profile))
        self.assertEqual((item.supplier_id, item.value, item.abc_class), (vendor, 100, "A"))
        profile.measure = "orders"
        self.assertEqual(self._items(self._count(profile)).value, 1, "a refund is no order")
        with self.assertRaises(ValidationError):
            profile.measure = "margin"

    def _bill(self, vendor, move_type, price):
        account = self.env["account.account"].search(
            [("account_type", "=", "expense"), ("company_ids", "in", self.company.ids)], limit=1
        )
        return self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": vendor.id,
                "company_id": self.company.id,
                "invoice_date": "2026-05-05",
                "date": "2026-05-05",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goods",
                            "price_unit": price,
                            "quantity": 1,
                            "account_id": account.id,
                            "tax_ids": False,
                        }
                    )
                ],
            }
        )

    def test_movements(self):
        first, second = self._customers(2)
        self._sale(first, "2026-05-05", amount=90, cost=1)
        self._sale(second, "2026-05-05", amount=10, cost=1)
        may = self._count(as_of="2026-05-31")
        self.assertEqual(self._items(may).mapped("movement"), ["new", "new"])
        self.profile.boundary = "before"
        self._count(as_of="2026-05-31")
        self._sale(second, "2026-06-05", amount=990, cost=1)
        gone_soon = self._customers(1)
        june = self._count()
        found = {item.partner_id: item for item in self._items(june)}
        self.assertEqual(june.previous_period, date(2026, 5, 1))
        self.assertEqual((found[second].movement, found[second].previous_abc_class), ("rose", "B"))
        self.assertEqual((found[first].movement, found[first].abc_class), ("fell", "B"))
        self.assertNotIn(gone_soon, found)

    def test_a_past_month_counted_later(self):
        """June, which was new, is compared with May as soon as May is counted."""
        buyer = self._series((100, 100, 100, 100, 0, 100))
        june = self._count()
        self.assertEqual(self._items(june).movement, "new")
        lost = self._customers(1)
        self._sale(lost, "2025-12-15", amount=5, cost=1)
        self._sale(buyer, "2025-12-15", amount=100, cost=1)
        self._count(as_of="2026-05-31")
        self.assertEqual((june.previous_period, june.gone_count), (date(2026, 5, 1), 1))
        item = self._items(june)
        self.assertEqual((item.previous_class_name, item.movement, item.class_name), ("AZ", "stayed", "AZ"))

    def test_counting_again_keeps_what_did_not_change(self):
        buyers = [self._series(months) for months in (STEADY, VARYING)]
        result = self._count()
        before = {item.partner_id: item.id for item in self._items(result)}
        self._return(buyers[1], "2026-06-15", 400)
        again = self._count()
        after = {item.partner_id: item.id for item in self._items(again)}
        self.assertEqual(again, result)
        self.assertEqual(len(after), 2)
        # the share of the first one changed with the sum, so both are written
        self.assertNotEqual(after[buyers[1]], before[buyers[1]])
        self.assertEqual(after, {item.partner_id: item.id for item in self._items(self._count())})

    def test_profiles_do_not_disturb_each_other(self):
        self._series(STEADY)
        other = self._profile(measure="quantity")
        mine, theirs = self._count(), self._count(other)
        self._count()
        self.assertEqual(len(self._items(mine)), 1)
        self.assertEqual(len(self._items(theirs)), 1)

    def test_few_items_get_ranks_only(self):
        self._buy_values()
        self.profile.least_items = 11
        result = self._count()
        self.assertEqual(result.rule, "ranks")
        self.assertEqual(set(self._items(result).mapped("abc_class")), {False})
        self.assertEqual(self._items(result).mapped("place"), list(range(1, 11)))
        self.assertIn("Classes need 11", " ".join(result._get_notes()))

    def test_closed_month_stays(self):
        self._series(STEADY)
        self._count()
        self.env["crm.scoring.period"].create({"company_id": self.company.id, "period": "2026-06-01"})
        self._series(VARYING)
        self.assertFalse(self._count())
        with self.assertRaises(UserError):
            self.engine._rebuild_on_demand(self.profile, self.company)

    def test_who_objects_is_left_out_and_erased(self):
        buyer, other = self._series(STEADY), self._series(STEADY)
        result = self._count()
        other.crm_profiling_opt_out = True
        self.assertEqual(self._items(result).partner_id, buyer)
        result = self._count()
        self.assertEqual((self._items(result).partner_id, result.opt_out_count), (buyer, 1))

    def test_switched_off_and_by_night(self):
        self._series(STEADY)
        self._switch("seven_p", "off")
        self.engine._cron_rebuild()
        self.assertEqual(self.env["crm.abc.result"]._get_result(self.profile, self.company).period, date(2026, 6, 1))
        self._switch("abc_xyz", "off")
        self.assertFalse(self.env["crm.abc.profile"]._get_for_company(self.company))
        with self.assertRaises(UserError):
            self.engine._rebuild_on_demand(self.profile, self.company)

    def _switch(self, key, state):
        feature = self.env["crm.roadmap.feature"].search([("key", "=", key)])
        self.env["crm.roadmap.feature.pin"].create(
            {"feature_id": feature.id, "company_id": self.company.id, "state": state}
        )

    def test_scoring_run_makes_them(self):
        self._series(STEADY)
        self._series(VARYING)
        run = self._run()
        self.assertEqual(run.state, "done", run.reason)
        self.assertEqual(len(self._items(self.env["crm.abc.result"]._get_result(self.profile, self.company))), 2)

    def test_first_count_on_demand_has_something_to_compare(self):
        self._series(STEADY)
        self.engine._rebuild_on_demand(self.profile, self.company)
        months = self.env["crm.abc.result"].search([("profile_id", "=", self.profile.id)]).mapped("period")
        self.assertEqual(months, [date(2026, 6, 1), date(2026, 5, 1), date(2026, 4, 1)])

    def test_queries_do_not_grow(self):
        self._series(STEADY)
        counts = []
        for number in (1, 1, 20):
            for _ in range(number):
                self._series(VARYING)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.engine._rebuild(self.profile, self.company, date(2026, 6, 30))
            counts.append(self.env.cr.sql_log_count - before)
        # the first time, what is asked of the company and of the user is read as well
        self.assertEqual(counts[1], counts[2])
