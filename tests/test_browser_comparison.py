"""In a browser: a person compares two months of a customer and reads numbers that add up."""

from odoo.tests import HttpCase, tagged
from odoo.tools import SQL

from odoo.addons.crm_extended_analytics.tests.seven_p.common_seven_p import SevenPCase

MONTHS = ("2026-05-01", "2026-06-01")
# of two months; what is not known is None
SCORES = {
    "persistency": (10.04, 10.16),
    "profitability": (20.06, 20.14),
    "performance": (30.16, 30.04),
    "promotion": (None, 50.0),
}


@tagged("post_install", "-at_install")
class TestBrowserComparison(SevenPCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.env.ref("base.user_admin").write({"company_ids": [(4, self.company.id)], "company_id": self.company.id})

    def test_months_read_as_months(self):
        self._make_rfm_set()
        self._run()
        action = "crm_extended_analytics.crm_customer_score_month_action"
        self.start_tour(f"/odoo/action-{action}?view_type=list", "crm_extended_score_months", login="admin")

    def test_differences_are_those_of_the_numbers_shown(self):
        customer = self._make_rfm_set()[7]
        for day in ("2026-05-31", None):
            self._run(as_of=day)
        for place, period in enumerate(MONTHS):
            month = self._month(customer, period)
            for p, values in SCORES.items():
                # a score that is not known is NULL, which the ORM would not write
                self.env.cr.execute(
                    SQL(
                        "UPDATE crm_customer_score_month SET %s = %s WHERE id = %s",
                        SQL.identifier(f"score_{p}"),
                        values[place],
                        month.id,
                    )
                )
        self.env.invalidate_all()
        left, right = (self._month(customer, period).id for period in MONTHS)
        self.start_tour(
            f"/odoo/action-crm_extended_analytics.score_comparison?left_id={left}&right_id={right}",
            "crm_extended_score_comparison",
            login="admin",
        )
