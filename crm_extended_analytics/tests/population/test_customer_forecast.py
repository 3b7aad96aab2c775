from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_attribution import AttributionCase


@tagged("post_install", "-at_install")
class TestCustomerForecast(AttributionCase):
    def _rows(self, category="all", kind=None, **values):
        domain = [("company_id", "=", self.company.id), ("category", "=", category)]
        domain += [("kind", "=", kind)] if kind else []
        return self.env["crm.customer.forecast"].search(
            domain + [(k, "=", v) for k, v in values.items()], order="month"
        )

    def _win(self, per_month, months):
        """New customers on the 10th of each of the last months up to June 2026."""
        day = date(2026, 6, 10)
        for _month in range(months):
            for partner in self._customers(per_month):
                self._sale(partner, day)
            day = (day.replace(day=1) - timedelta(days=1)).replace(day=10)

    def test_won_lost_and_forecast(self):
        """Two won a month for 24 months, each silent since: from the 13th month on two are lost, and it goes on."""
        self._win(2, 24)
        self._run()
        actual = self._rows(kind="actual")
        self.assertEqual(len(actual), 24)
        self.assertEqual(set(actual.mapped("acquired")), {2})
        self.assertEqual(sum(actual.mapped("lost")), 24)
        self.assertEqual(actual[-1].active_count, 24)
        forecast = self._rows(kind="forecast")
        self.assertEqual(len(forecast), 12)
        self.assertEqual(set(forecast.mapped("acquired")), {2})
        self.assertEqual(forecast[0].month, date(2026, 7, 1))
        self.assertEqual(forecast[0].wape_pct, 0)
        self.assertTrue(forecast[0].method)

    def test_short_history_is_refused(self):
        self._win(1, 17)
        self._run()
        self.assertFalse(self._rows(kind="forecast"))
        self.assertEqual(self._rows()[-1].kind, "refused")

    def test_own_rhythm_tells_who_is_lost(self):
        """Four purchases, ten days apart: lost after three intervals of silence."""
        regular, _other = self._customers(2)
        for day in ("2026-03-01", "2026-03-11", "2026-03-21", "2026-03-31"):
            self._sale(regular, day)
        self._sale(_other, "2026-06-01")
        self._run()
        lost = self._rows().filtered("lost")
        self.assertEqual((lost.month, lost.lost), (date(2026, 5, 1), 1))

    def test_categories_sum_to_all(self):
        bulgaria, grade = self.env.ref("base.bg"), self.grade
        for partner in self._customers(3, country_id=bulgaria.id, grade_id=grade.id) + self._customers(2):
            self._sale(partner, "2026-06-01")
        self._run()
        self.assertEqual(self._rows("country", country_id=bulgaria.id).acquired, 3)
        self.assertEqual(self._rows("grade", grade_id=grade.id).acquired, 3)
        for category in ("country", "grade", "categ"):
            self.assertEqual(sum(self._rows(category).mapped("acquired")), 5, category)

    def test_month_that_is_not_over_is_left_out(self):
        self._win(1, 3)
        self._run(as_of="2026-05-31")
        self.assertEqual(self._rows()[-1].month, date(2026, 5, 1))

    def test_access(self):
        self._win(2, 1)
        self._run()
        rows = self.env["crm.customer.forecast"].with_context(allowed_company_ids=self.company.ids)
        for user in (self._user("cfx_plain", "base.group_user"), self.seller):
            with self.assertRaises(AccessError):
                rows.with_user(user).search([])
        manager = self._user("cfx_manager", "sales_team.group_sale_manager")
        self.assertTrue(rows.with_user(manager).search([]))
        stranger = self._user("cfx_other", "sales_team.group_sale_manager", self._make_company("Other CFX"))
        rows = rows.with_context(allowed_company_ids=stranger.company_ids.ids)
        self.assertFalse(rows.with_user(stranger).search([("company_id", "=", self.company.id)]))
