import random
from collections import Counter
from datetime import date

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ...scoring import pyramid as formulas
from .common_pyramid import VALUES, PyramidCase


@tagged("post_install", "-at_install")
class TestPyramid(PyramidCase):
    # ------------------------------------------------------------------
    # Cut
    # ------------------------------------------------------------------
    def test_percentile(self):
        """10 / 30 / 60 % of ten customers: one, three and six."""
        month = self._count()
        places = self._places(self.buyers)
        self.assertEqual(places, [self.top] + 3 * [self.middle] + 6 * [self.small])
        self.assertEqual((month.rule, month.source, month.active_count), ("percentile", "facts", 10))
        self.assertAlmostEqual(month.total_value, 100)

    def test_curry_of_a_thousand(self):
        """10, 40, 150 and 800."""
        customers = self._customers(1000 - len(VALUES))
        self.env.flush_all()
        self.env.cr.execute(
            "INSERT INTO crm_fact_sale (res_model, res_id, order_key, date, company_id, partner_id,"
            " commercial_partner_id, amount_company, cost_origin)"
            " SELECT 'sale.order.line', -1000000 - id, -1000000 - id, '2026-05-01', %s, id, id, id %% 97 + 1, 'unknown'"
            " FROM res_partner WHERE id = ANY(%s)",
            [self.company.id, customers.ids],
        )
        curry = self.env.ref("crm_extended_analytics.crm_pyramid_curry")
        curry.active = True
        self._count(pyramid=curry)
        counts = Counter(row.rank for row in self._rows(pyramid=curry) if row.rank < 4)
        self.assertEqual(counts, {0: 10, 1: 40, 2: 150, 3: 800})

    def test_share_of_the_value(self):
        """80 / 15 / 5: A3 B4 C3, the boundary belonging to who crosses it."""
        self.pyramid.write({"method": "share"})
        lines = self.pyramid._get_cut_lines()
        self.pyramid.line_ids = [
            Command.update(line.id, {"share_pct": share}) for line, share in zip(lines, (80, 15, 5), strict=True)
        ]
        self._count()
        self.assertEqual(self._places(self.buyers), 3 * [self.top] + 4 * [self.middle] + 3 * [self.small])

    def test_amount(self):
        """From 10 and from 3 on; the amount itself belongs to the tier, and equals stay together."""
        pyramid = self._pyramid(amounts=(10, 3, 0), method="amount", is_leading=False)
        self._count(pyramid=pyramid)
        self.assertEqual(
            self._places(self.buyers, pyramid=pyramid), 3 * [self.top] + 4 * [self.middle] + 3 * [self.small]
        )

    def test_sql_and_formulas_agree(self):
        """Every method on drawn values with ties, losses and zeros."""
        rng = random.Random(7)
        others = self._customers(60)
        for customer in others:
            self._sale(customer, "2026-04-01", amount=rng.choice([1, 5, 5, 30, 80, 300]))
            if rng.random() < 0.3:
                self._return(customer, "2026-05-01", rng.choice([1, 5, 100]))
        for method, tiers in (
            ("percentile", formulas.tiers_by_percentile),
            ("share", formulas.tiers_by_share),
            ("amount", formulas.tiers_by_amount),
        ):
            self.pyramid.write({"method": "percentile"})
            lines = self.pyramid._get_cut_lines()
            lines[0].amount, lines[1].amount = 80, 5
            self.pyramid.method = method
            self._count()
            rows = self._rows().filtered(lambda row: row.value is not False)
            options = {"amounts": (80, 5)} if method == "amount" else {"shares": (0.1, 0.3, 0.6)}
            if method != "amount":
                options["keys"] = rows.partner_id.ids
            self.assertEqual(rows.mapped("rank"), tiers(rows.mapped("value"), **options).tolist(), method)
            self.assertEqual(len(rows), 70)

    def test_ties_are_stable(self):
        """Five equal customers and a top of 20 %: the oldest contact, whenever it is counted."""
        self._sale(self.buyers[1], "2026-05-02", amount=30)
        for _time in range(2):
            self._count()
            self.assertEqual(self._places(self.buyers[:2]), [self.top, self.middle])

    def test_few_customers(self):
        """Ten customers and a top of 1 %: one in each tier at least, and the month says so."""
        pyramid = self._pyramid(shares=(1, 4, 95), is_leading=False)
        month = self._count(pyramid=pyramid)
        self.assertEqual(self._places(self.buyers[:3], pyramid=pyramid), [self.top, self.middle, self.small])
        self.assertEqual(month.rule, "least_one")
        self.assertIn("1 % of 10 active customers is less than one", month._get_notes()[0])

    def test_every_customer_is_in_one_layer(self):
        """Active, inactive, prospect and suspect; employees, own companies and suppliers are in none."""
        gone, asked, unknown, supplier, refuses = self._customers(5)
        self._sale(gone, "2025-06-30")
        lead = self.env["crm.lead"].create({"name": "Lobby", "partner_id": asked.id, "company_id": self.company.id})
        lead._write_multi([{"create_date": "2026-01-01 00:00:00"}])
        supplier.supplier_rank = 1
        self._sale(refuses, "2026-05-01")
        refuses.crm_profiling_opt_out = True
        (gone + asked + unknown + supplier + refuses)._write_multi(5 * [{"create_date": "2026-01-01 00:00:00"}])
        month = self._count()
        self.assertEqual(
            self._places(gone + asked + unknown + supplier + refuses),
            [self.inactive, self.prospect, self.suspect, None, None],
        )
        self.assertEqual(month.opt_out_count, 1)
        everybody = self.company.partner_id + self.seller.partner_id
        self.assertFalse(self._rows(partners=everybody))
        rows = self._rows()
        self.assertEqual(len(rows), len(rows.partner_id))

    def test_returns_count_against_him(self):
        self._return(self.buyers[0], "2026-05-05", 45)
        self._count()
        self.assertEqual(self._places(self.buyers[:2]), [self.middle, self.top])

    def test_measure_that_is_not_known(self):
        """Without a scoring net profit cannot be ranked: nothing is counted, and the button says why."""
        self.pyramid.measure = "net_profit"
        self.assertFalse(self._count())
        with self.assertRaisesRegex(UserError, "Score the customers first"):
            self.engine._rebuild_on_demand(self.pyramid, self.company)

    def test_scores_and_sales_give_the_same(self):
        """The run counts the pyramid from its measures: the same customers in the same tiers."""
        self._return(self.buyers[2], "2026-05-05", 5)
        self._count()
        light = [(row.partner_id, row.tier_id, row.value) for row in self._rows()]
        self._run()
        month = self.engine._get_month(self.pyramid, self.company, "2026-06-01")
        self.assertEqual(month.source, "scores")
        self.assertEqual([(row.partner_id, row.tier_id, row.value) for row in self._rows()], light)

    def test_lines_are_checked(self):
        with self.assertRaisesRegex(ValidationError, "sum to 100"):
            self._pyramid(shares=(10, 30, 50), is_leading=False)
        with self.assertRaisesRegex(ValidationError, "fall from the top"):
            self._pyramid(method="amount", amounts=(5, 10, 0), is_leading=False)
        with self.assertRaisesRegex(ValidationError, "sets the tiers already"):
            self._pyramid()

    # ------------------------------------------------------------------
    # Months
    # ------------------------------------------------------------------
    def _make_two_months(self):
        """June: the second passes the first, who bought nothing since; the third has not bought for a year."""
        self._count("2026-05-31")
        self._sale(self.buyers[1], "2026-06-15", amount=100)
        self._return(self.buyers[0], "2026-06-10", 48)
        return self._count()

    def test_movement(self):
        month = self._make_two_months()
        self.assertEqual(month.previous_period, date(2026, 5, 1))
        first, second, third = self._rows(partners=self.buyers[:3])
        self.assertEqual((first.previous_tier_id, first.tier_id, first.movement), (self.top, self.small, "fell"))
        self.assertEqual((second.previous_tier_id, second.tier_id, second.movement), (self.middle, self.top, "rose"))
        self.assertEqual(third.movement, "stayed")
        self.assertIn("(-96 %)", first.reason)
        self.assertEqual(second.change, 100)

    def test_past_month_counted_later(self):
        """June first, then May: June knows May, as if it had been there before."""
        self._sale(self.buyers[1], "2026-06-15", amount=100)
        self._count()
        self.assertEqual(set(self._rows().mapped("movement")), {"new"})
        self._count("2026-05-31")
        self.assertEqual(self._rows(partners=self.buyers[1]).movement, "rose")

    def test_reasons(self):
        row = self.env["crm.pyramid.snapshot"]
        currency = self.company.currency_id
        for before, now, text in (
            (("active", 100.0), ("inactive", None), "Nothing bought for 12 months"),
            (("inactive", None), ("active", 50.0), "Bought again"),
            (("prospect", None), ("active", 50.0), "First purchase"),
            (("active", 100.0), ("active", 99.0), "nearly the same"),
            (("active", 100.0), ("active", 150.0), "+50 %"),
        ):
            self.assertIn(text, row._get_reason(self.pyramid, currency, before, now))

    def test_counting_again_changes_nothing(self):
        self._make_two_months()
        rows = [(row.id, row.tier_id, row.movement) for row in self._rows()]
        self._count()
        self.assertEqual([(row.id, row.tier_id, row.movement) for row in self._rows()], rows)

    def test_first_time_counts_the_months_before(self):
        self.engine._rebuild_on_demand(self.pyramid, self.company)
        months = self.env["crm.pyramid.month"].search([("pyramid_id", "=", self.pyramid.id)])
        self.assertEqual(months.mapped("period"), [date(2026, 6, 1), date(2026, 5, 1), date(2026, 4, 1)])

    def test_objection_erases(self):
        self._count()
        self.buyers[0].crm_profiling_opt_out = True
        self.assertFalse(self._rows(partners=self.buyers[0]))
        self.assertFalse(self.buyers[0].crm_tier_id)
        self.buyers[1].copy().unlink()

    # ------------------------------------------------------------------
    # Use
    # ------------------------------------------------------------------
    def test_leading_pyramid_sets_the_tiers(self):
        """And leaves who is fixed; other pyramids set none."""
        self.buyers[0].crm_tier_id = self.small
        self._count()
        self.assertEqual(self.buyers[0].crm_tier_id, self.small)
        self.assertEqual(self.buyers[1].crm_tier_id, self.middle)
        other = self._pyramid(shares=(90, 5, 5), is_leading=False)
        self._count(pyramid=other)
        self.assertEqual(self.buyers[1].crm_tier_id, self.middle)

    def test_past_month_does_not_set_tiers(self):
        self._count()
        self._sale(self.buyers[9], "2026-06-20", amount=500)
        self._count("2026-05-31")
        self.assertEqual(self.buyers[0].crm_tier_id, self.top)

    def _alerts(self):
        alert_type = self.env.ref("crm_extended_analytics.mail_activity_type_tier_fall")
        return self.env["mail.activity"].search(
            [("activity_type_id", "=", alert_type.id), ("res_id", "in", self.buyers.ids)]
        )

    def test_fall_is_reported_once(self):
        """To his salesperson; only out of a marked tier; not again the next night."""
        self.buyers[0].user_id = self.seller
        self._make_two_months()
        alert = self._alerts()
        self.assertEqual((alert.res_id, alert.user_id), (self.buyers[0].id, self.seller))
        self.assertEqual(alert.summary, "Fell from Test Top to Test Small")
        alert.unlink()
        self._count()
        self.assertFalse(self._alerts())

    def test_fall_is_not_reported_where_nobody_wants_it(self):
        self.pyramid.alert_on_fall = False
        self._make_two_months()
        self.assertFalse(self._alerts())

    def test_company_without_scores_is_counted_at_night(self):
        pins = self.env["crm.roadmap.feature.pin"]
        feature = self.env.ref("crm_extended_analytics.crm_roadmap_feature_seven_p")
        self.engine._cron_rebuild()
        self.assertFalse(self._rows())
        pins.create({"feature_id": feature.id, "company_id": self.company.id, "state": "off"})
        self.engine._cron_rebuild()
        self.assertEqual(self._places(self.buyers[:1]), [self.top])
