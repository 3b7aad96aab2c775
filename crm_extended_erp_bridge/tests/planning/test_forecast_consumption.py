from datetime import date, datetime

from odoo.tests import BaseCase, tagged

from ...planner.consumption import share, unconsumed_forecast
from .common_planning import PlanningModeCommon

WEEK = (date(2026, 3, 2), date(2026, 3, 8))
NEXT_WEEK = (date(2026, 3, 9), date(2026, 3, 15))


@tagged("post_install", "-at_install")
class TestConsumption(BaseCase):
    """Demand of a period = max(forecast, orders): the arithmetic."""

    def test_fewer_orders_than_forecast(self):
        """Forecast 100, orders 30: 70 are left, 30 + 70 = 100 is the larger of both."""
        self.assertEqual(unconsumed_forecast([(*WEEK, 100)], [(WEEK[0], 10), (WEEK[1], 20)]), [70])

    def test_more_orders_than_forecast(self):
        """Forecast 100, orders 130: nothing is left, and the other 30 do not eat next week's forecast."""
        self.assertEqual(unconsumed_forecast([(*WEEK, 100), (*NEXT_WEEK, 50)], [(WEEK[0], 130)]), [0, 50])

    def test_no_orders(self):
        self.assertEqual(unconsumed_forecast([(*WEEK, 100)], []), [100])

    def test_overlapping_periods_are_consumed_once(self):
        """A week of 40 within two weeks of 100; 60 due in the week: 40 of the week, 20 of the two weeks."""
        both = (WEEK[0], NEXT_WEEK[1])
        self.assertEqual(unconsumed_forecast([(*both, 100), (*WEEK, 40)], [(WEEK[0], 60)]), [80, 0])

    def test_negative_forecast_is_none(self):
        self.assertEqual(unconsumed_forecast([(*WEEK, -5)], [(WEEK[0], 1)]), [0])

    def test_shares_add_up(self):
        """70 over 28 days in weeks: 17.5 a week."""
        self.assertEqual([share(70, first, 7, 28) for first in (0, 21)], [(0, 17.5), (52.5, 70)])
        self.assertEqual(share(70, 21, 30, 28), (52.5, 70), "the last stretch ends with the period")

    def test_no_days(self):
        with self.assertRaises(ValueError):
            share(1, 0, 1, 0)


@tagged("post_install", "-at_install")
class TestForecastConsumption(PlanningModeCommon):
    """A forecast of 100 lamps for the week of 2 March (today) and 50 for the next, in one lot each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products.product_tmpl_id.planning_mode = "make_to_plan"
        cls._create_parameters(cls.products)
        cls.env["product.mrp.area"].search([("mrp_area_id", "=", cls.area.id)]).group_estimate_days = 7
        for (first, last), qty in ((WEEK, 100), (NEXT_WEEK, 50)):
            cls.env["stock.demand.estimate"].create(
                {
                    "product_id": cls.lamp.id,
                    "location_id": cls.warehouse.lot_stock_id.id,
                    "manual_date_from": first,
                    "manual_date_to": last,
                    "product_uom_qty": qty,
                    "product_uom": cls.lamp.uom_id.id,
                }
            )

    def _order(self, qty, due):
        order = self._create_order([(self.lamp, qty, 100)], commitment_date=datetime.combine(due, datetime.min.time()))
        order.action_confirm()
        return order

    def _get_demand(self):
        """{origin: {date: quantity}} of the lamp after a run."""
        self._run_plan()
        moves = self.env["mrp.move"].search([("product_id", "=", self.lamp.id), ("mrp_type", "=", "d")])
        demand = {}
        for move in moves:
            days = demand.setdefault(move.mrp_origin, {})
            days[move.mrp_date] = days.get(move.mrp_date, 0) - move.mrp_qty
        return demand

    def test_forecast_alone(self):
        self.assertEqual(self._get_demand(), {"fc": {WEEK[0]: 100, NEXT_WEEK[0]: 50}})

    def test_orders_consume_their_week(self):
        """30 due this week leave 70 of 100; 80 due next week leave nothing of 50."""
        self._order(30, date(2026, 3, 5))
        self._order(80, date(2026, 3, 10))
        demand = self._get_demand()
        self.assertEqual(demand["fc"], {WEEK[0]: 70})
        self.assertEqual(demand["mv"], {date(2026, 3, 5): 30, date(2026, 3, 10): 80})

    def test_delivered_in_the_week_has_consumed(self):
        """20 are delivered today: 80 of 100 are left."""
        self._set_stock(self.lamp, 20)
        self._deliver(self._order(20, WEEK[0]))
        self.assertEqual(self._get_demand()["fc"], {WEEK[0]: 80, NEXT_WEEK[0]: 50})

    def test_days_that_are_over_have_lapsed(self):
        """A week of 105 that began on Friday has 4 of 7 days left: 60, and 45 after orders of 60 in all."""
        estimate = self.env["stock.demand.estimate"].search([("product_uom_qty", "=", 100)])
        estimate.write(
            {
                "product_uom_qty": 105,
                "manual_date_from": date(2026, 2, 27),
                "manual_date_to": date(2026, 3, 5),
            }
        )
        self.assertEqual(self._get_demand()["fc"], {WEEK[0]: 60, NEXT_WEEK[0]: 50})
        self._order(60, date(2026, 3, 5))
        self.assertEqual(self._get_demand()["fc"], {WEEK[0]: 45, NEXT_WEEK[0]: 50})

    def test_late_order_consumes_the_current_week(self):
        """It should have left last week; the plan puts it on today, and so it is not forecast once more."""
        self._order(10, date(2026, 2, 25))
        self.assertEqual(self._get_demand()["fc"], {WEEK[0]: 90, NEXT_WEEK[0]: 50})

    def test_quotation_consumes_nothing(self):
        self._create_order([(self.lamp, 30, 100)])
        self.assertEqual(self._get_demand()["fc"], {WEEK[0]: 100, NEXT_WEEK[0]: 50})

    def test_components_consume_nothing(self):
        """Modules forecast as spare parts: that lamps need modules does not consume it."""
        self.env["stock.demand.estimate"].search([]).product_id = self.module
        self._order(30, date(2026, 3, 5))
        self._run_plan()
        forecast = self.env["mrp.move"].search([("product_id", "=", self.module.id), ("mrp_origin", "=", "fc")])
        self.assertEqual(sum(forecast.mapped("mrp_qty")), -150)
