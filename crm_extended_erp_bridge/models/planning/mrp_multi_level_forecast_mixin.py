from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import float_round

from ...planner.consumption import share, unconsumed_forecast


class MrpMultiLevelForecastMixin(models.AbstractModel):
    """Estimates count only with what customer orders have not consumed of them.

    Demand of a period is the larger of forecast and orders: the orders are demand through their deliveries, the
    estimate adds max(0, forecast - orders due in the period), spread over the days that are left of it. Deliveries
    made in the period have consumed, too; late ones consume the current period, where the plan puts them. Of the
    current period no more is left than the forecast of its remaining days: what nobody ordered lapses day by day.
    """

    _name = "mrp.multi.level.forecast.mixin"
    _description = "Planning: Forecast Consumption"

    @api.model
    def _prepare_mrp_move_data_from_estimate(self, estimate, product_mrp_area, date):
        data = super()._prepare_mrp_move_data_from_estimate(estimate, product_mrp_area, date)
        session = self.env.context.get("crm_planning_session")
        if session is None or session.estimates is None:
            return data
        rest = session.remember("forecast", "rest", lambda: self._get_forecast_rest(session))[estimate.id]
        if rest == max(estimate.product_qty, 0.0):
            # no order has touched it: the addon's own quantities
            return data if data["mrp_qty"] else None
        quantity = self._get_forecast_share(estimate, product_mrp_area, date, rest, session.today)
        return dict(data, mrp_qty=-quantity) if quantity else None

    @api.model
    def _get_forecast_share(self, estimate, param, date, rest, today):
        """What of the rest of an estimate falls into the stretch of days that begins on `date`."""
        first_day = max(estimate.date_from, min(today, estimate.date_to))
        total_days = (estimate.date_to - first_day).days + 1
        # the forecast of days that are over has lapsed, as the addon has it
        left = min(rest, estimate.product_qty * total_days / estimate.duration)
        before, after = share(left, (date - first_day).days, param.group_estimate_days, total_days)
        rounding = param.product_id.uom_id.rounding
        return float_round(after, precision_rounding=rounding) - float_round(before, precision_rounding=rounding)

    @api.model
    def _get_forecast_rest(self, session):
        """Return what orders leave of every estimate of the area, by id; one query for all products."""
        estimates_by_product = defaultdict(list)
        for estimates in session.estimates.values():
            for estimate in estimates:
                estimates_by_product[estimate.product_id.id].append(estimate)
        orders = self._get_orders_by_product(session.area, estimates_by_product, session.today)
        rest = {}
        for product, estimates in estimates_by_product.items():
            periods = [(estimate.date_from, estimate.date_to, estimate.product_qty) for estimate in estimates]
            left = unconsumed_forecast(periods, orders[product])
            rest.update(zip([estimate.id for estimate in estimates], left, strict=True))
        return rest

    @api.model
    def _get_orders_by_product(self, area, estimates_by_product, today):
        """Return (due date, quantity) of the deliveries of customer orders, by product."""
        orders = defaultdict(list)
        if not estimates_by_product:
            return orders
        first = min(estimate.date_from for estimates in estimates_by_product.values() for estimate in estimates)
        domain = self._get_order_move_domain(area, list(estimates_by_product), first)
        moves = self.env["stock.move"].search_fetch(domain, ["product_id", "product_qty", "date", "state"])
        for move in moves:
            due = area._datetime_to_date_tz(move.date)
            orders[move.product_id.id].append((due if move.state == "done" else max(due, today), move.product_qty))
        return orders

    @api.model
    def _get_order_move_domain(self, area, product_ids, first):
        """What leaves or has left the area for a customer order since `first`.

        What is open counts by where it is going in the end, as in the demand of the plan; what is done counts once
        it has left the places of the area, so that a delivery in several steps does not count twice.
        """
        places = area._get_locations().ids
        leaves = ~Domain("location_dest_id", "child_of", places)
        is_open = Domain("state", "not in", ("draft", "cancel", "done")) & (
            leaves | ~Domain("location_final_id", "child_of", places)
        )
        is_done = Domain("state", "=", "done") & Domain("date", ">=", first) & leaves
        return (
            Domain("product_id", "in", product_ids)
            & Domain("sale_line_id", "!=", False)
            & Domain("location_id", "child_of", places)
            & (is_open | is_done)
        )
